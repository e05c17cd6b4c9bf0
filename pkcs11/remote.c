/* SPDX-License-Identifier: MIT */
#include "remote.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "common/api_client.h"
#include "common/http.h"

#define VERSION "?api-version=2026-12-01"
#define IDLE_MAX 64 /* connections kept; a call beyond them closes its own */

/*
 * Idle connections are in no thread's storage: a destructor of ours could run
 * after the program has unloaded us.
 */
struct remote {
	char *socket_path;
	_Atomic(struct unix_http *) idle[IDLE_MAX];
};

struct remote *
remote_create(const char *socket_path)
{
	struct remote *remote = calloc(1, sizeof(*remote));

	if (!remote)
		return NULL;
	remote->socket_path = strdup(socket_path);
	if (!remote->socket_path) {
		free(remote);
		return NULL;
	}
	return remote;
}

void
remote_disconnect(struct remote *remote)
{
	for (size_t i = 0; i < IDLE_MAX; i++)
		unix_http_free(atomic_exchange(&remote->idle[i], NULL));
}

void
remote_free(struct remote *remote)
{
	if (!remote)
		return;
	remote_disconnect(remote);
	free(remote->socket_path);
	free(remote);
}

const char *
remote_path(const struct remote *remote)
{
	return remote->socket_path;
}

/* Takes an idle connection, or makes one that connects when it is used. */
static enum error_code
acquire(struct remote *remote, struct unix_http **ret_client, struct error *err)
{
	for (size_t i = 0; i < IDLE_MAX; i++) {
		struct unix_http *client =
		    atomic_exchange(&remote->idle[i], NULL);

		if (client) {
			*ret_client = client;
			return ERROR_NONE;
		}
	}
	return unix_http_create(
	    remote->socket_path, REMOTE_TIMEOUT_MS, ret_client, err);
}

static void
give_back(struct remote *remote, struct unix_http *client)
{
	for (size_t i = 0; i < IDLE_MAX; i++) {
		struct unix_http *nobody = NULL;

		if (atomic_compare_exchange_strong(
			&remote->idle[i], &nobody, client))
			return;
	}
	unix_http_free(client);
}

static enum error_code
call(struct remote *remote, const char *method, const char *target,
    const json_t *body, json_t **ret_answer, struct error *err)
{
	struct unix_http *client = NULL;
	enum error_code code;

	if (acquire(remote, &client, err))
		return err->code;
	code = api_call(client, method, target, body, ret_answer, err);
	give_back(remote, client);
	return code;
}

enum error_code
remote_list(struct remote *remote, struct key_list *ret_keys, struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;

	if (call(remote, "GET", "/keys" VERSION, NULL, &answer, err))
		return err->code;
	return key_list_from_json(answer, ret_keys, err);
}

static enum error_code
sign_target(const char *key_id, char **ret_target, struct error *err)
{
	CLEANUP(string) char *segment = http_encode_segment(key_id);

	if (!segment ||
	    asprintf(ret_target, "/keys/%s/sign" VERSION, segment) < 0) {
		*ret_target = NULL;
		return error_no_memory(err);
	}
	return ERROR_NONE;
}

static enum error_code
sign_body(const struct scheme *scheme, const struct message *message,
    json_t **ret_body, struct error *err)
{
	CLEANUP(json)
	json_t *body = json_pack("{s:s}", "algorithm", scheme->algorithm);

	if (!body)
		return error_no_memory(err);
	if (json_set_bytes(
		body, scheme->member, message->data, message->length, err))
		return err->code;
	*ret_body = TAKE(body);
	return ERROR_NONE;
}

enum error_code
remote_sign(struct remote *remote, const char *key_id,
    const struct scheme *scheme, const struct message *message,
    struct signature *ret_signature, struct error *err)
{
	CLEANUP(string) char *target = NULL;
	CLEANUP(json) json_t *body = NULL;
	CLEANUP(json) json_t *answer = NULL;

	if (sign_target(key_id, &target, err) ||
	    sign_body(scheme, message, &body, err) ||
	    call(remote, "POST", target, body, &answer, err))
		return err->code;
	return signature_from_json(answer, ret_signature, err);
}
