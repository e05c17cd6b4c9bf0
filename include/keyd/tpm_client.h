/* SPDX-License-Identifier: MIT */
/* How another program reaches the TPM that keyd has: by tpmd.sock. */
#ifndef KEYD_TPM_CLIENT_H
#define KEYD_TPM_CLIENT_H

#include "common/api_client.h"

/*
 * Connects to tpmd.sock in paths_runtime_directory() when it is first used; one
 * client for one thread at a time. timeout_ms 0 means 3 min: the first call
 * may find the TPM at making its keys.
 *
 * The calls fail as api_call() does: ERROR_DENIED if our uid is no user of the
 * TPM, ERROR_UNAVAILABLE if keyd serves no TPM, or that does not answer.
 */
MUST_CHECK enum error_code tpm_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err);

/*
 * What DPS is to know the TPM by: the public endorsement key and the public
 * storage root key, TPM2B_PUBLIC in base64. The caller frees both.
 */
MUST_CHECK enum error_code tpm_client_get_keys(struct unix_http *client,
    char **ret_endorsement, char **ret_storage, struct error *err);

/*
 * What a key is for: the hub, or DPS itself as long as a registration takes.
 * The one leaves the other as it is, but the hub's ends that of the
 * registration.
 */
enum tpm_client_key { TPM_CLIENT_HUB, TPM_CLIENT_REGISTRATION };

/*
 * Has the TPM take in the key in blob, which is as DPS sent it (base64). Fails
 * with ERROR_INVALID if it is for another TPM.
 */
MUST_CHECK enum error_code tpm_client_import(struct unix_http *client,
    enum tpm_client_key key, const char *blob, struct error *err);

#define TPM_CLIENT_MAC_LENGTH 32

/*
 * The HMAC-SHA256 of data with the key that was imported last. Fails with
 * ERROR_NOT_FOUND if there is none.
 */
MUST_CHECK enum error_code tpm_client_sign(struct unix_http *client,
    enum tpm_client_key key, const void *data, size_t length,
    unsigned char ret_mac[static TPM_CLIENT_MAC_LENGTH], struct error *err);

#endif
