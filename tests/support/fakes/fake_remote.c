/* SPDX-License-Identifier: MIT */
#include "fake_remote.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static json_t *answer;
static json_t *certificates; /* NULL: certd does not run */
static _Atomic(enum error_code) failure;
static _Atomic int64_t delay_ms;
static atomic_uint lists, uses, running, most_at_once;
static pthread_mutex_t latest_mutex = PTHREAD_MUTEX_INITIALIZER;
static char latest_algorithm[32];
static char latest_usage[32];
static struct output latest_message;
static struct output latest_label;
static char plaintext[128];

void
fake_remote_reset(void)
{
	json_decref(answer);
	answer = json_pack("{s:[]}", "keys");
	fake_remote_stop_certd();
	failure = ERROR_NONE;
	delay_ms = 0;
	lists = uses = most_at_once = 0;
	latest_algorithm[0] = latest_usage[0] = '\0';
	latest_message = latest_label = (struct output){0};
	fake_remote_set_plaintext("plain");
}

static json_t *
keys(void)
{
	return json_object_get(answer, "keys");
}

void
fake_remote_remove_keys(void)
{
	json_array_clear(keys());
}

/* Its fingerprint is its fill, so that another key has another one. */
static void
add(json_t *key, json_t *parameters, unsigned char fill)
{
	char fingerprint[] = {(char)('A' + fill % 26), '\0'};

	json_object_set_new(key, "parameters", parameters);
	json_object_set_new(key, "fingerprint", json_string(fingerprint));
	json_object_set_new(
	    key, "usage", json_pack("[s, s, s]", "sign", "decrypt", "derive"));
	json_object_set_new(
	    key, "rights", json_pack("[s, s]", "use", "manage"));
	json_array_append_new(keys(), key);
}

static void
set_words(const char *member, const char *const *words)
{
	json_t *latest = json_array_get(keys(), json_array_size(keys()) - 1);
	json_t *array = json_array();

	for (; words && *words; words++)
		json_array_append_new(array, json_string(*words));
	json_object_set_new(latest, member, array);
	if (!words)
		json_object_del(latest, member);
}

void
fake_remote_set_usage(const char *const *words)
{
	set_words("usage", words);
}

void
fake_remote_set_rights(const char *const *words)
{
	set_words("rights", words);
}

/* P-521's point is the longest. */
static size_t
point_length(const char *curve)
{
	if (strcmp(curve, "Ed25519") == 0)
		return 32;
	if (strcmp(curve, "P-256") == 0)
		return 65;
	return strcmp(curve, "P-384") == 0 ? 97 : 133;
}

void
fake_remote_add_ec(const char *id, const char *curve, unsigned char fill)
{
	bool is_edwards = strcmp(curve, "Ed25519") == 0;
	unsigned char point[133];
	json_t *parameters = json_object();
	struct error err;

	memset(point, fill, sizeof(point));
	if (!is_edwards)
		point[0] = 0x04;
	if (json_set_bytes(parameters,
		is_edwards ? "ec-point" : "ec-point-uncompressed", point,
		point_length(curve), &err))
		abort();
	add(json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b}", "id", id, "kind",
		"pair", "algorithm", is_edwards ? "EdDSA" : "EC", "curve",
		curve, "sensitive", 1, "extractable", 0, "local", 1),
	    parameters, fill);
}

void
fake_remote_add_rsa(const char *id, size_t bytes, unsigned char fill)
{
	unsigned char modulus[KEY_MODULUS_MAX];
	json_t *parameters =
	    json_pack("{s:s}", "rsa-exponent", "AQAB"); /* 65537 */
	struct error err;

	memset(modulus, fill, sizeof(modulus));
	if (json_set_bytes(parameters, "rsa-modulus", modulus, bytes, &err))
		abort();
	add(json_pack("{s:s, s:s, s:s, s:i, s:b, s:b}", "id", id, "kind",
		"pair", "algorithm", "RSA", "size", (int)(8 * bytes),
		"sensitive", 0, "extractable", 1),
	    parameters, fill);
}

void
fake_remote_set_cka_id(const char *text)
{
	json_object_set_new(json_array_get(keys(), json_array_size(keys()) - 1),
	    "pkcs11Id", json_string(text));
}

void
fake_remote_fail(enum error_code code)
{
	failure = code;
}

void
fake_remote_delay_ms(int64_t milliseconds)
{
	delay_ms = milliseconds;
}

unsigned
fake_remote_lists(void)
{
	return lists;
}

unsigned
fake_remote_uses(void)
{
	return uses;
}

unsigned
fake_remote_most_at_once(void)
{
	return most_at_once;
}

const char *
fake_remote_algorithm(void)
{
	return latest_algorithm;
}

const struct output *
fake_remote_message(void)
{
	return &latest_message;
}

const struct output *
fake_remote_label(void)
{
	return &latest_label;
}

const char *
fake_remote_usage(void)
{
	return latest_usage;
}

unsigned char
fake_remote_signature_byte(unsigned char first)
{
	return first ^ 0x5a;
}

void
fake_remote_set_plaintext(const char *text)
{
	(void)snprintf(plaintext, sizeof(plaintext), "%s", text);
}

void
remote_disconnect(struct remote *remote)
{
	(void)remote;
}

static enum error_code
fail(struct error *err)
{
	return error_set(err, failure, "told to fail");
}

enum error_code
remote_list(struct remote *remote, struct key_list *ret_keys, struct error *err)
{
	(void)remote;
	lists++;
	if (failure)
		return fail(err);
	return key_list_from_json(answer, ret_keys, err);
}

void
fake_remote_add_certificate(const char *id, const char *key_id, char fill)
{
	char value[] = "AAAA";

	if (!certificates)
		certificates = json_pack("{s:[]}", "certificates");
	value[0] = fill;
	(void)json_array_append_new(
	    json_object_get(certificates, "certificates"),
	    json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:s}", "id", id, "key",
		key_id, "ca", 0, "value", value, "subject", "c3Vi", "issuer",
		"aXNz", "serialNumber", "AgEB"));
}

void
fake_remote_stop_certd(void)
{
	json_decref(certificates);
	certificates = NULL;
}

enum error_code
remote_list_certificates(struct remote *certd,
    struct certificate_list *ret_certificates, struct error *err)
{
	(void)certd;
	if (!certificates)
		return error_set(
		    err, ERROR_UNAVAILABLE, "certd does not answer");
	return certificate_list_from_json(certificates, ret_certificates, err);
}

static void
work(void)
{
	struct timespec delay = {.tv_nsec = delay_ms * 1000000};
	unsigned now = ++running;
	unsigned most = most_at_once;

	while (now > most &&
	       !atomic_compare_exchange_weak(&most_at_once, &most, now))
		;
	(void)nanosleep(&delay, NULL);
	running--;
}

static void
copy(struct output *output, const struct use_member *member)
{
	output->length = member->length < sizeof(output->data)
			     ? member->length
			     : sizeof(output->data);
	if (member->name && output->length > 0)
		memcpy(output->data, member->data, output->length);
}

static void
remember(const struct use *use)
{
	(void)pthread_mutex_lock(&latest_mutex);
	(void)snprintf(
	    latest_algorithm, sizeof(latest_algorithm), "%s", use->algorithm);
	copy(&latest_message, &use->members[0]);
	copy(&latest_label, &use->members[1]);
	(void)pthread_mutex_unlock(&latest_mutex);
}

/* The key of that id; its contents are the caller's. */
static enum error_code
find(const char *id, const char *fingerprint, struct key *ret_key,
    struct error *err)
{
	CLEANUP_DONE(key_list) struct key_list all = {0};

	if (key_list_from_json(answer, &all, err))
		abort();
	for (size_t i = 0; i < all.count; i++)
		if (strcmp(all.items[i].id, id) == 0 &&
		    (!fingerprint[0] ||
			strcmp(all.items[i].fingerprint, fingerprint) == 0)) {
			*ret_key = TAKE_CONTENTS(all.items[i]);
			return ERROR_NONE;
		}
	return error_set(err, ERROR_NOT_FOUND, "no key '%s'", id);
}

/* Does what all uses have in common. */
static enum error_code
use_key(const struct use *use, struct key *ret_key, struct error *err)
{
	uses++;
	if (failure)
		return fail(err);
	if (find(use->key_id, use->fingerprint, ret_key, err))
		return err->code;
	work();
	remember(use);
	return ERROR_NONE;
}

static unsigned char
valid_byte(const struct use_member *message)
{
	return fake_remote_signature_byte(
	    message->length > 0 ? message->data[0] : 0);
}

enum error_code
remote_sign(struct remote *remote, const struct use *use,
    struct output *ret_signature, struct error *err)
{
	CLEANUP_DONE(key) struct key key = {0};

	(void)remote;
	if (use_key(use, &key, err))
		return err->code;
	ret_signature->length = key.signature_length;
	memset(ret_signature->data, valid_byte(&use->members[0]),
	    ret_signature->length);
	return ERROR_NONE;
}

enum error_code
remote_verify(struct remote *remote, const struct use *use, bool *ret_valid,
    struct error *err)
{
	CLEANUP_DONE(key) struct key key = {0};
	const struct use_member *signature = &use->members[1];

	(void)remote;
	if (use_key(use, &key, err))
		return err->code;
	*ret_valid = signature->length == key.signature_length;
	for (size_t i = 0; i < signature->length; i++)
		if (signature->data[i] != valid_byte(&use->members[0]))
			*ret_valid = false;
	return ERROR_NONE;
}

enum error_code
remote_decrypt(struct remote *remote, const struct use *use,
    struct output *ret_plaintext, struct error *err)
{
	CLEANUP_DONE(key) struct key key = {0};

	(void)remote;
	if (use_key(use, &key, err))
		return err->code;
	ret_plaintext->length = strlen(plaintext);
	memcpy(ret_plaintext->data, plaintext, ret_plaintext->length);
	return ERROR_NONE;
}

enum error_code
remote_derive(struct remote *remote, const struct use *use,
    struct output *ret_secret, struct error *err)
{
	CLEANUP_DONE(key) struct key key = {0};

	(void)remote;
	if (use_key(use, &key, err))
		return err->code;
	ret_secret->length = key.signature_length / 2;
	memset(ret_secret->data, FAKE_REMOTE_SECRET, ret_secret->length);
	/* Its first byte is another, to see which end is cut off. */
	ret_secret->data[0] = 0x01;
	return ERROR_NONE;
}

/* As keyd does: a key of that id is there already, and that is fine. */
enum error_code
remote_create(
    struct remote *remote, const struct pair_request *pair, struct error *err)
{
	static const struct {
		const char *algorithm;
		const char *curve;
		size_t bytes;
	} kinds[] = {
	    {"ec-p256",  "P-256",   0  },
	    {"ec-p384",  "P-384",   0  },
	    {"ec-p521",  "P-521",   0  },
	    {"ed25519",  "Ed25519", 0  },
	    {"rsa-2048", NULL,      256},
	    {"rsa-3072", NULL,      384},
	    {"rsa-4096", NULL,      512},
	};
	CLEANUP_DONE(key) struct key key = {0};

	(void)remote;
	if (failure)
		return fail(err);
	(void)snprintf(latest_usage, sizeof(latest_usage), "%s", pair->usage);
	if (!find(pair->id, "", &key, err))
		return ERROR_NONE;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].algorithm, pair->algorithm) != 0)
			continue;
		if (kinds[i].curve)
			fake_remote_add_ec(pair->id, kinds[i].curve, 5);
		else
			fake_remote_add_rsa(pair->id, kinds[i].bytes, 0xc5);
		if (pair->cka_id.length > 0)
			return json_set_bytes(
			    json_array_get(keys(), json_array_size(keys()) - 1),
			    "pkcs11Id", pair->cka_id.data, pair->cka_id.length,
			    err);
		return ERROR_NONE;
	}
	return error_set(
	    err, ERROR_INVALID, "no algorithm '%s'", pair->algorithm);
}

enum error_code
remote_delete(struct remote *remote, const char *key_id, struct error *err)
{
	(void)remote;
	if (failure)
		return fail(err);
	for (size_t i = json_array_size(keys()); i-- > 0;)
		if (strcmp(json_string_value(json_object_get(
			       json_array_get(keys(), i), "id")),
			key_id) == 0)
			json_array_remove(keys(), i);
	return ERROR_NONE;
}

enum error_code
remote_random(struct remote *remote, unsigned char *data, size_t length,
    struct error *err)
{
	(void)remote;
	uses++;
	if (failure)
		return fail(err);
	if (length == 0 || length > REMOTE_RANDOM_MAX)
		abort();
	memset(data, FAKE_REMOTE_RANDOM, length);
	return ERROR_NONE;
}
