/* SPDX-License-Identifier: MIT */
/*
 * One slot with one token in it, always: a token that came and went with keyd
 * would be lost for good to programs that look once.
 */
#include "module.h"

CK_RV
C_GetSlotList(
    unsigned char token_present, CK_SLOT_ID *slots, unsigned long *count)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	CK_ULONG room;

	(void)token_present;
	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!count)
		return CKR_ARGUMENTS_BAD;
	room = *count;
	*count = 1;
	if (!slots)
		return CKR_OK;
	if (room < 1)
		return CKR_BUFFER_TOO_SMALL;
	slots[0] = MODULE_SLOT;
	return CKR_OK;
}

CK_RV
C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	CK_RV rv = module_check_slot(module, slot);

	if (rv != CKR_OK)
		return rv;
	if (!info)
		return CKR_ARGUMENTS_BAD;
	*info = (CK_SLOT_INFO){.flags = CKF_TOKEN_PRESENT};
	module_pad(info->slotDescription, sizeof(info->slotDescription),
	    "signet-keyd");
	module_pad(
	    info->manufacturerID, sizeof(info->manufacturerID), "Signet");
	return CKR_OK;
}

/*
 * No CKF_LOGIN_REQUIRED: the uid of the caller is its credential. Nor is it
 * CKF_WRITE_PROTECTED, as that depends on the key.
 */
CK_RV
C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	CK_RV rv = module_check_slot(module, slot);

	if (rv != CKR_OK)
		return rv;
	if (!info)
		return CKR_ARGUMENTS_BAD;
	*info = (CK_TOKEN_INFO){
	    .firmwareVersion = {0, 1},
	    .flags = CKF_TOKEN_INITIALIZED | CKF_RNG,
	    .ulMaxSessionCount = CK_EFFECTIVELY_INFINITE,
	    .ulSessionCount = session_count(&module->sessions, false),
	    .ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE,
	    .ulRwSessionCount = session_count(&module->sessions, true),
	    .ulMaxPinLen = 255,
	    .ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION,
	    .ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION,
	    .ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION,
	    .ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION,
	};
	module_pad(info->label, sizeof(info->label), "Signet");
	module_pad(
	    info->manufacturerID, sizeof(info->manufacturerID), "Signet");
	module_pad(info->model, sizeof(info->model), "keyd");
	module_pad(info->serialNumber, sizeof(info->serialNumber), "1");
	module_pad(info->utcTime, sizeof(info->utcTime), "");
	return CKR_OK;
}

/* Nothing ever happens here, so who waits for it waits until C_Finalize. */
/* NOLINTBEGIN(readability-non-const-parameter): PKCS#11 decides the type. */
CK_RV
C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved)
{
	CLEANUP(module_lock) struct module *module = module_lock();

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!slot || reserved)
		return CKR_ARGUMENTS_BAD;
	if (flags & CKF_DONT_BLOCK)
		return CKR_NO_EVENT;
	module_wait_for_end(module);
	return CKR_CRYPTOKI_NOT_INITIALIZED;
}
/* NOLINTEND(readability-non-const-parameter) */
