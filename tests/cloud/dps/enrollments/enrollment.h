/* SPDX-License-Identifier: MIT */
/*
 * An enrollment, individual or group: which devices may register, and what
 * becomes of them. Read from the JSON of the service API, checked, completed
 * with the defaults, and shown again without certificates and keys.
 */
#ifndef CLOUD_ENROLLMENT_H
#define CLOUD_ENROLLMENT_H

#include "attest_x509.h"
#include "common/json.h"
#include "stamp.h"

#define ID_TEXT_MAX 129 /* of enrollments, groups and registrations */

enum enrollment_kind { ENROLLMENT_INDIVIDUAL, ENROLLMENT_GROUP };

enum attestation_type { ATTEST_X509, ATTEST_SYMMETRIC_KEY, ATTEST_TPM };

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
	enum attestation_type type;
	bool by_reference; /* X.509: enrolled are CAs, named by caReferences */
	struct enrolled enrolled;
	json_t *keys; /* symmetric: primaryKey and secondaryKey; or NULL */
};

/*
 * Finds the verified CA certificate that caReferences names. *ret_certificate
 * is the caller's. Fails with ERROR_INVALID.
 */
typedef enum error_code enrollment_find_ca(
    void *context, const char *name, X509 **ret_certificate, struct error *err);

/* What an enrollment is read against. */
struct enrollment_context {
	const struct enrollment *stored; /* what is there already, or NULL */
	bool whole; /* an info does not stand for a stored certificate */
	enrollment_find_ca *find_ca; /* NULL: there are no CAs */
	void *find_context;
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
 * Reads the body of a PUT. Where the body has only the info of a certificate,
 * or no keys, what is stored is kept, which is how the SDKs update. Keys that
 * are new and not given are made. The times and the etag are new; created is
 * kept.
 * On success the contents of ret_enrollment are the caller's.
 *
 * Fails with ERROR_INVALID or ERROR_MALFORMED, naming the member.
 */
MUST_CHECK enum error_code enrollment_read(enum enrollment_kind kind,
    const struct id_text *id, const json_t *body,
    const struct enrollment_context *context, struct enrollment *ret_enrollment,
    struct error *err);

/*
 * The hubs that a record, which enrollment_read() has passed, names: iotHubs,
 * or the one of the older iotHubHostName. Names are borrowed.
 */
size_t enrollment_hub_count(const json_t *record);
const char *enrollment_hub(const json_t *record, size_t i);

/* The record with etag and times. The caller owns it; NULL: no memory. */
json_t *enrollment_to_json(const struct enrollment *enrollment);

/* The attestation with its keys, for who may see them. NULL: no memory. */
json_t *enrollment_mechanism_to_json(const struct enrollment *enrollment);

/* "primaryKey" or "secondaryKey" of a symmetric enrollment; borrowed. */
const char *enrollment_key(
    const struct enrollment *enrollment, const char *member);

bool enrollment_is_enabled(const struct enrollment *enrollment);

/* A flag of reprovisionPolicy: true unless the enrollment says false. */
bool enrollment_has_policy(
    const struct enrollment *enrollment, const char *flag);

#endif
