/* SPDX-License-Identifier: MIT */
#include "operation.h"

#include "module.h"

void
operation_done(struct operation *operation)
{
	free(operation->key_id);
	scheme_done(&operation->scheme);
	bytes_done(&operation->parts);
	if (operation->ready) {
		output_done(operation->ready);
		free(operation->ready);
	}
	*operation = (struct operation){0};
}

/* The half of a pair that purpose is for. */
static CK_OBJECT_CLASS
class_of(enum purpose purpose)
{
	return purpose == PURPOSE_VERIFY ? CKO_PUBLIC_KEY : CKO_PRIVATE_KEY;
}

static CK_RV
begin(struct operation *operation, enum purpose purpose,
    const CK_MECHANISM *mechanism, const struct key *key)
{
	CLEANUP_DONE(operation) struct operation begun = {.active = true};
	CK_RV rv = scheme_choose(mechanism, purpose, key, &begun.scheme);

	if (rv != CKR_OK)
		return rv;
	begun.key_id = strdup(key->id);
	if (!begun.key_id)
		return CKR_HOST_MEMORY;
	memcpy(begun.fingerprint, key->fingerprint, sizeof(begun.fingerprint));
	*operation = TAKE_CONTENTS(begun);
	return CKR_OK;
}

CK_RV
operation_begin(CK_SESSION_HANDLE handle, enum purpose purpose,
    const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session;
	struct object object;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	session = session_find(&module->sessions, handle);
	if (!session)
		return CKR_SESSION_HANDLE_INVALID;
	if (!mechanism)
		return CKR_ARGUMENTS_BAD;
	if (session->operations[purpose].active)
		return CKR_OPERATION_ACTIVE;
	if (object_find(&module->objects, key, &object) != CKR_OK)
		return CKR_KEY_HANDLE_INVALID;
	if (object.class != class_of(purpose))
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	return begin(
	    &session->operations[purpose], purpose, mechanism, object.key);
}

static CK_RV
add_part(
    struct operation *operation, const unsigned char *part, CK_ULONG length)
{
	struct bytes *parts = &operation->parts;
	unsigned char *grown;

	operation->in_parts = true;
	if (length == 0)
		return CKR_OK;
	if (!part)
		return CKR_ARGUMENTS_BAD;
	if (length > MESSAGE_MAX - parts->length)
		return CKR_DATA_LEN_RANGE;
	grown = realloc(parts->data, parts->length + length);
	if (!grown)
		return CKR_HOST_MEMORY;
	memcpy(grown + parts->length, part, length);
	parts->data = grown;
	parts->length += length;
	return CKR_OK;
}

CK_RV
operation_find(struct module *module, CK_SESSION_HANDLE handle,
    enum purpose purpose, struct operation **ret_operation)
{
	struct session *session;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	session = session_find(&module->sessions, handle);
	if (!session)
		return CKR_SESSION_HANDLE_INVALID;
	*ret_operation = &session->operations[purpose];
	return (*ret_operation)->active ? CKR_OK
					: CKR_OPERATION_NOT_INITIALIZED;
}

CK_RV
operation_add(CK_SESSION_HANDLE handle, enum purpose purpose,
    const unsigned char *part, CK_ULONG length)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct operation *operation;
	CK_RV rv;

	rv = operation_find(module, handle, purpose, &operation);
	if (rv != CKR_OK)
		return rv;
	rv = add_part(operation, part, length);
	if (rv != CKR_OK)
		operation_done(operation);
	return rv;
}

CK_RV
operation_take(CK_SESSION_HANDLE handle, enum purpose purpose,
    bool wants_result, CK_ULONG *length, struct operation *ret_operation,
    struct remote **ret_remote)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct operation *operation;
	CK_ULONG room = *length;
	CK_RV rv;

	rv = operation_find(module, handle, purpose, &operation);
	if (rv != CKR_OK)
		return rv;

	*length = operation->scheme.output_length;
	if (!wants_result)
		return CKR_OK;
	if (room < *length)
		return CKR_BUFFER_TOO_SMALL;
	*ret_operation = TAKE_CONTENTS(*operation);
	*ret_remote = &module->remote;
	return CKR_OK;
}

struct use
operation_use(const struct operation *operation, const struct message *message)
{
	return (struct use){
	    .key_id = operation->key_id,
	    .fingerprint = operation->fingerprint,
	    .algorithm = operation->scheme.algorithm,
	    .members = {{operation->scheme.member, message->data,
		message->length}},
	};
}

CK_RV
operation_failure(enum error_code code, CK_RV invalid)
{
	switch (code) {
	case ERROR_NONE:
		return CKR_OK;
	case ERROR_INVALID:
		return invalid;
	case ERROR_DENIED:
		return CKR_FUNCTION_REJECTED;
	case ERROR_NOT_FOUND:
		return CKR_KEY_HANDLE_INVALID;
	case ERROR_UNAVAILABLE:
	case ERROR_TIMEOUT:
	case ERROR_UPSTREAM:
		return CKR_DEVICE_ERROR;
	case ERROR_MALFORMED:
	case ERROR_EXISTS:
	case ERROR_INTERNAL:
		break;
	}
	return CKR_GENERAL_ERROR;
}
