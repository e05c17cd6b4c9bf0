/* SPDX-License-Identifier: MIT */
/* Using the keys of the fake store. */
#include <openssl/rand.h>

#include "fake_store_state.h"
#include "software.h"

static enum error_code
find_for(struct key_store *store, const struct key_name *name, unsigned usage,
    struct fake_key **ret_key, struct error *err)
{
	if (fake_store_find(store, name, ret_key, err))
		return err->code;
	if (!((*ret_key)->usage & usage))
		return error_set(err, ERROR_INVALID, "the key is not for that");
	return ERROR_NONE;
}

enum error_code
key_store_sign(struct key_store *store, const struct key_name *name,
    enum key_mechanism mechanism, const struct key_input *input,
    struct key_signature *ret_signature, struct error *err)
{
	struct fake_key *key;

	if (find_for(store, name, KEY_SIGNS, &key, err))
		return err->code;
	return software_sign(key->pair, mechanism, input, ret_signature, err);
}

enum error_code
key_store_decrypt(struct key_store *store, const struct key_name *name,
    enum key_padding padding, const struct key_input *ciphertext,
    const struct key_input *label, struct key_plain *ret_plain,
    struct error *err)
{
	struct fake_key *key;

	if (find_for(store, name, KEY_DECRYPTS, &key, err))
		return err->code;
	return software_decrypt(
	    key->pair, padding, ciphertext, label, ret_plain, err);
}

enum error_code
key_store_agree(struct key_store *store, const struct key_name *name,
    const struct key_public *peer, struct key_plain *ret_secret,
    struct error *err)
{
	struct fake_key *key;

	if (find_for(store, name, KEY_DERIVES, &key, err))
		return err->code;
	return software_agree(key->pair, peer, ret_secret, err);
}

enum error_code
key_store_mac(struct key_store *store, const struct key_name *name,
    const struct key_input *message, unsigned char ret_mac[KEY_MAC_SIZE],
    struct error *err)
{
	struct fake_key *key;

	if (find_for(store, name, KEY_SIGNS, &key, err))
		return err->code;
	return software_mac(&(struct key_input){key->secret, key->length},
	    message, ret_mac, err);
}

enum error_code
key_store_seal(struct key_store *store, const struct key_name *name,
    const struct key_seal *seal, const struct key_input *plain,
    unsigned char *ret_sealed, struct error *err)
{
	struct fake_key *key;

	if (find_for(store, name, KEY_ENCRYPTS, &key, err))
		return err->code;
	return software_seal(&(struct key_input){key->secret, key->length},
	    seal, plain, ret_sealed, err);
}

enum error_code
key_store_unseal(struct key_store *store, const struct key_name *name,
    const struct key_seal *seal, const struct key_input *sealed,
    unsigned char *ret_plain, bool *ret_genuine, struct error *err)
{
	struct fake_key *key;

	if (find_for(store, name, KEY_ENCRYPTS, &key, err))
		return err->code;
	return software_unseal(&(struct key_input){key->secret, key->length},
	    seal, sealed, ret_plain, ret_genuine, err);
}

enum error_code
key_store_random(struct key_store *store, unsigned char *ret_data,
    size_t length, struct error *err)
{
	if (fake_store_check_plugged(store, err))
		return err->code;
	if (RAND_bytes(ret_data, (int)length) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "RAND_bytes");
	return ERROR_NONE;
}

size_t
key_store_figures(struct key_store *store,
    struct token_figures ret_figures[KEY_STORE_TOKENS_MAX])
{
	struct error trouble = {0};
	enum error_code code = fake_store_check_plugged(store, &trouble);

	ret_figures[0] = (struct token_figures){
	    .label = "device",
	    .condition = code ? TOKEN_FAILS : TOKEN_OPEN,
	    .since = FAKE_SINCE,
	    .limit = 4,
	    .trouble = trouble,
	};
	return 1;
}

unsigned
key_store_sessions(struct key_store *store, const char *uri)
{
	(void)store;
	return uri ? FAKE_SESSIONS_OTHER : FAKE_SESSIONS_OWN;
}

enum error_code
key_store_hang(struct key_store *store, const char *uri, struct error *err)
{
	(void)uri;
	if (!store->hangs)
		return ERROR_NONE;
	return error_set(err, ERROR_UNAVAILABLE,
	    "token 'device': C_Sign has not returned for 12 s");
}

bool
key_store_alive(struct key_store *store)
{
	return !store->hangs;
}
