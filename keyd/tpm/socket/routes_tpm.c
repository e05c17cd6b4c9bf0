/* SPDX-License-Identifier: MIT */
#include "routes_tpm.h"

#include <openssl/crypto.h>
#include <string.h>

#include "common/daemon.h"
#include "common/time.h"

#define AZIOT 20200901U
#define OURS HTTP_VERSION_SIGNET

static http_handler handle_get_keys;
static http_handler handle_import;
static http_handler handle_sign;
static http_handler handle_health;

/*
 * The attack surface. What the public keys are is no secret, but it tells
 * devices apart. Root needs to be named to use the key, as with keyd's keys.
 */
const struct http_route tpm_routes[] = {
    {"GET",  "/get_tpm_keys",       AZIOT, HTTP_PRINCIPAL | HTTP_ROOT, TPMD_TPM,
     handle_get_keys									   },
    {"POST", "/import_auth_key",    AZIOT, HTTP_PRINCIPAL,             TPMD_TPM,
     handle_import									     },
    {"POST", "/sign_with_auth_key", AZIOT, HTTP_PRINCIPAL,             TPMD_TPM,
     handle_sign									       },
    {"GET",  "/health",             OURS,  HTTP_ANYONE,                TPMD_DESK, handle_health},
};
const size_t tpm_route_count = sizeof(tpm_routes) / sizeof(tpm_routes[0]);

static const unsigned versions[] = {AZIOT, OURS};

static unsigned
classify(void *context, const struct peer *peer)
{
	const struct tpm_service *service = context;

	return tpm_users_have(service->users, peer->uid) ? HTTP_PRINCIPAL : 0;
}

/* ---- on record ---- */

/* The key that DPS or the hub gave, as keyd's audit log names it. */
#define AUTH_KEY "tpm-auth-key"

static struct audit_record
record_of(const char *operation, const char *key, const struct peer *who)
{
	return (struct audit_record){
	    .operation = operation,
	    .algorithm = "HMAC-SHA256",
	    .key = key,
	    .is_symmetric = key != NULL,
	    .uid = who->uid,
	    .pid = who->pid,
	};
}

static void
record_denial(void *context, const struct http_route *route,
    const struct http_request *request)
{
	const struct tpm_service *service = context;
	struct audit_record record = record_of("call", NULL, &request->peer);
	struct error ignored;

	record.algorithm = route->pattern;
	record.result = ERROR_DENIED;
	(void)!audit_append(service->audit, &record, &ignored);
}

/* Returns how it went, or, if that cannot be recorded, what is in the way. */
static enum error_code
record_use(const struct tpm_service *service, struct audit_record *record,
    int64_t began_us, enum error_code code, struct error *err)
{
	struct error trouble;

	record->result = code;
	record->microseconds = time_monotonic_us() - began_us;
	if (audit_append(service->audit, record, &trouble) && !code)
		*err = trouble;
	else if (!code)
		return ERROR_NONE;
	return err->code;
}

/* ---- handlers ---- */

/* The service manager may have made a socket for a TPM that there is not. */
static enum error_code
check_tpm(const struct tpm_service *service, struct error *err)
{
	if (service->tpm)
		return ERROR_NONE;
	return error_set(err, ERROR_UNAVAILABLE,
	    "keyd has no TPM: its configuration has no section tpm");
}

/* aziot-tpmd knows one failure; our version tells them apart. */
static enum error_code
judge(const struct http_request *request, struct error *err)
{
	if (request->version < OURS)
		err->code = ERROR_INTERNAL;
	return err->code;
}

static enum error_code
handle_get_keys(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct tpm_service *service = context;
	CLEANUP(json) json_t *body = json_object();
	struct tpm_keys keys;

	if (!body)
		return error_no_memory(err);
	if (check_tpm(service, err) || tpm_get_keys(service->tpm, &keys, err))
		return judge(request, err);
	if (json_set_bytes(body, "endorsement_key", keys.endorsement.data,
		keys.endorsement.length, err) ||
	    json_set_bytes(body, "storage_root_key", keys.storage.data,
		keys.storage.length, err))
		return err->code;
	reply->body = TAKE(body);
	return ERROR_NONE;
}

/* A member of the body, decoded. */
struct input {
	unsigned char *data;
	size_t length;
};

static void
input_done(struct input *input)
{
	if (input->data)
		OPENSSL_cleanse(input->data, input->length);
	free(input->data);
}

static enum error_code
read_input(const struct http_request *request, const char *member,
    struct input *ret_input, struct error *err)
{
	if (http_require_body(request, err))
		return err->code;
	return json_get_bytes(
	    request->body, member, &ret_input->data, &ret_input->length, err);
}

/* aziot-tpmd has one key; ours also has one for the time of a registration. */
static enum error_code
read_purpose(const struct http_request *request, enum tpm_purpose *ret_purpose,
    struct error *err)
{
	const char *purpose = NULL;

	if (request->version >= OURS &&
	    json_get_optional_string(request->body, "purpose", &purpose, err))
		return err->code;
	if (purpose && strcmp(purpose, "registration") != 0 &&
	    strcmp(purpose, "hub") != 0)
		return error_set(err, ERROR_MALFORMED,
		    "'purpose' is '%s'; it can be hub or registration",
		    purpose);
	*ret_purpose = purpose && strcmp(purpose, "registration") == 0
			   ? TPM_FOR_REGISTRATION
			   : TPM_FOR_HUB;
	return ERROR_NONE;
}

static enum error_code
handle_import(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct tpm_service *service = context;
	struct audit_record record =
	    record_of("import", AUTH_KEY, &request->peer);
	CLEANUP_DONE(input) struct input blob = {0};
	int64_t began_us = time_monotonic_us();
	enum tpm_purpose purpose;

	if (read_input(request, "key", &blob, err) ||
	    read_purpose(request, &purpose, err) ||
	    audit_ready(service->audit, err))
		return err->code;
	if (check_tpm(service, err))
		return judge(request, err);
	if (record_use(service, &record, began_us,
		tpm_import_key(
		    service->tpm, purpose, blob.data, blob.length, err),
		err))
		return judge(request, err);
	reply->body = json_object();
	return reply->body ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
handle_sign(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct tpm_service *service = context;
	struct audit_record record =
	    record_of("sign", AUTH_KEY, &request->peer);
	CLEANUP_DONE(input) struct input data = {0};
	CLEANUP(json) json_t *body = json_object();
	int64_t began_us = time_monotonic_us();
	enum tpm_purpose purpose;
	unsigned char mac[TPM_MAC_LENGTH];

	if (!body)
		return error_no_memory(err);
	if (read_input(request, "data", &data, err) ||
	    read_purpose(request, &purpose, err) ||
	    audit_ready(service->audit, err))
		return err->code;
	if (check_tpm(service, err))
		return judge(request, err);
	if (record_use(service, &record, began_us,
		tpm_sign(
		    service->tpm, purpose, data.data, data.length, mac, err),
		err))
		return judge(request, err);
	if (json_set_bytes(body, "digest", mac, sizeof(mac), err))
		return err->code;
	reply->body = TAKE(body);
	return ERROR_NONE;
}

static struct daemon_health
health_of(const struct tpm_service *service, struct error *trouble)
{
	if (check_tpm(service, trouble))
		return (struct daemon_health){
		    "degraded", trouble->message, false};
	switch (tpm_turn_condition(tpm_turn_of(service->tpm), trouble)) {
	case TPM_UNTRIED:
		return (struct daemon_health){"starting", "", false};
	case TPM_TROUBLE:
		return (struct daemon_health){
		    "degraded", trouble->message, false};
	case TPM_OK:
		break;
	}
	return (struct daemon_health){"ok", "", false};
}

static enum error_code
handle_health(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct error trouble;
	struct daemon_health health = health_of(context, &trouble);

	(void)request;
	return daemon_health_reply(&health, reply, err);
}

struct http_service
tpm_http_service(struct tpm_service *service)
{
	return (struct http_service){
	    .routes = tpm_routes,
	    .route_count = tpm_route_count,
	    .versions = versions,
	    .version_count = sizeof(versions) / sizeof(versions[0]),
	    .classify = classify,
	    .denied = record_denial,
	    .context = service,
	    .metrics = service->metrics,
	};
}
