/* SPDX-License-Identifier: MIT */
#include "keyd_fixture.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_wrap.h"
#include "common/file.h"
#include "scratch.h"

static const struct keys_preloaded preloaded[] = {
    {.id = "old", .uri = "file:///etc/old.pem"},
};

static struct access *
grant(void)
{
	static const struct {
		const char *user;
		const char *pattern;
		unsigned rights;
	} grants[] = {
	    {"0",    "*",                     ACL_ALL   },
	    {"1001", "a*",                    ACL_ALL   },
	    {"1001", "shared",                ACL_ALL   },
	    {"1002", "b*",                    ACL_ALL   },
	    {"1002", "shared",                ACL_ALL   },
	    {"1002", "handle-validation-key", ACL_ALL   },
	    {"1003", "c*",                    ACL_USE   },
	    {"1004", "c*",                    ACL_MANAGE},
	};
	static const uid_t bearers[] = {BEARER};
	struct access_settings settings = {
	    .bearer_count = 1, .bearers = bearers};
	struct access *access;
	struct error err;

	assert_int_equal(acl_create(&settings.acl, &err), ERROR_NONE);
	for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++)
		assert_int_equal(acl_add(settings.acl, grants[i].user,
				     grants[i].pattern, grants[i].rights, &err),
		    ERROR_NONE);
	assert_int_equal(access_create(&settings, &access, &err), ERROR_NONE);
	return access;
}

static void
open_keys(struct keyd_fixture *fixture)
{
	struct keys_parts parts = {
	    .store = fixture->store,
	    .access = grant(),
	    .audit = fixture->audit,
	    .preloaded_count = sizeof(preloaded) / sizeof(preloaded[0]),
	    .preloaded = preloaded,
	};
	struct error err;

	assert_int_equal(
	    index_open(fixture->index_path, &fixture->index, &err), ERROR_NONE);
	parts.index = fixture->index;
	assert_int_equal(keys_create(&parts, &fixture->keys, &err), ERROR_NONE);
	fixture->keyd = (struct keyd){
	    .keys = fixture->keys,
	    .handles = fixture->handles,
	    .store = fixture->store,
	    .audit = fixture->audit,
	};
}

static void
close_keys(struct keyd_fixture *fixture)
{
	keys_free(fixture->keys);
	index_close(fixture->index);
}

int
keyd_fixture_setup(void **state)
{
	static const unsigned char mac_key[HANDLES_KEY_LENGTH] = {1};
	struct keyd_fixture *fixture = calloc(1, sizeof(*fixture));
	struct error err;

	assert_non_null(fixture);
	memcpy(fixture->directory, "/tmp/keyd-test.XXXXXX",
	    sizeof("/tmp/keyd-test.XXXXXX"));
	assert_non_null(mkdtemp(fixture->directory));
	fixture->index_path =
	    string_format("%s/index.json", fixture->directory);
	fixture->store = fake_store_open();
	fake_store_add_uri(fixture->store, preloaded[0].uri, KEY_SPEC_P256);
	assert_int_equal(
	    handles_create(mac_key, NULL, &fixture->handles, &err), ERROR_NONE);
	open_keys(fixture);
	*state = fixture;
	return 0;
}

int
keyd_fixture_teardown(void **state)
{
	struct keyd_fixture *fixture = *state;
	void *directory = strdup(fixture->directory);

	close_keys(fixture);
	audit_close(fixture->audit);
	key_store_close(fixture->store);
	handles_free(fixture->handles);
	(void)scratch_remove(&directory);
	free(fixture->index_path);
	free(fixture);
	return 0;
}

void
keyd_fixture_restart(struct keyd_fixture *fixture)
{
	close_keys(fixture);
	open_keys(fixture);
	keys_repair(fixture->keys);
}

void
keyd_fixture_record(struct keyd_fixture *fixture)
{
	CLEANUP(string)
	char *folder = string_format("%s/audit", fixture->directory);
	struct audit_settings settings = {
	    .folder = folder, .file_size = AUDIT_FILE_SIZE_DEFAULT};
	struct error err;

	assert_int_equal(
	    audit_open(&settings, &fixture->audit, &err), ERROR_NONE);
	keyd_fixture_restart(fixture);
}

/* Without their folder: root may write where modes forbid it. */
void
keyd_fixture_forbid_writing(struct keyd_fixture *fixture)
{
	(void)unlink(fixture->index_path);
	assert_int_equal(rmdir(fixture->directory), 0);
}

void
keyd_fixture_allow_writing(struct keyd_fixture *fixture)
{
	assert_int_equal(mkdir(fixture->directory, 0700), 0);
}

struct http_reply
keyd_fixture_send(struct keyd_fixture *fixture, uid_t uid, const char *method,
    const char *target, const char *body)
{
	struct http_service service = keyd_service(&fixture->keyd);
	struct http_message message = {
	    .method = method,
	    .target = target,
	    .content_type = "application/json",
	    .body = body ? body : "",
	    .body_length = body ? strlen(body) : 0,
	    .peer = {.uid = uid},
	};
	struct http_reply reply;

	http_dispatch(&service, &message, &reply);
	return reply;
}

unsigned
keyd_fixture_status(struct keyd_fixture *fixture, uid_t uid, const char *method,
    const char *target, const char *body)
{
	struct http_reply reply =
	    keyd_fixture_send(fixture, uid, method, target, body);

	json_decref(reply.body);
	return reply.status;
}

static json_t *
ask(struct keyd_fixture *fixture, uid_t uid, const char *method,
    const char *target, unsigned status, const char *body)
{
	struct http_reply reply =
	    keyd_fixture_send(fixture, uid, method, target, body);

	if (reply.status != status)
		print_message("%s %s %s: %s\n", method, target,
		    body ? body : "",
		    json_string_value(json_object_get(reply.body, "message")));
	assert_int_equal(reply.status, status);
	return reply.body;
}

json_t *
keyd_fixture_ask(struct keyd_fixture *fixture, uid_t uid, const char *method,
    const char *target, unsigned status, const char *format, ...)
{
	CLEANUP(string) char *body = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (format && vasprintf(&body, format, arguments) < 0)
		abort();
	va_end(arguments);
	return ask(fixture, uid, method, target, status, body);
}

char *
keyd_fixture_get(struct keyd_fixture *fixture, uid_t uid, const char *member,
    const char *method, const char *target, const char *format, ...)
{
	CLEANUP(string) char *body = NULL;
	CLEANUP(json) json_t *answer = NULL;
	const char *text;
	va_list arguments;

	va_start(arguments, format);
	if (format && vasprintf(&body, format, arguments) < 0)
		abort();
	va_end(arguments);
	answer = ask(fixture, uid, method, target, 200, body);
	text = json_string_value(json_object_get(answer, member));
	assert_non_null(text);
	return strdup(text);
}

char *
keyd_fixture_string(struct keyd_fixture *fixture, const char *method,
    const char *target, const char *body, const char *member)
{
	struct http_reply reply =
	    keyd_fixture_send(fixture, ROOT, method, target, body);
	CLEANUP(json) json_t *answer = reply.body;
	const char *text = json_string_value(json_object_get(answer, member));

	assert_int_equal(reply.status, 200);
	assert_non_null(text);
	return strdup(text);
}

char *
keyd_fixture_create(
    struct keyd_fixture *fixture, const char *id, const char *preferred)
{
	CLEANUP(string)
	char *body = string_format(
	    "{\"keyId\":\"%s\",\"preferredAlgorithms\":\"%s\"}", id, preferred);

	return keyd_fixture_string(
	    fixture, "POST", "/keypair" AZIOT, body, "keyHandle");
}

void
keyd_fixture_make_pair(struct keyd_fixture *fixture, const char *id,
    const char *algorithm, const char *usage)
{
	json_decref(
	    keyd_fixture_ask(fixture, ROOT, "POST", "/keypair" OURS, 200,
		"{\"keyId\":\"%s\",\"preferredAlgorithms\":\"%s\","
		"\"usage\":\"%s\"}",
		id, algorithm, usage));
}

void
keyd_fixture_make_secret(struct keyd_fixture *fixture, const char *id)
{
	json_decref(keyd_fixture_ask(fixture, ROOT, "POST", "/key" OURS, 200,
	    "{\"keyId\":\"%s\",\"usage\":\"sign\"}", id));
}

char *
keyd_fixture_import(struct keyd_fixture *fixture, const char *id,
    const char *usage, const char *bytes)
{
	return keyd_fixture_get(fixture, ROOT, "keyHandle", "POST",
	    "/key" AZIOT,
	    "{\"keyId\":\"%s\",\"usage\":\"%s\",\"keyBytes\":%s%s%s}", id,
	    usage, bytes ? "\"" : "", bytes ? bytes : "null",
	    bytes ? "\"" : "");
}

char *
keyd_fixture_derive(struct keyd_fixture *fixture, const char *target,
    const char *base, const char *data)
{
	return keyd_fixture_get(fixture, ROOT, "keyHandle", "POST", target,
	    "{\"baseKeyHandle\":\"%s\",\"derivationData\":\"%s\"}", base, data);
}

char *
keyd_fixture_path(const char *id, const char *call)
{
	return string_format("/keys/%s/%s" OURS, id, call);
}
