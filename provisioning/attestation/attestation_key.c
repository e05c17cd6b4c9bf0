/* SPDX-License-Identifier: MIT */
/* A symmetric key, of the device or derived from that of its group. */
#include "attestation_inside.h"

#include <ctype.h>
#include <string.h>

#include "keyd/client.h"

/* What tells one key from another, and nothing else of it. */
#define FINGERPRINT_TEXT "signet: which key is this?"

_Static_assert(PROOF_MAC_LENGTH == KEYD_HMAC_LENGTH, "both are HMAC-SHA256");

enum error_code
attestation_sign(const void *context, const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err)
{
	const struct credentials *credentials = context;
	CLEANUP(unix_http) struct unix_http *client = NULL;

	if (keyd_client_create(0, &client, err))
		return err->code;
	return keyd_hmac(
	    client, credentials->handle, data, length, ret_mac, err);
}

/* DPS keeps registration ids in lower case. */
static enum error_code
derive(struct unix_http *client, const char *group_key, const char *name,
    char **ret_handle, struct error *err)
{
	CLEANUP(string) char *group = NULL;
	CLEANUP(string) char *lower = strdup(name);

	if (!lower)
		return error_no_memory(err);
	for (char *c = lower; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (keyd_load_key(client, group_key, &group, err))
		return err->code;
	return keyd_derive(
	    client, group, lower, strlen(lower), ret_handle, err);
}

enum error_code
attestation_key_handle(struct unix_http *client,
    const struct attestation_settings *attestation, const char *name,
    char **ret_handle, struct error *err)
{
	const char *group_key = attestation->group_key;

	if (group_key) {
		if (derive(client, group_key, name, ret_handle, err))
			return error_wrap(err, "group_key '%s'", group_key);
	} else if (keyd_load_key(
		       client, attestation->symmetric_key, ret_handle, err))
		return error_wrap(
		    err, "symmetric key '%s'", attestation->symmetric_key);
	return ERROR_NONE;
}

enum error_code
attestation_obtain_key(const struct attestation_settings *attestation,
    const char *name, struct credentials *credentials, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	unsigned char mac[PROOF_MAC_LENGTH];

	if (keyd_client_create(0, &client, err) ||
	    attestation_key_handle(
		client, attestation, name, &credentials->handle, err))
		return err->code;
	if (attestation_sign(credentials, FINGERPRINT_TEXT,
		strlen(FINGERPRINT_TEXT), mac, err))
		return error_wrap(err, "the device's symmetric key");
	return sha256_hex(mac, sizeof(mac), credentials->digest, err);
}
