/* SPDX-License-Identifier: MIT */
/* What is said before DPS is asked, about chains made here. */
#include "cmocka_wrap.h"

#include <string.h>

#include "pki_fixture.h"
#include "preflight.h"

#define IN_2055 INT64_C(2682374400) /* 2055-01-01 */

static struct {
	EVP_PKEY *key;
	EVP_PKEY *other_key;
	EVP_PKEY *root_key;
	EVP_PKEY *middle_key;
	X509 *root;
	X509 *middle;
	X509 *rogue; /* the name of middle, another key */
	X509 *leaf;
} pki;

/* What makes a certificate of the test different from the others. */
struct kind {
	const char *common_name; /* NULL: none */
	bool is_ca;
	int64_t from, until; /* 0: around FIXTURE_NOW */
};

static X509 *
make(const struct kind *kind, EVP_PKEY *key, const X509 *issuer,
    EVP_PKEY *issuer_key)
{
	CLEANUP(x509_name)
	X509_NAME *subject = kind->common_name ? fixture_name(kind->common_name)
					       : X509_NAME_new();
	const struct certificate_plan plan = {.subject = subject,
	    .public_key = key,
	    .issuer = issuer,
	    .not_before = kind->from ? kind->from : FIXTURE_NOW - FIXTURE_DAY,
	    .not_after = kind->until ? kind->until : FIXTURE_NOW + FIXTURE_DAY,
	    .is_ca = kind->is_ca,
	    .path_length = CERTIFICATE_NO_PATH_LENGTH};
	struct error err = {.message = ""};
	X509 *certificate = NULL;

	if (!kind->common_name)
		assert_int_equal(
		    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC,
			(const unsigned char *)"plant", -1, -1, 0),
		    1);
	if (certificate_create(&plan, issuer_key, &certificate, &err))
		fail_msg("%s", err.message);
	return certificate;
}

static int
setup(void **state)
{
	const struct kind middle = {.common_name = "middle", .is_ca = true};
	const struct kind leaf = {.common_name = "Dev-1"};

	(void)state;
	pki.key = fixture_key("P-256");
	pki.other_key = fixture_key("P-256");
	pki.root_key = fixture_key("P-256");
	pki.middle_key = fixture_key("P-256");
	pki.root = fixture_ca(pki.root_key, "root", IN_2055);
	pki.middle = make(&middle, pki.middle_key, pki.root, pki.root_key);
	pki.rogue = make(&middle, pki.other_key, pki.root, pki.root_key);
	pki.leaf = make(&leaf, pki.key, pki.middle, pki.middle_key);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(pki.key);
	EVP_PKEY_free(pki.other_key);
	EVP_PKEY_free(pki.root_key);
	EVP_PKEY_free(pki.middle_key);
	X509_free(pki.root);
	X509_free(pki.middle);
	X509_free(pki.rogue);
	X509_free(pki.leaf);
	return 0;
}

/* A chain of up to three certificates, each with a reference of its own. */
static x509_stack *
chain_of(X509 *first, X509 *second, X509 *third)
{
	X509 *const certificates[] = {first, second, third};
	x509_stack *chain = sk_X509_new_null();

	for (size_t i = 0; i < 3 && certificates[i]; i++) {
		assert_int_equal(X509_up_ref(certificates[i]), 1);
		assert_true(sk_X509_push(chain, certificates[i]) > 0);
	}
	return chain;
}

static void
assert_passes(X509 *leaf, const char *configured, int64_t now, const char *id)
{
	CLEANUP(x509_stack)
	x509_stack *chain = chain_of(leaf, pki.middle, pki.root);
	CLEANUP(string) char *registration_id = NULL;
	struct error err = {.message = ""};

	if (preflight_check(
		chain, pki.key, configured, now, &registration_id, &err))
		fail_msg("%s", err.message);
	assert_string_equal(registration_id, id);
}

/* Takes over chain. */
static void
assert_says(x509_stack *chain, const EVP_PKEY *key, const char *configured,
    int64_t now, const char *sentence)
{
	CLEANUP(x509_stack) x509_stack *owned = chain;
	char *registration_id = NULL;
	struct error err = {.message = ""};

	assert_int_equal(preflight_check(owned, key, configured, now,
			     &registration_id, &err),
	    ERROR_INVALID);
	assert_string_equal(err.message, sentence);
	assert_null(registration_id);
}

static void
passes_a_chain_and_takes_its_common_name(void **state)
{
	(void)state;
	assert_passes(pki.leaf, NULL, FIXTURE_NOW, "Dev-1");
}

static void
compares_names_without_regard_to_case(void **state)
{
	(void)state;
	assert_passes(pki.leaf, "dev-1", FIXTURE_NOW, "dev-1");
}

static void
passes_a_leaf_alone(void **state)
{
	CLEANUP(x509_stack) x509_stack *chain = chain_of(pki.leaf, NULL, NULL);
	CLEANUP(string) char *registration_id = NULL;
	struct error err;

	(void)state;
	assert_int_equal(preflight_check(chain, pki.key, NULL, FIXTURE_NOW,
			     &registration_id, &err),
	    ERROR_NONE);
}

static void
passes_a_chain_that_expires_in_2055(void **state)
{
	const struct kind kinds[] = {
	    {.common_name = "middle", .is_ca = true, .until = IN_2055},
	    {.common_name = "dev-1",                       .until = IN_2055              },
	};
	CLEANUP(x509)
	X509 *middle = make(&kinds[0], pki.middle_key, pki.root, pki.root_key);
	CLEANUP(x509)
	X509 *leaf = make(&kinds[1], pki.key, middle, pki.middle_key);
	CLEANUP(x509_stack)
	x509_stack *chain = chain_of(leaf, middle, pki.root);
	CLEANUP(string) char *registration_id = NULL;
	struct error err;

	(void)state;
	assert_int_equal(preflight_check(chain, pki.key, NULL, IN_2055,
			     &registration_id, &err),
	    ERROR_NONE);
	assert_says(chain_of(leaf, NULL, NULL), pki.key, NULL, IN_2055 + 1,
	    "the certificate /CN=dev-1 in identity_cert expired at "
	    "2055-01-01T00:00:00Z (the clock of this device says "
	    "2055-01-01T00:00:01Z)");
}

static void
names_both_names_that_differ(void **state)
{
	(void)state;
	assert_says(chain_of(pki.leaf, NULL, NULL), pki.key, "dev-2",
	    FIXTURE_NOW,
	    "registration_id is 'dev-2', but the certificate in identity_cert "
	    "is for 'Dev-1': they must be the same");
}

static void
names_a_key_that_is_another(void **state)
{
	(void)state;
	assert_says(chain_of(pki.leaf, pki.middle, NULL), pki.other_key, NULL,
	    FIXTURE_NOW,
	    "the key in identity_pk does not match the certificate in "
	    "identity_cert (/CN=Dev-1)");
}

static void
names_dates_that_do_not_fit(void **state)
{
	(void)state;
	assert_says(chain_of(pki.leaf, NULL, NULL), pki.key, NULL,
	    FIXTURE_NOW + 2 * FIXTURE_DAY,
	    "the certificate /CN=Dev-1 in identity_cert expired at "
	    "2027-01-16T08:00:00Z (the clock of this device says "
	    "2027-01-17T08:00:00Z)");
	assert_says(chain_of(pki.leaf, NULL, NULL), pki.key, NULL,
	    FIXTURE_NOW - 2 * FIXTURE_DAY,
	    "the certificate /CN=Dev-1 in identity_cert is valid from "
	    "2027-01-14T08:00:00Z on, and the clock of this device says "
	    "2027-01-13T08:00:00Z");
}

static void
names_an_intermediate_that_expired(void **state)
{
	const struct kind old = {
	    .common_name = "middle", .is_ca = true, .until = FIXTURE_NOW - 1};
	CLEANUP(x509)
	X509 *middle = make(&old, pki.middle_key, pki.root, pki.root_key);

	(void)state;
	assert_says(chain_of(pki.leaf, middle, NULL), pki.key, NULL,
	    FIXTURE_NOW,
	    "the certificate /CN=middle in identity_cert expired at "
	    "2027-01-15T07:59:59Z (the clock of this device says "
	    "2027-01-15T08:00:00Z)");
}

static void
waits_for_a_clock_that_was_never_set(void **state)
{
	CLEANUP(x509_stack) x509_stack *chain = chain_of(pki.leaf, NULL, NULL);
	char *registration_id = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    preflight_check(chain, pki.key, NULL, 42, &registration_id, &err),
	    ERROR_UNAVAILABLE);
	assert_string_equal(err.message,
	    "the clock of this device says 1970-01-01T00:00:42Z, which cannot "
	    "be: no certificate (/CN=Dev-1) can be used until it is set");
}

static void
names_a_ca_certificate(void **state)
{
	const struct kind ca = {.common_name = "dev-1", .is_ca = true};
	CLEANUP(x509)
	X509 *leaf = make(&ca, pki.key, pki.middle, pki.middle_key);

	(void)state;
	assert_says(chain_of(leaf, NULL, NULL), pki.key, NULL, FIXTURE_NOW,
	    "the certificate in identity_cert (/CN=dev-1) is a CA certificate: "
	    "a device needs one with CA:FALSE");
}

static void
names_a_common_name_that_is_missing_or_unfit(void **state)
{
	const struct kind kinds[] = {
	    {.common_name = NULL},
	    {.common_name = "dev 1"},
	    {.common_name = "dev."},
	    {.common_name = "d\xc3\xa9v-1"},
	};
	static const char *const says[] = {"(/O=plant) has no common name",
	    "(/CN=dev 1) cannot be a", "(/CN=dev.) cannot be a",
	    "(/CN=d\\xC3\\xA9v-1) cannot be a"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		CLEANUP(x509)
		X509 *leaf =
		    make(&kinds[i], pki.key, pki.middle, pki.middle_key);
		CLEANUP(x509_stack)
		x509_stack *chain = chain_of(leaf, NULL, NULL);
		char *registration_id = NULL;
		struct error err;

		assert_int_equal(preflight_check(chain, pki.key, NULL,
				     FIXTURE_NOW, &registration_id, &err),
		    ERROR_INVALID);
		print_message("%s\n", err.message);
		assert_non_null(strstr(err.message, says[i]));
	}
}

static void
names_what_is_wrong_with_the_order(void **state)
{
	(void)state;
	assert_says(chain_of(pki.middle, pki.leaf, NULL), pki.key, NULL,
	    FIXTURE_NOW,
	    "the device's own certificate (/CN=Dev-1) is number 2 in "
	    "identity_cert: it must be the first, each issuer after what it "
	    "issued");
	assert_says(chain_of(pki.leaf, pki.root, pki.middle), pki.key, NULL,
	    FIXTURE_NOW,
	    "in identity_cert certificate 2 (/CN=root) is not the issuer of "
	    "certificate 1 (/CN=Dev-1): each issuer must follow what it "
	    "issued");
	assert_says(chain_of(pki.leaf, pki.rogue, NULL), pki.key, NULL,
	    FIXTURE_NOW,
	    "in identity_cert certificate 2 (/CN=middle) has the name of the "
	    "issuer, but did not sign, certificate 1 (/CN=Dev-1): each issuer "
	    "must follow what it issued");
}

static void
checks_the_alphabet_of_registration_ids(void **state)
{
	static const struct {
		const char *id;
		enum error_code code;
	} cases[] = {
	    {"dev-1",   ERROR_NONE   },
	    {"A:b_c.9", ERROR_NONE   },
	    {"a-",      ERROR_NONE   },
	    {"",        ERROR_INVALID},
	    {"a.",      ERROR_INVALID},
	    {"a:",      ERROR_INVALID},
	    {"a/b",     ERROR_INVALID},
	    {"a b",     ERROR_INVALID},
	    {"\xff",    ERROR_INVALID},
	};
	char id[130] = {0};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    registration_id_check(cases[i].id, &err), cases[i].code);
	memset(id, 'a', 128);
	assert_int_equal(registration_id_check(id, &err), ERROR_NONE);
	memset(id, 'a', 129);
	assert_int_equal(registration_id_check(id, &err), ERROR_INVALID);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(passes_a_chain_and_takes_its_common_name),
	    cmocka_unit_test(compares_names_without_regard_to_case),
	    cmocka_unit_test(passes_a_leaf_alone),
	    cmocka_unit_test(passes_a_chain_that_expires_in_2055),
	    cmocka_unit_test(names_both_names_that_differ),
	    cmocka_unit_test(names_a_key_that_is_another),
	    cmocka_unit_test(names_dates_that_do_not_fit),
	    cmocka_unit_test(names_an_intermediate_that_expired),
	    cmocka_unit_test(waits_for_a_clock_that_was_never_set),
	    cmocka_unit_test(names_a_ca_certificate),
	    cmocka_unit_test(names_a_common_name_that_is_missing_or_unfit),
	    cmocka_unit_test(names_what_is_wrong_with_the_order),
	    cmocka_unit_test(checks_the_alphabet_of_registration_ids),
	};

	return cmocka_run_group_tests_name("preflight", tests, setup, teardown);
}
