/* SPDX-License-Identifier: MIT */
/* The only way another program reaches certd. */
#ifndef CERTD_CLIENT_H
#define CERTD_CLIENT_H

#include "common/api_client.h"

/* As keyd_client_create(). */
MUST_CHECK enum error_code certd_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err);

/*
 * Has a certificate issued for csr_pem as the configuration says for id, and
 * stored under id. *ret_pem, leaf first, is the caller's.
 */
MUST_CHECK enum error_code certd_create(struct unix_http *client,
    const char *id, const char *csr_pem, char **ret_pem, struct error *err);

/* Fails with ERROR_NOT_FOUND if there is no certificate id. */
MUST_CHECK enum error_code certd_get(struct unix_http *client, const char *id,
    char **ret_pem, struct error *err);

MUST_CHECK enum error_code certd_import(struct unix_http *client,
    const char *id, const char *pem, struct error *err);

/* A renewed pair that waits for proof (docs/protocol-certd.md). */
struct certd_candidate {
	char *pem;
	char *key; /* id in keyd */
	char *digest;
};

/* Releases the contents, not the struct. */
void certd_candidate_done(struct certd_candidate *candidate);

/*
 * Waits until there is a candidate of certificate id; client's timeout is
 * longer than that. On success the contents of ret_candidate are the caller's.
 *
 * Fails with ERROR_TIMEOUT if there is none by then, and with ERROR_NOT_FOUND
 * if certd does not renew id.
 */
MUST_CHECK enum error_code certd_wait_for_candidate(struct unix_http *client,
    const char *id, unsigned seconds, struct certd_candidate *ret_candidate,
    struct error *err);

/* The candidate with this digest works, and will take its place. */
MUST_CHECK enum error_code certd_confirm(struct unix_http *client,
    const char *id, const char *digest, struct error *err);

/* It does not, because of reason. */
MUST_CHECK enum error_code certd_reject(struct unix_http *client,
    const char *id, const char *digest, const char *reason, struct error *err);

/* All there is to say about a certificate, as docs/protocol-certd.md has it. */
MUST_CHECK enum error_code certd_show(struct unix_http *client, const char *id,
    json_t **ret_certificate, struct error *err);

/*
 * As certd_show(), when id is another than the one with this etag; "" is none.
 * client's timeout is longer than seconds. Fails with ERROR_TIMEOUT if it is
 * the same by then.
 */
MUST_CHECK enum error_code certd_wait(struct unix_http *client, const char *id,
    const char *etag, unsigned seconds, json_t **ret_certificate,
    struct error *err);

/* Which settings hold for id, and where each was set: a JSON object. */
MUST_CHECK enum error_code certd_explain(struct unix_http *client,
    const char *id, json_t **ret_settings, struct error *err);

/*
 * Has it issued anew. *ret_is_done is false if that goes on behind the answer;
 * then certd_wait() tells.
 */
MUST_CHECK enum error_code certd_renew(struct unix_http *client, const char *id,
    bool *ret_is_done, struct error *err);

/*
 * What programs of the device are to trust, in PEM; *ret_pem is the caller's.
 * Fails with ERROR_NOT_FOUND if a certificate of it is not there.
 */
MUST_CHECK enum error_code certd_trust_bundle(
    struct unix_http *client, char **ret_pem, struct error *err);

/* A JSON array of objects with "id", "subject", "notAfter" and more. */
MUST_CHECK enum error_code certd_list(
    struct unix_http *client, json_t **ret_certificates, struct error *err);

#endif
