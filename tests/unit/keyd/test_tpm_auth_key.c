/* SPDX-License-Identifier: MIT */
/*
 * What is left of the old key when the TPM does not take the new one. The
 * functions of tss2-esys here are ours: of a TPM with one place for a key.
 */
#include "cmocka_wrap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_esys.h>

#include "tpm_device.h"
#include "tpm_inside.h"

#define HANDLE 0x81000100U

/* As references: to the storage root key, and to what is loaded or there. */
enum { STORAGE_KEY = 1, LOADED_KEY, FORMER_KEY };

static struct {
	TPM2_ALG_ID former; /* what is there; TPM2_ALG_NULL: nothing */
	TSS2_RC removing, persisting; /* how these end */
	bool is_persistent;
	unsigned loaded; /* and not let go */
} tpm;

TSS2_RC
Esys_TR_FromTPMPublic(ESYS_CONTEXT *esys, TPM2_HANDLE tpm_handle,
    ESYS_TR optionalSession1, ESYS_TR optionalSession2,
    ESYS_TR optionalSession3, ESYS_TR *object)
{
	(void)esys;
	(void)optionalSession1;
	(void)optionalSession2;
	(void)optionalSession3;
	if (tpm_handle == HANDLE && tpm.former == TPM2_ALG_NULL)
		return TPM2_RC_HANDLE;
	*object = tpm_handle == HANDLE ? FORMER_KEY : STORAGE_KEY;
	return TSS2_RC_SUCCESS;
}

TSS2_RC
Esys_ReadPublic(ESYS_CONTEXT *esysContext, ESYS_TR objectHandle,
    ESYS_TR shandle1, ESYS_TR shandle2, ESYS_TR shandle3,
    TPM2B_PUBLIC **outPublic, TPM2B_NAME **name, TPM2B_NAME **qualifiedName)
{
	(void)esysContext;
	(void)shandle1;
	(void)shandle2;
	(void)shandle3;
	(void)name;
	(void)qualifiedName;
	assert_int_equal(objectHandle, FORMER_KEY);
	*outPublic = calloc(1, sizeof(**outPublic));
	assert_non_null(*outPublic);
	(*outPublic)->publicArea.type = tpm.former;
	return TSS2_RC_SUCCESS;
}

TSS2_RC
Esys_Load(ESYS_CONTEXT *esysContext, ESYS_TR parentHandle, ESYS_TR shandle1,
    ESYS_TR shandle2, ESYS_TR shandle3, const TPM2B_PRIVATE *inPrivate,
    const TPM2B_PUBLIC *inPublic, ESYS_TR *objectHandle)
{
	(void)esysContext;
	(void)shandle1;
	(void)shandle2;
	(void)shandle3;
	(void)inPrivate;
	(void)inPublic;
	assert_int_equal(parentHandle, STORAGE_KEY);
	tpm.loaded++;
	*objectHandle = LOADED_KEY;
	return TSS2_RC_SUCCESS;
}

TSS2_RC
Esys_EvictControl(ESYS_CONTEXT *esysContext, ESYS_TR auth, ESYS_TR objectHandle,
    ESYS_TR shandle1, ESYS_TR shandle2, ESYS_TR shandle3,
    TPMI_DH_PERSISTENT persistentHandle, ESYS_TR *newObjectHandle)
{
	(void)esysContext;
	(void)shandle1;
	(void)shandle2;
	(void)shandle3;
	assert_int_equal(auth, ESYS_TR_RH_OWNER);
	assert_int_equal(persistentHandle, HANDLE);
	if (objectHandle == FORMER_KEY) {
		if (tpm.removing == TSS2_RC_SUCCESS)
			tpm.former = TPM2_ALG_NULL;
		return tpm.removing;
	}
	assert_int_equal(objectHandle, LOADED_KEY);
	tpm.is_persistent = tpm.persisting == TSS2_RC_SUCCESS;
	*newObjectHandle = FORMER_KEY;
	return tpm.persisting;
}

TSS2_RC
Esys_FlushContext(ESYS_CONTEXT *esysContext, ESYS_TR flushHandle)
{
	(void)esysContext;
	assert_int_equal(flushHandle, LOADED_KEY);
	tpm.loaded--;
	return TSS2_RC_SUCCESS;
}

TSS2_RC
Esys_TR_Close(ESYS_CONTEXT *esys, ESYS_TR *rsrc_handle)
{
	(void)esys;
	*rsrc_handle = ESYS_TR_NONE;
	return TSS2_RC_SUCCESS;
}

/* It is never looked into. */
static ESYS_CONTEXT *
context(void)
{
	static char nothing;

	return (ESYS_CONTEXT *)(void *)&nothing;
}

static enum error_code
persist(TPM2_ALG_ID former, TSS2_RC removing, TSS2_RC persisting)
{
	struct tpm_device device = {.esys = context()};
	const struct tpm_wrapped key = {0};
	struct error err;
	enum error_code code;

	memset(&tpm, 0, sizeof(tpm));
	tpm.former = former;
	tpm.removing = removing;
	tpm.persisting = persisting;
	code = tpm_device_persist(&device, &key, HANDLE, &err);
	if (code)
		assert_int_equal(code, err.code);
	assert_int_equal(tpm.loaded, 0);
	return code;
}

static void
takes_the_place_of_the_key_of_before(void **state)
{
	(void)state;
	assert_int_equal(
	    persist(TPM2_ALG_KEYEDHASH, 0, TSS2_RC_SUCCESS), ERROR_NONE);
	assert_true(tpm.is_persistent);
	assert_int_equal(
	    persist(TPM2_ALG_NULL, 0, TSS2_RC_SUCCESS), ERROR_NONE);
	assert_true(tpm.is_persistent);
}

/* What is refused then is refused for good. */
static void
says_what_is_wrong_while_the_key_of_before_is_there(void **state)
{
	(void)state;
	assert_int_equal(persist(TPM2_ALG_ECC, 0, 0), ERROR_INVALID);
	assert_int_equal(tpm.former, TPM2_ALG_ECC);
	assert_int_equal(
	    persist(TPM2_ALG_KEYEDHASH, TPM2_RC_AUTH_FAIL, 0), ERROR_INVALID);
	assert_int_equal(tpm.former, TPM2_ALG_KEYEDHASH);
}

/* Whoever would put the old assignment back would have no key for it. */
static void
wants_to_be_asked_again_when_it_is_gone(void **state)
{
	static const TSS2_RC failures[] = {
	    TPM2_RC_NV_SPACE,
	    TPM2_RC_AUTH_FAIL,
	    TPM2_RC_FAILURE,
	    TPM2_RC_COMMAND_CODE,
	    TSS2_TCTI_RC_IO_ERROR,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		assert_int_equal(persist(TPM2_ALG_KEYEDHASH, 0, failures[i]),
		    ERROR_UNAVAILABLE);
		assert_int_equal(tpm.former, TPM2_ALG_NULL);
		/* Asked again it finds nothing there. */
		assert_int_equal(
		    persist(TPM2_ALG_NULL, 0, failures[i]), ERROR_UNAVAILABLE);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_the_place_of_the_key_of_before),
	    cmocka_unit_test(
		says_what_is_wrong_while_the_key_of_before_is_there),
	    cmocka_unit_test(wants_to_be_asked_again_when_it_is_gone),
	};

	return cmocka_run_group_tests_name(
	    "TPM: the hub's key", tests, NULL, NULL);
}
