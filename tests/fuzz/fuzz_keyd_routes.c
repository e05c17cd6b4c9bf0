/* SPDX-License-Identifier: MIT */
/*
 * Feeds keyd a first line "METHOD TARGET" and the rest as the body, which is
 * all of a request that a hostile peer controls. "@EC" and "@RSA" in the body
 * become handles of keys that exist, which it could not guess.
 */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "fake_store.h"
#include "routes.h"

static char directory[] = "/tmp/fuzz-keyd.XXXXXX";
static char *index_path;
static struct acl *acl;
static struct handles *handles;
static struct error err;

static void
remove_directory(void)
{
	(void)unlink(index_path);
	(void)rmdir(directory);
	free(index_path);
	acl_free(acl);
	handles_free(handles);
}

/* Once per process. */
static void
prepare(void)
{
	static const unsigned char mac_key[HANDLES_KEY_LENGTH] = {1};

	FUZZ_REQUIRE(mkdtemp(directory));
	index_path = string_format("%s/index.json", directory);
	FUZZ_REQUIRE(index_path);
	FUZZ_REQUIRE(!acl_create(&acl, &err));
	FUZZ_REQUIRE(!acl_add(acl, "0", "*", ACL_ALL, &err));
	FUZZ_REQUIRE(!handles_create(mac_key, &handles, &err));
	FUZZ_REQUIRE(atexit(remove_directory) == 0);
}

/* text with name, wherever it stands, replaced by a handle of id. */
static char *
fill_in(const char *text, const char *name, const char *id)
{
	const char *found = strstr(text, name);
	CLEANUP(string) char *handle = NULL;

	if (!found)
		return strdup(text);
	FUZZ_REQUIRE(!handles_issue(handles, id, &handle, &err));
	return string_format("%.*s%s%s", (int)(found - text), text, handle,
	    found + strlen(name));
}

/* An error says why; anything else that has a body has an object. */
static void
check_reply(const struct http_reply *reply)
{
	FUZZ_REQUIRE(reply->status >= 200 && reply->status <= 503);
	if (reply->status == 204)
		FUZZ_REQUIRE(!reply->body);
	else
		FUZZ_REQUIRE(json_is_object(reply->body));
	if (reply->status >= 400)
		FUZZ_REQUIRE(
		    json_is_string(json_object_get(reply->body, "message")));
}

static void
dispatch(struct keyd *keyd, char *line, const char *body)
{
	struct http_service service = keyd_service(keyd);
	char *space = strchr(line, ' ');
	struct http_message message = {
	    .method = line,
	    .content_type = "application/json",
	    .body = body,
	    .body_length = strlen(body),
	};
	struct http_reply reply;

	if (!space)
		return;
	*space = '\0';
	message.target = space + 1;
	http_dispatch(&service, &message, &reply);
	check_reply(&reply);
	json_decref(reply.body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct keys_preloaded preloaded[] = {
	    {"old", "file:///old.pem"},
	};
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP(string) char *with_ec = NULL;
	CLEANUP(string) char *body = NULL;
	CLEANUP(key_store) struct key_store *store = fake_store_open();
	CLEANUP(index) struct index *records = NULL;
	CLEANUP(keys) struct keys *keys = NULL;
	char *newline = strchr(text, '\n');

	if (!newline)
		return 0;
	*newline = '\0';
	if (!index_path)
		prepare();
	(void)unlink(index_path);
	FUZZ_REQUIRE(!index_open(index_path, &records, &err));

	struct keys_parts parts = {store, records, acl, 1, preloaded};
	struct keyd keyd = {.handles = handles};

	FUZZ_REQUIRE(!keys_create(&parts, &keys, &err));
	keyd.keys = keys;
	fake_store_add_uri(store, preloaded[0].uri, KEY_SPEC_RSA2048);
	fake_store_add(store, "ec", 7);
	with_ec = fill_in(newline + 1, "@EC", "ec");
	body = fill_in(with_ec, "@RSA", "old");
	dispatch(&keyd, text, body);
	return 0;
}
