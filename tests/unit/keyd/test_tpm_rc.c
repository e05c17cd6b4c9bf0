/* SPDX-License-Identifier: MIT */
/* What the TPM answers, said so that somebody can do something about it. */
#include "cmocka_wrap.h"

#include <string.h>
#include <tss2/tss2_tpm2_types.h>

#include "tpm_rc.h"

#define PARAMETER_1 (TPM2_RC_P + 0x100)
#define HANDLE_1 0x100U
#define SESSION_1 (TPM2_RC_S + 0x100)

static void
assert_says(TSS2_RC rc, enum error_code code, const char *part)
{
	struct error err;

	assert_int_equal(tpm_rc_error(rc, "signing", &err), code);
	assert_int_equal(strncmp(err.message, "signing: ", 9), 0);
	if (!strstr(err.message, part))
		fail_msg("'%s' is not in '%s'", part, err.message);
}

static void
names_the_lockout_and_what_ends_it(void **state)
{
	(void)state;
	assert_says(TPM2_RC_LOCKOUT, ERROR_UNAVAILABLE, "--clear-lockout");
	assert_says(TSS2_RESMGR_TPM_RC_LAYER | TPM2_RC_LOCKOUT,
	    ERROR_UNAVAILABLE, "--clear-lockout");
}

static void
tells_a_tpm_that_is_not_there_from_one_that_refuses(void **state)
{
	(void)state;
	assert_says(
	    TSS2_TCTI_RC_IO_ERROR, ERROR_UNAVAILABLE, "cannot be reached");
	assert_says(
	    TSS2_ESYS_RC_IO_ERROR, ERROR_UNAVAILABLE, "cannot be reached");
	assert_says(TPM2_RC_OBJECT_MEMORY, ERROR_UNAVAILABLE, "tpmrm0");
	assert_says(TPM2_RC_SESSION_MEMORY, ERROR_UNAVAILABLE, "tpmrm0");
	assert_says(TPM2_RC_RETRY, ERROR_UNAVAILABLE, "busy");
}

static void
knows_a_code_wherever_in_the_command_it_is_about(void **state)
{
	(void)state;
	assert_says(TPM2_RC_INTEGRITY, ERROR_INVALID, "another TPM");
	assert_says(
	    TPM2_RC_INTEGRITY + PARAMETER_1, ERROR_INVALID, "another TPM");
	assert_says(TPM2_RC_BAD_AUTH + SESSION_1, ERROR_INVALID,
	    "hierarchy_authorization");
	assert_says(TPM2_RC_AUTH_FAIL + SESSION_1, ERROR_INVALID,
	    "hierarchy_authorization");
}

static void
names_what_it_has_no_advice_for(void **state)
{
	(void)state;
	assert_says(TPM2_RC_COMMAND_CODE, ERROR_INTERNAL, "tpm:");
	assert_says(TSS2_ESYS_RC_MEMORY, ERROR_INTERNAL, "esapi:");
}

static void
tells_when_there_is_no_key(void **state)
{
	(void)state;
	assert_true(tpm_rc_is_no_handle(TPM2_RC_HANDLE + HANDLE_1));
	assert_true(tpm_rc_is_no_handle(
	    TSS2_RESMGR_TPM_RC_LAYER | (TPM2_RC_HANDLE + HANDLE_1)));
	assert_false(tpm_rc_is_no_handle(TPM2_RC_VALUE + HANDLE_1));
	assert_false(tpm_rc_is_no_handle(TSS2_RC_SUCCESS));
	assert_false(tpm_rc_is_no_handle(TSS2_TCTI_RC_IO_ERROR));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_the_lockout_and_what_ends_it),
	    cmocka_unit_test(
		tells_a_tpm_that_is_not_there_from_one_that_refuses),
	    cmocka_unit_test(knows_a_code_wherever_in_the_command_it_is_about),
	    cmocka_unit_test(names_what_it_has_no_advice_for),
	    cmocka_unit_test(tells_when_there_is_no_key),
	};

	return cmocka_run_group_tests_name("tpm rc", tests, NULL, NULL);
}
