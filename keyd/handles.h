/* SPDX-License-Identifier: MIT */
/*
 * Key handles in aziot's form: "sr=<b64(J)>&sig=<b64(HMAC-SHA256(K, J))>" where
 * J is {"key_id":{"KeyPair":"<id>"},"nonce":"<b64 of 64 random bytes>"}.
 *
 * A handle says which key is meant, and that we said so; what the caller may do
 * with it is decided by its uid, at each use. K lives in a file of keyd's state
 * and survives restarts, so do handles.
 */
#ifndef KEYD_HANDLES_H
#define KEYD_HANDLES_H

#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"

#define HANDLES_KEY_LENGTH 32
#define HANDLES_NONCE_LENGTH 64
#define HANDLE_MAX 8192

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

/* With K as given: for tests. */
MUST_CHECK enum error_code handles_create(
    const unsigned char key[static HANDLES_KEY_LENGTH],
    struct handles **ret_handles, struct error *err);

/* Makes a handle of key pair id; *ret_handle is the caller's. */
MUST_CHECK enum error_code handles_issue(const struct handles *handles,
    const char *id, char **ret_handle, struct error *err);

/* As handles_issue(), with a nonce as given: for tests. */
MUST_CHECK enum error_code handles_issue_with(const struct handles *handles,
    const char *id, const unsigned char nonce[static HANDLES_NONCE_LENGTH],
    char **ret_handle, struct error *err);

/*
 * The key pair id that handle is for; *ret_id is the caller's.
 *
 * Fails with ERROR_INVALID if handle is none of ours, or of another kind of
 * key. The parts may stand in any order; the last of a name counts.
 */
MUST_CHECK enum error_code handles_verify(const struct handles *handles,
    const char *handle, char **ret_id, struct error *err);

#endif
