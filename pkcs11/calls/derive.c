/* SPDX-License-Identifier: MIT */
/*
 * C_DeriveKey: ECDH with the cofactor that these curves have not. The secret
 * becomes an object of the session, in our memory, for the caller to read.
 */
#include "module.h"

/* Everything that is known before keyd is asked. */
struct derivation {
	const struct curve *curve;
	struct bytes point; /* in the mechanism's parameters */
	struct remote *remote;
	char *key_id;
	char fingerprint[KEY_FINGERPRINT_MAX + 1];
};

static void
derivation_done(struct derivation *derivation)
{
	free(derivation->key_id);
	*derivation = (struct derivation){0};
}

/* X9.62: uncompressed or compressed. */
static bool
is_point(const struct curve *curve, const unsigned char *data, size_t length)
{
	return (length == curve->point_length && data[0] == 0x04) ||
	       (length == curve->order_length + 1 &&
		   (data[0] == 0x02 || data[0] == 0x03));
}

/*
 * The point of the other side, which some programs wrap in a DER OCTET STRING
 * and others do not; PKCS#11 (mechanisms 2.3.6) lets both.
 */
static CK_RV
read_point(unsigned char *data, size_t length, const struct curve *curve,
    struct bytes *ret_point)
{
	size_t head = length > 2 && data[1] == 0x81 ? 3 : 2;

	if (length > head && data[0] == 0x04 &&
	    data[head - 1] == length - head &&
	    is_point(curve, data + head, length - head)) {
		data += head;
		length -= head;
	} else if (length == 0 || !is_point(curve, data, length)) {
		return CKR_MECHANISM_PARAM_INVALID;
	}
	*ret_point = (struct bytes){data, length};
	return CKR_OK;
}

static CK_RV
read_params(const CK_MECHANISM *mechanism, const struct curve *curve,
    struct bytes *ret_point)
{
	CK_ECDH1_DERIVE_PARAMS params;

	if (!mechanism->pParameter ||
	    mechanism->ulParameterLen != sizeof(params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(&params, mechanism->pParameter, sizeof(params));
	if (params.kdf != CKD_NULL || params.ulSharedDataLen != 0 ||
	    !params.pPublicData)
		return CKR_MECHANISM_PARAM_INVALID;
	return read_point(
	    params.pPublicData, params.ulPublicDataLen, curve, ret_point);
}

static CK_RV
check_base_key(const CK_MECHANISM *mechanism, const struct object *base)
{
	CK_KEY_TYPE type;
	CK_RV rv = mechanism_key_type(mechanism, CKF_DERIVE, &type);

	if (rv != CKR_OK)
		return rv;
	if (key_type(base->key) != type)
		return CKR_KEY_TYPE_INCONSISTENT;
	if (base->class != CKO_PRIVATE_KEY || !(base->key->usage & KEY_DERIVE))
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	return CKR_OK;
}

static CK_RV
prepare(CK_SESSION_HANDLE handle, const CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE base_key, struct derivation *derivation)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct object base;
	CK_RV rv;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!session_find(&module->sessions, handle))
		return CKR_SESSION_HANDLE_INVALID;
	if (object_find(&module->objects, base_key, &base) != CKR_OK)
		return CKR_KEY_HANDLE_INVALID;
	rv = check_base_key(mechanism, &base);
	if (rv == CKR_OK)
		rv =
		    read_params(mechanism, base.key->curve, &derivation->point);
	if (rv != CKR_OK)
		return rv;
	derivation->remote = &module->remote;
	derivation->curve = base.key->curve;
	memcpy(derivation->fingerprint, base.key->fingerprint,
	    sizeof(derivation->fingerprint));
	derivation->key_id = strdup(base.key->id);
	return derivation->key_id ? CKR_OK : CKR_HOST_MEMORY;
}

static CK_RV
ask(const struct derivation *derivation, struct output *ret_secret)
{
	struct use use = {
	    .key_id = derivation->key_id,
	    .fingerprint = derivation->fingerprint,
	    .algorithm = "ECDH",
	    .members = {{"point", derivation->point.data,
		derivation->point.length}},
	};
	struct error err;
	enum error_code code =
	    remote_derive(derivation->remote, &use, ret_secret, &err);

	if (code)
		return operation_failure(code, CKR_MECHANISM_PARAM_INVALID);
	/* Another length is a key on another curve, which has taken the id. */
	return ret_secret->length == derivation->curve->order_length
		   ? CKR_OK
		   : CKR_KEY_HANDLE_INVALID;
}

/* Files the secret; the session may have gone in the meantime. */
static CK_RV
file(CK_SESSION_HANDLE handle, struct secret *secret,
    CK_OBJECT_HANDLE *ret_handle)
{
	CLEANUP(module_lock) struct module *module = module_lock();

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!session_find(&module->sessions, handle))
		return CKR_SESSION_HANDLE_INVALID;
	return secret_add(&module->secrets, handle, secret, ret_handle);
}

CK_RV
C_DeriveKey(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE base_key, CK_ATTRIBUTE *template, unsigned long count,
    CK_OBJECT_HANDLE *ret_key)
{
	CLEANUP_DONE(derivation) struct derivation derivation = {0};
	CLEANUP_DONE(secret) struct secret secret = {0};
	CLEANUP_DONE(output) struct output output = {0};
	CK_RV rv;

	if (!mechanism || !ret_key || (!template && count > 0))
		return CKR_ARGUMENTS_BAD;
	rv = prepare(handle, mechanism, base_key, &derivation);
	if (rv == CKR_OK)
		rv = secret_begin(template, count, &secret);
	if (rv == CKR_OK)
		rv = ask(&derivation, &output);
	if (rv == CKR_OK)
		rv = secret_set_value(&secret, &output);
	return rv == CKR_OK ? file(handle, &secret, ret_key) : rv;
}
