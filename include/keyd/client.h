/* SPDX-License-Identifier: MIT */
/* The only way another program reaches keyd, beside PKCS#11. */
#ifndef KEYD_CLIENT_H
#define KEYD_CLIENT_H

#include "common/api_client.h"

/*
 * Connects to keyd in paths_runtime_directory() when it is first used; one
 * client for one thread at a time. timeout_ms 0 means 30 s.
 */
MUST_CHECK enum error_code keyd_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err);

/*
 * Creates the key pair id unless it exists; preferred is aziot's list
 * ("ec-p256:rsa-2048:*"), NULL for any. *ret_handle is the caller's.
 */
MUST_CHECK enum error_code keyd_create_key_pair(struct unix_http *client,
    const char *id, const char *preferred, char **ret_handle,
    struct error *err);

/* Fails with ERROR_NOT_FOUND if there is no key pair id. */
MUST_CHECK enum error_code keyd_load_key_pair(struct unix_http *client,
    const char *id, char **ret_handle, struct error *err);

/* Renames; an existing key pair to is replaced. Safe to repeat. */
MUST_CHECK enum error_code keyd_move_key_pair(struct unix_http *client,
    const char *from, const char *to, struct error *err);

MUST_CHECK enum error_code keyd_delete_key_pair(
    struct unix_http *client, const char *handle, struct error *err);

/*
 * The keys that keyd shows to our uid: a JSON array of objects with "id",
 * "algorithm", "location", "sensitive", "extractable" (docs/protocol-keyd.md).
 */
MUST_CHECK enum error_code keyd_list_keys(
    struct unix_http *client, json_t **ret_keys, struct error *err);

/*
 * The key id inside a handle, unverified: keyd verifies it at each use.
 * *ret_id is the caller's. Fails with ERROR_INVALID if handle is none of a
 * key pair.
 */
MUST_CHECK enum error_code keyd_handle_key_id(
    const char *handle, char **ret_id, struct error *err);

/*
 * As keyd_handle_key_id(), but keyd has confirmed that it gave handle out and
 * that we may use its key. Who is handed a handle by somebody else and then
 * works with the id needs this: a forged one would make him use his own rights.
 *
 * Fails with ERROR_INVALID or ERROR_DENIED, and if keyd does not answer.
 */
MUST_CHECK enum error_code keyd_verify_handle(struct unix_http *client,
    const char *handle, char **ret_id, struct error *err);

#endif
