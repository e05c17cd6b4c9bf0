/* SPDX-License-Identifier: MIT */
/* Making symmetric keys, and using them and what is derived from them. */
#include <openssl/crypto.h>
#include <string.h>

#include "keys_change.h"
#include "rules.h"
#include "software.h"

/* The first byte of a ciphertext. */
#define FRAME_TAG_LAST 0x02
#define FRAME_TAG_FIRST 0x01

/* ---- create, import ---- */

enum error_code
rules_create_secret(struct keys *keys, const struct peer *who,
    const struct key_ref *key, unsigned usage, struct error *err)
{
	struct key_facts facts;
	bool exists;

	if (keys_check_create(keys, who, key, &exists, err))
		return err->code;
	if (exists)
		return ERROR_NONE;
	keys_repair(keys);
	if (key_store_generate_secret(
		keys->parts.store, key->id, usage, &facts, err))
		return error_wrap(err, "cannot make key '%s'", key->id);
	return keys_record_new(keys, key, &facts, usage, NULL, err);
}

static enum error_code
check_secret(const struct key_input *secret, unsigned usage, struct error *err)
{
	if (secret->length == 0 || secret->length > KEY_SECRET_MAX)
		return error_set(err, ERROR_INVALID,
		    "a symmetric key has 1 to %d bytes, not %zu",
		    KEY_SECRET_MAX, secret->length);
	if (usage == KEY_ENCRYPTS &&
	    !(software_usage_of_secret(secret->length) & KEY_ENCRYPTS))
		return error_set(err, ERROR_INVALID,
		    "a key that encrypts has 16 or 32 bytes, not %zu",
		    secret->length);
	return software_check_secret(secret, err);
}

enum error_code
rules_import_secret(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_input *secret, unsigned usage,
    struct error *err)
{
	struct key_facts facts;
	bool exists;

	/* What is there, also without being in the index, is replaced. */
	if (keys_authorize(keys, who, key, ACL_MANAGE, err) ||
	    keys_check_changeable(keys, key, err) ||
	    check_secret(secret, usage, err) ||
	    keys_exist(keys, who, key, &exists, err))
		return err->code;
	if (key_store_import_secret(
		keys->parts.store, key->id, secret, usage, &facts, err))
		return error_wrap(err, "cannot import key '%s'", key->id);
	if (keys_record_new(keys, key, &facts, usage, NULL, err))
		return err->code;
	keys_repair(keys);
	return ERROR_NONE;
}

/* ---- use ---- */

static enum error_code
not_for(const struct key_ref *key, const char *deed, struct error *err)
{
	return error_set(
	    err, ERROR_INVALID, "key '%s' is not for %s", key->id, deed);
}

/* What a key is found as, to be used. */
struct secret {
	struct key_place place;
	struct key_facts facts;
	unsigned char
	    *derived; /* KEY_MAC_SIZE bytes; NULL: it is not derived */
};

static void
secret_done(struct secret *secret)
{
	OPENSSL_secure_clear_free(secret->derived, KEY_MAC_SIZE);
	secret->derived = NULL;
}

static struct key_input
derived_input(const struct secret *secret)
{
	return (struct key_input){secret->derived, KEY_MAC_SIZE};
}

/* The base makes the first level, each level the next. */
static enum error_code
derive(struct keys *keys, const struct key_ref *key, struct secret *secret,
    struct error *err)
{
	struct key_input base = {NULL, KEY_MAC_SIZE};

	if (!(secret->facts.usage & (KEY_DERIVES | KEY_SIGNS)))
		return not_for(key, "deriving", err);
	secret->derived = OPENSSL_secure_malloc(KEY_MAC_SIZE);
	if (!secret->derived)
		return error_no_memory(err);
	base.data = secret->derived;
	if (key_store_mac(keys->parts.store, &secret->place.name,
		&key->levels[0], secret->derived, err))
		return error_wrap(err, "cannot derive from '%s'", key->id);
	for (size_t i = 1; i < key->level_count; i++)
		if (software_mac(&base, &key->levels[i], secret->derived, err))
			return err->code;
	return ERROR_NONE;
}

/* secret, also after a failure, is released with secret_done(). */
static enum error_code
find_secret(struct keys *keys, const struct peer *who,
    const struct key_ref *key, unsigned right, struct secret *secret,
    struct error *err)
{
	if (keys_authorize(keys, who, key, right, err))
		return err->code;
	if (key->kind != KEY_SECRET)
		return error_set(err, ERROR_INVALID,
		    "key '%s' is a pair, this needs a symmetric key", key->id);
	if (keys_find(keys, who, key, &secret->place, &secret->facts, err))
		return err->code;
	return key->level_count > 0 ? derive(keys, key, secret, err)
				    : ERROR_NONE;
}

enum error_code
rules_mac(struct keys *keys, const struct peer *who, const struct key_ref *key,
    const struct key_input *message, unsigned char ret_mac[KEY_MAC_SIZE],
    struct error *err)
{
	CLEANUP_DONE(secret) struct secret secret = {.derived = NULL};
	struct key_input derived;

	if (find_secret(keys, who, key, ACL_USE, &secret, err))
		return err->code;
	if (secret.derived) {
		derived = derived_input(&secret);
		return software_mac(&derived, message, ret_mac, err);
	}
	if (!(secret.facts.usage & (KEY_SIGNS | KEY_DERIVES)))
		return not_for(key, "signing", err);
	if (key_store_mac(
		keys->parts.store, &secret.place.name, message, ret_mac, err))
		return error_wrap(err, "cannot sign with key '%s'", key->id);
	return ERROR_NONE;
}

/* ---- AES-GCM ---- */

static enum error_code
check_seal(const struct key_ref *key, const struct secret *secret,
    const struct key_seal *seal, struct error *err)
{
	if (seal->iv.length == 0 || seal->iv.length > KEY_IV_MAX)
		return error_set(err, ERROR_INVALID,
		    "an IV has 1 to %d bytes, not %zu", KEY_IV_MAX,
		    seal->iv.length);
	if (!secret->derived && !(secret->facts.usage & KEY_ENCRYPTS))
		return not_for(key, "encrypting", err);
	return ERROR_NONE;
}

enum error_code
rules_seal(struct keys *keys, const struct peer *who, const struct key_ref *key,
    const struct key_seal *seal, const struct key_input *plain,
    unsigned char *ret_ciphertext, struct error *err)
{
	CLEANUP_DONE(secret) struct secret secret = {.derived = NULL};
	struct key_input derived;
	enum error_code code;

	if (find_secret(keys, who, key, ACL_USE, &secret, err) ||
	    check_seal(key, &secret, seal, err))
		return err->code;
	if (secret.derived) {
		derived = derived_input(&secret);
		code = software_seal(
		    &derived, seal, plain, ret_ciphertext + 1, err);
	} else {
		code = key_store_seal(keys->parts.store, &secret.place.name,
		    seal, plain, ret_ciphertext + 1, err);
	}
	if (code)
		return error_wrap(err, "cannot encrypt with '%s'", key->id);
	ret_ciphertext[0] = FRAME_TAG_LAST;
	return ERROR_NONE;
}

static bool
is_in_token(const struct secret *secret)
{
	return !secret->derived && *secret->facts.serial;
}

static enum error_code
check_frame(const struct secret *secret, const struct key_input *ciphertext,
    struct error *err)
{
	unsigned char version;

	if (ciphertext->length < KEY_FRAME_SIZE)
		return error_set(err, ERROR_INVALID,
		    "a ciphertext has at least %d bytes, not %zu",
		    KEY_FRAME_SIZE, ciphertext->length);
	version = ciphertext->data[0];
	if (version == FRAME_TAG_FIRST && is_in_token(secret))
		return error_set(err, ERROR_INVALID,
		    "a ciphertext of version 1 is not read with a key in a "
		    "token");
	if (version != FRAME_TAG_FIRST && version != FRAME_TAG_LAST)
		return error_set(err, ERROR_INVALID,
		    "a ciphertext of version %u is not known", version);
	return ERROR_NONE;
}

/* Ciphertext and tag in their order of today; the caller frees it. */
static enum error_code
unframe(const struct key_input *ciphertext, unsigned char **ret_sealed,
    struct error *err)
{
	const unsigned char *rest = ciphertext->data + 1;
	size_t length = ciphertext->length - 1;
	size_t text = length - KEY_SEAL_SIZE;
	unsigned char *sealed = malloc(length);

	if (!sealed)
		return error_no_memory(err);
	if (ciphertext->data[0] == FRAME_TAG_LAST) {
		memcpy(sealed, rest, length);
	} else {
		memcpy(sealed, rest + KEY_SEAL_SIZE, text);
		memcpy(sealed + text, rest, KEY_SEAL_SIZE);
	}
	*ret_sealed = sealed;
	return ERROR_NONE;
}

static enum error_code
unseal(struct keys *keys, const struct secret *secret,
    const struct key_seal *seal, const struct key_input *sealed,
    unsigned char *ret_plain, bool *ret_genuine, struct error *err)
{
	struct key_input derived;

	if (!secret->derived)
		return key_store_unseal(keys->parts.store, &secret->place.name,
		    seal, sealed, ret_plain, ret_genuine, err);
	derived = derived_input(secret);
	return software_unseal(
	    &derived, seal, sealed, ret_plain, ret_genuine, err);
}

enum error_code
rules_unseal(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_seal *seal,
    const struct key_input *ciphertext, unsigned char *ret_plain,
    size_t *ret_length, bool *ret_genuine, struct error *err)
{
	CLEANUP_DONE(secret) struct secret secret = {.derived = NULL};
	CLEANUP(bytes) unsigned char *bytes = NULL;
	struct key_input sealed;

	if (find_secret(keys, who, key, ACL_USE, &secret, err) ||
	    check_seal(key, &secret, seal, err) ||
	    check_frame(&secret, ciphertext, err) ||
	    unframe(ciphertext, &bytes, err))
		return err->code;
	sealed = (struct key_input){bytes, ciphertext->length - 1};
	if (unseal(keys, &secret, seal, &sealed, ret_plain, ret_genuine, err))
		return error_wrap(err, "cannot decrypt with '%s'", key->id);
	*ret_length = *ret_genuine ? sealed.length - KEY_SEAL_SIZE : 0;
	return ERROR_NONE;
}

/* ---- derived keys ---- */

enum error_code
rules_check_derive(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct error *err)
{
	if (keys_authorize(keys, who, key, ACL_USE, err))
		return err->code;
	if (key->kind != KEY_SECRET)
		return error_set(err, ERROR_INVALID,
		    "nothing is derived from '%s', which is a pair", key->id);
	if (key->level_count == KEY_LEVELS_MAX)
		return error_set(err, ERROR_INVALID,
		    "a key is derived %d times over at most", KEY_LEVELS_MAX);
	return ERROR_NONE;
}

enum error_code
rules_export(struct keys *keys, const struct peer *who,
    const struct key_ref *key, unsigned char ret_secret[KEY_MAC_SIZE],
    struct error *err)
{
	CLEANUP_DONE(secret) struct secret secret = {.derived = NULL};

	if (find_secret(keys, who, key, ACL_EXPORT, &secret, err))
		return err->code;
	if (!secret.derived)
		return error_set(err, ERROR_INVALID,
		    "only derived keys are exported; '%s' is not", key->id);
	memcpy(ret_secret, secret.derived, KEY_MAC_SIZE);
	return ERROR_NONE;
}
