/* SPDX-License-Identifier: MIT */
/* Chains that are read again and again. */
#include "cmocka_wrap.h"

#include <string.h>

#include "chains.h"
#include "common/file.h"
#include "pki_fixture.h"

#define YEAR FIXTURE_NOW + 365 * FIXTURE_DAY

static struct chains *chains;

static int
create(void **state)
{
	struct error err;

	(void)state;
	return chains_create(&chains, &err) ? -1 : 0;
}

static int
release(void **state)
{
	(void)state;
	chains_free(chains);
	return 0;
}

/* Reads pem, of two certificates; returns the first, which is kept by others.
 */
static const X509 *
read_pair(const char *pem, const char *note)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP_DONE(lint_notes) struct lint_notes links = {0, NULL};
	struct error err;

	assert_int_equal(
	    chains_read(chains, pem, &chain, &links, &err), ERROR_NONE);
	assert_int_equal(sk_X509_num(chain), 2);
	assert_int_equal(links.count, note ? 1 : 0);
	if (note)
		assert_non_null(strstr(links.items[0], note));
	return sk_X509_value(chain, 0);
}

static void
reads_a_text_once_and_says_the_same_again(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *other = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", YEAR);
	CLEANUP(x509) X509 *leaf = fixture_leaf(key, "leaf", ca, key);
	CLEANUP(x509) X509 *forged = fixture_leaf(key, "leaf", ca, other);
	CLEANUP(string) char *ca_pem = fixture_pem(ca);
	CLEANUP(string) char *leaf_pem = fixture_pem(leaf);
	CLEANUP(string) char *forged_pem = fixture_pem(forged);
	CLEANUP(string) char *good = string_format("%s%s", leaf_pem, ca_pem);
	CLEANUP(string) char *bad = string_format("%s%s", forged_pem, ca_pem);
	const char *note = "is not signed by the key of";

	(void)state;
	assert_ptr_equal(read_pair(good, NULL), read_pair(good, NULL));
	assert_ptr_equal(read_pair(bad, note), read_pair(bad, note));
	assert_ptr_not_equal(read_pair(good, NULL), read_pair(bad, note));
}

static void
forgets_the_oldest_for_the_newest(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", YEAR);
	CLEANUP(string) char *ca_pem = fixture_pem(ca);
	CLEANUP(string) char *first = string_format("%s", ca_pem);
	CLEANUP(x509_stack) x509_stack *before = NULL;
	CLEANUP(x509_stack) x509_stack *after = NULL;
	CLEANUP_DONE(lint_notes) struct lint_notes links = {0, NULL};
	struct error err;

	(void)state;
	assert_int_equal(
	    chains_read(chains, first, &before, &links, &err), ERROR_NONE);
	for (int i = 0; i < CHAINS_MAX; i++) {
		CLEANUP(string)
		char *text = string_format("# %d\n%s", i, ca_pem);
		CLEANUP(x509_stack) x509_stack *chain = NULL;

		assert_int_equal(
		    chains_read(chains, text, &chain, &links, &err),
		    ERROR_NONE);
	}
	assert_int_equal(
	    chains_read(chains, first, &after, &links, &err), ERROR_NONE);
	assert_ptr_not_equal(sk_X509_value(before, 0), sk_X509_value(after, 0));
	assert_int_equal(
	    X509_cmp(sk_X509_value(before, 0), sk_X509_value(after, 0)), 0);
}

static void
keeps_nothing_that_cannot_be_read(void **state)
{
	x509_stack *chain = NULL;
	struct lint_notes links = {0, NULL};
	struct error err;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    chains_read(chains, "nothing", &chain, &links, &err),
		    ERROR_INVALID);
	assert_null(chain);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_a_text_once_and_says_the_same_again),
	    cmocka_unit_test(forgets_the_oldest_for_the_newest),
	    cmocka_unit_test(keeps_nothing_that_cannot_be_read),
	};

	return cmocka_run_group_tests_name(
	    "certd chains", tests, create, release);
}
