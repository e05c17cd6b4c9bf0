/* SPDX-License-Identifier: MIT */
#include "certd/client.h"

#include <string.h>

#include "common/file.h"
#include "common/http.h"
#include "common/paths.h"

#define TIMEOUT_MS_DEFAULT 30000
#define VERSION "?api-version=2026-12-01"

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

/* Calls method on the certificate id. */
static enum error_code
call(struct unix_http *client, const char *method, const char *id,
    const json_t *body, json_t **ret_reply, struct error *err)
{
	CLEANUP(string) char *segment = http_encode_segment(id);
	CLEANUP(string) char *target = NULL;

	if (segment)
		target = string_format("/certificates/%s" VERSION, segment);
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
		client, "POST", "/certificates" VERSION, body, &reply, err))
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
certd_delete(struct unix_http *client, const char *id, struct error *err)
{
	return call(client, "DELETE", id, NULL, NULL, err);
}

enum error_code
certd_list(
    struct unix_http *client, json_t **ret_certificates, struct error *err)
{
	CLEANUP(json) json_t *reply = NULL;
	json_t *certificates;

	if (api_call(client, "GET", "/certificates" VERSION, NULL, &reply, err))
		return err->code;
	certificates = json_object_get(reply, "certificates");
	if (!json_is_array(certificates))
		return error_set(err, ERROR_INTERNAL,
		    "certd's answer: 'certificates' is no array");
	*ret_certificates = json_incref(certificates);
	return ERROR_NONE;
}
