/* SPDX-License-Identifier: MIT */
#include "certd/client.h"

#include <string.h>

#include "common/file.h"
#include "common/http.h"
#include "common/paths.h"

#define TIMEOUT_MS_DEFAULT 30000
enum error_code
certd_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err)
{
	CLEANUP(string) char *path = paths_socket("certd");

	if (!path)
		return error_no_memory(err);
	return unix_http_create(path,
	    timeout_ms ? timeout_ms : TIMEOUT_MS_DEFAULT, ret_client, err);
}

/* "/certificates/<id>" and what follows; the caller frees it. */
static char *
target_of(const char *id, const char *rest)
{
	CLEANUP(string) char *segment = http_encode_segment(id);

	return segment ? string_format("/certificates/%s%s", segment, rest)
		       : NULL;
}

/* Calls method on the certificate id. */
static enum error_code
call(struct unix_http *client, const char *method, const char *id,
    const json_t *body, json_t **ret_reply, struct error *err)
{
	CLEANUP(string) char *target = target_of(id, API_QUERY);

	if (!target)
		return error_no_memory(err);
	return api_call(client, method, target, body, ret_reply, err);
}

static enum error_code
take_pem(const json_t *reply, char **ret_pem, struct error *err)
{
	const char *pem;

	if (json_get_string(reply, "pem", &pem, err))
		return error_wrap(err, "certd's answer");
	*ret_pem = strdup(pem);
	return *ret_pem ? ERROR_NONE : error_no_memory(err);
}

enum error_code
certd_create(struct unix_http *client, const char *id, const char *csr_pem,
    char **ret_pem, struct error *err)
{
	CLEANUP(json)
	json_t *body = json_pack("{s:s, s:s}", "certId", id, "csr", csr_pem);
	CLEANUP(json) json_t *reply = NULL;

	if (!body)
		return error_no_memory(err);
	if (api_call(
		client, "POST", "/certificates" API_QUERY, body, &reply, err))
		return err->code;
	return take_pem(reply, ret_pem, err);
}

enum error_code
certd_get(
    struct unix_http *client, const char *id, char **ret_pem, struct error *err)
{
	CLEANUP(json) json_t *reply = NULL;

	if (call(client, "GET", id, NULL, &reply, err))
		return err->code;
	return take_pem(reply, ret_pem, err);
}

enum error_code
certd_import(struct unix_http *client, const char *id, const char *pem,
    struct error *err)
{
	CLEANUP(json) json_t *body = json_pack("{s:s}", "pem", pem);

	if (!body)
		return error_no_memory(err);
	return call(client, "PUT", id, body, NULL, err);
}

enum error_code
certd_show(struct unix_http *client, const char *id, json_t **ret_certificate,
    struct error *err)
{
	return call(client, "GET", id, NULL, ret_certificate, err);
}

enum error_code
certd_wait(struct unix_http *client, const char *id, const char *etag,
    unsigned seconds, json_t **ret_certificate, struct error *err)
{
	CLEANUP(string)
	char *known = http_encode_segment(*etag ? etag : "none");
	CLEANUP(string)
	char *rest = string_format(
	    API_QUERY "&wait=%s&timeout=%u", known ? known : "", seconds);
	CLEANUP(string) char *target = rest ? target_of(id, rest) : NULL;
	CLEANUP(json) json_t *reply = NULL;

	if (!known || !target)
		return error_no_memory(err);
	if (api_call(client, "GET", target, NULL, &reply, err))
		return err->code;
	if (!reply)
		return error_set(err, ERROR_TIMEOUT,
		    *etag ? "certificate '%s' is the same after %u s"
			  : "there is no certificate '%s' after %u s either",
		    id, seconds);
	*ret_certificate = TAKE(reply);
	return ERROR_NONE;
}

enum error_code
certd_explain(struct unix_http *client, const char *id, json_t **ret_settings,
    struct error *err)
{
	CLEANUP(string) char *target = target_of(id, "/explain" API_QUERY);

	if (!target)
		return error_no_memory(err);
	return api_call(client, "GET", target, NULL, ret_settings, err);
}

enum error_code
certd_renew(struct unix_http *client, const char *id, bool *ret_is_done,
    struct error *err)
{
	CLEANUP(string) char *target = target_of(id, "/renew" API_QUERY);
	CLEANUP(json) json_t *reply = NULL;

	if (!target)
		return error_no_memory(err);
	if (api_call(client, "POST", target, NULL, &reply, err))
		return err->code;
	*ret_is_done = json_object_get(reply, "pem") != NULL;
	return ERROR_NONE;
}

enum error_code
certd_list(
    struct unix_http *client, json_t **ret_certificates, struct error *err)
{
	CLEANUP(json) json_t *reply = NULL;
	json_t *certificates;

	if (api_call(
		client, "GET", "/certificates" API_QUERY, NULL, &reply, err))
		return err->code;
	certificates = json_object_get(reply, "certificates");
	if (!json_is_array(certificates))
		return error_set(err, ERROR_INTERNAL,
		    "certd's answer: 'certificates' is no array");
	*ret_certificates = json_incref(certificates);
	return ERROR_NONE;
}

void
certd_candidate_done(struct certd_candidate *candidate)
{
	free(candidate->pem);
	free(candidate->key);
	free(candidate->digest);
	*candidate = (struct certd_candidate){.pem = NULL};
}

static enum error_code
take_candidate(const json_t *reply, struct certd_candidate *ret_candidate,
    struct error *err)
{
	CLEANUP_DONE(certd_candidate)
	struct certd_candidate candidate = {.pem = NULL};

	if (json_copy_string(reply, "pem", &candidate.pem, err) ||
	    json_copy_string(reply, "key", &candidate.key, err) ||
	    json_copy_string(reply, "digest", &candidate.digest, err))
		return error_wrap(err, "certd's answer");
	*ret_candidate = TAKE_CONTENTS(candidate);
	return ERROR_NONE;
}

enum error_code
certd_wait_for_candidate(struct unix_http *client, const char *id,
    unsigned seconds, struct certd_candidate *ret_candidate, struct error *err)
{
	CLEANUP(string)
	char *rest = string_format(
	    "/candidate" API_QUERY "&wait=none&timeout=%u", seconds);
	CLEANUP(string) char *target = rest ? target_of(id, rest) : NULL;
	CLEANUP(json) json_t *reply = NULL;

	if (!target)
		return error_no_memory(err);
	if (api_call(client, "GET", target, NULL, &reply, err))
		return err->code;
	if (!reply)
		return error_set(err, ERROR_TIMEOUT,
		    "there is no candidate of certificate '%s'", id);
	return take_candidate(reply, ret_candidate, err);
}

enum error_code
certd_confirm(struct unix_http *client, const char *id, const char *digest,
    struct error *err)
{
	CLEANUP(string)
	char *target = target_of(id, "/candidate/confirm" API_QUERY);
	CLEANUP(json) json_t *body = json_pack("{s:s}", "digest", digest);

	if (!target || !body)
		return error_no_memory(err);
	return api_call(client, "POST", target, body, NULL, err);
}

enum error_code
certd_reject(struct unix_http *client, const char *id, const char *digest,
    const char *reason, struct error *err)
{
	CLEANUP(string)
	char *target = target_of(id, "/candidate/reject" API_QUERY);
	CLEANUP(json)
	json_t *body =
	    json_pack("{s:s, s:s}", "digest", digest, "reason", reason);

	if (!target || !body)
		return error_no_memory(err);
	return api_call(client, "POST", target, body, NULL, err);
}

enum error_code
certd_trust_bundle(struct unix_http *client, char **ret_pem, struct error *err)
{
	CLEANUP(json) json_t *reply = NULL;

	if (api_call(
		client, "GET", "/trust-bundle" API_QUERY, NULL, &reply, err))
		return err->code;
	return json_copy_string(reply, "certificate", ret_pem, err);
}
