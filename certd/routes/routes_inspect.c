/* SPDX-License-Identifier: MIT */
/* What is known of certificates, and waiting until it changes. */
#include <errno.h>
#include <string.h>

#include "common/time.h"
#include "routes_shared.h"

#define SECONDS_MAX (WAITERS_MS_MAX / 1000)

/* Sets key of object to value, which it takes over, unless that is NULL. */
static bool
set(json_t *object, const char *key, json_t *value)
{
	return !value || json_object_set_new(object, key, value) == 0;
}

static json_t *
text_or_null(const char *text)
{
	return text ? json_string(text) : NULL;
}

/* A new reference; NULL: no memory. */
static json_t *
description_to_json(const struct description *about)
{
	CLEANUP(json)
	json_t *object =
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:s}",
		"subject", about->subject, "issuer", about->issuer, "serial",
		about->serial, "notBefore", time_format(about->not_before).text,
		"notAfter", time_format(about->not_after).text, "ca",
		about->is_ca, "key", about->key, "keyId", about->key_id,
		"fingerprint", about->fingerprint);
	bool has_length =
	    about->is_ca && about->path_length != CERTIFICATE_NO_PATH_LENGTH;

	if (!object ||
	    !set(object, "pathLength",
		has_length ? json_integer(about->path_length) : NULL) ||
	    !set(object, "names", text_or_null(about->names)) ||
	    !set(object, "keyUsage", text_or_null(about->key_usage)) ||
	    !set(object, "extendedKeyUsage",
		text_or_null(about->extended_key_usage)))
		return NULL;
	return TAKE(object);
}

/* --- the list ------------------------------------------------------------- */

static json_t *
item_to_json(const struct cert_item *item)
{
	CLEANUP(json) json_t *object = NULL;

	if (item->problem.code)
		return json_pack("{s:s, s:s, s:s}", "id", item->id, "location",
		    item->location, "error", item->problem.message);
	object = description_to_json(&item->about);
	if (!object || !set(object, "id", json_string(item->id)) ||
	    !set(object, "location", json_string(item->location)))
		return NULL;
	return TAKE(object);
}

static enum error_code
list_to_json(const struct certd *certd, const struct cert_list *list,
    json_t **ret_object, struct error *err)
{
	CLEANUP(json) json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		CLEANUP(json) json_t *item = item_to_json(&list->items[i]);

		if (!item)
			return error_no_memory(err);
		if (add_renewal(certd, list->items[i].id, item, err))
			return err->code;
		if (json_array_append(array, item))
			return error_no_memory(err);
	}
	*ret_object = json_pack("{s:O}", "certificates", array);
	return *ret_object ? ERROR_NONE : error_no_memory(err);
}

enum error_code
handle_list(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct certs *certs;
	CLEANUP_DONE(cert_list) struct cert_list list = {0, NULL};

	(void)request;
	if (require_certs(context, &certs, err) ||
	    certs_list(certs, &list, err))
		return err->code;
	return list_to_json(context, &list, &reply->body, err);
}

/* --- one ------------------------------------------------------------------ */

static json_t *
chain_to_json(const struct inspection *inspection)
{
	CLEANUP(json) json_t *array = json_array();

	for (size_t i = 0; i < inspection->count; i++)
		if (json_array_append_new(
			array, description_to_json(&inspection->chain[i])))
			return NULL;
	return TAKE(array);
}

static json_t *
notes_to_json(const struct lint_notes *notes)
{
	CLEANUP(json) json_t *array = json_array();

	for (size_t i = 0; i < notes->count; i++)
		if (json_array_append_new(array, json_string(notes->items[i])))
			return NULL;
	return TAKE(array);
}

static json_t *
attempts_to_json(const struct attempt_record *record)
{
	CLEANUP(json)
	json_t *object =
	    json_pack("{s:I, s:I}", "succeeded", (json_int_t)record->succeeded,
		"failed", (json_int_t)record->failed);

	if (!object ||
	    !set(object, "last",
		record->last ? json_string(time_format(record->last).text)
			     : NULL) ||
	    !set(object, "lastError",
		record->last_error.code
		    ? json_string(record->last_error.message)
		    : NULL))
		return NULL;
	return TAKE(object);
}

static json_t *
policy_to_json(const struct policy *policy)
{
	CLEANUP(json)
	json_t *object = json_pack("{s:s, s:b, s:b}", "method",
	    policy_method_name(policy->method), "readOnly",
	    policy->is_read_only, "renewed", policy->renewal.automatic);

	if (!object || policy->method == POLICY_UNMANAGED)
		return TAKE(object);
	if (!set(object, "profile",
		json_string(profile_kind_name(policy->profile.kind))) ||
	    !set(object, "key", json_string(policy->pk)) ||
	    !set(object, "issuer",
		policy->method == POLICY_LOCAL_CA
		    ? json_string(policy->issuer_cert)
		    : NULL))
		return NULL;
	return TAKE(object);
}

/* The facts of the first certificate, or why there are none. */
static json_t *
facts_to_json(const struct inspection *inspection)
{
	if (inspection->problem.code)
		return json_pack("{s:s}", "error", inspection->problem.message);
	return description_to_json(&inspection->chain[0]);
}

static json_t *
inspection_to_json(const struct certd *certd, const char *id,
    const struct inspection *inspection)
{
	const struct policy policy = certs_policy(certd->certs, id);
	CLEANUP(json) json_t *object = facts_to_json(inspection);

	if (!object || !set(object, "id", json_string(id)) ||
	    !set(object, "pem", json_string(inspection->pem)) ||
	    !set(object, "etag", json_string(inspection->etag)) ||
	    !set(object, "chain", chain_to_json(inspection)) ||
	    !set(object, "findings", notes_to_json(&inspection->notes)) ||
	    !set(object, "attempts", attempts_to_json(&inspection->attempts)) ||
	    !set(object, "policy", policy_to_json(&policy)))
		return NULL;
	return TAKE(object);
}

static enum error_code
reply_inspection(const struct certd *certd, const char *id,
    struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(inspection)
	struct inspection inspection = {.pem = NULL};

	if (certs_inspect(certd->certs, id, &inspection, err) ||
	    note_key(certd, id, &inspection.notes, err) ||
	    note_renewal(certd, id, &inspection.notes, err))
		return err->code;
	reply->body = inspection_to_json(certd, id, &inspection);
	if (!reply->body)
		return error_no_memory(err);
	return add_renewal(certd, id, reply->body, err);
}

/* --- waiting -------------------------------------------------------------- */

enum error_code
read_wait_timeout(const struct http_request *request, int64_t *ret_timeout_ms,
    struct error *err)
{
	char text[WAIT_MAX];
	char *end;
	unsigned long seconds;

	if (http_query(request, "timeout", text, sizeof(text), err))
		return err->code;
	*ret_timeout_ms = WAITERS_MS_DEFAULT;
	if (!*text)
		return ERROR_NONE;
	errno = 0;
	seconds = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;
	if (seconds < 1 || seconds > SECONDS_MAX || errno || *end)
		return error_set(err, ERROR_INVALID,
		    "'timeout' is 1 to %d seconds", SECONDS_MAX);
	*ret_timeout_ms = (int64_t)seconds * 1000;
	return ERROR_NONE;
}

/* The etag of id as it is now; empty if there is none. */
static enum error_code
current_etag(const struct certs *certs, const char *id,
    char ret_etag[static CERT_ETAG_MAX], struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	enum error_code code = certs_get(certs, id, &pem, err);

	*ret_etag = '\0';
	if (code == ERROR_NOT_FOUND)
		return ERROR_NONE;
	return code ? code : certs_etag(pem, ret_etag, err);
}

/*
 * Between our look and waiting the certificate may have changed, so we look
 * again. From then on the call may be somebody else's.
 */
static enum error_code
wait_for_change(const struct certd *certd, const struct http_request *request,
    const char *id, const char *known, struct http_reply *reply,
    struct error *err)
{
	const struct certs *certs = certd->certs;
	CLEANUP(string) char *name = strdup(id);
	char etag[CERT_ETAG_MAX];
	int64_t timeout_ms;

	if (!name)
		return error_no_memory(err);
	if (read_wait_timeout(request, &timeout_ms, err) ||
	    waiters_add(certd->waiters, request->call, id, timeout_ms, err))
		return err->code;
	reply->deferred = true;
	if (current_etag(certs, name, etag, err) || strcmp(etag, known) != 0)
		waiters_wake(certd->waiters, name);
	return ERROR_NONE;
}

enum error_code
handle_get(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct certd *certd = context;
	const char *id = request->params[0];
	CLEANUP(string) char *pem = NULL;
	char known[WAIT_MAX];
	char etag[CERT_ETAG_MAX];
	const struct certs *certs;

	if (require_certs(certd, &certs, err))
		return err->code;
	if (request->version < HTTP_VERSION_SIGNET)
		return certs_get(certs, id, &pem, err)
			   ? err->code
			   : reply_pem(reply, 200, pem, err);
	if (http_query(request, "wait", known, sizeof(known), err))
		return err->code;
	if (!*known || !request->call)
		return reply_inspection(certd, id, reply, err);
	if (strcmp(known, "none") == 0)
		*known = '\0';
	if (current_etag(certs, id, etag, err))
		return err->code;
	if (strcmp(known, etag) == 0)
		return wait_for_change(certd, request, id, known, reply, err);
	return reply_inspection(certd, id, reply, err);
}

/* --- policy and trust ------------------------------------------------------
 */

static json_t *
explained_to_json(const struct explained *explained)
{
	return json_pack("{s:s, s:s, s:s}", "key", explained->key, "value",
	    explained->value, "origin",
	    explained->origin ? explained->origin : "default");
}

enum error_code
handle_explain(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(explanation) struct explanation explanation = {0, NULL};
	CLEANUP_DONE(lint_notes) struct lint_notes notes = {0, NULL};
	CLEANUP(json) json_t *array = json_array();
	const char *id = request->params[0];
	const struct certs *certs;

	if (require_certs(context, &certs, err) ||
	    certs_explain(certs, id, &explanation, err) ||
	    note_renewal(context, id, &notes, err))
		return err->code;
	for (size_t i = 0; i < explanation.count; i++)
		if (json_array_append_new(
			array, explained_to_json(&explanation.items[i])))
			return error_no_memory(err);
	reply->body = json_pack("{s:s, s:O, s:o}", "id", id, "settings", array,
	    "notes", notes_to_json(&notes));
	return reply->body ? ERROR_NONE : error_no_memory(err);
}

enum error_code
handle_trust_bundle(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	const struct certs *certs;

	(void)request;
	if (require_certs(context, &certs, err) ||
	    certs_trust_bundle(certs, &pem, err))
		return err->code;
	reply->body = json_pack("{s:s}", "certificate", pem);
	return reply->body ? ERROR_NONE : error_no_memory(err);
}
