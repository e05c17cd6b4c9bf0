/* SPDX-License-Identifier: MIT */
#include "module.h"

CK_RV
C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *application,
    CK_NOTIFY notify, CK_SESSION_HANDLE *ret_handle)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	CK_RV rv = module_check_slot(module, slot);
	struct session *session;

	(void)application;
	(void)notify;
	if (rv != CKR_OK)
		return rv;
	if (!ret_handle)
		return CKR_ARGUMENTS_BAD;
	if (!(flags & CKF_SERIAL_SESSION))
		return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
	session = session_open(&module->sessions, flags);
	if (!session)
		return CKR_SESSION_COUNT;
	*ret_handle = session->handle;
	return CKR_OK;
}

CK_RV
C_CloseSession(CK_SESSION_HANDLE handle)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	session = session_find(&module->sessions, handle);
	if (!session)
		return CKR_SESSION_HANDLE_INVALID;
	session_close(session);
	secret_table_close(&module->secrets, handle);
	/* The last session takes the login with it (PKCS#11 5.6). */
	if (session_count(&module->sessions, false) == 0)
		module->logged_in = false;
	return CKR_OK;
}

CK_RV
C_CloseAllSessions(CK_SLOT_ID slot)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	CK_RV rv = module_check_slot(module, slot);

	if (rv != CKR_OK)
		return rv;
	for (size_t i = 0; i < module->sessions.count; i++)
		session_close(&module->sessions.items[i]);
	secret_table_done(&module->secrets);
	module->logged_in = false;
	return CKR_OK;
}

/* Always a user's session: who we are is decided by the uid, not by a PIN. */
CK_RV
C_GetSessionInfo(CK_SESSION_HANDLE handle, CK_SESSION_INFO *info)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	const struct session *session;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	session = session_find(&module->sessions, handle);
	if (!session)
		return CKR_SESSION_HANDLE_INVALID;
	if (!info)
		return CKR_ARGUMENTS_BAD;
	*info = (CK_SESSION_INFO){
	    .slotID = MODULE_SLOT,
	    .state = (session->flags & CKF_RW_SESSION) ? CKS_RW_USER_FUNCTIONS
						       : CKS_RO_USER_FUNCTIONS,
	    .flags = session->flags,
	};
	return CKR_OK;
}

/* Any PIN will do, as there is none; programs that ask for one are content. */
/* NOLINTBEGIN(readability-non-const-parameter): PKCS#11 decides the type. */
CK_RV
C_Login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, unsigned char *pin,
    unsigned long length)
{
	CLEANUP(module_lock) struct module *module = module_lock();

	(void)pin;
	(void)length;
	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!session_find(&module->sessions, handle))
		return CKR_SESSION_HANDLE_INVALID;
	if (user != CKU_USER && user != CKU_CONTEXT_SPECIFIC)
		return CKR_USER_TYPE_INVALID;
	if (user == CKU_USER && module->logged_in)
		return CKR_USER_ALREADY_LOGGED_IN;
	module->logged_in = true;
	return CKR_OK;
}
/* NOLINTEND(readability-non-const-parameter) */

CK_RV
C_Logout(CK_SESSION_HANDLE handle)
{
	CLEANUP(module_lock) struct module *module = module_lock();

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!session_find(&module->sessions, handle))
		return CKR_SESSION_HANDLE_INVALID;
	if (!module->logged_in)
		return CKR_USER_NOT_LOGGED_IN;
	module->logged_in = false;
	return CKR_OK;
}
