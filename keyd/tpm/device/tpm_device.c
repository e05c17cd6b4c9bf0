/* SPDX-License-Identifier: MIT */
#include "tpm_device.h"

#include <openssl/crypto.h>
#include <string.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tctildr.h>

#include "tpm_inside.h"
#include "tpm_object.h"
#include "tpm_rc.h"
#include "tpm_templates.h"

static enum error_code
set_authorization(ESYS_CONTEXT *esys, ESYS_TR hierarchy, const char *text,
    const char *name, struct error *err)
{
	TPM2B_AUTH auth = {0};
	TSS2_RC rc;

	if (!text || !*text)
		return ERROR_NONE;
	if (strlen(text) > sizeof(auth.buffer))
		return error_set(err, ERROR_INVALID,
		    "tpm.hierarchy_authorization.%s is longer than %zu bytes",
		    name, sizeof(auth.buffer));
	auth.size = (UINT16)strlen(text);
	memcpy(auth.buffer, text, auth.size);
	rc = Esys_TR_SetAuth(esys, hierarchy, &auth);
	OPENSSL_cleanse(&auth, sizeof(auth));
	return rc ? tpm_rc_error(rc, "setting an authorization", err)
		  : ERROR_NONE;
}

enum error_code
tpm_device_open(const struct tpm_access *access, struct tpm_device **ret_device,
    struct error *err)
{
	CLEANUP(tpm_device)
	struct tpm_device *device = calloc(1, sizeof(*device));
	TSS2_RC rc;

	if (!device)
		return error_no_memory(err);
	rc = Tss2_TctiLdr_Initialize(access->tcti, &device->tcti);
	if (rc) {
		(void)tpm_rc_error(rc, access->tcti, err);
		err->code = ERROR_UNAVAILABLE;
		return err->code;
	}
	rc = Esys_Initialize(&device->esys, device->tcti, NULL);
	if (rc)
		return tpm_rc_error(rc, access->tcti, err);
	if (set_authorization(device->esys, ESYS_TR_RH_ENDORSEMENT,
		access->endorsement, "endorsement", err) ||
	    set_authorization(
		device->esys, ESYS_TR_RH_OWNER, access->owner, "owner", err))
		return err->code;
	*ret_device = TAKE(device);
	return ERROR_NONE;
}

void
tpm_device_close(struct tpm_device *device)
{
	if (!device)
		return;
	Esys_Finalize(&device->esys);
	Tss2_TctiLdr_Finalize(&device->tcti);
	free(device);
}

/* ---- the primary keys ---- */

static const struct {
	uint32_t handle;
	ESYS_TR hierarchy;
	const TPM2B_PUBLIC *template;
	const char *name;
} primaries[] = {
    [TPM_ENDORSEMENT_KEY] = {TPM_HANDLE_EK,  ESYS_TR_RH_ENDORSEMENT,
			     &tpm_endorsement_template, "endorsement key" },
    [TPM_STORAGE_ROOT_KEY] = {TPM_HANDLE_SRK, ESYS_TR_RH_OWNER,
			     &tpm_storage_template,     "storage root key"},
};

static enum error_code
make_primary(
    struct tpm_device *device, enum tpm_primary primary, struct error *err)
{
	const TPM2B_SENSITIVE_CREATE no_authorization = {0};
	const TPM2B_DATA no_information = {0};
	const TPML_PCR_SELECTION no_registers = {0};
	CLEANUP_DONE(tpm_object) struct tpm_object object = {0};
	ESYS_TR reference;
	TSS2_RC rc = Esys_CreatePrimary(device->esys,
	    primaries[primary].hierarchy, ESYS_TR_PASSWORD, ESYS_TR_NONE,
	    ESYS_TR_NONE, &no_authorization, primaries[primary].template,
	    &no_information, &no_registers, &reference, NULL, NULL, NULL, NULL);

	if (rc)
		return tpm_rc_error(rc, "making the key", err);
	object = (struct tpm_object){device->esys, reference, false};
	return tpm_object_persist(&object, primaries[primary].handle, err);
}

static enum error_code
find_primary(struct tpm_device *device, enum tpm_primary primary,
    struct tpm_object *ret_object, struct error *err)
{
	uint32_t handle = primaries[primary].handle;
	enum error_code code =
	    tpm_object_find(device->esys, handle, ret_object, err);

	if (code != ERROR_NOT_FOUND)
		return code;
	if (make_primary(device, primary, err))
		return err->code;
	return tpm_object_find(device->esys, handle, ret_object, err);
}

static enum error_code
read_primary(struct tpm_device *device, enum tpm_primary primary,
    struct tpm_area *ret_area, struct error *err)
{
	CLEANUP_DONE(tpm_object) struct tpm_object object = {0};
	struct tpm_area area = {0};
	TPM2B_PUBLIC public;
	TSS2_RC rc;

	if (find_primary(device, primary, &object, err) ||
	    tpm_object_public(&object, &public, err))
		return err->code;
	if (public.publicArea.type != TPM2_ALG_RSA ||
	    !(public.publicArea.objectAttributes & TPMA_OBJECT_RESTRICTED) ||
	    !(public.publicArea.objectAttributes & TPMA_OBJECT_DECRYPT))
		return error_set(err, ERROR_INVALID,
		    "the key at 0x%08x is no RSA key that DPS could wrap for: "
		    "if nobody else needs it, 'tpm2_evictcontrol -C o -c "
		    "0x%08x' removes it, and the right one is made",
		    primaries[primary].handle, primaries[primary].handle);
	rc = Tss2_MU_TPM2B_PUBLIC_Marshal(
	    &public, area.data, sizeof(area.data), &area.length);
	if (rc)
		return tpm_rc_error(rc, "marshalling", err);
	*ret_area = area;
	return ERROR_NONE;
}

enum error_code
tpm_device_primary(struct tpm_device *device, enum tpm_primary primary,
    struct tpm_area *ret_area, struct error *err)
{
	if (read_primary(device, primary, ret_area, err))
		return error_wrap(err, "%s", primaries[primary].name);
	return ERROR_NONE;
}
