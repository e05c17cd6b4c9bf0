/* SPDX-License-Identifier: MIT */
#include "mechanism.h"

#include <string.h>

#include "module.h"

#define PKCS1_OVERHEAD 11 /* bytes, RFC 8017 section 9.2 */

typedef CK_RV scheme_chooser(const CK_MECHANISM *mechanism,
    const struct key *key, struct scheme *ret_scheme);

/*
 * ECDSA uses the leftmost bits of a hash that is longer than the order (FIPS
 * 186-4 section 6.4). The order of P-521 is longer than any hash that keyd
 * takes, so nothing may be cut there.
 */
static CK_RV
choose_ecdsa(const CK_MECHANISM *mechanism, const struct key *key,
    struct scheme *ret_scheme)
{
	const struct curve *curve = key->curve;
	bool whole = curve->digest_length == curve->order_length;

	(void)mechanism;
	*ret_scheme = (struct scheme){
	    .algorithm = curve->algorithm,
	    .member = "digest",
	    .fit = whole ? FIT_CUT : FIT_PAD,
	    .length = curve->digest_length,
	};
	return CKR_OK;
}

static CK_RV
choose_pkcs1(const CK_MECHANISM *mechanism, const struct key *key,
    struct scheme *ret_scheme)
{
	(void)mechanism;
	if (key->modulus.length <= PKCS1_OVERHEAD)
		return CKR_KEY_SIZE_RANGE;
	*ret_scheme = (struct scheme){
	    .algorithm = "RSA-PKCS1",
	    .member = "message",
	    .fit = FIT_SHORT,
	    .length = key->modulus.length - PKCS1_OVERHEAD,
	};
	return CKR_OK;
}

static CK_RV
choose_raw(const CK_MECHANISM *mechanism, const struct key *key,
    struct scheme *ret_scheme)
{
	(void)mechanism;
	*ret_scheme = (struct scheme){
	    .algorithm = "RSA-NO-PADDING",
	    .member = "message",
	    .fit = FIT_PAD,
	    .length = key->modulus.length,
	};
	return CKR_OK;
}

/* keyd's PS algorithms: one hash throughout, a salt as long as the hash. */
static CK_RV
choose_pss(const CK_MECHANISM *mechanism, const struct key *key,
    struct scheme *ret_scheme)
{
	static const struct {
		CK_RSA_PKCS_PSS_PARAMS params;
		const char *algorithm;
	} variants[] = {
	    {{CKM_SHA256, CKG_MGF1_SHA256, 32}, "PS256"},
	    {{CKM_SHA384, CKG_MGF1_SHA384, 48}, "PS384"},
	    {{CKM_SHA512, CKG_MGF1_SHA512, 64}, "PS512"},
	};
	CK_RSA_PKCS_PSS_PARAMS params;

	(void)key;
	if (!mechanism->pParameter ||
	    mechanism->ulParameterLen != sizeof(params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(&params, mechanism->pParameter, sizeof(params));

	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		if (params.hashAlg == variants[i].params.hashAlg &&
		    params.mgf == variants[i].params.mgf &&
		    params.sLen == variants[i].params.sLen) {
			*ret_scheme = (struct scheme){
			    .algorithm = variants[i].algorithm,
			    .member = "digest",
			    .fit = FIT_EXACT,
			    .length = params.sLen,
			};
			return CKR_OK;
		}
	return CKR_MECHANISM_PARAM_INVALID;
}

/* clang-format off */
static const struct mechanism {
	CK_MECHANISM_TYPE type;
	CK_MECHANISM_INFO info; /* sizes in bits */
	bool elliptic;
	scheme_chooser *choose;
} mechanisms[] = {
    {CKM_ECDSA,
	{256, 521, CKF_SIGN | CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS},
	true, choose_ecdsa},
    {CKM_RSA_PKCS,     {1024, 8192, CKF_SIGN}, false, choose_pkcs1},
    {CKM_RSA_PKCS_PSS, {1024, 8192, CKF_SIGN}, false, choose_pss},
    {CKM_RSA_X_509,    {1024, 8192, CKF_SIGN}, false, choose_raw},
};
/* clang-format on */

#define MECHANISM_COUNT (sizeof(mechanisms) / sizeof(mechanisms[0]))

static const struct mechanism *
mechanism_find(CK_MECHANISM_TYPE type)
{
	for (size_t i = 0; i < MECHANISM_COUNT; i++)
		if (mechanisms[i].type == type)
			return &mechanisms[i];
	return NULL;
}

CK_RV
scheme_choose(const CK_MECHANISM *mechanism, const struct key *key,
    struct scheme *ret_scheme)
{
	const struct mechanism *found = mechanism_find(mechanism->mechanism);

	if (!found)
		return CKR_MECHANISM_INVALID;
	if (found->elliptic != (key->curve != NULL))
		return CKR_KEY_TYPE_INCONSISTENT;
	return found->choose(mechanism, key, ret_scheme);
}

CK_RV
scheme_fit(const struct scheme *scheme, const unsigned char *data,
    size_t length, struct message *ret_message)
{
	size_t taken = length < scheme->length ? length : scheme->length;
	size_t padding = 0;

	if (length == 0 || (length > scheme->length && scheme->fit != FIT_CUT))
		return CKR_DATA_LEN_RANGE;
	if (length < scheme->length && scheme->fit == FIT_EXACT)
		return CKR_DATA_LEN_RANGE;
	if (scheme->fit == FIT_PAD || scheme->fit == FIT_CUT)
		padding = scheme->length - taken;

	memset(ret_message->data, 0, padding);
	memcpy(ret_message->data + padding, data, taken);
	ret_message->length = padding + taken;
	return CKR_OK;
}

CK_RV
C_GetMechanismList(
    CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, unsigned long *count)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	CK_ULONG room;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (slot != MODULE_SLOT)
		return CKR_SLOT_ID_INVALID;
	if (!count)
		return CKR_ARGUMENTS_BAD;
	room = *count;
	*count = MECHANISM_COUNT;
	if (!list)
		return CKR_OK;
	if (room < MECHANISM_COUNT)
		return CKR_BUFFER_TOO_SMALL;
	for (size_t i = 0; i < MECHANISM_COUNT; i++)
		list[i] = mechanisms[i].type;
	return CKR_OK;
}

CK_RV
C_GetMechanismInfo(
    CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	const struct mechanism *found = mechanism_find(type);

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (slot != MODULE_SLOT)
		return CKR_SLOT_ID_INVALID;
	if (!found)
		return CKR_MECHANISM_INVALID;
	if (!info)
		return CKR_ARGUMENTS_BAD;
	*info = found->info;
	return CKR_OK;
}
