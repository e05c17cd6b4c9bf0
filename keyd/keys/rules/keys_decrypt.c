/* SPDX-License-Identifier: MIT */
/* Decrypting and agreeing on secrets with key pairs. */
#include <openssl/pem.h>
#include <string.h>

#include "keys_find.h"
#include "rules.h"

static enum error_code
find_pair(struct keys *keys, const struct peer *who, const struct key_ref *key,
    enum key_algorithm algorithm, struct key_place *place,
    struct key_facts *facts, struct error *err)
{
	if (keys_find_for(keys, who, key, ACL_USE, place, facts, err))
		return err->code;
	if (facts->kind != KEY_PAIR || facts->public.algorithm != algorithm)
		return error_set(err, ERROR_INVALID,
		    "key '%s' is not an %s key, which this needs", key->id,
		    key_algorithm_name(algorithm));
	return ERROR_NONE;
}

enum error_code
rules_decrypt(struct keys *keys, const struct peer *who,
    const struct key_ref *key, enum key_padding padding,
    const struct key_input *ciphertext, const struct key_input *label,
    struct key_plain *ret_plain, struct error *err)
{
	struct key_place place;
	struct key_facts facts;

	if (find_pair(keys, who, key, KEY_RSA, &place, &facts, err))
		return err->code;
	if (ciphertext->length != facts.public.modulus_length ||
	    memcmp(ciphertext->data, facts.public.modulus,
		ciphertext->length) >= 0)
		return error_set(err, ERROR_INVALID,
		    "a ciphertext for key '%s' is a number of %zu bytes below "
		    "its modulus",
		    key->id, facts.public.modulus_length);
	if (key_store_decrypt(keys->parts.store, &place.name, padding,
		ciphertext, label, ret_plain, err))
		return error_wrap(err, "cannot decrypt with key '%s'", key->id);
	return ERROR_NONE;
}

static enum error_code
agree(struct keys *keys, const char *id, const struct key_place *place,
    const struct key_public *peer, struct key_plain *ret_secret,
    struct error *err)
{
	if (key_store_agree(
		keys->parts.store, &place->name, peer, ret_secret, err))
		return error_wrap(
		    err, "cannot agree on a secret with key '%s'", id);
	return ERROR_NONE;
}

enum error_code
rules_agree(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_input *point,
    struct key_plain *ret_secret, struct error *err)
{
	struct key_public peer = {.algorithm = KEY_EC};
	struct key_place place;
	struct key_facts facts;

	if (find_pair(keys, who, key, KEY_EC, &place, &facts, err))
		return err->code;
	peer.curve = facts.public.curve;
	if (key_public_set_point(&peer, point->data, point->length, err))
		return err->code;
	return agree(keys, key->id, &place, &peer, ret_secret, err);
}

static enum error_code
read_public_key(const char *pem, struct key_public *ret_key, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new_mem_buf(pem, -1);
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	if (!bio)
		return error_no_memory(err);
	key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	if (!key)
		return error_set_openssl(
		    err, ERROR_INVALID, "reading 'pem' as a public key");
	return key_public_from_pkey(key, ret_key, err);
}

enum error_code
rules_agree_pem(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const char *pem, struct key_plain *ret_secret,
    struct error *err)
{
	struct key_public peer;
	struct key_place place;
	struct key_facts facts;

	if (find_pair(keys, who, key, KEY_EC, &place, &facts, err) ||
	    read_public_key(pem, &peer, err))
		return err->code;
	if (peer.algorithm != KEY_EC || peer.curve != facts.public.curve)
		return error_set(err, ERROR_INVALID,
		    "the public key is not on %s, the curve of key '%s'",
		    facts.public.curve->name, key->id);
	return agree(keys, key->id, &place, &peer, ret_secret, err);
}
