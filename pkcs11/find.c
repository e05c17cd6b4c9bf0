/* SPDX-License-Identifier: MIT */
/*
 * Searches. Each asks keyd anew, so that a new key is found without a restart
 * of the program, unless it is for something that keyd never has.
 */
#include "attribute.h"
#include "module.h"

/* False if the template asks for what no key pair of keyd has. */
static bool
wants_keys(const CK_ATTRIBUTE *template, CK_ULONG count)
{
	CK_OBJECT_CLASS class;
	CK_BBOOL on_token;

	for (CK_ULONG i = 0; i < count; i++) {
		if (template[i].type == CKA_CLASS && template[i].pValue &&
		    template[i].ulValueLen == sizeof(class)) {
			memcpy(&class, template[i].pValue, sizeof(class));
			return class == CKO_PRIVATE_KEY ||
			       class == CKO_PUBLIC_KEY;
		}
		if (template[i].type == CKA_TOKEN && template[i].pValue &&
		    template[i].ulValueLen == sizeof(on_token)) {
			memcpy(&on_token, template[i].pValue, sizeof(on_token));
			if (on_token == CK_FALSE)
				return false;
		}
	}
	return true;
}

static bool
matches(
    const struct object *object, const CK_ATTRIBUTE *template, CK_ULONG count)
{
	for (CK_ULONG i = 0; i < count; i++)
		if (!attribute_matches(object, &template[i]))
			return false;
	return true;
}

/* The session, if it may begin a search. */
static CK_RV
idle_session(struct module *module, CK_SESSION_HANDLE handle,
    struct session **ret_session)
{
	*ret_session = session_find(&module->sessions, handle);
	if (!*ret_session)
		return CKR_SESSION_HANDLE_INVALID;
	return (*ret_session)->search.active ? CKR_OPERATION_ACTIVE : CKR_OK;
}

/* Checks that a search may begin, before keyd is asked without the lock. */
static CK_RV
prepare(CK_SESSION_HANDLE handle, struct remote **ret_remote)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	*ret_remote = &module->remote;
	return idle_session(module, handle, &session);
}

/*
 * Who may not even open keyd's socket has no keys, which is no failure: the
 * module may be registered for programs of users that are nobody to keyd.
 */
static CK_RV
ask_for_keys(struct remote *remote, struct key_list *ret_keys)
{
	struct error err;
	enum error_code code = remote_list(remote, ret_keys, &err);

	return code && code != ERROR_DENIED ? CKR_DEVICE_ERROR : CKR_OK;
}

static CK_RV
select_objects(const struct module *module, const CK_ATTRIBUTE *template,
    CK_ULONG count, struct search *search)
{
	size_t size = object_table_size(&module->objects);
	struct object object;

	search->handles =
	    calloc(size + module->secrets.count + 1, sizeof(*search->handles));
	if (!search->handles)
		return CKR_HOST_MEMORY;
	for (size_t i = 0; i < size; i++)
		if (object_at(&module->objects, i, &object) &&
		    matches(&object, template, count))
			search->handles[search->count++] = object.handle;
	for (size_t i = 0; i < module->secrets.count; i++) {
		object = object_of_secret(&module->secrets.items[i]);
		if (matches(&object, template, count))
			search->handles[search->count++] = object.handle;
	}
	search->active = true;
	return CKR_OK;
}

/*
 * Begins the search; the session may have gone in the meantime. keys is NULL
 * if keyd was not asked.
 */
static CK_RV
begin(CK_SESSION_HANDLE handle, struct key_list *keys,
    const CK_ATTRIBUTE *template, CK_ULONG count)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session;
	CK_RV rv;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	rv = idle_session(module, handle, &session);
	if (rv == CKR_OK && keys)
		rv = object_table_update(&module->objects, keys);
	if (rv == CKR_OK)
		rv = select_objects(module, template, count, &session->search);
	return rv;
}

CK_RV
C_FindObjectsInit(
    CK_SESSION_HANDLE handle, CK_ATTRIBUTE *template, unsigned long count)
{
	CLEANUP_DONE(key_list) struct key_list keys = {0};
	struct remote *remote;
	CK_RV rv;

	if (!template && count > 0)
		return CKR_ARGUMENTS_BAD;
	rv = prepare(handle, &remote);
	if (rv != CKR_OK)
		return rv;
	if (!wants_keys(template, count))
		return begin(handle, NULL, template, count);
	rv = ask_for_keys(remote, &keys);
	return rv == CKR_OK ? begin(handle, &keys, template, count) : rv;
}

/* The session with a search in progress. */
static CK_RV
searching_session(struct module *module, CK_SESSION_HANDLE handle,
    struct session **ret_session)
{
	*ret_session = session_find(&module->sessions, handle);
	if (!*ret_session)
		return CKR_SESSION_HANDLE_INVALID;
	return (*ret_session)->search.active ? CKR_OK
					     : CKR_OPERATION_NOT_INITIALIZED;
}

CK_RV
C_FindObjects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE *objects,
    unsigned long room, unsigned long *ret_count)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session;
	struct search *search;
	CK_ULONG count = 0;
	CK_RV rv;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!ret_count || (!objects && room > 0))
		return CKR_ARGUMENTS_BAD;
	rv = searching_session(module, handle, &session);
	if (rv != CKR_OK)
		return rv;
	search = &session->search;
	while (count < room && search->next < search->count)
		objects[count++] = search->handles[search->next++];
	*ret_count = count;
	return CKR_OK;
}

CK_RV
C_FindObjectsFinal(CK_SESSION_HANDLE handle)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session;
	CK_RV rv;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	rv = searching_session(module, handle, &session);
	if (rv == CKR_OK)
		search_done(&session->search);
	return rv;
}
