/* SPDX-License-Identifier: MIT */
#include "pkcs11_calls.h"

#include <stdio.h>
#include <string.h>

#include "cmocka_wrap.h"

#define DATA_MAX (1024 * 1024)

CK_FUNCTION_LIST *
token(void)
{
	CK_FUNCTION_LIST *functions;

	assert_int_equal(C_GetFunctionList(&functions), CKR_OK);
	return functions;
}

static CK_SESSION_HANDLE
open_session(CK_FLAGS flags)
{
	CK_SESSION_HANDLE session;

	assert_int_equal(token()->C_Initialize(NULL), CKR_OK);
	assert_int_equal(token()->C_OpenSession(0, CKF_SERIAL_SESSION | flags,
			     NULL, NULL, &session),
	    CKR_OK);
	return session;
}

CK_SESSION_HANDLE
token_open(void)
{
	return open_session(0);
}

CK_SESSION_HANDLE
token_open_read_write(void)
{
	return open_session(CKF_RW_SESSION);
}

void
token_close(void)
{
	assert_int_equal(token()->C_Finalize(NULL), CKR_OK);
}

CK_ULONG
token_search(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
    CK_OBJECT_HANDLE *ret_objects, CK_ULONG room)
{
	CK_OBJECT_HANDLE object;
	CK_ULONG found, total = 0;

	assert_int_equal(
	    token()->C_FindObjectsInit(session, template, count), CKR_OK);
	/* One by one, so that going on is tried, too. */
	do {
		assert_int_equal(
		    token()->C_FindObjects(session, &object, 1, &found),
		    CKR_OK);
		if (found && total < room)
			ret_objects[total] = object;
		total += found;
	} while (found);
	assert_int_equal(token()->C_FindObjectsFinal(session), CKR_OK);
	return total;
}

CK_OBJECT_HANDLE
token_find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, const char *label)
{
	char text[64];
	CK_ATTRIBUTE template[] = {
	    {CKA_CLASS, &class, sizeof(class)},
	    {CKA_LABEL, text,   strlen(label)},
	};
	CK_OBJECT_HANDLE object = 0;

	(void)snprintf(text, sizeof(text), "%s", label);
	(void)token_search(session, template, 2, &object, 1);
	return object;
}

CK_RV
token_sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
    CK_MECHANISM_TYPE type, unsigned char fill, CK_ULONG length,
    unsigned char *ret_signature, CK_ULONG *ret_length)
{
	CK_MECHANISM mechanism = {type, NULL, 0};
	static unsigned char data[DATA_MAX];

	assert_in_range(length, 0, sizeof(data));
	memset(data, fill, sizeof(data));
	assert_int_equal(token()->C_SignInit(session, &mechanism, key), CKR_OK);
	return token()->C_Sign(
	    session, data, length, ret_signature, ret_length);
}
