/* SPDX-License-Identifier: MIT */
/*
 * A program that loads the module that SIGNET_PKCS11_MODULE names, signs with
 * the key LABEL, and unloads it, COUNT times. It fails if a descriptor is left
 * open, if the module stays, or (where it is built with ASan) if memory does.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static CK_RV
find(CK_FUNCTION_LIST *token, CK_SESSION_HANDLE session, char *label,
    CK_OBJECT_HANDLE *ret_key)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE template[] = {
	    {CKA_CLASS, &class, sizeof(class)},
	    {CKA_LABEL, label,  strlen(label)},
	};
	CK_ULONG count = 0;
	CK_RV rv = token->C_FindObjectsInit(session, template, 2);

	if (rv == CKR_OK)
		rv = token->C_FindObjects(session, ret_key, 1, &count);
	return rv == CKR_OK && count != 1 ? CKR_OBJECT_HANDLE_INVALID : rv;
}

/* Sessions, a search and an operation are left for C_Finalize to end. */
static CK_RV
sign(CK_FUNCTION_LIST *token, char *label)
{
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
	unsigned char digest[32] = "something to sign", signature[64];
	CK_ULONG length = sizeof(signature);
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key = 0;
	CK_RV rv =
	    token->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &session);

	if (rv == CKR_OK)
		rv = find(token, session, label, &key);
	if (rv == CKR_OK)
		rv = token->C_SignInit(session, &mechanism, key);
	if (rv == CKR_OK)
		rv = token->C_Sign(
		    session, digest, sizeof(digest), signature, &length);
	if (rv == CKR_OK)
		rv = token->C_SignInit(session, &mechanism, key);
	return rv;
}

static CK_RV
use(void *library, char *label)
{
	CK_RV (*get_list)(CK_FUNCTION_LIST **);
	CK_FUNCTION_LIST *token;
	CK_RV rv;

	/* POSIX's way from an object pointer to a function pointer. */
	*(void **)&get_list = dlsym(library, "C_GetFunctionList");
	if (!get_list || get_list(&token) != CKR_OK)
		return CKR_GENERAL_ERROR;
	rv = token->C_Initialize(NULL);
	if (rv == CKR_OK)
		rv = sign(token, label);
	if (rv == CKR_OK)
		rv = token->C_Finalize(NULL);
	return rv;
}

static bool
load_and_use(const char *path, char *label)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	CK_RV rv = library ? use(library, label) : CKR_GENERAL_ERROR;

	if (rv != CKR_OK) {
		(void)fprintf(stderr, "0x%lx\n", rv);
		return false;
	}
	if (dlclose(library) || dlopen(path, RTLD_NOW | RTLD_NOLOAD)) {
		(void)fprintf(stderr, "the module stays\n");
		return false;
	}
	return true;
}

static int
count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	if (!directory)
		return -1;
	while (readdir(directory))
		count++;
	(void)closedir(directory);
	return count;
}

int
main(int argc, char *argv[])
{
	const char *path = getenv("SIGNET_PKCS11_MODULE");
	int before = count_descriptors();
	long count;

	if (argc != 3 || !path)
		return EXIT_FAILURE;
	count = strtol(argv[2], NULL, 10);
	for (long i = 0; i < count; i++)
		if (!load_and_use(path, argv[1]))
			return EXIT_FAILURE;
	if (count_descriptors() != before) {
		(void)fprintf(stderr, "descriptors stay open\n");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
