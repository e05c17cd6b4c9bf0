/* SPDX-License-Identifier: MIT */
/*
 * keyd's real store on SoftHSM tokens in a folder of their own. The two
 * functions are cmocka's group setup and teardown.
 */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "store.h"

#define STORE_MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define STORE_PIN "648219"
#define STORE_TOKEN "pkcs11:token=device?pin-value=" STORE_PIN

/* Makes the folder, which *state is, and in it the token "device". */
int store_fixture_setup(void **state);
int store_fixture_teardown(void **state);

/* Makes a token. It must not exist. */
void store_fixture_token(const char *label);

/* The path of a file in the folder; the caller frees it. */
char *store_fixture_path(const char *name);

/*
 * Opens a store; uri NULL: without a token of its own. Its state is the
 * folder.
 */
struct key_store *store_fixture_open(const char *uri, bool secrets_in_files);

/* Runs a program with its arguments, of which NULL is the last. */
#define store_fixture_run(...)                                                 \
	store_fixture_spawn((const char *const[]){__VA_ARGS__})

/* Runs pkcs11-tool on the token "device", logged in. */
#define store_fixture_tool(...)                                                \
	store_fixture_run("pkcs11-tool", "--module", STORE_MODULE,             \
	    "--token-label", "device", "--login", "--pin", STORE_PIN,          \
	    __VA_ARGS__)

/* It must succeed. */
void store_fixture_spawn(const char *const arguments[]);

/* True if signature is one of input by the pair of facts. */
bool store_fixture_verifies(const struct key_facts *facts,
    enum key_mechanism mechanism, const struct key_input *input,
    const struct key_signature *signature);

#endif
