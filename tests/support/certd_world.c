/* SPDX-License-Identifier: MIT */
#include "certd_world.h"

#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "common/time.h"
#include "scratch.h"

static const char configuration[] =
    "preloaded_certs: {local-ca: 'file://%s/ca.pem',\n"
    "                  bundle: [local-ca, device-id]}\n"
    "cert_issuance:\n"
    "  local_ca: {cert: local-ca, pk: ca-key}\n"
    "  certs: {device-id: {method: local_ca, common_name: dev1}}\n"
    "principals: [{user: '1234', certs: [device-id, 'web*']}]\n";

struct certd_world world;

X509 *
certd_world_ca(EVP_PKEY *key)
{
	CLEANUP(x509_name) X509_NAME *name = fixture_name("ca");
	struct certificate_plan plan = {.subject = name,
	    .public_key = key,
	    .not_before = time_now() - FIXTURE_DAY,
	    .not_after = time_now() + FIXTURE_DAY,
	    .is_ca = true,
	    .path_length = CERTIFICATE_NO_PATH_LENGTH};
	X509 *certificate = NULL;
	struct error err;

	assert_int_equal(
	    certificate_create(&plan, key, &certificate, &err), ERROR_NONE);
	return certificate;
}

static void
write_text(const char *name, const char *text)
{
	CLEANUP(string)
	char *path = string_format("%s/%s", world.directory, name);
	struct error err;

	assert_int_equal(
	    file_write(path, text, strlen(text), 0644, &err), ERROR_NONE);
}

static void
write_ca(void)
{
	CLEANUP(x509) X509 *ca = certd_world_ca(world.ca_key);
	CLEANUP(string) char *pem = fixture_pem(ca);

	write_text("ca.pem", pem);
}

static void
open_certs(struct certd_config *config)
{
	struct error err;

	certs_close(world.certs);
	world.certs = NULL;
	if (certs_open(config, world.directory, &world.certs, &err))
		fail_msg("%s", err.message);
	world.certd = (struct certd){.certs = world.certs};
}

/* Each "%s" of format is the directory. */
static char *
fill_in(const char *format)
{
	CLEANUP(string) char *text = strdup("");
	const char *from = format;
	const char *gap;

	while ((gap = strstr(from, "%s"))) {
		char *longer = string_format(
		    "%s%.*s%s", text, (int)(gap - from), from, world.directory);

		free(text);
		text = longer;
		from = gap + 2;
	}
	return string_format("%s%s", text, from);
}

void
certd_world_configure(const char *format)
{
	CLEANUP(string) char *text = fill_in(format);
	struct certd_config config;
	struct error err;

	if (certd_config_parse(text, &config, &err))
		fail_msg("%s", err.message);
	open_certs(&config);
}

void
certd_world_configure_file(const char *format)
{
	CLEANUP(string) char *text = fill_in(format);
	CLEANUP(string)
	char *path = string_format("%s/config.yaml", world.directory);
	struct certd_config config;
	struct error err;

	write_text("config.yaml", text);
	if (certd_config_load(path, &config, &err))
		fail_msg("%s", err.message);
	open_certs(&config);
}

int
certd_world_create(void **state)
{
	assert_int_equal(scratch_create(state), 0);
	world = (struct certd_world){.directory = *state};
	world.ca_key = fixture_key("P-256");
	world.key = fixture_key("P-256");
	write_ca();
	fake_keys_add("ca-key", world.ca_key);
	certd_world_configure(configuration);
	return 0;
}

int
certd_world_remove(void **state)
{
	certs_close(world.certs);
	fake_keys_reset();
	EVP_PKEY_free(world.ca_key);
	EVP_PKEY_free(world.key);
	return scratch_remove(state);
}

struct http_reply
certd_send_as(uid_t uid, const char *method, const char *target, json_t *body)
{
	CLEANUP(string) char *text = body ? json_text(body) : NULL;
	struct http_service service = certd_service(&world.certd);
	struct http_message message = {.method = method,
	    .target = target,
	    .content_type = body ? "application/json" : NULL,
	    .body = text ? text : "",
	    .body_length = text ? strlen(text) : 0,
	    .peer = {.uid = uid}};
	struct http_reply reply;

	http_dispatch(&service, &message, &reply);
	json_decref(body);
	return reply;
}

char *
certd_pem_of(uid_t uid, const char *method, const char *target, json_t *body,
    unsigned status)
{
	struct http_reply reply = certd_send_as(uid, method, target, body);
	CLEANUP(json) json_t *owned = reply.body;
	const char *pem = json_string_value(json_object_get(owned, "pem"));

	if (reply.status != status)
		fail_msg("status %u: %s", reply.status,
		    json_string_value(json_object_get(owned, "message")));
	assert_non_null(pem);
	return strdup(pem);
}

void
certd_assert_fails(uid_t uid, const char *method, const char *target,
    json_t *body, unsigned status, const char *part)
{
	struct http_reply reply = certd_send_as(uid, method, target, body);
	CLEANUP(json) json_t *owned = reply.body;
	const char *message =
	    json_string_value(json_object_get(owned, "message"));

	print_message("%s %s: %s\n", method, target, message);
	assert_int_equal(reply.status, status);
	assert_non_null(message);
	assert_non_null(strstr(message, part));
}

json_t *
certd_order(
    const char *id, EVP_PKEY *whose, const char *issuer, const char *handle)
{
	CLEANUP(string) char *csr = fixture_request_pem(whose, "asked", NULL);
	json_t *body =
	    json_pack("{s:s, s:s, s:n}", "certId", id, "csr", csr, "issuer");

	if (issuer)
		(void)json_object_set_new(body, "issuer",
		    json_pack("{s:s, s:s}", "certId", issuer,
			"privateKeyHandle", handle));
	return body;
}

json_t *
certd_import_body(const X509 *certificate)
{
	CLEANUP(string) char *pem = fixture_pem(certificate);

	return json_pack("{s:s}", "pem", pem);
}
