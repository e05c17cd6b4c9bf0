/* SPDX-License-Identifier: MIT */
/*
 * An enrollment, individual or group: which devices may register, and what
 * becomes of them. Read from the JSON of the service API, checked, completed
 * with the defaults, and shown again without the certificates themselves.
 */
#ifndef CLOUD_ENROLLMENT_H
#define CLOUD_ENROLLMENT_H

#include "attest_x509.h"
#include "common/json.h"
#include "stamp.h"

#define ID_TEXT_MAX 129 /* of enrollments, groups and registrations */

enum enrollment_kind { ENROLLMENT_INDIVIDUAL, ENROLLMENT_GROUP };

struct id_text {
	char text[ID_TEXT_MAX];
};

struct enrollment {
	enum enrollment_kind kind;
	struct id_text id;
	struct etag_text etag;
	struct utc_text created;
	struct utc_text updated;
	json_t *record; /* what clients see, without etag and times */
	struct enrolled enrolled;
};

/* Releases the contents. */
void enrollment_done(struct enrollment *enrollment);

/*
 * Reads an id of 1 to 128 characters of [A-Za-z0-9-._:] that ends in a letter,
 * a digit or '-', as lower case. Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code id_parse(
    const char *text, struct id_text *ret_id, struct error *err);

/*
 * Reads the body of a PUT. stored is what is there already, or NULL: where
 * the body has only the info of a certificate, the stored one is kept, which
 * is how the SDKs update. The times and the etag are new; created is kept.
 * On success the contents of ret_enrollment are the caller's.
 *
 * Fails with ERROR_INVALID or ERROR_MALFORMED, naming the member.
 */
MUST_CHECK enum error_code enrollment_read(enum enrollment_kind kind,
    const struct id_text *id, const json_t *body,
    const struct enrollment *stored, struct enrollment *ret_enrollment,
    struct error *err);

/* The record with etag and times. The caller owns it; NULL: no memory. */
json_t *enrollment_to_json(const struct enrollment *enrollment);

bool enrollment_is_enabled(const struct enrollment *enrollment);

#endif
