/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include "common/openssl_key.h"
#include "keyd/client.h"

enum error_code
keys_load(const char *key_id, EVP_PKEY **ret_key, struct error *err)
{
	return openssl_key_load(key_id, ret_key, err);
}

enum error_code
keys_id_of_handle(const char *handle, char **ret_key_id, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	if (keyd_client_create(0, &client, err))
		return err->code;
	return keyd_verify_handle(client, handle, ret_key_id, err);
}
