/* SPDX-License-Identifier: MIT */
/* The test PKI: which files it makes, and whom it dares to overwrite. */
#include "cmocka_wrap.h"

#include <openssl/x509_vfy.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"
#include "common/time.h"
#include "scratch.h"
#include "testpki.h"

#define YEAR_2055 INT64_C(2682374400)
#define FILE_MAX 65536

/* 65 characters; a CN has 64. */
#define TOO_LONG                                                               \
	"0123456789012345678901234567890123456789012345678901234567890123x"

#define ROOT "certs/azure-iot-test-only.root.ca.cert.pem"
#define INTERMEDIATE "certs/azure-iot-test-only.intermediate.cert.pem"
#define LEAF "certs/iot-edge-device-identity-d1.cert.pem"
#define CHAIN "certs/iot-edge-device-identity-d1-full-chain.cert.pem"
#define LEAF_KEY "private/iot-edge-device-identity-d1.key.pem"

static const char *directory;

static struct testpki_options
defaults(void)
{
	return (struct testpki_options){.directory = directory,
	    .not_before = TESTPKI_DEFAULT_DATE,
	    .not_after = TESTPKI_DEFAULT_DATE};
}

static int
setup(void **state)
{
	int result = scratch_create(state);

	directory = *state;
	return result;
}

static char *
path_of(const char *name)
{
	return string_format("%s/%s", directory, name);
}

static x509_stack *
read_chain(const char *name)
{
	CLEANUP(string) char *path = path_of(name);
	CLEANUP(string) char *pem = NULL;
	x509_stack *chain = NULL;
	struct error err;

	assert_int_equal(
	    file_read(path, FILE_MAX, &pem, NULL, &err), ERROR_NONE);
	assert_int_equal(certificates_from_pem(pem, &chain, &err), ERROR_NONE);
	return chain;
}

static void
make_authorities(const struct testpki_options *options)
{
	struct testpki_outcome outcome = {0};
	struct error err;

	assert_int_equal(testpki_root(options, &outcome, &err), ERROR_NONE);
	testpki_outcome_done(&outcome);
	assert_int_equal(
	    testpki_intermediate(options, &outcome, &err), ERROR_NONE);
	testpki_outcome_done(&outcome);
}

static void
make_device(const struct testpki_options *options)
{
	struct testpki_outcome outcome = {0};
	struct error err;

	if (testpki_device_identity(options, "d1", &outcome, &err))
		fail_msg("%s", err.message);
	testpki_outcome_done(&outcome);
}

/* The first of chain verifies up to the root in the folder. */
static void
assert_verifies(x509_stack *chain, int64_t when)
{
	CLEANUP(x509_stack) x509_stack *roots = read_chain(ROOT);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();

	(void)X509_STORE_add_cert(store, sk_X509_value(roots, 0));
	assert_int_equal(
	    X509_STORE_CTX_init(context, store, sk_X509_value(chain, 0), chain),
	    1);
	X509_STORE_CTX_set_time(context, 0, (time_t)when);
	X509_STORE_CTX_set_flags(context, X509_V_FLAG_X509_STRICT);
	X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT);
	if (X509_verify_cert(context) != 1)
		fail_msg("%s", X509_verify_cert_error_string(
				   X509_STORE_CTX_get_error(context)));
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
}

static void
makes_a_device_identity_with_its_chain(void **state)
{
	struct testpki_options options = defaults();
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(x509_stack) x509_stack *leaf = NULL;
	CLEANUP(string) char *name = NULL;
	CLEANUP(string) char *key_path = path_of(LEAF_KEY);
	struct stat status;
	struct error err;

	(void)state;
	make_authorities(&options);
	make_device(&options);
	leaf = read_chain(LEAF);
	chain = read_chain(CHAIN);
	assert_int_equal(sk_X509_num(leaf), 1);
	assert_int_equal(sk_X509_num(chain), 2);
	assert_verifies(chain, time_now());
	assert_int_equal(
	    name_common_name(
		X509_get_subject_name(sk_X509_value(chain, 0)), &name, &err),
	    ERROR_NONE);
	assert_string_equal(name, "d1");
	assert_false(certificate_is_ca(sk_X509_value(chain, 0)));
	assert_int_equal(stat(key_path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void
signs_with_the_root_where_there_is_no_intermediate(void **state)
{
	struct testpki_options options = defaults();
	struct testpki_outcome outcome = {0};
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err;

	(void)state;
	assert_int_equal(testpki_root(&options, &outcome, &err), ERROR_NONE);
	testpki_outcome_done(&outcome);
	make_device(&options);
	chain = read_chain(CHAIN);
	assert_int_equal(sk_X509_num(chain), 1);
	assert_verifies(chain, time_now());

	options.replace = true;
	options.issuer = TESTPKI_INTERMEDIATE;
	assert_int_equal(
	    testpki_device_identity(&options, "d1", &outcome, &err),
	    ERROR_NOT_FOUND);
}

static void
makes_chains_that_live_past_2049(void **state)
{
	struct testpki_options options = defaults();
	CLEANUP(x509_stack) x509_stack *chain = NULL;

	(void)state;
	options.not_after = YEAR_2055;
	options.key_type = "rsa-2048";
	make_authorities(&options);
	make_device(&options);
	chain = read_chain(CHAIN);
	assert_verifies(chain, YEAR_2055 - 1);
	assert_int_equal(X509_get0_notAfter(sk_X509_value(chain, 0))->type,
	    V_ASN1_GENERALIZEDTIME);
}

static void
proves_possession_of_the_root(void **state)
{
	struct testpki_options options = defaults();
	struct testpki_outcome outcome = {0};
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err;

	(void)state;
	make_authorities(&options);
	assert_int_equal(
	    testpki_verification(&options, "A1B2C3", &outcome, &err),
	    ERROR_NONE);
	assert_string_equal(outcome.common_name, "A1B2C3");
	assert_true(file_exists(outcome.paths.private_key));
	testpki_outcome_done(&outcome);
	chain = read_chain("certs/verification-code.cert.pem");
	assert_verifies(chain, time_now());
}

static void
certifies_a_key_that_exists_elsewhere(void **state)
{
	struct testpki_options options = defaults();
	CLEANUP(pkey) EVP_PKEY *key = EVP_EC_gen("P-256");
	CLEANUP(string) char *key_path = path_of(LEAF_KEY);
	CLEANUP(x509_stack) x509_stack *chain = NULL;

	(void)state;
	make_authorities(&options);
	options.public_key = key;
	make_device(&options);
	chain = read_chain(LEAF);
	assert_true(certificate_matches_key(sk_X509_value(chain, 0), key));
	assert_false(file_exists(key_path));
}

static void
reads_public_keys_but_no_other_files(void **state)
{
	struct testpki_options options = defaults();
	CLEANUP(pkey) EVP_PKEY *key = EVP_EC_gen("P-256");
	CLEANUP(pkey) EVP_PKEY *read = NULL;
	CLEANUP(string) char *path = path_of("public.pem");
	CLEANUP(string) char *root = path_of(ROOT);
	CLEANUP(string) char *pem = NULL;
	EVP_PKEY *none = NULL;
	struct error err;

	(void)state;
	make_authorities(&options);
	assert_int_equal(public_key_to_pem(key, &pem, &err), ERROR_NONE);
	assert_int_equal(
	    file_write(path, pem, strlen(pem), 0644, &err), ERROR_NONE);
	assert_int_equal(
	    testpki_read_public_key(path, &read, &err), ERROR_NONE);
	assert_int_equal(EVP_PKEY_eq(read, key), 1);
	assert_int_equal(
	    testpki_read_public_key(root, &none, &err), ERROR_INVALID);
	assert_int_equal(
	    testpki_read_public_key("/nowhere", &none, &err), ERROR_NOT_FOUND);
}

static void
says_that_it_is_not_for_production(void **state)
{
	struct testpki_options options = defaults();
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	ASN1_IA5STRING *comment;

	(void)state;
	make_authorities(&options);
	chain = read_chain(INTERMEDIATE);
	comment = X509_get_ext_d2i(
	    sk_X509_value(chain, 0), NID_netscape_comment, NULL, NULL);
	assert_non_null(comment);
	assert_memory_equal(ASN1_STRING_get0_data(comment), TESTPKI_COMMENT,
	    strlen(TESTPKI_COMMENT));
	ASN1_IA5STRING_free(comment);
}

static void
overwrites_only_when_told_to(void **state)
{
	struct testpki_options options = defaults();
	struct testpki_outcome outcome = {0};
	struct error err;

	(void)state;
	make_authorities(&options);
	make_device(&options);
	assert_int_equal(testpki_root(&options, &outcome, &err), ERROR_EXISTS);
	assert_int_equal(
	    testpki_device_identity(&options, "d1", &outcome, &err),
	    ERROR_EXISTS);
	assert_null(outcome.paths.certificate);
	options.replace = true;
	make_device(&options);
}

static void
refuses_what_cannot_be(void **state)
{
	static const struct {
		const char *name;
		const char *key_type;
		int64_t not_after;
	} cases[] = {
	    {"",       NULL,      TESTPKI_DEFAULT_DATE},
	    {"../d1",  NULL,      TESTPKI_DEFAULT_DATE},
	    {"d1",     "dsa",     TESTPKI_DEFAULT_DATE},
	    {"d1",     "ec-p256", INT64_C(1000000000) }, /* before it begins */
	    {TOO_LONG, NULL,      TESTPKI_DEFAULT_DATE},
	};
	struct testpki_options options = defaults();

	(void)state;
	make_authorities(&options);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct testpki_outcome outcome = {0};
		struct error err;

		print_message("'%s'\n", cases[i].name);
		options.key_type = cases[i].key_type;
		options.not_after = cases[i].not_after;
		assert_int_equal(testpki_device_identity(
				     &options, cases[i].name, &outcome, &err),
		    ERROR_INVALID);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		makes_a_device_identity_with_its_chain, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		signs_with_the_root_where_there_is_no_intermediate, setup,
		scratch_remove),
	    cmocka_unit_test_setup_teardown(
		makes_chains_that_live_past_2049, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		proves_possession_of_the_root, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		certifies_a_key_that_exists_elsewhere, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		reads_public_keys_but_no_other_files, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		says_that_it_is_not_for_production, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		overwrites_only_when_told_to, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		refuses_what_cannot_be, setup, scratch_remove),
	};

	return cmocka_run_group_tests_name("testpki", tests, NULL, NULL);
}
