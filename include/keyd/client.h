/* SPDX-License-Identifier: MIT */
/* The only way another program reaches keyd, beside PKCS#11. */
#ifndef KEYD_CLIENT_H
#define KEYD_CLIENT_H

#include <sys/types.h>

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

/*
 * The same, for usage ("sign,decrypt,derive", or some of these), without a
 * handle.
 */
MUST_CHECK enum error_code keyd_create_key_pair_for(struct unix_http *client,
    const char *id, const char *preferred, const char *usage,
    struct error *err);

/* Puts a PEM private key into the token. Fails with ERROR_EXISTS. */
MUST_CHECK enum error_code keyd_import_key_pair(struct unix_http *client,
    const char *id, const char *pem, const char *usage, struct error *err);

/*
 * Creates the symmetric key id for usage ("derive,sign" or "encrypt"): of
 * secret, in place of what it was, or, if that is NULL, at random unless it
 * exists.
 */
MUST_CHECK enum error_code keyd_make_symmetric_key(struct unix_http *client,
    const char *id, const void *secret, size_t length, const char *usage,
    struct error *err);

/* Fails with ERROR_NOT_FOUND if there is no key pair id. */
MUST_CHECK enum error_code keyd_load_key_pair(struct unix_http *client,
    const char *id, char **ret_handle, struct error *err);

/* Fails with ERROR_NOT_FOUND if there is no symmetric key id. */
MUST_CHECK enum error_code keyd_load_key(struct unix_http *client,
    const char *id, char **ret_handle, struct error *err);

/*
 * A handle of the key that is the HMAC-SHA256 of data with handle's key, which
 * is symmetric; *ret_handle is the caller's.
 */
MUST_CHECK enum error_code keyd_derive(struct unix_http *client,
    const char *handle, const void *data, size_t length, char **ret_handle,
    struct error *err);

/*
 * The bytes, in base64, of the derived key that handle names; *ret_base64 is
 * the caller's, to be released by secret_free().
 */
MUST_CHECK enum error_code keyd_export_derived(struct unix_http *client,
    const char *handle, char **ret_base64, struct error *err);

#define KEYD_HMAC_LENGTH 32

/* HMAC-SHA256 of data with handle's key, symmetric or derived. */
MUST_CHECK enum error_code keyd_hmac(struct unix_http *client,
    const char *handle, const void *data, size_t length,
    unsigned char ret_mac[static KEYD_HMAC_LENGTH], struct error *err);

/*
 * Makes a handle of handle's key with which uid may use it as long as we may;
 * *ret_handle is the caller's. Fails with ERROR_DENIED if we may not.
 */
MUST_CHECK enum error_code keyd_delegate(struct unix_http *client,
    const char *handle, uid_t uid, char **ret_handle, struct error *err);

/* Renames; an existing key pair to is replaced. Safe to repeat. */
MUST_CHECK enum error_code keyd_move_key_pair(struct unix_http *client,
    const char *from, const char *to, struct error *err);

/*
 * The keys that keyd shows to our uid: a JSON array of objects with "id",
 * "kind", "location" and more (docs/protocol-keyd.md).
 */
MUST_CHECK enum error_code keyd_list_keys(
    struct unix_http *client, json_t **ret_keys, struct error *err);

/*
 * One of them; kind is "pair", "symmetric", or NULL for either. *ret_key is the
 * caller's. Fails with ERROR_NOT_FOUND or what keeps the key from being
 * reached.
 */
MUST_CHECK enum error_code keyd_show_key(struct unix_http *client,
    const char *id, const char *kind, json_t **ret_key, struct error *err);

/* The public half of a pair in PEM; *ret_pem is the caller's. */
MUST_CHECK enum error_code keyd_public_key(struct unix_http *client,
    const char *id, char **ret_pem, struct error *err);

/*
 * The same of a pair that keyd knows: what lies in the token without having
 * been seen is not looked for.
 */
MUST_CHECK enum error_code keyd_known_public_key(struct unix_http *client,
    const char *id, char **ret_pem, struct error *err);

/* That there is no such key is success. kind is as above. */
MUST_CHECK enum error_code keyd_delete_key(struct unix_http *client,
    const char *id, const char *kind, struct error *err);

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
