/* SPDX-License-Identifier: MIT */
/*
 * NSS's softokn for tools that call C_Initialize without pReserved: here it
 * gets what $MODULE_ARGS says.
 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdlib.h>

static CK_FUNCTION_LIST functions;
static CK_C_Initialize softokn_initialize;

static CK_RV
initialize(void *ignored)
{
	CK_C_INITIALIZE_ARGS args = {
	    .flags = CKF_OS_LOCKING_OK, .pReserved = getenv("MODULE_ARGS")};

	(void)ignored;
	return softokn_initialize(&args);
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR ret_list)
{
	void *softokn = dlopen("libsoftokn3.so", RTLD_NOW);
	CK_FUNCTION_LIST *real;
	union {
		void *symbol;
		CK_C_GetFunctionList function;
	} get;

	if (!softokn)
		return CKR_GENERAL_ERROR;
	get.symbol = dlsym(softokn, "C_GetFunctionList");
	if (!get.symbol || get.function(&real) != CKR_OK)
		return CKR_GENERAL_ERROR;
	functions = *real;
	softokn_initialize = real->C_Initialize;
	functions.C_Initialize = initialize;
	*ret_list = &functions;
	return CKR_OK;
}
