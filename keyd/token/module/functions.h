/* SPDX-License-Identifier: MIT */
/*
 * The functions of PKCS#11 2.40 that keyd may call: FUNCTIONS(F) is
 * F(name, parameters, arguments) for each, for whoever has something to say
 * around all of them.
 */
#ifndef KEYD_FUNCTIONS_H
#define KEYD_FUNCTIONS_H

#include <p11-kit/pkcs11.h>

/* clang-format off */
#define FUNCTIONS_WITHOUT_SESSION(F)                                           \
	F(C_Initialize, (void *init), (init))                                  \
	F(C_Finalize, (void *reserved), (reserved))                            \
	F(C_GetInfo, (CK_INFO *info), (info))                                  \
	F(C_GetSlotList,                                                       \
	    (CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count),            \
	    (present, slots, count))                                           \
	F(C_GetSlotInfo, (CK_SLOT_ID slot, CK_SLOT_INFO *info), (slot, info))  \
	F(C_GetTokenInfo,                                                      \
	    (CK_SLOT_ID slot, CK_TOKEN_INFO *info), (slot, info))              \
	F(C_GetMechanismList,                                                  \
	    (CK_SLOT_ID slot, CK_MECHANISM_TYPE *types, CK_ULONG *count),      \
	    (slot, types, count))                                              \
	F(C_GetMechanismInfo,                                                  \
	    (CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info),\
	    (slot, type, info))                                                \
	F(C_OpenSession,                                                       \
	    (CK_SLOT_ID slot, CK_FLAGS flags, void *application,               \
		CK_NOTIFY notify, CK_SESSION_HANDLE *session),                 \
	    (slot, flags, application, notify, session))                       \
	F(C_CloseAllSessions, (CK_SLOT_ID slot), (slot))

#define FUNCTIONS_OF_SESSION(F)                                                \
	F(C_CloseSession, (CK_SESSION_HANDLE session), (session))              \
	F(C_GetSessionInfo,                                                    \
	    (CK_SESSION_HANDLE session, CK_SESSION_INFO *info),                \
	    (session, info))                                                   \
	F(C_Login,                                                             \
	    (CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin,       \
		CK_ULONG length),                                              \
	    (session, user, pin, length))                                      \
	F(C_Logout, (CK_SESSION_HANDLE session), (session))

#define FUNCTIONS_OF_OBJECTS(F)                                                \
	F(C_CreateObject,                                                      \
	    (CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,                \
		CK_ULONG count, CK_OBJECT_HANDLE *object),                     \
	    (session, template, count, object))                                \
	F(C_CopyObject,                                                        \
	    (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,               \
		CK_ATTRIBUTE *template, CK_ULONG count,                        \
		CK_OBJECT_HANDLE *copy),                                       \
	    (session, object, template, count, copy))                          \
	F(C_DestroyObject,                                                     \
	    (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object),              \
	    (session, object))                                                 \
	F(C_GetAttributeValue,                                                 \
	    (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,               \
		CK_ATTRIBUTE *template, CK_ULONG count),                       \
	    (session, object, template, count))                                \
	F(C_SetAttributeValue,                                                 \
	    (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,               \
		CK_ATTRIBUTE *template, CK_ULONG count),                       \
	    (session, object, template, count))                                \
	F(C_FindObjectsInit,                                                   \
	    (CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,                \
		CK_ULONG count),                                               \
	    (session, template, count))                                        \
	F(C_FindObjects,                                                       \
	    (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects,             \
		CK_ULONG most, CK_ULONG *count),                               \
	    (session, objects, most, count))                                   \
	F(C_FindObjectsFinal, (CK_SESSION_HANDLE session), (session))

#define FUNCTIONS_OF_KEYS(F)                                                   \
	F(C_GenerateKey,                                                       \
	    (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,               \
		CK_ATTRIBUTE *template, CK_ULONG count,                        \
		CK_OBJECT_HANDLE *key),                                        \
	    (session, mechanism, template, count, key))                        \
	F(C_GenerateKeyPair,                                                   \
	    (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,               \
		CK_ATTRIBUTE *public, CK_ULONG public_count,                   \
		CK_ATTRIBUTE *private, CK_ULONG private_count,                 \
		CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key),  \
	    (session, mechanism, public, public_count, private,                \
		private_count, public_key, private_key))                       \
	F(C_WrapKey,                                                           \
	    (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,               \
		CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key,               \
		CK_BYTE *wrapped, CK_ULONG *length),                           \
	    (session, mechanism, wrapping, key, wrapped, length))              \
	F(C_UnwrapKey,                                                         \
	    (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,               \
		CK_OBJECT_HANDLE unwrapping, CK_BYTE *wrapped,                 \
		CK_ULONG length, CK_ATTRIBUTE *template, CK_ULONG count,       \
		CK_OBJECT_HANDLE *key),                                        \
	    (session, mechanism, unwrapping, wrapped, length, template, count, \
		key))                                                          \
	F(C_DeriveKey,                                                         \
	    (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,               \
		CK_OBJECT_HANDLE base, CK_ATTRIBUTE *template,                 \
		CK_ULONG count, CK_OBJECT_HANDLE *key),                        \
	    (session, mechanism, base, template, count, key))                  \
	F(C_SeedRandom,                                                        \
	    (CK_SESSION_HANDLE session, CK_BYTE *seed, CK_ULONG length),       \
	    (session, seed, length))                                           \
	F(C_GenerateRandom,                                                    \
	    (CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length),       \
	    (session, data, length))

#define FUNCTION_INIT(F, name)                                                 \
	F(name,                                                                \
	    (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,               \
		CK_OBJECT_HANDLE key),                                         \
	    (session, mechanism, key))
#define FUNCTION_THROUGH(F, name)                                              \
	F(name,                                                                \
	    (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_length,       \
		CK_BYTE *out, CK_ULONG *out_length),                           \
	    (session, in, in_length, out, out_length))
#define FUNCTION_IN(F, name)                                                   \
	F(name, (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG length),     \
	    (session, in, length))
#define FUNCTION_OUT(F, name)                                                  \
	F(name, (CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG *length),   \
	    (session, out, length))

#define FUNCTIONS_OF_USE(F)                                                    \
	FUNCTION_INIT(F, C_SignInit)                                           \
	FUNCTION_THROUGH(F, C_Sign)                                            \
	FUNCTION_IN(F, C_SignUpdate)                                           \
	FUNCTION_OUT(F, C_SignFinal)                                           \
	FUNCTION_INIT(F, C_VerifyInit)                                         \
	F(C_Verify,                                                            \
	    (CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG data_length,   \
		CK_BYTE *signature, CK_ULONG length),                          \
	    (session, data, data_length, signature, length))                   \
	FUNCTION_IN(F, C_VerifyUpdate)                                         \
	FUNCTION_IN(F, C_VerifyFinal)                                          \
	FUNCTION_INIT(F, C_EncryptInit)                                        \
	FUNCTION_THROUGH(F, C_Encrypt)                                         \
	FUNCTION_THROUGH(F, C_EncryptUpdate)                                   \
	FUNCTION_OUT(F, C_EncryptFinal)                                        \
	FUNCTION_INIT(F, C_DecryptInit)                                        \
	FUNCTION_THROUGH(F, C_Decrypt)                                         \
	FUNCTION_THROUGH(F, C_DecryptUpdate)                                   \
	FUNCTION_OUT(F, C_DecryptFinal)

#define FUNCTIONS(F)                                                           \
	FUNCTIONS_WITHOUT_SESSION(F)                                           \
	FUNCTIONS_OF_SESSION(F)                                                \
	FUNCTIONS_OF_OBJECTS(F)                                                \
	FUNCTIONS_OF_KEYS(F)                                                   \
	FUNCTIONS_OF_USE(F)
/* clang-format on */

#endif
