/* SPDX-License-Identifier: MIT */
#include "session.h"

#include "module.h"

/*
 * A handle is 1 + the place in the table, plus a multiple of SESSIONS_MAX that
 * grows with each use of the place: an old handle never means a new session.
 */
#define SESSIONS_MAX 65536UL
#define SESSIONS_START 16

void
search_done(struct search *search)
{
	free(search->handles);
	*search = (struct search){0};
}

void
operation_done(struct operation *operation)
{
	free(operation->key_id);
	free(operation->parts);
	*operation = (struct operation){0};
}

static void
session_close(struct session *session)
{
	search_done(&session->search);
	operation_done(&session->sign);
	session->open = false;
}

void
session_table_done(struct session_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		session_close(&table->items[i]);
	free(table->items);
	*table = (struct session_table){0};
}

struct session *
session_find(struct session_table *table, CK_SESSION_HANDLE handle)
{
	size_t place = (handle - 1) % SESSIONS_MAX;
	struct session *session;

	if (place >= table->count)
		return NULL;
	session = &table->items[place];
	return session->open && session->handle == handle ? session : NULL;
}

CK_ULONG
session_count(const struct session_table *table, bool read_write_only)
{
	CK_ULONG count = 0;

	for (size_t i = 0; i < table->count; i++)
		if (table->items[i].open &&
		    (!read_write_only ||
			(table->items[i].flags & CKF_RW_SESSION)))
			count++;
	return count;
}

static bool
table_grow(struct session_table *table)
{
	size_t count = table->count ? 2 * table->count : SESSIONS_START;
	struct session *items;

	if (count > SESSIONS_MAX)
		return false;
	items = realloc(table->items, count * sizeof(*items));
	if (!items)
		return false;
	for (size_t i = table->count; i < count; i++)
		items[i] = (struct session){.handle = i + 1};
	table->items = items;
	table->count = count;
	return true;
}

/* A place for a session; NULL: there are far too many, or no memory. */
static struct session *
table_take(struct session_table *table)
{
	size_t place = 0;

	while (place < table->count && table->items[place].open)
		place++;
	if (place == table->count && !table_grow(table))
		return NULL;
	return &table->items[place];
}

CK_RV
C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *application,
    CK_NOTIFY notify, CK_SESSION_HANDLE *ret_handle)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session;

	(void)application;
	(void)notify;
	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (slot != MODULE_SLOT)
		return CKR_SLOT_ID_INVALID;
	if (!ret_handle)
		return CKR_ARGUMENTS_BAD;
	if (!(flags & CKF_SERIAL_SESSION))
		return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
	session = table_take(&module->sessions);
	if (!session)
		return CKR_SESSION_COUNT;

	session->open = true;
	session->flags = flags & (CKF_SERIAL_SESSION | CKF_RW_SESSION);
	session->handle += SESSIONS_MAX;
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
	/* The last session takes the login with it (PKCS#11 5.6). */
	if (session_count(&module->sessions, false) == 0)
		module->logged_in = false;
	return CKR_OK;
}

CK_RV
C_CloseAllSessions(CK_SLOT_ID slot)
{
	CLEANUP(module_lock) struct module *module = module_lock();

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (slot != MODULE_SLOT)
		return CKR_SLOT_ID_INVALID;
	for (size_t i = 0; i < module->sessions.count; i++)
		session_close(&module->sessions.items[i]);
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
