/* SPDX-License-Identifier: MIT */
#include "cloud_fixture.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmocka_wrap.h"

#include "common/file.h"
#include "common/time.h"
#include "enrollment.h"
#include "est_ca.h"
#include "pki.h"
#include "pki_fixture.h"
#include "policy_store.h"
#include "sas.h"
#include "settings.h"

void
identity_done(struct identity *identity)
{
	EVP_PKEY_free(identity->key);
	X509_free(identity->certificate);
	*identity = (struct identity){0};
}

static X509_NAME *
name_of(const struct identity_plan *plan)
{
	X509_NAME *name = X509_NAME_new();
	size_t length =
	    plan->name_length ? plan->name_length : strlen(plan->common_name);

	assert_non_null(name);
	assert_int_equal(
	    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
		(const unsigned char *)plan->common_name, (int)length, -1, 0),
	    1);
	return name;
}

struct identity
identity_create(const struct identity_plan *plan)
{
	struct identity identity = {
	    .key = fixture_key(plan->key_type ? plan->key_type : "P-256")};
	CLEANUP(x509_name) X509_NAME *subject = name_of(plan);
	int64_t now = time_now();
	struct certificate_plan certificate = {.subject = subject,
	    .public_key = identity.key,
	    .issuer = plan->issuer ? plan->issuer->certificate : NULL,
	    .not_before =
		plan->not_before ? plan->not_before : now - FIXTURE_DAY,
	    .not_after = plan->not_after ? plan->not_after : now + FIXTURE_DAY,
	    .is_ca = plan->is_ca,
	    .path_length = CERTIFICATE_NO_PATH_LENGTH,
	    .for_client = !plan->is_ca && !plan->for_server,
	    .for_server = plan->for_server};
	struct error err;

	assert_int_equal(certificate_create(&certificate,
			     plan->issuer ? plan->issuer->key : identity.key,
			     &identity.certificate, &err),
	    ERROR_NONE);
	return identity;
}

x509_stack *
chain_of(X509 *first, ...)
{
	x509_stack *chain = sk_X509_new_null();
	va_list rest;

	assert_non_null(chain);
	va_start(rest, first);
	for (X509 *next = first; next; next = va_arg(rest, X509 *))
		assert_true(sk_X509_push(chain, next) > 0);
	va_end(rest);
	return chain;
}

void
chain_free(x509_stack *chain)
{
	sk_X509_free(chain);
}

struct cloud *
cloud_open(void)
{
	struct cloud *cloud = calloc(1, sizeof(*cloud));
	struct error err;

	assert_non_null(cloud);
	cloud->id_scope = FIXTURE_SCOPE;
	cloud->options = (struct cloud_options){.hub_count = 1,
	    .hubs = {{.name = FIXTURE_HUB}},
	    .retry_after_seconds = 1,
	    .assign_rounds = 1};
	assert_int_equal(
	    database_open(":memory:", &cloud->database, &err), ERROR_NONE);
	assert_int_equal(
	    policy_create_usual(cloud->database, &err), ERROR_NONE);
	return cloud;
}

void
cloud_add_est(struct cloud *cloud)
{
	CLEANUP_DONE(pki) struct pki pki = {0};
	struct error err;

	assert_int_equal(pki_create(&pki, &err), ERROR_NONE);
	assert_int_equal(setting_put(cloud->database, SETTING_EST_CHAIN,
			     pki.est_chain, &err),
	    ERROR_NONE);
	assert_int_equal(
	    setting_put(cloud->database, SETTING_EST_KEY, pki.est_key, &err),
	    ERROR_NONE);
}

void
cloud_close(struct cloud *cloud)
{
	webhook_calls_end(&cloud->webhook_calls);
	est_ca_close(cloud->est_ca);
	database_close(cloud->database);
	free(cloud);
}

int
cloud_setup(void **state)
{
	*state = cloud_open();
	return 0;
}

int
cloud_teardown(void **state)
{
	cloud_close(*state);
	return 0;
}

static char *
authorization(struct cloud *cloud, enum surface surface)
{
	const char *name =
	    surface == SURFACE_HUB ? POLICY_HUB_OWNER : POLICY_DPS_OWNER;
	CLEANUP_DONE(policy) struct policy policy = {0};
	char *token = NULL;
	struct error err;

	assert_int_equal(
	    policy_get(cloud->database, surface, name, &policy, &err),
	    ERROR_NONE);
	assert_int_equal(sas_create(FIXTURE_HOST, name, policy.primary_key,
			     time_now() + FIXTURE_DAY, &token, &err),
	    ERROR_NONE);
	return token;
}

struct reply
cloud_call(struct cloud *cloud, enum surface surface, const char *method,
    const char *target, json_t *body, const char *if_match)
{
	CLEANUP(string) char *text = body ? json_text(body) : NULL;
	CLEANUP(string) char *token = authorization(cloud, surface);
	struct request request = {
	    .method = method,
	    .target_text = target,
	    .headers = {.host = FIXTURE_HOST,
			.authorization = token,
			.if_match = if_match},
	    .body = text,
	    .body_length = text ? strlen(text) : 0
        };
	struct reply reply = {0};

	json_decref(body);
	dispatch(cloud, &request, &reply);
	return reply;
}

struct reply
cloud_call_as(struct cloud *cloud, const x509_stack *chain, const char *method,
    const char *target, const char *body)
{
	struct request request = {.method = method,
	    .target_text = target,
	    .headers = {.host = FIXTURE_HOST},
	    .body = body,
	    .body_length = body ? strlen(body) : 0,
	    .chain = chain,
	    .tls_version = "TLS1.3"};
	struct reply reply = {0};

	dispatch(cloud, &request, &reply);
	return reply;
}

static json_t *
slot_of(const X509 *certificate)
{
	CLEANUP(string) char *pem = fixture_pem(certificate);

	return json_pack("{s:s}", "certificate", pem);
}

void
cloud_enroll(struct cloud *cloud, enum enrollment_kind kind, const char *id,
    X509 *primary, X509 *secondary, json_t *members)
{
	bool group = kind == ENROLLMENT_GROUP;
	json_t *body = json_pack("{s:{s:s, s:{s:{s:o, s:o*}}}}", "attestation",
	    "type", "x509", "x509",
	    group ? "signingCertificates" : "clientCertificates", "primary",
	    slot_of(primary), "secondary",
	    secondary ? slot_of(secondary) : NULL);
	CLEANUP_DONE(reply) struct reply reply = {0};
	char target[200];

	assert_non_null(body);
	if (members)
		assert_int_equal(json_object_update_new(body, members), 0);
	(void)snprintf(target, sizeof(target), "/%s/%s?api-version=2021-10-01",
	    group ? "enrollmentGroups" : "enrollments", id);
	reply = cloud_call(cloud, SURFACE_DPS, "PUT", target, body, NULL);
	assert_string_equal(reply.reason, "");
	assert_int_equal(reply.status, 200);
}

struct reply
cloud_register(struct cloud *cloud, const x509_stack *chain, const char *id)
{
	struct reply reply;
	char target[300];

	(void)snprintf(target, sizeof(target),
	    "/" FIXTURE_SCOPE
	    "/registrations/%s/register?api-version=2021-06-01",
	    id);
	reply = cloud_call_as(cloud, chain, "PUT", target, "{}");
	while (reply.status == 202) {
		(void)snprintf(target, sizeof(target),
		    "/" FIXTURE_SCOPE
		    "/registrations/%s/operations/%s?api-version=2021-06-01",
		    id, reply_text(&reply, "operationId"));
		reply_done(&reply);
		reply = cloud_call_as(cloud, chain, "GET", target, "{}");
	}
	return reply;
}

struct reply
cloud_call_signed(struct cloud *cloud, const char *authorization,
    const char *method, const char *target, const char *body)
{
	struct request request = {
	    .method = method,
	    .target_text = target,
	    .headers = {.host = FIXTURE_HOST, .authorization = authorization},
	    .body = body,
	    .body_length = body ? strlen(body) : 0,
	    .tls_version = "TLS1.3"
        };
	struct reply reply = {0};

	dispatch(cloud, &request, &reply);
	return reply;
}

char *
cloud_sign(const char *id, const char *key)
{
	CLEANUP(string)
	char *resource = string_format(FIXTURE_SCOPE "/registrations/%s", id);
	char *token = NULL;
	struct error err;

	assert_int_equal(sas_create(resource, "registration", key,
			     time_now() + FIXTURE_DAY, &token, &err),
	    ERROR_NONE);
	return token;
}

struct reply
cloud_register_signed(
    struct cloud *cloud, const char *id, const char *key, const char *body)
{
	CLEANUP(string) char *token = cloud_sign(id, key);
	struct reply reply;
	char target[300];

	(void)snprintf(target, sizeof(target),
	    "/" FIXTURE_SCOPE
	    "/registrations/%s/register?api-version=2019-03-31",
	    id);
	reply = cloud_call_signed(cloud, token, "PUT", target, body);
	while (reply.status == 202) {
		(void)snprintf(target, sizeof(target),
		    "/" FIXTURE_SCOPE
		    "/registrations/%s/operations/%s?api-version=2019-03-31",
		    id, reply_text(&reply, "operationId"));
		reply_done(&reply);
		reply = cloud_call_signed(cloud, token, "GET", target, "{}");
	}
	return reply;
}

const char *
reply_header(const struct reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->header_count; i++)
		if (strcmp(reply->headers[i].name, name) == 0)
			return reply->headers[i].value;
	return "";
}

const char *
reply_text(const struct reply *reply, const char *path)
{
	const json_t *value = reply->body;
	const char *text;

	while (value && *path) {
		size_t length = strcspn(path, ".");
		char name[64];

		(void)snprintf(name, sizeof(name), "%.*s", (int)length, path);
		value = json_object_get(value, name);
		path += length + (path[length] == '.');
	}
	text = json_string_value(value);
	return text ? text : "";
}

/* The Authorization of caller; free(); NULL: it has none. */
static char *
authorization_of(struct cloud *cloud, enum plant_caller caller)
{
	switch (caller) {
	case BY_DPS_POLICY:
		return authorization(cloud, SURFACE_DPS);
	case BY_HUB_POLICY:
		return authorization(cloud, SURFACE_HUB);
	case BY_ADMIN:
		return strdup("Bearer " FIXTURE_TOKEN);
	case BY_DEVICE:
		break;
	}
	return NULL;
}

struct reply
plant_send(struct plant *plant, const struct plant_request *given)
{
	CLEANUP(string)
	char *token = authorization_of(plant->cloud, given->caller);
	struct request request = {.method = given->method,
	    .target_text = given->target,
	    .headers = given->headers,
	    .body = given->body,
	    .body_length = given->length,
	    .chain = given->caller == BY_DEVICE ? plant->chain : NULL,
	    .tls_version = "TLS1.3"};
	struct reply reply = {0};

	request.headers.host = FIXTURE_HOST;
	if (!request.headers.authorization)
		request.headers.authorization = token;
	dispatch(plant->cloud, &request, &reply);
	return reply;
}
