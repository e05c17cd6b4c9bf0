/* SPDX-License-Identifier: MIT */
/* C_GetFunctionList: the whole module on one page. */
#include "unsupported.h"

/* clang-format off */
static CK_FUNCTION_LIST functions = {
    .version = {2, 40},

    .C_Initialize = C_Initialize,
    .C_Finalize = C_Finalize,
    .C_GetInfo = C_GetInfo,
    .C_GetFunctionList = C_GetFunctionList,

    .C_GetSlotList = C_GetSlotList,
    .C_GetSlotInfo = C_GetSlotInfo,
    .C_GetTokenInfo = C_GetTokenInfo,
    .C_GetMechanismList = C_GetMechanismList,
    .C_GetMechanismInfo = C_GetMechanismInfo,
    .C_WaitForSlotEvent = C_WaitForSlotEvent,
    .C_InitToken = unsupported_init_token,
    .C_InitPIN = unsupported_init_pin,
    .C_SetPIN = unsupported_set_pin,

    .C_OpenSession = C_OpenSession,
    .C_CloseSession = C_CloseSession,
    .C_CloseAllSessions = C_CloseAllSessions,
    .C_GetSessionInfo = C_GetSessionInfo,
    .C_Login = C_Login,
    .C_Logout = C_Logout,
    .C_GetOperationState = unsupported_output,
    .C_SetOperationState = unsupported_set_state,
    .C_GetFunctionStatus = unsupported_parallel,
    .C_CancelFunction = unsupported_parallel,

    .C_FindObjectsInit = C_FindObjectsInit,
    .C_FindObjects = C_FindObjects,
    .C_FindObjectsFinal = C_FindObjectsFinal,
    .C_GetAttributeValue = C_GetAttributeValue,
    .C_GetObjectSize = unsupported_object_size,
    .C_SetAttributeValue = unsupported_set_attributes,
    .C_CreateObject = unsupported_create,
    .C_CopyObject = unsupported_copy,
    .C_DestroyObject = C_DestroyObject,

    .C_SignInit = C_SignInit,
    .C_Sign = C_Sign,
    .C_SignUpdate = C_SignUpdate,
    .C_SignFinal = C_SignFinal,
    .C_SignRecoverInit = unsupported_init,
    .C_SignRecover = unsupported_transform,
    .C_VerifyInit = C_VerifyInit,
    .C_Verify = C_Verify,
    .C_VerifyUpdate = C_VerifyUpdate,
    .C_VerifyFinal = C_VerifyFinal,
    .C_VerifyRecoverInit = unsupported_init,
    .C_VerifyRecover = unsupported_transform,

    .C_EncryptInit = unsupported_init,
    .C_Encrypt = unsupported_transform,
    .C_EncryptUpdate = unsupported_transform,
    .C_EncryptFinal = unsupported_output,
    .C_DecryptInit = C_DecryptInit,
    .C_Decrypt = C_Decrypt,
    .C_DecryptUpdate = unsupported_transform,
    .C_DecryptFinal = unsupported_output,
    .C_DigestInit = unsupported_digest_init,
    .C_Digest = unsupported_transform,
    .C_DigestUpdate = unsupported_input,
    .C_DigestKey = unsupported_key,
    .C_DigestFinal = unsupported_output,
    .C_DigestEncryptUpdate = unsupported_transform,
    .C_DecryptDigestUpdate = unsupported_transform,
    .C_SignEncryptUpdate = unsupported_transform,
    .C_DecryptVerifyUpdate = unsupported_transform,

    .C_GenerateKey = unsupported_generate,
    .C_GenerateKeyPair = C_GenerateKeyPair,
    .C_WrapKey = unsupported_wrap,
    .C_UnwrapKey = unsupported_unwrap,
    .C_DeriveKey = C_DeriveKey,
    .C_SeedRandom = C_SeedRandom,
    .C_GenerateRandom = C_GenerateRandom,
};
/* clang-format on */

/* The only symbol that leaves the library. */
__attribute__((visibility("default"))) CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	if (!list)
		return CKR_ARGUMENTS_BAD;
	*list = &functions;
	return CKR_OK;
}
