/* SPDX-License-Identifier: MIT */
#include "fake_remote.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct remote {
	char path[256];
};

static json_t *answer;
static _Atomic(enum error_code) failure;
static _Atomic int64_t delay_ms;
static atomic_uint lists, signs, running, most_at_once;
static pthread_mutex_t latest_mutex = PTHREAD_MUTEX_INITIALIZER;
static char latest_algorithm[32];
static struct message latest_message;

void
fake_remote_reset(void)
{
	json_decref(answer);
	answer = json_pack("{s:[]}", "keys");
	failure = ERROR_NONE;
	delay_ms = 0;
	lists = signs = most_at_once = 0;
	latest_algorithm[0] = '\0';
	latest_message = (struct message){0};
}

void
fake_remote_remove_keys(void)
{
	json_array_clear(json_object_get(answer, "keys"));
}

static void
add(json_t *key, json_t *parameters)
{
	json_object_set_new(key, "parameters", parameters);
	json_array_append_new(json_object_get(answer, "keys"), key);
}

void
fake_remote_add_ec(const char *id, const char *curve, unsigned char fill)
{
	unsigned char point[133];
	size_t length = strcmp(curve, "P-256") == 0   ? 65
			: strcmp(curve, "P-384") == 0 ? 97
						      : 133;
	json_t *parameters = json_object();
	struct error err;

	memset(point, fill, sizeof(point));
	point[0] = 0x04;
	if (json_set_bytes(
		parameters, "ec-point-uncompressed", point, length, &err))
		abort();
	add(json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "id", id, "kind",
		"pair", "algorithm", "EC", "curve", curve, "sensitive", 1,
		"extractable", 0),
	    parameters);
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
	    parameters);
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
fake_remote_signs(void)
{
	return signs;
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

const struct message *
fake_remote_message(void)
{
	return &latest_message;
}

unsigned char
fake_remote_signature_byte(unsigned char first)
{
	return first ^ 0x5a;
}

struct remote *
remote_create(const char *socket_path)
{
	struct remote *remote = calloc(1, sizeof(*remote));

	if (remote)
		(void)snprintf(
		    remote->path, sizeof(remote->path), "%s", socket_path);
	return remote;
}

void
remote_disconnect(struct remote *remote)
{
	(void)remote;
}

void
remote_free(struct remote *remote)
{
	free(remote);
}

const char *
remote_path(const struct remote *remote)
{
	return remote->path;
}

enum error_code
remote_list(struct remote *remote, struct key_list *ret_keys, struct error *err)
{
	(void)remote;
	lists++;
	if (failure)
		return error_set(err, failure, "told to fail");
	return key_list_from_json(answer, ret_keys, err);
}

/* The length that keyd's answer would have, for the key of that id. */
static size_t
signature_length(const char *key_id)
{
	struct key_list keys = {0};
	struct error err;
	size_t length = 0;

	if (key_list_from_json(answer, &keys, &err))
		abort();
	for (size_t i = 0; i < keys.count; i++)
		if (strcmp(keys.items[i].id, key_id) == 0)
			length = keys.items[i].signature_length;
	key_list_done(&keys);
	return length;
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
remember(const struct scheme *scheme, const struct message *message)
{
	(void)pthread_mutex_lock(&latest_mutex);
	(void)snprintf(latest_algorithm, sizeof(latest_algorithm), "%s",
	    scheme->algorithm);
	memcpy(latest_message.data, message->data, message->length);
	latest_message.length = message->length;
	(void)pthread_mutex_unlock(&latest_mutex);
}

enum error_code
remote_sign(struct remote *remote, const char *key_id,
    const struct scheme *scheme, const struct message *message,
    struct signature *ret_signature, struct error *err)
{
	size_t length = signature_length(key_id);

	(void)remote;
	signs++;
	if (failure)
		return error_set(err, failure, "told to fail");
	if (length == 0)
		return error_set(err, ERROR_NOT_FOUND, "no key '%s'", key_id);
	work();
	remember(scheme, message);
	ret_signature->length = length;
	memset(ret_signature->data,
	    fake_remote_signature_byte(message->data[0]), length);
	return ERROR_NONE;
}
