/* SPDX-License-Identifier: MIT */
/* Random numbers of keyd's token. */
#include "module.h"

static CK_RV
check_call(CK_SESSION_HANDLE handle, const unsigned char *bytes,
    unsigned long length, struct remote **ret_remote)
{
	CLEANUP(module_lock) struct module *module = module_lock();

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!session_find(&module->sessions, handle))
		return CKR_SESSION_HANDLE_INVALID;
	if (!bytes && length > 0)
		return CKR_ARGUMENTS_BAD;
	*ret_remote = &module->remote;
	return CKR_OK;
}

/* NOLINTBEGIN(readability-non-const-parameter): PKCS#11 decides the type. */
CK_RV
C_SeedRandom(
    CK_SESSION_HANDLE handle, unsigned char *seed, unsigned long length)
{
	struct remote *remote;
	CK_RV rv = check_call(handle, seed, length, &remote);

	return rv == CKR_OK ? CKR_RANDOM_SEED_NOT_SUPPORTED : rv;
}
/* NOLINTEND(readability-non-const-parameter) */

CK_RV
C_GenerateRandom(
    CK_SESSION_HANDLE handle, unsigned char *data, unsigned long length)
{
	struct remote *remote;
	CK_RV rv = check_call(handle, data, length, &remote);

	if (rv != CKR_OK)
		return rv;
	while (length > 0) {
		size_t part =
		    length < REMOTE_RANDOM_MAX ? length : REMOTE_RANDOM_MAX;
		struct error err;
		enum error_code code = remote_random(remote, data, part, &err);

		if (code)
			return operation_failure(code, CKR_FUNCTION_FAILED);
		data += part;
		length -= part;
	}
	return CKR_OK;
}
