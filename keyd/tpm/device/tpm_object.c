/* SPDX-License-Identifier: MIT */
#include "tpm_object.h"

#include "tpm_rc.h"

void
tpm_object_done(struct tpm_object *object)
{
	if (!object->esys)
		return;
	if (object->is_persistent)
		(void)Esys_TR_Close(object->esys, &object->reference);
	else
		(void)Esys_FlushContext(object->esys, object->reference);
	*object = (struct tpm_object){0};
}

enum error_code
tpm_object_find(ESYS_CONTEXT *esys, uint32_t handle,
    struct tpm_object *ret_object, struct error *err)
{
	ESYS_TR reference;
	TSS2_RC rc = Esys_TR_FromTPMPublic(
	    esys, handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &reference);

	if (tpm_rc_is_no_handle(rc))
		return error_set(err, ERROR_NOT_FOUND,
		    "the TPM has no key at 0x%08x", handle);
	if (rc)
		return tpm_rc_error(rc, "looking for a key", err);
	*ret_object = (struct tpm_object){esys, reference, true};
	return ERROR_NONE;
}

enum error_code
tpm_object_public(const struct tpm_object *object, TPM2B_PUBLIC *ret_public,
    struct error *err)
{
	TPM2B_PUBLIC *public = NULL;
	TSS2_RC rc = Esys_ReadPublic(object->esys, object->reference,
	    ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &public, NULL, NULL);

	if (rc)
		return tpm_rc_error(rc, "reading a public key", err);
	*ret_public = *public;
	Esys_Free(public);
	return ERROR_NONE;
}

/* On a persistent key it removes that, on another it makes it persistent. */
static TSS2_RC
evict(const struct tpm_object *object, uint32_t handle, ESYS_TR *ret_reference)
{
	return Esys_EvictControl(object->esys, ESYS_TR_RH_OWNER,
	    object->reference, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
	    handle, ret_reference);
}

enum error_code
tpm_object_persist(
    const struct tpm_object *object, uint32_t handle, struct error *err)
{
	ESYS_TR reference;
	TSS2_RC rc = evict(object, handle, &reference);

	if (rc)
		return tpm_rc_error(rc, "making a key persistent", err);
	(void)Esys_TR_Close(object->esys, &reference);
	return ERROR_NONE;
}

enum error_code
tpm_object_remove(struct tpm_object *object, uint32_t handle, struct error *err)
{
	ESYS_TR none;
	TSS2_RC rc = evict(object, handle, &none);

	if (rc)
		return tpm_rc_error(rc, "removing a former key", err);
	*object = (struct tpm_object){0};
	return ERROR_NONE;
}
