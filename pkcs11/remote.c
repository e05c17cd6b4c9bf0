/* SPDX-License-Identifier: MIT */
#include "remote.h"

#include <stdio.h>

#include "common/api_client.h"
#include "common/base64.h"
#include "common/http.h"

void
remote_disconnect(struct remote *remote)
{
	unix_http_pool_empty(&remote->idle);
}

/* Takes an idle connection, or makes one that connects when it is used. */
static enum error_code
acquire(struct remote *remote, struct unix_http **ret_client, struct error *err)
{
	*ret_client = unix_http_pool_take(&remote->idle);
	if (*ret_client)
		return ERROR_NONE;
	return unix_http_create(
	    remote->path, REMOTE_TIMEOUT_MS, ret_client, err);
}

/* Sends body, which may be NULL, and reads the answer. */
static enum error_code
call(struct remote *remote, unsigned timeout_ms, const char *method,
    const char *target, const char *body, json_t **ret_answer,
    struct error *err)
{
	struct unix_http *client = NULL;
	enum error_code code;

	if (acquire(remote, &client, err))
		return err->code;
	unix_http_set_timeout(client, timeout_ms);
	code = api_call_text(client, method, target, body, ret_answer, err);
	unix_http_pool_put(&remote->idle, client);
	return code;
}

enum error_code
remote_list(struct remote *remote, struct key_list *ret_keys, struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;

	if (call(remote, REMOTE_TIMEOUT_MS, "GET", "/keys" API_QUERY, NULL,
		&answer, err))
		return err->code;
	return key_list_from_json(answer, ret_keys, err);
}

enum error_code
remote_list_certificates(struct remote *certd,
    struct certificate_list *ret_certificates, struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;

	if (call(certd, REMOTE_CERTIFICATES_TIMEOUT_MS, "GET",
		"/certificate-objects" API_QUERY, NULL, &answer, err))
		return err->code;
	return certificate_list_from_json(answer, ret_certificates, err);
}

/* "/keys/{id}", what follows it, and what follows the version. */
static enum error_code
key_target(const char *key_id, const char *verb, const char *query,
    char **ret_target, struct error *err)
{
	CLEANUP(string) char *segment = http_encode_segment(key_id);

	if (!segment || asprintf(ret_target, "/keys/%s%s" API_QUERY "%s",
			    segment, verb, query) < 0) {
		*ret_target = NULL;
		return error_no_memory(err);
	}
	return ERROR_NONE;
}

/* Adds a member to *body: its name is ours, its value needs no escaping. */
static bool
append(char **body, const char *name, const char *value)
{
	CLEANUP(string) char *before = *body;

	if (asprintf(body, "%s,\"%s\":\"%s\"", before, name, value) >= 0)
		return true;
	*body = NULL;
	return false;
}

static bool
append_bytes(char **body, const struct use_member *member)
{
	CLEANUP(string)
	char *text = base64_encode(member->data, member->length);

	return text && append(body, member->name, text);
}

/* By hand, as it is most of what a signature costs here otherwise. */
static enum error_code
use_body(const struct use *use, char **ret_body, struct error *err)
{
	CLEANUP(string) char *body = NULL;

	if (asprintf(&body, "{\"algorithm\":\"%s\"", use->algorithm) < 0) {
		body = NULL;
		return error_no_memory(err);
	}
	for (size_t i = 0; i < 2; i++)
		if (use->members[i].name &&
		    !append_bytes(&body, &use->members[i]))
			return error_no_memory(err);
	if (use->fingerprint[0] &&
	    !append(&body, "fingerprint", use->fingerprint))
		return error_no_memory(err);
	if (asprintf(ret_body, "%s}", body) < 0) {
		*ret_body = NULL;
		return error_no_memory(err);
	}
	return ERROR_NONE;
}

static enum error_code
use_key(struct remote *remote, const struct use *use, const char *verb,
    json_t **ret_answer, struct error *err)
{
	CLEANUP(string) char *target = NULL;
	CLEANUP(string) char *body = NULL;

	if (key_target(use->key_id, verb, "", &target, err) ||
	    use_body(use, &body, err))
		return err->code;
	return call(
	    remote, REMOTE_TIMEOUT_MS, "POST", target, body, ret_answer, err);
}

static enum error_code
use_for_output(struct remote *remote, const struct use *use, const char *verb,
    const char *member, struct output *ret_output, struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;

	if (use_key(remote, use, verb, &answer, err))
		return err->code;
	return output_from_json(answer, member, ret_output, err);
}

enum error_code
remote_sign(struct remote *remote, const struct use *use,
    struct output *ret_signature, struct error *err)
{
	return use_for_output(
	    remote, use, "/sign", "signature", ret_signature, err);
}

enum error_code
remote_decrypt(struct remote *remote, const struct use *use,
    struct output *ret_plaintext, struct error *err)
{
	return use_for_output(
	    remote, use, "/decrypt", "plaintext", ret_plaintext, err);
}

enum error_code
remote_derive(struct remote *remote, const struct use *use,
    struct output *ret_secret, struct error *err)
{
	return use_for_output(
	    remote, use, "/derive", "secret", ret_secret, err);
}

enum error_code
remote_verify(struct remote *remote, const struct use *use, bool *ret_valid,
    struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;
	const json_t *valid;

	if (use_key(remote, use, "/verify", &answer, err))
		return err->code;
	valid = json_object_get(answer, "valid");
	if (!json_is_boolean(valid))
		return error_set(
		    err, ERROR_MALFORMED, "'valid' must be true or false");
	*ret_valid = json_is_true(valid);
	return ERROR_NONE;
}

enum error_code
remote_create(
    struct remote *remote, const struct pair_request *pair, struct error *err)
{
	CLEANUP(json)
	json_t *request = json_pack("{s:s, s:s, s:s}", "keyId", pair->id,
	    "preferredAlgorithms", pair->algorithm, "usage", pair->usage);
	CLEANUP(string) char *body = NULL;

	if (!request)
		return error_no_memory(err);
	if (pair->cka_id.length > 0 &&
	    json_set_bytes(request, "pkcs11Id", pair->cka_id.data,
		pair->cka_id.length, err))
		return err->code;
	body = json_text(request);
	if (!body)
		return error_no_memory(err);
	return call(remote, REMOTE_CREATE_TIMEOUT_MS, "POST",
	    "/keypair" API_QUERY, body, NULL, err);
}

enum error_code
remote_delete(struct remote *remote, const char *key_id, struct error *err)
{
	CLEANUP(string) char *target = NULL;

	if (key_target(key_id, "", "&kind=pair", &target, err))
		return err->code;
	return call(
	    remote, REMOTE_TIMEOUT_MS, "DELETE", target, NULL, NULL, err);
}

enum error_code
remote_random(struct remote *remote, unsigned char *data, size_t length,
    struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;
	CLEANUP(bytes) unsigned char *random = NULL;
	char body[40];
	size_t received = 0;

	(void)snprintf(body, sizeof(body), "{\"length\":%zu}", length);
	if (call(remote, REMOTE_TIMEOUT_MS, "POST", "/random" API_QUERY, body,
		&answer, err) ||
	    json_get_bytes(answer, "random", &random, &received, err))
		return err->code;
	if (received == length)
		memcpy(data, random, length);
	explicit_bzero(random, received);
	return received == length
		   ? ERROR_NONE
		   : error_set(err, ERROR_MALFORMED,
			 "'random' has not the length asked for");
}
