/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <openssl/pem.h>

#include "common/openssl_key.h"
#include "keyd/client.h"

/* For TLS and for signing; P-256 first, as tokens are fast with it. */
#define PREFERRED "ec-p256:rsa-2048:*"

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

enum error_code
keys_make(const char *key_id, const char *kind, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	if (keyd_client_create(0, &client, err))
		return err->code;
	return keyd_create_key_pair_for(
	    client, key_id, kind ? kind : PREFERRED, "sign", err);
}

enum error_code
keys_drop(const char *key_id, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	if (keyd_client_create(0, &client, err))
		return err->code;
	return keyd_delete_key(client, key_id, "pair", err);
}

enum error_code
keys_move(const char *from, const char *to, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	if (keyd_client_create(0, &client, err))
		return err->code;
	return keyd_move_key_pair(client, from, to, err);
}

static enum error_code
digest_of(const char *pem, char ret_digest[static 65], struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new_mem_buf(pem, -1);
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	unsigned char *der = NULL;
	enum error_code code;
	int length;

	if (!bio)
		return error_no_memory(err);
	key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	length = key ? i2d_PUBKEY(key, &der) : -1;
	if (length < 0)
		return error_set_openssl(
		    err, ERROR_INTERNAL, "the public key that keyd shows");
	code = sha256_hex(der, (size_t)length, ret_digest, err);
	OPENSSL_free(der);
	return code;
}

enum error_code
keys_digest(const char *key_id, char ret_digest[static 65], struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *pem = NULL;

	if (keyd_client_create(0, &client, err) ||
	    keyd_public_key(client, key_id, &pem, err) ||
	    digest_of(pem, ret_digest, err))
		return error_wrap(err, "key '%s'", key_id);
	return ERROR_NONE;
}
