/* SPDX-License-Identifier: MIT */
/*
 * Keys of a real keyd in OpenSSL: signatures, TLS, and what happens when keyd
 * goes, comes back, or has another key under the name.
 * usage: test_openssl_key SIGNET-KEYD (test_openssl_key.sh prepares the rest)
 */
#include "cmocka_wrap.h"

#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/file.h"
#include "common/https_client.h"
#include "common/openssl_key.h"
#include "common/paths.h"
#include "common/time.h"
#include "keyd/client.h"
#include "tls_server.h"

#define READY_MS 60000

static char *keyd_program;
static pid_t keyd = -1;

static void
wait_until_keyd_answers(void)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	int64_t deadline = time_monotonic_ms() + READY_MS;
	struct error err;

	assert_int_equal(keyd_client_create(1000, &client, &err), ERROR_NONE);
	while (time_monotonic_ms() < deadline) {
		CLEANUP(json) json_t *keys = NULL;

		if (!keyd_list_keys(client, &keys, &err))
			return;
		time_sleep_ms(20);
	}
	fail_msg("%s", err.message);
}

static void
start_keyd(void)
{
	char *arguments[] = {keyd_program, NULL};

	assert_int_equal(
	    posix_spawn(&keyd, keyd_program, NULL, NULL, arguments, environ),
	    0);
	wait_until_keyd_answers();
}

static void
stop_keyd(void)
{
	assert_int_equal(kill(keyd, SIGTERM), 0);
	assert_int_equal(waitpid(keyd, NULL, 0), keyd);
	keyd = -1;
}

static void
create_key(const char *id, const char *algorithm)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *handle = NULL;
	struct error err;

	assert_int_equal(keyd_client_create(0, &client, &err), ERROR_NONE);
	if (keyd_create_key_pair(client, id, algorithm, &handle, &err))
		fail_msg("%s", err.message);
}

static EVP_PKEY *
load(const char *id)
{
	EVP_PKEY *key = NULL;
	struct error err;

	if (openssl_key_load(id, &key, &err))
		fail_msg("%s", err.message);
	return key;
}

static enum error_code
load_code(const char *id)
{
	EVP_PKEY *key = NULL;
	struct error err;

	assert_int_not_equal(openssl_key_load(id, &key, &err), ERROR_NONE);
	assert_null(key);
	print_message("%s\n", err.message);
	return err.code;
}

static int
setup(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	start_keyd();
	create_key("ec", "ec-p256");
	create_key("rsa", "rsa-2048");
	create_key("odd;id=1 /\xc3\xa4", "ec-p256");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	if (keyd > 0)
		stop_keyd();
	return 0;
}

static bool
signs(EVP_PKEY *key)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char signature[512];
	size_t length = sizeof(signature);
	bool valid;

	valid = EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) &&
		EVP_DigestSign(context, signature, &length,
		    (const unsigned char *)"x", 1) == 1;
	EVP_MD_CTX_free(context);
	if (!valid)
		return false;
	context = EVP_MD_CTX_new();
	valid = EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) &&
		EVP_DigestVerify(context, signature, length,
		    (const unsigned char *)"x", 1) == 1;
	EVP_MD_CTX_free(context);
	return valid;
}

static void
signs_with_keys_of_every_name(void **state)
{
	static const char *const ids[] = {"ec", "rsa", "odd;id=1 /\xc3\xa4"};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		CLEANUP(pkey) EVP_PKEY *key = load(ids[i]);

		assert_true(signs(key));
	}
}

/* Mutual TLS: a server that demands a certificate gets one for key. */
static void
get_with(EVP_PKEY *key, int version)
{
	CLEANUP(pkey) EVP_PKEY *ca_key = EVP_EC_gen("P-256");
	CLEANUP(x509)
	X509 *root = tls_certificate("root", ca_key, NULL, ca_key, true);
	CLEANUP(x509)
	X509 *server_leaf =
	    tls_certificate("server", ca_key, root, ca_key, false);
	CLEANUP(x509_stack) x509_stack *chain = sk_X509_new_null();
	const struct tls_server_options options = {.certificate = server_leaf,
	    .key = ca_key,
	    .client_root = root,
	    .version = version};
	CLEANUP(tls_server)
	struct tls_server *server = tls_server_start(&options);
	CLEANUP(string)
	char *url =
	    string_format("https://127.0.0.1:%u/ok", tls_server_port(server));
	CLEANUP(string)
	char *roots = string_format("%s/root.pem", paths_state_directory());
	CLEANUP(string) char *pem = NULL;
	const struct https_request request = {.method = "GET",
	    .url = url,
	    .key = key,
	    .chain = chain,
	    .ca_file = roots,
	    .timeout_ms = 60000};
	CLEANUP_DONE(https_response) struct https_response response = {0};
	struct error err;

	/* Fails if the engine took over all EC keys of the process. */
	assert_non_null(ca_key);
	sk_X509_push(
	    chain, tls_certificate("device", key, root, ca_key, false));
	assert_int_equal(certificate_to_pem(root, &pem, &err), ERROR_NONE);
	assert_int_equal(
	    file_write(roots, pem, strlen(pem), 0600, &err), ERROR_NONE);
	if (https_send(&request, &response, &err))
		fail_msg("%s", err.message);
	assert_int_equal(response.status, 200);
}

static void
does_tls_with_keys_of_every_kind(void **state)
{
	CLEANUP(pkey) EVP_PKEY *ec = load("ec");
	CLEANUP(pkey) EVP_PKEY *rsa = load("rsa");

	(void)state;
	get_with(ec, TLS1_2_VERSION);
	get_with(ec, TLS1_3_VERSION);
	get_with(rsa, TLS1_2_VERSION);
	get_with(rsa, TLS1_3_VERSION);
}

static void
says_that_there_is_no_such_key(void **state)
{
	(void)state;
	assert_int_equal(load_code("nothing"), ERROR_NOT_FOUND);
	assert_int_equal(load_code("e?"), ERROR_NOT_FOUND);
	assert_int_equal(load_code("EC"), ERROR_NOT_FOUND);
}

static void
loads_the_new_key_when_one_was_replaced(void **state)
{
	CLEANUP(pkey) EVP_PKEY *old = NULL;
	CLEANUP(pkey) EVP_PKEY *next = NULL;
	CLEANUP(pkey) EVP_PKEY *replaced = NULL;
	CLEANUP(unix_http) struct unix_http *client = NULL;
	struct error err;

	(void)state;
	create_key("current", "ec-p256");
	create_key("next", "ec-p256");
	old = load("current");
	next = load("next");
	assert_int_equal(keyd_client_create(0, &client, &err), ERROR_NONE);
	assert_int_equal(
	    keyd_move_key_pair(client, "next", "current", &err), ERROR_NONE);

	replaced = load("current");
	assert_int_equal(EVP_PKEY_eq(replaced, next), 1);
	assert_int_equal(EVP_PKEY_eq(replaced, old), 0);
	assert_true(signs(replaced));
	assert_int_equal(load_code("next"), ERROR_NOT_FOUND);
}

static void
goes_on_after_keyd_was_away(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = load("ec");

	(void)state;
	stop_keyd();
	assert_false(signs(key));
	assert_int_equal(load_code("ec"), ERROR_UNAVAILABLE);
	start_keyd();
	assert_true(signs(key));
	get_with(key, TLS1_3_VERSION);
}

static void *
load_and_sign(void *context)
{
	bool *works = context;

	*works = true;
	for (int i = 0; i < 20; i++) {
		CLEANUP(pkey) EVP_PKEY *key = NULL;
		struct error err;

		if (openssl_key_load(i % 2 ? "ec" : "rsa", &key, &err) ||
		    !signs(key))
			*works = false;
	}
	return NULL;
}

static void
works_from_many_threads(void **state)
{
	pthread_t threads[8];
	bool works[8];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, load_and_sign, &works[i]),
		    0);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_true(works[i]);
	}
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signs_with_keys_of_every_name),
	    cmocka_unit_test(does_tls_with_keys_of_every_kind),
	    cmocka_unit_test(says_that_there_is_no_such_key),
	    cmocka_unit_test(loads_the_new_key_when_one_was_replaced),
	    cmocka_unit_test(goes_on_after_keyd_was_away),
	    cmocka_unit_test(works_from_many_threads),
	};

	if (argc != 2)
		return EXIT_FAILURE;
	keyd_program = argv[1];
	return cmocka_run_group_tests_name(
	    "openssl key", tests, setup, teardown);
}
