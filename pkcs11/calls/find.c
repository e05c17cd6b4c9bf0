/* SPDX-License-Identifier: MIT */
/*
 * Searches. Each asks keyd and certd anew, so that a new key or certificate is
 * found without a restart of the program, unless it is for something that they
 * never have.
 */
#include "attribute.h"
#include "module.h"

/* What a search may find, and whom to ask for it. */
struct wanted {
	bool keys;
	bool certificates;
};

/* Copies what template has of type, if it is of that size. */
static bool
has(const CK_ATTRIBUTE *template, CK_ULONG count, CK_ATTRIBUTE_TYPE type,
    void *value, size_t size)
{
	for (CK_ULONG i = 0; i < count; i++)
		if (template[i].type == type && template[i].pValue &&
		    template[i].ulValueLen == size) {
			memcpy(value, template[i].pValue, size);
			return true;
		}
	return false;
}

/* Nothing of keyd and of certd is an object of a session. */
static struct wanted
wanted_by(const CK_ATTRIBUTE *template, CK_ULONG count)
{
	struct wanted wanted = {true, true};
	CK_OBJECT_CLASS class;
	CK_BBOOL on_token;

	if (has(template, count, CKA_TOKEN, &on_token, sizeof(on_token)) &&
	    on_token == CK_FALSE)
		return (struct wanted){false, false};
	if (has(template, count, CKA_CLASS, &class, sizeof(class))) {
		wanted.keys =
		    class == CKO_PRIVATE_KEY || class == CKO_PUBLIC_KEY;
		wanted.certificates = class == CKO_CERTIFICATE;
	}
	return wanted;
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

/* What the daemons said, and which of them were asked. */
struct news {
	bool has_keys;
	struct key_list keys;
	bool has_certificates;
	struct certificate_list certificates;
};

static void
news_done(struct news *news)
{
	key_list_done(&news->keys);
	certificate_list_done(&news->certificates);
}

/* Checks that a search may begin, before anybody is asked without the lock. */
static CK_RV
prepare(CK_SESSION_HANDLE handle, struct remote **ret_keyd,
    struct remote **ret_certd)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	*ret_keyd = &module->remote;
	*ret_certd = &module->certd;
	return idle_session(module, handle, &session);
}

/*
 * Who may not even open keyd's socket has no keys, which is no failure: the
 * module may be registered for programs of users that are nobody to keyd.
 */
static CK_RV
ask_for_keys(struct remote *keyd, struct news *news)
{
	struct error err;
	enum error_code code = remote_list(keyd, &news->keys, &err);

	if (code && code != ERROR_DENIED)
		return CKR_DEVICE_ERROR;
	news->has_keys = true;
	return CKR_OK;
}

/*
 * Certificates are shown beside keys, so who has none need not ask. That certd
 * does not answer hides certificates, and is no failure: keys work without.
 */
static void
ask_for_certificates(struct remote *certd, struct news *news)
{
	struct error err;

	news->has_certificates = true;
	if (news->keys.count > 0 &&
	    remote_list_certificates(certd, &news->certificates, &err))
		news->certificates = (struct certificate_list){0, NULL};
}

static CK_RV
ask(struct remote *keyd, struct remote *certd, const struct wanted *wanted,
    struct news *news)
{
	CK_RV rv = CKR_OK;

	if (wanted->keys || wanted->certificates)
		rv = ask_for_keys(keyd, news);
	if (wanted->certificates)
		ask_for_certificates(certd, news);
	return wanted->keys ? rv : CKR_OK;
}

/* A certificate is shown beside its key. */
static bool
is_ours(const struct object *object)
{
	return object->certificate->listed && !object->certificate->gone &&
	       object->key;
}

static void
add_match(struct search *search, const struct object *object,
    const CK_ATTRIBUTE *template, CK_ULONG count)
{
	if (matches(object, template, count))
		search->handles[search->count++] = object->handle;
}

static CK_RV
select_objects(const struct module *module, const CK_ATTRIBUTE *template,
    CK_ULONG count, struct search *search)
{
	size_t size = object_table_size(&module->objects);
	size_t room =
	    size + module->secrets.count + module->certificates.count + 1;
	struct object object;

	search->handles = calloc(room, sizeof(*search->handles));
	if (!search->handles)
		return CKR_HOST_MEMORY;
	for (size_t i = 0; i < size; i++)
		if (object_at(&module->objects, i, &object))
			add_match(search, &object, template, count);
	for (size_t i = 0; i < module->secrets.count; i++) {
		object = object_of_secret(&module->secrets.items[i]);
		add_match(search, &object, template, count);
	}
	for (size_t i = 0; i < module->certificates.count; i++) {
		object = object_of_certificate(
		    &module->objects, &module->certificates.items[i]);
		if (is_ours(&object))
			add_match(search, &object, template, count);
	}
	search->active = true;
	return CKR_OK;
}

/* Begins the search; the session may have gone in the meantime. */
static CK_RV
begin(CK_SESSION_HANDLE handle, struct news *news, const CK_ATTRIBUTE *template,
    CK_ULONG count)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session;
	CK_RV rv;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	rv = idle_session(module, handle, &session);
	if (rv == CKR_OK && news->has_keys)
		rv = object_table_update(&module->objects, &news->keys);
	if (rv == CKR_OK && news->has_certificates)
		rv = certificate_table_update(
		    &module->certificates, &news->certificates);
	if (rv == CKR_OK)
		rv = select_objects(module, template, count, &session->search);
	return rv;
}

CK_RV
C_FindObjectsInit(
    CK_SESSION_HANDLE handle, CK_ATTRIBUTE *template, unsigned long count)
{
	CLEANUP_DONE(news) struct news news = {.has_keys = false};
	struct remote *keyd;
	struct remote *certd;
	struct wanted wanted;
	CK_RV rv;

	if (!template && count > 0)
		return CKR_ARGUMENTS_BAD;
	rv = prepare(handle, &keyd, &certd);
	if (rv != CKR_OK)
		return rv;
	wanted = wanted_by(template, count);
	rv = ask(keyd, certd, &wanted, &news);
	return rv == CKR_OK ? begin(handle, &news, template, count) : rv;
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
