/* SPDX-License-Identifier: MIT */
/*
 * Feeds keyd a first line "METHOD TARGET" and the rest as the body, which is
 * all of a request that a hostile peer controls. "@EC", "@RSA", "@MAC", "@AES",
 * "@DERIVED" and "@LENT" in the body become handles of keys that exist, which
 * it could not guess.
 */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "fake_store.h"
#include "request.h"
#include "routes.h"

static char directory[] = "/tmp/fuzz-keyd.XXXXXX";
static char *index_path;
static struct handles *handles;
static struct error err;

static void
remove_directory(void)
{
	(void)unlink(index_path);
	(void)rmdir(directory);
	free(index_path);
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
	FUZZ_REQUIRE(!handles_create(mac_key, NULL, &handles, &err));
	FUZZ_REQUIRE(atexit(remove_directory) == 0);
}

/* Root may everything. */
static struct access *
make_access(void)
{
	struct access_settings settings = {.acl = NULL};
	struct access *access;

	FUZZ_REQUIRE(!acl_create(&settings.acl, &err));
	FUZZ_REQUIRE(!acl_add(settings.acl, "0", "*", ACL_ALL, &err));
	FUZZ_REQUIRE(!access_create(&settings, &access, &err));
	return access;
}

static char *
issue(enum key_kind kind, const char *id)
{
	char *handle;

	FUZZ_REQUIRE(!handles_issue(handles, kind, id, &handle, &err));
	return handle;
}

static char *
derive(void)
{
	static const unsigned char data[] = "m1";
	const struct key_input level = {data, sizeof(data) - 1};
	CLEANUP(string) char *base = issue(KEY_SECRET, "mac");
	char *handle;

	FUZZ_REQUIRE(!handles_derive(handles, base, &level, &handle, &err));
	return handle;
}

static char *
lend(void)
{
	CLEANUP(string) char *own = issue(KEY_SECRET, "mac");
	char *handle;

	FUZZ_REQUIRE(!handles_delegate(handles, own, 0, 7, &handle, &err));
	return handle;
}

/* A handle of the key that name stands for. */
static char *
handle_of(const char *name)
{
	if (strcmp(name, "@EC") == 0)
		return issue(KEY_PAIR, "ec");
	if (strcmp(name, "@RSA") == 0)
		return issue(KEY_PAIR, "old");
	if (strcmp(name, "@DERIVED") == 0)
		return derive();
	if (strcmp(name, "@LENT") == 0)
		return lend();
	return issue(KEY_SECRET, strcmp(name, "@AES") == 0 ? "aes" : "mac");
}

/* text, which it frees, with the first name replaced by a handle. */
static char *
fill_in(char *text, const char *name)
{
	CLEANUP(string) char *former = text;
	const char *found = strstr(text, name);
	CLEANUP(string) char *handle = NULL;

	if (!found)
		return TAKE(former);
	handle = handle_of(name);
	return string_format("%.*s%s%s", (int)(found - text), text, handle,
	    found + strlen(name));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct keys_preloaded preloaded[] = {
	    {.id = "old", .uri = "file:///old.pem"},
	};
	static const char *const names[] = {
	    "@EC", "@RSA", "@MAC", "@AES", "@DERIVED", "@LENT"};
	static const unsigned char secret[32] = {1};
	CLEANUP(string) char *text = strndup((const char *)data, size);
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

	struct keys_parts parts = {
	    store, records, make_access(), NULL, 1, preloaded};
	struct keyd keyd = {.handles = handles};
	const struct http_service service = keyd_service(&keyd);

	FUZZ_REQUIRE(!keys_create(&parts, &keys, &err));
	keyd.keys = keys;
	fake_store_add_uri(store, preloaded[0].uri, KEY_SPEC_RSA2048);
	fake_store_add(store, "ec", 7);
	fake_store_add_secret(store, "mac", 8, secret, sizeof(secret));
	fake_store_add_secret(store, "aes", 9, secret, sizeof(secret));
	body = strdup(newline + 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		body = fill_in(body, names[i]);
	fuzz_request(&service, text, body, strlen(body));
	return 0;
}
