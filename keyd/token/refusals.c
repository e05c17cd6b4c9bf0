/* SPDX-License-Identifier: MIT */
#include "refusals.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <string.h>

#include "ckr.h"
#include "common/file.h"
#include "common/json.h"
#include "common/openssl.h"

#define FILE_MAX (64 * 1024)
#define FILE_MODE 0600
#define SALT_SIZE 16
#define HASH_SIZE 32
/* A PIN is short: what was not quite the right one shall cost to find out. */
#define ROUNDS 50000

struct hash {
	unsigned char data[HASH_SIZE];
};

struct refusals {
	char *path;
	pthread_mutex_t mutex;
	json_t *list; /* {"label","serial","ckr","salt","hash"} each */
	bool unsaved; /* the list is newer than the file */
	/*
	 * The last PIN that was refused, and by which token, hashed fast with
	 * a key of this process: callers keep asking.
	 */
	bool has_last;
	unsigned char key[SALT_SIZE];
	struct hash last;
};

enum error_code
refusals_create(
    const char *state, struct refusals **ret_refusals, struct error *err)
{
	CLEANUP(refusals)
	struct refusals *refusals = calloc(1, sizeof(*refusals));

	if (!refusals)
		return error_no_memory(err);
	pthread_mutex_init(&refusals->mutex, NULL);
	refusals->list = json_array();
	if (state)
		refusals->path = string_format("%s/refused-pins.json", state);
	if (!refusals->list || !refusals->path != !state)
		return error_no_memory(err);
	if (RAND_bytes(refusals->key, sizeof(refusals->key)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "RAND_bytes");
	*ret_refusals = TAKE(refusals);
	return ERROR_NONE;
}

void
refusals_free(struct refusals *refusals)
{
	if (!refusals)
		return;
	json_decref(refusals->list);
	pthread_mutex_destroy(&refusals->mutex);
	free(refusals->path);
	free(refusals);
}

/* ---- the file ---- */

static enum error_code
write_list(const struct refusals *refusals, struct error *err)
{
	CLEANUP(json) json_t *root = NULL;
	CLEANUP(string) char *text = NULL;

	if (json_array_size(refusals->list) == 0)
		return file_remove(refusals->path, err);
	root = json_pack("{s:O}", "refused", refusals->list);
	text = root ? json_text(root) : NULL;
	if (!text)
		return error_no_memory(err);
	return file_write(refusals->path, text, strlen(text), FILE_MODE, err);
}

static enum error_code
save(struct refusals *refusals, struct error *err)
{
	enum error_code code =
	    refusals->path ? write_list(refusals, err) : ERROR_NONE;

	refusals->unsaved = code != ERROR_NONE;
	return code;
}

static enum error_code
parse(struct refusals *refusals, const char *text, size_t length,
    struct error *err)
{
	CLEANUP(json) json_t *root = NULL;
	json_t *list;

	if (json_parse(text, length, &root, err))
		return err->code;
	list = json_object_get(root, "refused");
	if (!json_is_array(list))
		return error_set(err, ERROR_INVALID, "no list 'refused'");
	json_decref(refusals->list);
	refusals->list = json_incref(list);
	return ERROR_NONE;
}

/* The file is what counts: a person may have removed it. */
static enum error_code
reload(struct refusals *refusals, struct error *err)
{
	CLEANUP(string) char *text = NULL;
	enum error_code code;
	size_t length;

	if (!refusals->path || (refusals->unsaved && save(refusals, err)))
		return ERROR_NONE;
	code = file_read(refusals->path, FILE_MAX, &text, &length, err);
	if (code == ERROR_NOT_FOUND) {
		(void)json_array_clear(refusals->list);
		return ERROR_NONE;
	}
	if (code == ERROR_NONE)
		code = parse(refusals, text, length, err);
	if (code == ERROR_NONE)
		return ERROR_NONE;
	err->code = ERROR_UNAVAILABLE;
	return error_wrap(err,
	    "%s, which has the PINs that are not to be tried again",
	    refusals->path);
}

/* ---- hashes ---- */

static enum error_code
hash_pin(const char *pin, const unsigned char *salt, size_t length, int rounds,
    struct hash *ret_hash, struct error *err)
{
	if (PKCS5_PBKDF2_HMAC(pin, (int)strlen(pin), salt, (int)length, rounds,
		EVP_sha256(), HASH_SIZE, ret_hash->data) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "hashing a PIN");
	return ERROR_NONE;
}

static enum error_code
hash_fast(const struct refusals *refusals, const struct slot *slot,
    const char *pin, struct hash *ret_hash, struct error *err)
{
	unsigned char
	    salt[SALT_SIZE + sizeof(slot->label) + sizeof(slot->serial)];

	memcpy(salt, refusals->key, SALT_SIZE);
	memcpy(salt + SALT_SIZE, slot->label, sizeof(slot->label));
	memcpy(salt + SALT_SIZE + sizeof(slot->label), slot->serial,
	    sizeof(slot->serial));
	return hash_pin(pin, salt, sizeof(salt), 1, ret_hash, err);
}

static bool
hash_equal(const struct hash *a, const struct hash *b)
{
	return CRYPTO_memcmp(a->data, b->data, HASH_SIZE) == 0;
}

/* True if entry is for pin. What cannot be read is for any. */
static enum error_code
is_entry_for(
    const json_t *entry, const char *pin, bool *ret_is, struct error *err)
{
	CLEANUP(bytes) unsigned char *salt = NULL, *data = NULL;
	size_t salt_length, length;
	struct hash hash;

	*ret_is = true;
	if (json_get_bytes(entry, "salt", &salt, &salt_length, err) ||
	    json_get_bytes(entry, "hash", &data, &length, err) ||
	    salt_length != SALT_SIZE || length != HASH_SIZE)
		return ERROR_NONE;
	if (hash_pin(pin, salt, SALT_SIZE, ROUNDS, &hash, err))
		return err->code;
	*ret_is = CRYPTO_memcmp(hash.data, data, HASH_SIZE) == 0;
	return ERROR_NONE;
}

/* ---- entries ---- */

static bool
is_of(const json_t *entry, const struct slot *slot)
{
	const char *label = json_string_value(json_object_get(entry, "label"));
	const char *serial =
	    json_string_value(json_object_get(entry, "serial"));

	return label && serial && strcmp(label, slot->label) == 0 &&
	       strcmp(serial, slot->serial) == 0;
}

/* The number of slot's entry; that of none: the length of the list. */
static size_t
find(const struct refusals *refusals, const struct slot *slot)
{
	size_t i = 0;

	while (i < json_array_size(refusals->list) &&
	       !is_of(json_array_get(refusals->list, i), slot))
		i++;
	return i;
}

/* What the token returned; "": an earlier keyd did not note it. */
static void
describe(const json_t *entry, struct error *ret_why)
{
	const json_t *ckr = json_object_get(entry, "ckr");

	if (json_is_integer(ckr))
		(void)error_set_ckr(
		    ret_why, (CK_RV)json_integer_value(ckr), "C_Login");
	else
		ret_why->message[0] = '\0';
}

static enum error_code
set_refused(const struct refusals *refusals, const struct slot *slot,
    const json_t *entry, struct error *err)
{
	struct error why;

	describe(entry, &why);
	return error_set(err, ERROR_UNAVAILABLE,
	    "token '%s': %s%sthe PIN that it has refused is not tried again "
	    "before there is another one where pin-source says%s%s%s",
	    slot->label, why.message, *why.message ? "; " : "",
	    refusals->path
		? " (if the token's PIN was changed to it since, remove "
		: "",
	    refusals->path ? refusals->path : "", refusals->path ? ")" : "");
}

static enum error_code
check_locked(struct refusals *refusals, const struct slot *slot,
    const char *pin, struct error *err)
{
	const json_t *entry;
	struct hash fast;
	bool is_refused;

	if (reload(refusals, err))
		return err->code;
	entry = json_array_get(refusals->list, find(refusals, slot));
	if (!entry)
		return ERROR_NONE;
	if (hash_fast(refusals, slot, pin, &fast, err))
		return err->code;
	if (refusals->has_last && hash_equal(&fast, &refusals->last))
		return set_refused(refusals, slot, entry, err);
	if (is_entry_for(entry, pin, &is_refused, err))
		return err->code;
	if (!is_refused)
		return ERROR_NONE;
	refusals->has_last = true;
	refusals->last = fast;
	return set_refused(refusals, slot, entry, err);
}

enum error_code
refusals_check(struct refusals *refusals, const struct slot *slot,
    const char *pin, struct error *err)
{
	enum error_code code;

	pthread_mutex_lock(&refusals->mutex);
	code = check_locked(refusals, slot, pin, err);
	pthread_mutex_unlock(&refusals->mutex);
	return code;
}

static enum error_code
create_entry(const struct slot *slot, const char *pin, CK_RV ckr,
    json_t **ret_entry, struct error *err)
{
	CLEANUP(json)
	json_t *entry = json_pack("{s:s, s:s, s:I}", "label", slot->label,
	    "serial", slot->serial, "ckr", (json_int_t)ckr);
	unsigned char salt[SALT_SIZE];
	struct hash hash;

	if (!entry)
		return error_no_memory(err);
	if (RAND_bytes(salt, sizeof(salt)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "RAND_bytes");
	if (hash_pin(pin, salt, SALT_SIZE, ROUNDS, &hash, err) ||
	    json_set_bytes(entry, "salt", salt, sizeof(salt), err) ||
	    json_set_bytes(entry, "hash", hash.data, sizeof(hash.data), err))
		return err->code;
	*ret_entry = TAKE(entry);
	return ERROR_NONE;
}

/* Puts entry, if it is not NULL, in the place of slot's. */
static enum error_code
replace(struct refusals *refusals, const struct slot *slot, json_t *entry,
    struct error *err)
{
	struct error ignored;
	size_t number;

	/* What cannot be read is replaced. */
	(void)reload(refusals, &ignored);
	refusals->has_last = false;
	number = find(refusals, slot);
	if (!entry && number == json_array_size(refusals->list))
		return ERROR_NONE;
	if (number < json_array_size(refusals->list))
		(void)json_array_remove(refusals->list, number);
	if (entry && json_array_append(refusals->list, entry) != 0)
		return error_no_memory(err);
	return save(refusals, err);
}

enum error_code
refusals_add(struct refusals *refusals, const struct slot *slot,
    const char *pin, CK_RV ckr, struct error *err)
{
	CLEANUP(json) json_t *entry = NULL;
	enum error_code code;

	if (create_entry(slot, pin, ckr, &entry, err))
		return err->code;
	pthread_mutex_lock(&refusals->mutex);
	code = replace(refusals, slot, entry, err);
	pthread_mutex_unlock(&refusals->mutex);
	return code;
}

enum error_code
refusals_forget(
    struct refusals *refusals, const struct slot *slot, struct error *err)
{
	enum error_code code;

	pthread_mutex_lock(&refusals->mutex);
	code = replace(refusals, slot, NULL, err);
	pthread_mutex_unlock(&refusals->mutex);
	return code;
}
