/* SPDX-License-Identifier: MIT */
#include "fake_tpm.h"

#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>

static struct fake_tpm tpm;

struct tpm_device {
	struct fake_tpm *tpm;
};

void
fake_tpm_reset(void)
{
	tpm = (struct fake_tpm){0};
}

struct fake_tpm *
fake_tpm(void)
{
	return &tpm;
}

/* Whatever is asked of it. */
static enum error_code
work(struct error *err)
{
	if (tpm.at_work)
		tpm.at_work();
	if (tpm.fault.code)
		*err = tpm.fault;
	return tpm.fault.code;
}

enum error_code
tpm_device_open(const struct tpm_access *access, struct tpm_device **ret_device,
    struct error *err)
{
	(void)access;
	if (tpm.unplugged.code) {
		*err = tpm.unplugged;
		return err->code;
	}
	*ret_device = calloc(1, sizeof(**ret_device));
	if (!*ret_device)
		return error_no_memory(err);
	tpm.opened++;
	return ERROR_NONE;
}

void
tpm_device_close(struct tpm_device *device)
{
	if (device)
		tpm.closed++;
	free(device);
}

/* "EK" and "SRK" with a size in front. */
enum error_code
tpm_device_primary(struct tpm_device *device, enum tpm_primary primary,
    struct tpm_area *ret_area, struct error *err)
{
	static const struct tpm_area areas[] = {
	    [TPM_ENDORSEMENT_KEY] = {4, {0, 2, 'E', 'K'}     },
	    [TPM_STORAGE_ROOT_KEY] = {5, {0, 3, 'S', 'R', 'K'}},
	};

	(void)device;
	if (work(err))
		return err->code;
	*ret_area = areas[primary];
	return ERROR_NONE;
}

enum error_code
tpm_device_import(struct tpm_device *device, const struct tpm_blob *blob,
    struct tpm_wrapped *ret_key, struct error *err)
{
	(void)device;
	if (work(err))
		return err->code;
	tpm.blob = *blob;
	*ret_key = (struct tpm_wrapped){.public = blob->public};
	return ERROR_NONE;
}

enum error_code
tpm_device_persist(struct tpm_device *device, const struct tpm_wrapped *key,
    uint32_t handle, struct error *err)
{
	(void)device;
	(void)key;
	if (work(err))
		return err->code;
	tpm.handle = handle;
	tpm.has_key = true;
	return ERROR_NONE;
}

/* The length of the data, thirty-two times. */
enum error_code
tpm_device_hmac(struct tpm_device *device, const struct tpm_wrapped *key,
    uint32_t handle, const unsigned char *data, size_t length,
    unsigned char ret_mac[static TPM_MAC_LENGTH], struct error *err)
{
	(void)device;
	(void)data;
	if (work(err))
		return err->code;
	if (!key && !tpm.has_key)
		return error_set(
		    err, ERROR_NOT_FOUND, "no key at 0x%08x", handle);
	tpm.used_wrapped = key != NULL;
	tpm.handle = handle;
	memset(ret_mac, (int)(length & 0xff), TPM_MAC_LENGTH);
	return ERROR_NONE;
}

size_t
fake_tpm_blob(unsigned char ret_blob[static 1024])
{
	const TPM2B_ID_OBJECT credential = {
	    .size = 3, .credential = {1, 2, 3}
        };
	const TPM2B_ENCRYPTED_SECRET secret = {
	    .size = 2, .secret = {4, 5}
        };
	const TPM2B_PRIVATE duplicate = {
	    .size = 4, .buffer = {6, 7, 8, 9}
        };
	const TPM2B_PUBLIC public = {
	    .publicArea =
		{
			     .type = TPM2_ALG_KEYEDHASH,
			     .nameAlg = TPM2_ALG_SHA256,
			     .objectAttributes = TPMA_OBJECT_SIGN_ENCRYPT,
			     .parameters.keyedHashDetail.scheme =
			{
			    .scheme = TPM2_ALG_HMAC,
			    .details.hmac.hashAlg = TPM2_ALG_SHA256,
			}, },
	};
	size_t length = 0;

	if (Tss2_MU_TPM2B_ID_OBJECT_Marshal(
		&credential, ret_blob, 1024, &length) ||
	    Tss2_MU_TPM2B_ENCRYPTED_SECRET_Marshal(
		&secret, ret_blob, 1024, &length) ||
	    Tss2_MU_TPM2B_PRIVATE_Marshal(
		&duplicate, ret_blob, 1024, &length) ||
	    Tss2_MU_TPM2B_ENCRYPTED_SECRET_Marshal(
		&secret, ret_blob, 1024, &length) ||
	    Tss2_MU_TPM2B_PUBLIC_Marshal(&public, ret_blob, 1024, &length))
		abort();
	return length;
}
