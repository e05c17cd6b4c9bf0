/* SPDX-License-Identifier: MIT */
/*
 * C_GenerateKeyPair and C_DestroyObject, for who has the right to manage keys.
 * A pair is one thing to keyd: it is made whole, and destroyed whole by its
 * private half.
 */
#include "module.h"
#include "pair.h"

/* Changes of the token are for read-write sessions (PKCS#11 5.6). */
static CK_RV
check_session(CK_SESSION_HANDLE handle, struct remote **ret_remote)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	const struct session *session;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	session = session_find(&module->sessions, handle);
	if (!session)
		return CKR_SESSION_HANDLE_INVALID;
	*ret_remote = &module->remote;
	return session->flags & CKF_RW_SESSION ? CKR_OK : CKR_SESSION_READ_ONLY;
}

/* Who may not is told that the token is not to be written to. */
static CK_RV
change_failure(enum error_code code)
{
	if (code == ERROR_DENIED)
		return CKR_TOKEN_WRITE_PROTECTED;
	return operation_failure(code, CKR_FUNCTION_FAILED);
}

static const struct key *
find_by_id(const struct key_list *keys, const char *id)
{
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->items[i].id, id) == 0)
			return &keys->items[i];
	return NULL;
}

/*
 * keyd would let an existing pair of this id be the answer. For a caller of
 * C_GenerateKeyPair that is none: it asked for a new one.
 */
static CK_RV
check_free(struct remote *remote, const char *id)
{
	CLEANUP_DONE(key_list) struct key_list keys = {0};
	struct error err;
	enum error_code code = remote_list(remote, &keys, &err);

	if (code)
		return change_failure(code);
	return find_by_id(&keys, id) ? CKR_ATTRIBUTE_VALUE_INVALID : CKR_OK;
}

/* The handles of both halves of the pair with id. */
static CK_RV
find_halves(const struct object_table *objects, const char *id,
    CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	struct object object;
	bool found = false;

	for (size_t i = 0; i < object_table_size(objects); i++) {
		if (!object_at(objects, i, &object) ||
		    strcmp(object.key->id, id) != 0)
			continue;
		found = true;
		if (object.class == CKO_PUBLIC_KEY)
			*ret_public = object.handle;
		else
			*ret_private = object.handle;
	}
	return found ? CKR_OK : CKR_FUNCTION_FAILED;
}

static CK_RV
file(struct key_list *keys, const char *id, CK_OBJECT_HANDLE *ret_public,
    CK_OBJECT_HANDLE *ret_private)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	CK_RV rv;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	rv = object_table_update(&module->objects, keys);
	return rv == CKR_OK
		   ? find_halves(&module->objects, id, ret_public, ret_private)
		   : rv;
}

/* If not, somebody else was faster, with something else. */
static bool
is_wanted(const struct key *key, const struct pair_request *request)
{
	struct bytes id = key_cka_id(key);

	return key->curve == request->curve && key_bits(key) == request->bits &&
	       (request->cka_id.length == 0 ||
		   (id.length == request->cka_id.length &&
		       memcmp(id.data, request->cka_id.data, id.length) == 0));
}

static CK_RV
generate(struct remote *remote, const struct pair_request *request,
    CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	CLEANUP_DONE(key_list) struct key_list keys = {0};
	const struct key *key;
	struct error err;
	CK_RV rv = check_free(remote, request->id);

	if (rv != CKR_OK)
		return rv;
	if (remote_create(remote, request, &err) ||
	    remote_list(remote, &keys, &err))
		return change_failure(err.code);
	key = find_by_id(&keys, request->id);
	if (!key || !is_wanted(key, request))
		return CKR_FUNCTION_FAILED;
	return file(&keys, request->id, ret_public, ret_private);
}

CK_RV
C_GenerateKeyPair(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism,
    CK_ATTRIBUTE *public_template, unsigned long public_count,
    CK_ATTRIBUTE *private_template, unsigned long private_count,
    CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	const struct pair_template public_half = {
	    public_template, public_count};
	const struct pair_template private_half = {
	    private_template, private_count};
	struct pair_request request;
	struct remote *remote = NULL;
	CK_RV rv;

	if (!mechanism || !ret_public || !ret_private ||
	    (!public_template && public_count > 0) ||
	    (!private_template && private_count > 0))
		return CKR_ARGUMENTS_BAD;
	rv = check_session(handle, &remote);
	if (rv == CKR_OK)
		rv =
		    pair_read(mechanism, &public_half, &private_half, &request);
	return rv == CKR_OK
		   ? generate(remote, &request, ret_public, ret_private)
		   : rv;
}

/*
 * Destroys a secret at once. Of a pair, *ret_id is its id, a copy, and the
 * rest is to be done without the lock.
 */
static CK_RV
destroy_here(
    CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object_handle, char **ret_id)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct object object;
	CK_RV rv;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!session_find(&module->sessions, handle))
		return CKR_SESSION_HANDLE_INVALID;
	rv = module_find(module, object_handle, &object);
	if (rv != CKR_OK)
		return rv;
	if (object.secret) {
		secret_destroy(&module->secrets, object_handle);
		return CKR_OK;
	}
	/* The public half alone is no reason to lose the key. */
	if (object.class != CKO_PRIVATE_KEY ||
	    !(object.key->usage & KEY_MANAGE))
		return CKR_ACTION_PROHIBITED;
	*ret_id = strdup(object.key->id);
	return *ret_id ? CKR_OK : CKR_HOST_MEMORY;
}

/* Sees to it that the id still means the pair of handle. */
static CK_RV
check_pair(struct remote *remote, CK_OBJECT_HANDLE handle)
{
	CLEANUP_DONE(key_list) struct key_list keys = {0};
	struct object object;
	struct error err;
	struct module *module;
	CK_RV rv;

	if (remote_list(remote, &keys, &err))
		return change_failure(err.code);
	module = module_lock();
	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	rv = object_table_update(&module->objects, &keys);
	if (rv == CKR_OK)
		rv = object_find(&module->objects, handle, &object);
	module_unlock(module);
	return rv;
}

static void
forget(CK_OBJECT_HANDLE handle)
{
	CLEANUP(module_lock) struct module *module = module_lock();

	if (module)
		object_forget(&module->objects, handle);
}

CK_RV
C_DestroyObject(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object)
{
	CLEANUP(string) char *id = NULL;
	struct remote *remote = NULL;
	struct error err;
	CK_RV rv = destroy_here(handle, object, &id);

	if (rv != CKR_OK || !id)
		return rv;
	rv = check_session(handle, &remote);
	if (rv == CKR_OK)
		rv = check_pair(remote, object);
	if (rv != CKR_OK)
		return rv;
	if (remote_delete(remote, id, &err))
		return change_failure(err.code);
	forget(object);
	return CKR_OK;
}
