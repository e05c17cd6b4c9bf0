/* SPDX-License-Identifier: MIT */
/*
 * Feeds tpmd.sock's calls a first line "METHOD TARGET" and the rest as the
 * body, from a user of the TPM. "@BLOB" in the body becomes what the TPM takes.
 */
#include "fuzz.h"

#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "fake_tpm.h"
#include "request.h"
#include "routes_tpm.h"

static struct error err;

/* body with what the TPM takes in the place of its name. */
static char *
fill_in(const char *body)
{
	static const char name[] = "@BLOB";
	const char *found = strstr(body, name);
	unsigned char bytes[1024];
	CLEANUP(string)
	char *blob = base64_encode(bytes, fake_tpm_blob(bytes));

	return found ? string_format("%.*s%s%s", (int)(found - body), body,
			   blob, found + strlen(name))
		     : strdup(body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tpm_settings settings = {
	    .call_seconds = 600, .prepare_seconds = 600};
	CLEANUP(string) char *text = strndup((const char *)data, size);
	char *newline = strchr(text, '\n');
	CLEANUP(tpm) struct tpm *tpm = NULL;
	CLEANUP(tpm_users) struct tpm_users *users = NULL;
	CLEANUP(string) char *body = NULL;

	if (!newline)
		return 0;
	*newline = '\0';
	fake_tpm_reset();
	FUZZ_REQUIRE(!tpm_create(&settings, &tpm, &err) &&
		     !tpm_users_create(&users, &err) &&
		     !tpm_users_set(users, (uid_t[]){0}, 1, false, &err));

	struct tpm_service service = {.tpm = tpm, .users = users};
	const struct http_service http = tpm_http_service(&service);

	body = fill_in(newline + 1);
	FUZZ_REQUIRE(body);
	fuzz_request(&http, text, body, strlen(body));
	FUZZ_REQUIRE(fake_tpm()->opened == fake_tpm()->closed);
	return 0;
}
