/* SPDX-License-Identifier: MIT */
/* Using keys in tokens. */
#include "decrypt.h"
#include "pkcs11_call.h"
#include "secret.h"
#include "sign.h"

static enum error_code
do_sign(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	CLEANUP(key_entry) struct key_entry *key = NULL;
	enum error_code code;

	if (call_load(store, lease, call, &key, err))
		return err->code;
	code = sign_with(lease, key_entry_handle(key), call->mechanism,
	    call->input, call->signature, err);
	return call_conclude(store, lease, call, key, code, err);
}

enum error_code
pkcs11_store_sign(struct pkcs11_store *store, const struct key_name *name,
    enum key_mechanism mechanism, const struct key_input *input,
    struct key_signature *ret_signature, struct error *err)
{
	struct call call = {
	    .name = name,
	    .mechanism = mechanism,
	    .input = input,
	    .signature = ret_signature,
	};

	if (call_set_source(store, &call, err))
		return err->code;
	return call_run(store, &call, TOKEN_SIGN, do_sign, err);
}

static enum error_code
do_decrypt(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	CLEANUP(key_entry) struct key_entry *key = NULL;
	enum error_code code;

	if (call_load(store, lease, call, &key, err))
		return err->code;
	code = decrypt_with(lease, key_entry_handle(key), call->padding,
	    call->input, call->label, call->plain, err);
	return call_conclude(store, lease, call, key, code, err);
}

enum error_code
pkcs11_store_decrypt(struct pkcs11_store *store, const struct key_name *name,
    enum key_padding padding, const struct key_input *ciphertext,
    const struct key_input *label, struct key_plain *ret_plain,
    struct error *err)
{
	struct call call = {
	    .name = name,
	    .padding = padding,
	    .input = ciphertext,
	    .label = label,
	    .plain = ret_plain,
	};

	if (call_set_source(store, &call, err))
		return err->code;
	return call_run(store, &call, TOKEN_SIGN, do_decrypt, err);
}

static enum error_code
do_agree(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	CLEANUP(key_entry) struct key_entry *key = NULL;
	enum error_code code;

	if (call_load(store, lease, call, &key, err))
		return err->code;
	code = agree_with(
	    lease, key_entry_handle(key), call->peer, call->plain, err);
	return call_conclude(store, lease, call, key, code, err);
}

enum error_code
pkcs11_store_agree(struct pkcs11_store *store, const struct key_name *name,
    const struct key_public *peer, struct key_plain *ret_secret,
    struct error *err)
{
	struct call call = {.name = name, .peer = peer, .plain = ret_secret};

	if (call_set_source(store, &call, err))
		return err->code;
	return call_run(store, &call, TOKEN_SIGN, do_agree, err);
}

static enum error_code
do_mac(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	CLEANUP(key_entry) struct key_entry *key = NULL;
	enum error_code code;

	if (call_load(store, lease, call, &key, err))
		return err->code;
	code = secret_mac(
	    lease, key_entry_handle(key), call->input, call->bytes, err);
	return call_conclude(store, lease, call, key, code, err);
}

enum error_code
pkcs11_store_mac(struct pkcs11_store *store, const struct key_name *name,
    const struct key_input *message, unsigned char ret_mac[KEY_MAC_SIZE],
    struct error *err)
{
	struct call call = {.name = name, .input = message};

	call.bytes = ret_mac;
	if (call_set_source(store, &call, err))
		return err->code;
	return call_run(store, &call, TOKEN_SIGN, do_mac, err);
}

static enum error_code
do_seal(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	CLEANUP(key_entry) struct key_entry *key = NULL;
	enum error_code code;

	if (call_load(store, lease, call, &key, err))
		return err->code;
	code = secret_seal(lease, key_entry_handle(key), call->seal,
	    call->input, call->bytes, err);
	return call_conclude(store, lease, call, key, code, err);
}

enum error_code
pkcs11_store_seal(struct pkcs11_store *store, const struct key_name *name,
    const struct key_seal *seal, const struct key_input *plain,
    unsigned char *ret_sealed, struct error *err)
{
	struct call call = {.name = name, .seal = seal, .input = plain};

	call.bytes = ret_sealed;
	if (call_set_source(store, &call, err))
		return err->code;
	return call_run(store, &call, TOKEN_SIGN, do_seal, err);
}

static enum error_code
do_unseal(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	CLEANUP(key_entry) struct key_entry *key = NULL;
	enum error_code code;

	if (call_load(store, lease, call, &key, err))
		return err->code;
	code = secret_unseal(lease, key_entry_handle(key), call->seal,
	    call->input, call->bytes, call->genuine, err);
	return call_conclude(store, lease, call, key, code, err);
}

enum error_code
pkcs11_store_unseal(struct pkcs11_store *store, const struct key_name *name,
    const struct key_seal *seal, const struct key_input *sealed,
    unsigned char *ret_plain, bool *ret_genuine, struct error *err)
{
	struct call call = {
	    .name = name,
	    .seal = seal,
	    .input = sealed,
	};

	call.bytes = ret_plain;
	call.genuine = ret_genuine;
	if (call_set_source(store, &call, err))
		return err->code;
	return call_run(store, &call, TOKEN_SIGN, do_unseal, err);
}

/* Tokens differ in how much they give at once. */
#define RANDOM_AT_ONCE 1024

static enum error_code
do_random(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	size_t part;

	(void)store;
	for (size_t done = 0; done < call->length; done += part) {
		CK_RV rv;

		part = call->length - done;
		if (part > RANDOM_AT_ONCE)
			part = RANDOM_AT_ONCE;
		rv = lease->functions->C_GenerateRandom(
		    lease->session, call->bytes + done, part);
		if (rv != CKR_OK)
			return token_failed(lease, rv, "C_GenerateRandom", err);
	}
	return ERROR_NONE;
}

enum error_code
pkcs11_store_random(struct pkcs11_store *store, unsigned char *ret_data,
    size_t length, struct error *err)
{
	struct call call = {.length = length};

	call.bytes = ret_data;
	return call_run(store, &call, TOKEN_SIGN, do_random, err);
}

bool
pkcs11_store_has_token(const struct pkcs11_store *store)
{
	return store->base != NULL;
}
