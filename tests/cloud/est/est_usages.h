/* SPDX-License-Identifier: MIT */
/* What the certificates that the EST server issues may be used for. */
#ifndef CLOUD_EST_USAGES_H
#define CLOUD_EST_USAGES_H

#include "common/openssl.h"
#include "database.h"

/* How many CAs may be below one that is issued, at most. */
#define EST_PATH_LENGTH_MAX 8

struct est_usages {
	bool client; /* TLS, extended key usages */
	bool server;
	bool ca;
	int path_length; /* of a CA; CERTIFICATE_NO_PATH_LENGTH: any */
};

/* Those of the settings; by default "client". */
MUST_CHECK enum error_code est_usages_get(struct database *database,
    struct est_usages *ret_usages, struct error *err);

/*
 * Sets them: "client", "server", "ca" or "ca:N", with commas between them; N is
 * the path length, 0 if there is none. Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code est_usages_set(
    struct database *database, const char *words, struct error *err);

/*
 * What the certificate for request is for: of allowed what it asks for, or both
 * TLS usages if it asks for neither of them. Who asks to be a CA, and may be,
 * is one and nothing else. Fails with ERROR_INVALID if what it asks for cannot
 * be read.
 */
MUST_CHECK enum error_code est_usages_choose(const struct est_usages *allowed,
    const X509_REQ *request, struct est_usages *ret_usages, struct error *err);

#endif
