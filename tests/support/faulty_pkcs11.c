/* SPDX-License-Identifier: MIT */
/*
 * A PKCS#11 module that is another one, with faults as they are ordered.
 *
 * FAULTY_MODULE is the path of the module behind it, FAULTY_ORDERS a folder:
 *	C_Sign         while the file is there, C_Sign returns the number in it
 *	C_Sign.once    the same, but once
 *	C_Sign.sleep   C_Sign first waits that many milliseconds
 *	token-flags    bits that CK_TOKEN_INFO.flags also has
 *	calls          what has been called, a name per line (written here)
 * and so for each function that is in the table below.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static CK_FUNCTION_LIST *real;
static CK_FUNCTION_LIST faulty;

static void
path_of(const char *name, const char *suffix, char path[static 512])
{
	(void)snprintf(
	    path, 512, "%s/%s%s", getenv("FAULTY_ORDERS"), name, suffix);
}

/* The number in an order; false: there is no such order. */
static int
read_order(const char *name, const char *suffix, unsigned long *ret_number)
{
	char path[512], text[32] = "";
	int fd;

	path_of(name, suffix, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	(void)!read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	*ret_number = strtoul(text, NULL, 0);
	return 1;
}

static void
note_call(const char *name)
{
	char path[512], line[64];
	int length = snprintf(line, sizeof(line), "%s\n", name);
	int fd;

	path_of("calls", "", path);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	(void)!write(fd, line, (size_t)length);
	(void)close(fd);
}

/* What the order for name says; CKR_OK: nothing. */
static CK_RV
obey(const char *name)
{
	char path[512];
	unsigned long number;

	note_call(name);
	if (read_order(name, ".sleep", &number)) {
		struct timespec pause = {
		    (time_t)(number / 1000), (long)(number % 1000) * 1000000};

		(void)nanosleep(&pause, NULL);
	}
	if (read_order(name, "", &number))
		return number;
	path_of(name, ".once", path);
	if (read_order(name, ".once", &number) && unlink(path) == 0)
		return number;
	return CKR_OK;
}

#define FAULTY(name, parameters, arguments)                                    \
	static CK_RV faulty_##name parameters                                  \
	{                                                                      \
		CK_RV rv = obey(#name);                                        \
                                                                               \
		return rv ? rv : real->name arguments;                         \
	}

FAULTY(C_Initialize, (void *init), (init))
FAULTY(C_Login,
    (CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin,
	CK_ULONG length),
    (session, user, pin, length))
FAULTY(C_OpenSession,
    (CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
	CK_SESSION_HANDLE_PTR session),
    (slot, flags, application, notify, session))
FAULTY(C_FindObjectsInit,
    (CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR template, CK_ULONG count),
    (session, template, count))
FAULTY(C_SignInit,
    (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
	CK_OBJECT_HANDLE key),
    (session, mechanism, key))
FAULTY(C_Sign,
    (CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_length,
	CK_BYTE_PTR signature, CK_ULONG_PTR length),
    (session, data, data_length, signature, length))
FAULTY(C_GenerateKeyPair,
    (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
	CK_ATTRIBUTE_PTR public, CK_ULONG public_count,
	CK_ATTRIBUTE_PTR private, CK_ULONG private_count,
	CK_OBJECT_HANDLE_PTR public_key, CK_OBJECT_HANDLE_PTR private_key),
    (session, mechanism, public, public_count, private, private_count,
	public_key, private_key))
FAULTY(C_DestroyObject, (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object),
    (session, object))

static CK_RV
faulty_C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
	CK_RV rv = real->C_GetTokenInfo(slot, info);
	unsigned long flags;

	if (rv == CKR_OK && read_order("token-flags", "", &flags))
		info->flags |= flags;
	return rv;
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
	void *module = dlopen(getenv("FAULTY_MODULE"), RTLD_NOW | RTLD_LOCAL);
	CK_C_GetFunctionList get;

	if (!module)
		return CKR_GENERAL_ERROR;
	*(void **)&get = dlsym(module, "C_GetFunctionList");
	if (get(&real) != CKR_OK)
		return CKR_GENERAL_ERROR;
	faulty = *real;
	faulty.C_GetFunctionList = C_GetFunctionList;
	faulty.C_GetTokenInfo = faulty_C_GetTokenInfo;
	faulty.C_Initialize = faulty_C_Initialize;
	faulty.C_Login = faulty_C_Login;
	faulty.C_OpenSession = faulty_C_OpenSession;
	faulty.C_FindObjectsInit = faulty_C_FindObjectsInit;
	faulty.C_SignInit = faulty_C_SignInit;
	faulty.C_Sign = faulty_C_Sign;
	faulty.C_GenerateKeyPair = faulty_C_GenerateKeyPair;
	faulty.C_DestroyObject = faulty_C_DestroyObject;
	*list = &faulty;
	return CKR_OK;
}
