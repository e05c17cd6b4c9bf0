/* SPDX-License-Identifier: MIT */
/* CA certificates that enrollments can name, and whether they are verified. */
#ifndef CLOUD_CA_STORE_H
#define CLOUD_CA_STORE_H

#include "common/openssl.h"
#include "database.h"
#include "enrollment.h"

#define CA_CODE_MAX 49 /* 24 bytes in hex */

struct ca_certificate {
	struct id_text name;
	struct etag_text etag;
	struct utc_text created;
	struct utc_text updated;
	X509 *certificate;
	bool is_verified;
	char code[CA_CODE_MAX]; /* to be proved; "" if none was asked for */
};

/* Releases the contents. */
void ca_certificate_done(struct ca_certificate *ca);

/* On success the contents of ret_ca are the caller's. ERROR_NOT_FOUND. */
MUST_CHECK enum error_code ca_store_get(struct database *database,
    const struct id_text *name, struct ca_certificate *ret_ca,
    struct error *err);

/* Stores ca in the place of any that has its name, with a new etag and time. */
MUST_CHECK enum error_code ca_store_put(
    struct database *database, struct ca_certificate *ca, struct error *err);

/* Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code ca_store_delete(
    struct database *database, const struct id_text *name, struct error *err);

/* Called with each; a failure ends the walk. */
typedef enum error_code ca_visit(
    void *context, const struct ca_certificate *ca, struct error *err);

/* In the order of their names. */
MUST_CHECK enum error_code ca_store_visit(struct database *database,
    ca_visit *visit, void *context, struct error *err);

/* *ret_is_used: an enrollment names it. */
MUST_CHECK enum error_code ca_store_is_used(struct database *database,
    const struct id_text *name, bool *ret_is_used, struct error *err);

/* An enrollment_find_ca whose context is the struct database. */
enrollment_find_ca ca_store_find_verified;

#endif
