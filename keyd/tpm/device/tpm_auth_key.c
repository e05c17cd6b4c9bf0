/* SPDX-License-Identifier: MIT */
/* The key that DPS or the hub gave the device: how it comes in, its use. */
#include <openssl/crypto.h>
#include <string.h>
#include <tss2/tss2_esys.h>

#include "tpm_device.h"
#include "tpm_inside.h"
#include "tpm_object.h"
#include "tpm_rc.h"

/* ---- import ---- */

/* What wraps the key inside, wiped when it is released. */
static void
inner_key_done(TPM2B_DATA *key)
{
	OPENSSL_cleanse(key, sizeof(*key));
}

static enum error_code
begin_policy(
    ESYS_CONTEXT *esys, struct tpm_object *ret_session, struct error *err)
{
	const TPMT_SYM_DEF no_encryption = {.algorithm = TPM2_ALG_NULL};
	CLEANUP_DONE(tpm_object) struct tpm_object session = {0};
	ESYS_TR reference;
	TSS2_RC rc = Esys_StartAuthSession(esys, ESYS_TR_NONE, ESYS_TR_NONE,
	    ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, NULL, TPM2_SE_POLICY,
	    &no_encryption, TPM2_ALG_SHA256, &reference);

	if (rc)
		return tpm_rc_error(rc, "beginning a session", err);
	session = (struct tpm_object){esys, reference, false};
	/* It is for us to end it, whether it is used or not. */
	rc = Esys_TRSess_SetAttributes(
	    esys, reference, TPMA_SESSION_CONTINUESESSION, 0xff);
	if (rc)
		return tpm_rc_error(rc, "beginning a session", err);
	rc = Esys_PolicySecret(esys, ESYS_TR_RH_ENDORSEMENT, reference,
	    ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, NULL, NULL, NULL, 0,
	    NULL, NULL);
	if (rc)
		return tpm_rc_error(
		    rc, "proving the right to the endorsement key", err);
	*ret_session = TAKE_CONTENTS(session);
	return ERROR_NONE;
}

static enum error_code
activate(ESYS_CONTEXT *esys, const struct tpm_object *storage,
    const struct tpm_blob *blob, TPM2B_DATA *ret_key, struct error *err)
{
	CLEANUP_DONE(tpm_object) struct tpm_object endorsement = {0};
	CLEANUP_DONE(tpm_object) struct tpm_object session = {0};
	TPM2B_DIGEST *key = NULL;
	TSS2_RC rc;

	if (tpm_object_find(esys, TPM_HANDLE_EK, &endorsement, err) ||
	    begin_policy(esys, &session, err))
		return err->code;
	rc = Esys_ActivateCredential(esys, storage->reference,
	    endorsement.reference, ESYS_TR_PASSWORD, session.reference,
	    ESYS_TR_NONE, &blob->credential, &blob->secret, &key);
	if (rc)
		return tpm_rc_error(rc, "activating the credential", err);
	ret_key->size = key->size;
	memcpy(ret_key->buffer, key->buffer, key->size);
	OPENSSL_cleanse(key, sizeof(*key));
	Esys_Free(key);
	return ERROR_NONE;
}

enum error_code
tpm_device_import(struct tpm_device *device, const struct tpm_blob *blob,
    struct tpm_wrapped *ret_key, struct error *err)
{
	CLEANUP_DONE(tpm_object) struct tpm_object storage = {0};
	CLEANUP_DONE(inner_key) TPM2B_DATA inner = {0};
	TPMT_SYM_DEF_OBJECT aes = {
	    .algorithm = TPM2_ALG_AES, .mode.aes = TPM2_ALG_CFB};
	TPM2B_PRIVATE *private = NULL;
	TSS2_RC rc;

	if (tpm_object_find(device->esys, TPM_HANDLE_SRK, &storage, err) ||
	    activate(device->esys, &storage, blob, &inner, err))
		return err->code;
	aes.keyBits.aes = (TPMI_AES_KEY_BITS)(inner.size * 8);
	rc = Esys_Import(device->esys, storage.reference, ESYS_TR_PASSWORD,
	    ESYS_TR_NONE, ESYS_TR_NONE, &inner, &blob->public, &blob->duplicate,
	    &blob->seed, &aes, &private);
	if (rc)
		return tpm_rc_error(rc, "importing the key", err);
	*ret_key = (struct tpm_wrapped){*private, blob->public};
	Esys_Free(private);
	return ERROR_NONE;
}

static enum error_code
load(ESYS_CONTEXT *esys, const struct tpm_wrapped *key,
    struct tpm_object *ret_object, struct error *err)
{
	CLEANUP_DONE(tpm_object) struct tpm_object storage = {0};
	ESYS_TR reference;
	TSS2_RC rc;

	if (tpm_object_find(esys, TPM_HANDLE_SRK, &storage, err))
		return err->code;
	rc = Esys_Load(esys, storage.reference, ESYS_TR_PASSWORD, ESYS_TR_NONE,
	    ESYS_TR_NONE, &key->private, &key->public, &reference);
	if (rc)
		return tpm_rc_error(rc, "loading the key", err);
	*ret_object = (struct tpm_object){esys, reference, false};
	return ERROR_NONE;
}

/* Others' keys are not ours to remove. */
static enum error_code
make_room(ESYS_CONTEXT *esys, uint32_t handle, struct error *err)
{
	CLEANUP_DONE(tpm_object) struct tpm_object former = {0};
	TPM2B_PUBLIC public;

	if (tpm_object_find(esys, handle, &former, err))
		return err->code == ERROR_NOT_FOUND ? ERROR_NONE : err->code;
	if (tpm_object_public(&former, &public, err))
		return err->code;
	if (public.publicArea.type != TPM2_ALG_KEYEDHASH)
		return error_set(err, ERROR_INVALID,
		    "the key at 0x%08x is not one that DPS gave: choose "
		    "another tpm.auth_key_index",
		    handle);
	return tpm_object_remove(&former, handle, err);
}

enum error_code
tpm_device_persist(struct tpm_device *device, const struct tpm_wrapped *key,
    uint32_t handle, struct error *err)
{
	CLEANUP_DONE(tpm_object) struct tpm_object loaded = {0};

	if (load(device->esys, key, &loaded, err) ||
	    make_room(device->esys, handle, err))
		return err->code;
	if (tpm_object_persist(&loaded, handle, err) == ERROR_NONE)
		return ERROR_NONE;
	/* There is no way back: the key of before is gone. */
	err->code = ERROR_UNAVAILABLE;
	return err->code;
}

/* ---- use ---- */

static size_t
fill(TPM2B_MAX_BUFFER *buffer, const unsigned char *data, size_t length)
{
	size_t part =
	    length < sizeof(buffer->buffer) ? length : sizeof(buffer->buffer);

	buffer->size = (UINT16)part;
	memcpy(buffer->buffer, data, part);
	return part;
}

static TSS2_RC
hmac_short(const struct tpm_object *key, const unsigned char *data,
    size_t length, TPM2B_DIGEST **ret_digest)
{
	TPM2B_MAX_BUFFER buffer;

	(void)fill(&buffer, data, length);
	return Esys_HMAC(key->esys, key->reference, ESYS_TR_PASSWORD,
	    ESYS_TR_NONE, ESYS_TR_NONE, &buffer, TPM2_ALG_SHA256, ret_digest);
}

static TSS2_RC
begin_sequence(const struct tpm_object *key, struct tpm_object *ret_sequence)
{
	const TPM2B_AUTH no_authorization = {0};
	ESYS_TR reference;
	TSS2_RC rc = Esys_HMAC_Start(key->esys, key->reference,
	    ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &no_authorization,
	    TPM2_ALG_SHA256, &reference);

	if (rc == TSS2_RC_SUCCESS)
		*ret_sequence =
		    (struct tpm_object){key->esys, reference, false};
	return rc;
}

/* The sequence ends by itself when it succeeds. */
static TSS2_RC
finish_sequence(struct tpm_object *sequence, const TPM2B_MAX_BUFFER *buffer,
    TPM2B_DIGEST **ret_digest)
{
	TSS2_RC rc = Esys_SequenceComplete(sequence->esys, sequence->reference,
	    ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, buffer,
	    ESYS_TR_RH_NULL, ret_digest, NULL);

	if (rc == TSS2_RC_SUCCESS)
		*sequence = (struct tpm_object){0};
	return rc;
}

/* What does not fit into one command. */
static TSS2_RC
hmac_long(const struct tpm_object *key, const unsigned char *data,
    size_t length, TPM2B_DIGEST **ret_digest)
{
	CLEANUP_DONE(tpm_object) struct tpm_object sequence = {0};
	TPM2B_MAX_BUFFER buffer;
	TSS2_RC rc = begin_sequence(key, &sequence);

	while (rc == TSS2_RC_SUCCESS && length > sizeof(buffer.buffer)) {
		size_t part = fill(&buffer, data, length);

		rc = Esys_SequenceUpdate(sequence.esys, sequence.reference,
		    ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &buffer);
		data += part;
		length -= part;
	}
	if (rc)
		return rc;
	(void)fill(&buffer, data, length);
	return finish_sequence(&sequence, &buffer, ret_digest);
}

enum error_code
tpm_device_hmac(struct tpm_device *device, const struct tpm_wrapped *key,
    uint32_t handle, const unsigned char *data, size_t length,
    unsigned char ret_mac[static TPM_MAC_LENGTH], struct error *err)
{
	CLEANUP_DONE(tpm_object) struct tpm_object loaded = {0};
	TPM2B_DIGEST *digest = NULL;
	TSS2_RC rc;

	if (key ? load(device->esys, key, &loaded, err)
		: tpm_object_find(device->esys, handle, &loaded, err))
		return err->code;
	rc = length <= TPM2_MAX_DIGEST_BUFFER
		 ? hmac_short(&loaded, data, length, &digest)
		 : hmac_long(&loaded, data, length, &digest);
	if (rc)
		return tpm_rc_error(rc, "signing", err);
	if (digest->size != TPM_MAC_LENGTH) {
		Esys_Free(digest);
		return error_set(err, ERROR_INVALID,
		    "the key at 0x%08x is not one that DPS gave", handle);
	}
	memcpy(ret_mac, digest->buffer, TPM_MAC_LENGTH);
	Esys_Free(digest);
	return ERROR_NONE;
}
