/* SPDX-License-Identifier: MIT */
/*
 * keyd, as the module sees it. Any number of threads may call at the same
 * time; each call has a connection to itself, and connections are kept alive
 * between calls, so that a thread finds its own again.
 *
 * remote.c asks the daemon; tests/support/fakes/fake_remote.c stands in for it
 * in unit tests. Which one a program gets is decided at link time.
 */
#ifndef PKCS11_REMOTE_H
#define PKCS11_REMOTE_H

#include <sys/un.h>

#include "certificate.h"
#include "common/unix_http_pool.h"
#include "key.h"
#include "pair.h"

/*
 * A call that takes longer has failed: nginx signs in its event loop. Only
 * making a key takes its time (RSA in a TPM: a minute).
 */
#define REMOTE_TIMEOUT_MS 10000
#define REMOTE_CREATE_TIMEOUT_MS 130000

#define REMOTE_PATH_MAX sizeof(((struct sockaddr_un *)0)->sun_path)
#define REMOTE_RANDOM_MAX ((size_t)65536) /* bytes of one call */

struct remote {
	char path[REMOTE_PATH_MAX];
	struct unix_http_pool idle;
};

/* Closes idle connections; later calls make new ones. */
void remote_disconnect(struct remote *remote);

/*
 * The keys on which our uid has any right. *ret_keys is the caller's.
 *
 * Fails as api_call() does, and with ERROR_MALFORMED for a strange answer; so
 * do the others.
 */
MUST_CHECK enum error_code remote_list(
    struct remote *remote, struct key_list *ret_keys, struct error *err);

/* A certd that does not answer must not hold up a program for its keys. */
#define REMOTE_CERTIFICATES_TIMEOUT_MS 2000

/*
 * The certificates that certd has. *ret_certificates is the caller's. Fails as
 * remote_list(); certd is its remote.
 */
MUST_CHECK enum error_code remote_list_certificates(struct remote *certd,
    struct certificate_list *ret_certificates, struct error *err);

/* What is to be done with a key. All is borrowed. */
struct use {
	const char *key_id;
	const char *fingerprint; /* the key must have it; "": any */
	const char *algorithm;   /* keyd's */
	struct use_member {
		const char *name; /* NULL: there is none */
		const unsigned char *data;
		size_t length;
	} members[2];
};

/*
 * Use the private half.
 *
 * Fail with ERROR_NOT_FOUND if the key is gone or another one has its id now,
 * with ERROR_DENIED if it is no longer ours, and with ERROR_UNAVAILABLE or
 * ERROR_TIMEOUT if keyd or its token does not answer.
 */
MUST_CHECK enum error_code remote_sign(struct remote *remote,
    const struct use *use, struct output *ret_signature, struct error *err);
MUST_CHECK enum error_code remote_decrypt(struct remote *remote,
    const struct use *use, struct output *ret_plaintext, struct error *err);
MUST_CHECK enum error_code remote_derive(struct remote *remote,
    const struct use *use, struct output *ret_secret, struct error *err);

/* Fails as remote_sign() does. A wrong signature is no failure. */
MUST_CHECK enum error_code remote_verify(struct remote *remote,
    const struct use *use, bool *ret_valid, struct error *err);

/*
 * Generates a key pair unless there is one with this id. Fails with
 * ERROR_DENIED or ERROR_INVALID.
 */
MUST_CHECK enum error_code remote_create(
    struct remote *remote, const struct pair_request *pair, struct error *err);

/* Destroys a key pair. Fails with ERROR_DENIED or ERROR_INVALID. */
MUST_CHECK enum error_code remote_delete(
    struct remote *remote, const char *key_id, struct error *err);

/* Fills data with length bytes, 1 to REMOTE_RANDOM_MAX. */
MUST_CHECK enum error_code remote_random(struct remote *remote,
    unsigned char *data, size_t length, struct error *err);

#endif
