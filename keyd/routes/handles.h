/* SPDX-License-Identifier: MIT */
/*
 * Key handles in aziot's form: "sr=<b64(J)>&sig=<b64(HMAC-SHA256(K, J))>" where
 * J is {"key_id":KEY,"nonce":"<b64 of 64 random bytes>"} and KEY one of
 *
 *	{"KeyPair":"<id>"}
 *	{"Key":"<id>"}
 *	{"Derived":["<handle of the base>",[<bytes as numbers>]]}
 *
 * What was delegated has "delegated":{"by":<uid>,"to":<uid>} behind it.
 *
 * A handle says which key is meant, and that we said so; what the caller may do
 * with it is decided by its uid, at each use. K lives in a file of keyd's state
 * and survives restarts, so do handles. Every function may be called from any
 * thread.
 */
#ifndef KEYD_HANDLES_H
#define KEYD_HANDLES_H

#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"
#include "key_ref.h"

#define HANDLES_KEY_LENGTH 32
#define HANDLES_NONCE_LENGTH 64
#define HANDLE_MAX ((size_t)64 * 1024)

struct handles;

/* Wipes and releases. NULL is allowed. */
void handles_free(struct handles *handles);
DEFINE_CLEANUP(handles, struct handles, handles_free)

/*
 * Reads K from path, or makes it there, 0600, if there is no such file.
 *
 * Fails with ERROR_INVALID if the file is not HANDLES_KEY_LENGTH bytes long (it
 * is left as it is), and as file_read() and file_write() do.
 */
MUST_CHECK enum error_code handles_open(
    const char *path, struct handles **ret_handles, struct error *err);

/* With K and, unless it is NULL, every nonce as given: for tests. */
MUST_CHECK enum error_code handles_create(
    const unsigned char key[static HANDLES_KEY_LENGTH],
    const unsigned char *nonce, struct handles **ret_handles,
    struct error *err);

/* Makes a handle of the key id; *ret_handle is the caller's. */
MUST_CHECK enum error_code handles_issue(const struct handles *handles,
    enum key_kind kind, const char *id, char **ret_handle, struct error *err);

/*
 * Makes a handle of what is derived from the key of base, which has been
 * verified, by data; *ret_handle is the caller's.
 *
 * Fails with ERROR_INVALID if it would be longer than HANDLE_MAX.
 */
MUST_CHECK enum error_code handles_derive(const struct handles *handles,
    const char *base, const struct key_input *data, char **ret_handle,
    struct error *err);

/*
 * Makes a handle of the same key as handle with which by lets to use it;
 * *ret_handle is the caller's. Fails as handles_verify() does.
 */
MUST_CHECK enum error_code handles_delegate(const struct handles *handles,
    const char *handle, uid_t by, uid_t to, char **ret_handle,
    struct error *err);

/* What a handle says. */
struct handle {
	struct key_ref key; /* borrows from what follows */
	char *id;
	unsigned char *data[KEY_LEVELS_MAX];
};

void handle_done(struct handle *handle);

/*
 * Reads handle; ret_handle is released with handle_done().
 *
 * Fails with ERROR_INVALID if it is none of ours. The parts may stand in any
 * order; the last of a name counts.
 */
MUST_CHECK enum error_code handles_verify(const struct handles *handles,
    const char *handle, struct handle *ret_handle, struct error *err);

#endif
