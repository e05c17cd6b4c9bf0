/* SPDX-License-Identifier: MIT */
/* What DPS sends for the TPM: which parts it has, and what is refused. */
#include "cmocka_wrap.h"

#include <string.h>

#include "fake_tpm.h"

#define LENGTH_OF_PUBLIC 18 /* with its size; of fake_tpm_blob() */

static unsigned char bytes[1024];
static size_t length;
static struct tpm_blob blob;
static struct error err;

static int
setup(void **state)
{
	(void)state;
	memset(bytes, 0, sizeof(bytes));
	length = fake_tpm_blob(bytes);
	return 0;
}

static void
finds_the_parts_in_their_order(void **state)
{
	(void)state;
	assert_int_equal(tpm_blob_read(bytes, length, &blob, &err), ERROR_NONE);
	assert_int_equal(blob.credential.size, 3);
	assert_memory_equal(blob.credential.credential, "\1\2\3", 3);
	assert_int_equal(blob.secret.size, 2);
	assert_memory_equal(blob.secret.secret, "\4\5", 2);
	assert_int_equal(blob.duplicate.size, 4);
	assert_memory_equal(blob.duplicate.buffer, "\6\7\10\11", 4);
	assert_int_equal(blob.seed.size, 2);
	assert_int_equal(blob.public.publicArea.type, TPM2_ALG_KEYEDHASH);
}

static void
does_not_look_at_what_follows_them(void **state)
{
	(void)state;
	assert_int_equal(
	    tpm_blob_read(bytes, length + 2, &blob, &err), ERROR_NONE);
	bytes[length] = 0xff;
	assert_int_equal(
	    tpm_blob_read(bytes, length + 1, &blob, &err), ERROR_NONE);
}

static void
refuses_what_ends_early_wherever_that_is(void **state)
{
	(void)state;
	for (size_t part = 0; part < length; part++) {
		/* On the heap, so that reading on is found out. */
		unsigned char *copy = malloc(part + 1);

		assert_non_null(copy);
		memcpy(copy, bytes, part);
		copy = realloc(copy, part ? part : 1);
		assert_int_equal(
		    tpm_blob_read(copy, part, &blob, &err), ERROR_INVALID);
		free(copy);
	}
}

static void
says_at_which_part_it_goes_wrong(void **state)
{
	(void)state;
	bytes[0] = 0xff; /* a size that no credential has */
	assert_int_equal(
	    tpm_blob_read(bytes, length, &blob, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "credential"));
	(void)setup(NULL);
	bytes[5] = 0xff; /* that of its secret */
	assert_int_equal(
	    tpm_blob_read(bytes, length, &blob, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "credential's secret"));
}

static void
refuses_a_public_part_that_is_longer_than_it_says(void **state)
{
	(void)state;
	assert_int_equal(
	    bytes[length - LENGTH_OF_PUBLIC + 1], LENGTH_OF_PUBLIC - 2);
	bytes[length - LENGTH_OF_PUBLIC + 1]--;
	assert_int_equal(
	    tpm_blob_read(bytes, length, &blob, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "public part"));
}

/* Where the algorithm of the scheme's hash is: before authPolicy's unique. */
static void
refuses_a_key_that_is_not_for_hmac_with_sha256(void **state)
{
	(void)state;
	assert_int_equal(bytes[length - 3], TPM2_ALG_SHA256);
	bytes[length - 3] = TPM2_ALG_SHA1;
	assert_int_equal(
	    tpm_blob_read(bytes, length, &blob, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "HMAC with SHA-256"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(finds_the_parts_in_their_order, setup),
	    cmocka_unit_test_setup(does_not_look_at_what_follows_them, setup),
	    cmocka_unit_test_setup(
		refuses_what_ends_early_wherever_that_is, setup),
	    cmocka_unit_test_setup(says_at_which_part_it_goes_wrong, setup),
	    cmocka_unit_test_setup(
		refuses_a_public_part_that_is_longer_than_it_says, setup),
	    cmocka_unit_test_setup(
		refuses_a_key_that_is_not_for_hmac_with_sha256, setup),
	};

	return cmocka_run_group_tests_name("tpm blob", tests, NULL, NULL);
}
