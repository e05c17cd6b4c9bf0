/* SPDX-License-Identifier: MIT */
#include "store_fixture.h"

#include <fcntl.h>
#include <openssl/rsa.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_wrap.h"
#include "common/file.h"
#include "ecdsa.h"
#include "scratch.h"

static const char *folder;

char *
store_fixture_path(const char *name)
{
	char *path = string_format("%s/%s", folder, name);

	assert_non_null(path);
	return path;
}

/* What a program says is shown by the test's own output, if it fails. */
void
store_fixture_spawn(const char *const arguments[])
{
	union {
		const char *const *in;
		char *const *out;
	} copy = {.in = arguments};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status;

	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(
			     &actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0),
	    0);
	assert_int_equal(
	    posix_spawnp(&pid, arguments[0], &actions, NULL, copy.out, environ),
	    0);
	(void)posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

void
store_fixture_token(const char *label)
{
	store_fixture_run("softhsm2-util", "--init-token", "--free", "--label",
	    label, "--pin", STORE_PIN, "--so-pin", STORE_PIN, NULL);
}

int
store_fixture_setup(void **state)
{
	CLEANUP(string) char *settings = NULL;
	struct error err;

	if (scratch_create(state))
		return -1;
	folder = *state;

	CLEANUP(string) char *tokens = store_fixture_path("tokens");
	CLEANUP(string) char *path = store_fixture_path("softhsm2.conf");

	settings = string_format("directories.tokendir = %s\n"
				 "objectstore.backend = file\n"
				 "log.level = ERROR\n",
	    tokens);
	assert_non_null(settings);
	assert_int_equal(mkdir(tokens, 0700), 0);
	assert_int_equal(
	    file_write(path, settings, strlen(settings), 0600, &err),
	    ERROR_NONE);
	assert_int_equal(setenv("SOFTHSM2_CONF", path, 1), 0);
	store_fixture_token("device");
	return 0;
}

int
store_fixture_teardown(void **state)
{
	return scratch_remove(state);
}

struct key_store *
store_fixture_open(const char *uri, bool secrets_in_files)
{
	const struct key_store_settings settings = {
	    .module = STORE_MODULE,
	    .token_uri = uri,
	    .state = folder,
	    .secrets_in_files = secrets_in_files,
	};
	struct key_store *store;
	struct error err;

	if (key_store_open(&settings, &store, &err))
		fail_msg("%s", err.message);
	return store;
}

static bool
set_mechanism(EVP_PKEY_CTX *context, enum key_mechanism mechanism)
{
	if (mechanism == KEY_RSA_PKCS1)
		return EVP_PKEY_CTX_set_rsa_padding(
			   context, RSA_PKCS1_PADDING) > 0;
	if (mechanism == KEY_RSA_RAW)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) >
		       0;
	if (mechanism == KEY_PSS_SHA256)
		return EVP_PKEY_CTX_set_rsa_padding(
			   context, RSA_PKCS1_PSS_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) >
			   0 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(
			   context, RSA_PSS_SALTLEN_DIGEST) > 0;
	return true;
}

static bool
verifies_message(EVP_PKEY *key, const struct key_input *message,
    const struct key_signature *signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool is_good =
	    EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestVerify(context, signature->data, signature->length,
		message->data, message->length) == 1;

	EVP_MD_CTX_free(context);
	return is_good;
}

bool
store_fixture_verifies(const struct key_facts *facts,
    enum key_mechanism mechanism, const struct key_input *input,
    const struct key_signature *signature)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = NULL;
	struct key_signature der = *signature;
	struct error err;

	assert_int_equal(
	    key_public_to_pkey(&facts->public, &key, &err), ERROR_NONE);
	if (mechanism == KEY_EDDSA)
		return verifies_message(key, input, signature);
	if (mechanism == KEY_ECDSA)
		assert_int_equal(
		    ecdsa_to_der(signature, &der, &err), ERROR_NONE);
	context = EVP_PKEY_CTX_new(key, NULL);
	return EVP_PKEY_verify_init(context) == 1 &&
	       set_mechanism(context, mechanism) &&
	       EVP_PKEY_verify(context, der.data, der.length, input->data,
		   input->length) == 1;
}
