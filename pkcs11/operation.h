/* SPDX-License-Identifier: MIT */
/*
 * What a session is in the middle of: begun by C_SignInit and the like, ended
 * by the call that takes the result. All is local but that last call.
 */
#ifndef PKCS11_OPERATION_H
#define PKCS11_OPERATION_H

#include "mechanism.h"
#include "remote.h"

struct module;

struct operation {
	bool active;
	bool in_parts; /* it has to end with C_SignFinal or C_VerifyFinal */
	char *key_id;
	char fingerprint[KEY_FINGERPRINT_MAX + 1];
	struct scheme scheme;
	struct bytes parts;   /* of C_SignUpdate or C_VerifyUpdate so far */
	struct output *ready; /* a plaintext that waits for enough room */
};

/* Releases the contents and zeroes them. */
void operation_done(struct operation *operation);

/* Begins what purpose says, as all C_...Init functions do. */
CK_RV operation_begin(CK_SESSION_HANDLE handle, enum purpose purpose,
    const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);

/*
 * What the session is in the middle of. module is as module_lock() returned it,
 * and locked for as long as *ret_operation is used.
 */
CK_RV operation_find(struct module *module, CK_SESSION_HANDLE handle,
    enum purpose purpose, struct operation **ret_operation);

/* Adds a part, as the C_...Update functions do; a failure ends it. */
CK_RV operation_add(CK_SESSION_HANDLE handle, enum purpose purpose,
    const unsigned char *part, CK_ULONG length);

/*
 * Takes the operation from its session, which ends it there, to go on without
 * the lock. It stays, and *ret_operation is not active, if the caller only
 * asks for the length of the result (CKR_OK) or has less room than *length
 * says (CKR_BUFFER_TOO_SMALL).
 */
CK_RV operation_take(CK_SESSION_HANDLE handle, enum purpose purpose,
    bool wants_result, CK_ULONG *length, struct operation *ret_operation,
    struct remote **ret_remote);

/* What keyd is to be asked for. All is borrowed. */
struct use operation_use(
    const struct operation *operation, const struct message *message);

/*
 * What PKCS#11 calls a failure of keyd; invalid is what it calls
 * ERROR_INVALID here. None is final: the next call may succeed, with the same
 * session and key.
 */
CK_RV operation_failure(enum error_code code, CK_RV invalid);

#endif
