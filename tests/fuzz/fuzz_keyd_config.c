/* SPDX-License-Identifier: MIT */
/* keyd's configuration, and what it means: who may what, and where keys are. */
#include "fuzz.h"

#include <string.h>

#include "keyd/limits.h"
#include "preloaded.h"

static void
check_limits(const struct keyd_config *config)
{
	FUZZ_REQUIRE(config->sessions <= KEYD_SESSIONS_MAX);
	FUZZ_REQUIRE(config->token_timeout <= KEYD_TIMEOUT_MAX);
	FUZZ_REQUIRE(config->generation_timeout <= KEYD_TIMEOUT_MAX);
	FUZZ_REQUIRE(config->audit_files <= KEYD_AUDIT_FILES_MAX);
	FUZZ_REQUIRE(!config->audit_max_size ||
		     config->audit_max_size >= KEYD_AUDIT_SIZE_MIN);
	FUZZ_REQUIRE(!config->token.module_args || config->token.module);
	FUZZ_REQUIRE(keyd_config_copies(config) == KEY_COPIES_AUTO ||
		     config->session_copies);
	FUZZ_REQUIRE(!keyd_config_allows_files(config) ||
		     config->symmetric_keys || config->compat);
}

static void
check_preloaded(const struct keyd_config *config)
{
	struct preloaded preloaded = {.count = 0};
	struct error err;

	FUZZ_REQUIRE(!preloaded_read(config, &preloaded, &err));
	FUZZ_REQUIRE(preloaded.count == config->preloaded_keys.count);
	FUZZ_REQUIRE(preloaded.other_places <= preloaded.count);
	for (size_t i = 0; i < preloaded.count; i++)
		FUZZ_REQUIRE(
		    preloaded_place(&preloaded, preloaded.keys[i].id) <=
		    preloaded.other_places);
	preloaded_done(&preloaded);
}

/* Who is not named may nothing, and root what it says if there is no grant. */
static void
check_access(const struct keyd_config *config)
{
	CLEANUP(access) struct access *access = NULL;
	struct error err;

	if (keyd_config_access(config, &access, &err)) {
		FUZZ_REQUIRE(err.message[0]);
		return;
	}
	FUZZ_REQUIRE(access_knows(access, 0));
	if (config->principals.count == 0) {
		FUZZ_REQUIRE(!access_knows(access, 1001));
		FUZZ_REQUIRE(access_own_rights(access, 0, "a") ==
			     (config->compat ? (unsigned)ACL_ALL
					     : (unsigned)ACL_MANAGE));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP_DONE(keyd_config) struct keyd_config config = {0};
	struct error err;

	if (keyd_config_parse(text, &config, &err)) {
		FUZZ_REQUIRE(err.message[0]);
		return 0;
	}
	check_limits(&config);
	check_preloaded(&config);
	check_access(&config);
	return 0;
}
