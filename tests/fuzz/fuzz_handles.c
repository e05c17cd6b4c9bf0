/* SPDX-License-Identifier: MIT */
/*
 * Any text as a handle is refused; any text within a handle that bears our MAC
 * is read, or refused.
 */
#include "fuzz.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "handles.h"
#include "keyd/client.h"

static const unsigned char mac_key[HANDLES_KEY_LENGTH] = {1};

/* What nobody but keyd can make. */
static char *
with_mac(const uint8_t *data, size_t size)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	CLEANUP(string) char *payload = base64_encode(data, size);
	CLEANUP(string) char *sig = NULL;

	FUZZ_REQUIRE(HMAC(
	    EVP_sha256(), mac_key, sizeof(mac_key), data, size, mac, &length));
	sig = base64_encode(mac, length);
	return string_format("sr=%s&sig=%s", payload, sig);
}

/* What has been read makes sense. */
static void
require_sense(const struct key_ref *key)
{
	FUZZ_REQUIRE(key->id && key->by_handle);
	FUZZ_REQUIRE(key->kind == KEY_SECRET || !key->level_count);
}

/* What bears our MAC is read the same with and without checking it. */
static void
require_read_alike(const struct handles *handles, const char *text)
{
	CLEANUP_DONE(handle) struct handle handle = {.id = NULL};
	CLEANUP(string) char *unverified = NULL;
	struct error err;

	if (handles_verify(handles, text, &handle, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_INVALID);
		return;
	}
	require_sense(&handle.key);
	if (keyd_handle_key_id(text, &unverified, &err))
		FUZZ_REQUIRE(handle.key.kind == KEY_SECRET);
	else
		FUZZ_REQUIRE(strcmp(handle.key.id, unverified) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP(string) char *signed_text = with_mac(data, size);
	CLEANUP(string) char *id = NULL;
	CLEANUP(handles) struct handles *handles = NULL;
	struct handle handle;
	struct error err;

	FUZZ_REQUIRE(!handles_create(mac_key, NULL, &handles, &err));
	FUZZ_REQUIRE(handles_verify(handles, text, &handle, &err));
	FUZZ_REQUIRE(err.code == ERROR_INVALID);
	(void)!keyd_handle_key_id(text, &id, &err);
	require_read_alike(handles, signed_text);
	return 0;
}
