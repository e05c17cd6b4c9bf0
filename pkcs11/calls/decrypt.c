/* SPDX-License-Identifier: MIT */
/*
 * Decryption: RSA, in one part. Asking for the length is answered with the
 * most that there can be, without a round trip. A plaintext for which there is
 * too little room waits in the session, so that nothing is decrypted twice.
 */
#include "module.h"

CK_RV
C_DecryptInit(
    CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_begin(handle, PURPOSE_DECRYPT, mechanism, key);
}

/* Where the caller wants a plaintext. */
struct destination {
	unsigned char *data; /* NULL: the caller asks for the length */
	CK_ULONG *length;
};

/* Hands out a plaintext, if there is room for it. */
static CK_RV
deliver(const struct output *plaintext, const struct destination *destination)
{
	CK_ULONG room = *destination->length;

	*destination->length = plaintext->length;
	if (!destination->data)
		return CKR_OK;
	if (room < plaintext->length)
		return CKR_BUFFER_TOO_SMALL;
	if (plaintext->length > 0)
		memcpy(destination->data, plaintext->data, plaintext->length);
	return CKR_OK;
}

/*
 * Takes the operation to go on without the lock; or answers here and now, and
 * *ret_operation is not active.
 */
static CK_RV
take(CK_SESSION_HANDLE handle, const struct destination *destination,
    struct operation *ret_operation, struct remote **ret_remote)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct operation *operation;
	CK_RV rv = operation_find(module, handle, PURPOSE_DECRYPT, &operation);

	if (rv != CKR_OK)
		return rv;
	if (operation->ready) {
		rv = deliver(operation->ready, destination);
		if (rv == CKR_OK && destination->data)
			operation_done(operation);
		return rv;
	}
	if (!destination->data) {
		*destination->length = operation->scheme.output_length;
		return CKR_OK;
	}
	*ret_operation = TAKE_CONTENTS(*operation);
	*ret_remote = &module->remote;
	return CKR_OK;
}

/* Lets plaintext wait in the session, if that is still there and free. */
static CK_RV
put_back(CK_SESSION_HANDLE handle, struct operation *operation,
    const struct output *plaintext)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session =
	    module ? session_find(&module->sessions, handle) : NULL;

	if (!session || session->operations[PURPOSE_DECRYPT].active)
		return CKR_BUFFER_TOO_SMALL;
	operation->ready = malloc(sizeof(*operation->ready));
	if (!operation->ready)
		return CKR_HOST_MEMORY;
	memcpy(operation->ready, plaintext, sizeof(*plaintext));
	session->operations[PURPOSE_DECRYPT] = TAKE_CONTENTS(*operation);
	return CKR_BUFFER_TOO_SMALL;
}

static CK_RV
decrypt(struct remote *remote, const struct operation *operation,
    const struct bytes *ciphertext, struct output *ret_plaintext)
{
	struct message message;
	struct use use;
	struct error err;
	enum error_code code;

	if (scheme_fit(&operation->scheme, ciphertext->data, ciphertext->length,
		&message) != CKR_OK)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	use = operation_use(operation, &message);
	if (operation->scheme.label.length > 0)
		use.members[1] =
		    (struct use_member){"label", operation->scheme.label.data,
			operation->scheme.label.length};
	code = remote_decrypt(remote, &use, ret_plaintext, &err);
	return operation_failure(code, CKR_ENCRYPTED_DATA_INVALID);
}

/* NOLINTBEGIN(readability-non-const-parameter): PKCS#11 decides the type. */
CK_RV
C_Decrypt(CK_SESSION_HANDLE handle, unsigned char *data,
    unsigned long data_length, unsigned char *ret_plaintext,
    unsigned long *ret_length)
{
	CLEANUP_DONE(operation) struct operation operation = {0};
	CLEANUP_DONE(output) struct output plaintext = {0};
	const struct destination destination = {ret_plaintext, ret_length};
	const struct bytes ciphertext = {data, data_length};
	struct remote *remote = NULL;
	CK_RV rv;

	if (!ret_length || (!data && data_length > 0))
		return CKR_ARGUMENTS_BAD;
	rv = take(handle, &destination, &operation, &remote);
	if (rv != CKR_OK || !operation.active)
		return rv;
	rv = decrypt(remote, &operation, &ciphertext, &plaintext);
	if (rv != CKR_OK)
		return rv;
	rv = deliver(&plaintext, &destination);
	return rv == CKR_BUFFER_TOO_SMALL
		   ? put_back(handle, &operation, &plaintext)
		   : rv;
}
/* NOLINTEND(readability-non-const-parameter) */
