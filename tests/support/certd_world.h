/* SPDX-License-Identifier: MIT */
/*
 * certd from the outside, for unit tests: a request in, a reply out, no socket
 * and a keyd in memory.
 *
 * It has the CA "local-ca", whose key keyd knows as "ca-key", in a preloaded
 * file; the list "bundle" of it and of "device-id"; an issuance for
 * "device-id"; and WRITER, who may write "device-id" and "web*".
 */
#ifndef CERTD_WORLD_H
#define CERTD_WORLD_H

#include "fake_keys.h"
#include "pki_fixture.h"
#include "routes.h"

#define OURS "?api-version=2026-12-01"
#define AZIOTS "?api-version=2020-09-01"

#define ROOT 0
#define WRITER 1234
#define STRANGER 4321

struct certd_world {
	const char *directory; /* with ca.pem */
	struct certd certd;
	struct certs *certs;
	EVP_PKEY *ca_key;
	EVP_PKEY *key; /* that keyd does not know */
};

extern struct certd_world world;

/* Setup and teardown of a test. */
int certd_world_create(void **state);
int certd_world_remove(void **state);

/*
 * Opens certd anew with this configuration, a YAML text in which each %s is the
 * directory; there are at most three.
 */
void certd_world_configure(const char *format);

/* As certd_world_configure(), from a file, so that there are origins. */
void certd_world_configure_file(const char *format);

/* A self-signed CA from yesterday until tomorrow. */
X509 *certd_world_ca(EVP_PKEY *key);

/* Sends one request, taking body; the caller owns the body of the reply. */
struct http_reply certd_send_as(
    uid_t uid, const char *method, const char *target, json_t *body);

/* As certd_send_as(), for the "pem" of a reply that must have status. */
char *certd_pem_of(uid_t uid, const char *method, const char *target,
    json_t *body, unsigned status);

/* Sends what must fail with status and a message that holds part. */
void certd_assert_fails(uid_t uid, const char *method, const char *target,
    json_t *body, unsigned status, const char *part);

/* The body of POST /certificates; issuer may be NULL. */
json_t *certd_order(
    const char *id, EVP_PKEY *whose, const char *issuer, const char *handle);

/* The body of PUT /certificates/{id}. */
json_t *certd_import_body(const X509 *certificate);

#endif
