/* SPDX-License-Identifier: MIT */
/*
 * keyd, as the module sees it: two calls. Any number of threads may call at
 * the same time; each call has a connection to itself, and connections are
 * kept alive between calls.
 *
 * remote.c asks the daemon; tests/support/fake_remote.c stands in for it in
 * unit tests. Which one a program gets is decided at link time.
 */
#ifndef PKCS11_REMOTE_H
#define PKCS11_REMOTE_H

#include "key.h"
#include "mechanism.h"

/* A call that takes longer has failed: nginx signs in its event loop. */
#define REMOTE_TIMEOUT_MS 30000

struct remote;

/* Remembers where keyd listens. No connection is made. NULL: no memory. */
struct remote *remote_create(const char *socket_path);

/* Closes idle connections; later calls make new ones. */
void remote_disconnect(struct remote *remote);

/* No call may be in progress. NULL is allowed. */
void remote_free(struct remote *remote);

/* The path it was created with. Borrowed. */
const char *remote_path(const struct remote *remote);

/*
 * The keys that our uid may use. *ret_keys is the caller's.
 *
 * Fails as api_call() does, and with ERROR_MALFORMED for a strange answer.
 */
MUST_CHECK enum error_code remote_list(
    struct remote *remote, struct key_list *ret_keys, struct error *err);

/*
 * Signs message, which already has the form that scheme wants.
 *
 * Fails as api_call() does: ERROR_NOT_FOUND if the key is gone, ERROR_DENIED
 * if it is no longer ours, ERROR_UNAVAILABLE or ERROR_TIMEOUT if keyd or its
 * token does not answer.
 */
MUST_CHECK enum error_code remote_sign(struct remote *remote,
    const char *key_id, const struct scheme *scheme,
    const struct message *message, struct signature *ret_signature,
    struct error *err);

#endif
