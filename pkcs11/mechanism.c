/* SPDX-License-Identifier: MIT */
#include "mechanism.h"

#include <string.h>

#include "module.h"

#define PKCS1_OVERHEAD 11 /* bytes, RFC 8017 section 9.2 */

struct mechanism;

typedef CK_RV scheme_chooser(const struct mechanism *mechanism,
    const CK_MECHANISM *asked, const struct key *key,
    struct scheme *ret_scheme);

static scheme_chooser choose_ecdsa, choose_message, choose_eddsa, choose_pkcs1,
    choose_raw, choose_pss, choose_hashed_pss, choose_rsa1_5,
    choose_raw_decryption, choose_oaep;

#define ON_A_CURVE (CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS)
#define SIGNS (CKF_SIGN | CKF_VERIFY)

/* A mechanism with a hash has the name of keyd's algorithm, which hashes. */
/* clang-format off */
static const struct mechanism {
	CK_MECHANISM_TYPE type;
	CK_KEY_TYPE key_type;
	CK_MECHANISM_INFO info; /* sizes in bits */
	scheme_chooser *choose; /* to sign and verify */
	scheme_chooser *choose_decryption;
	const char *algorithm;
} mechanisms[] = {
    {CKM_ECDSA,        CKK_EC, {256, 521, SIGNS | ON_A_CURVE},
	choose_ecdsa, NULL, NULL},
    {CKM_ECDSA_SHA256, CKK_EC, {256, 521, SIGNS | ON_A_CURVE},
	choose_message, NULL, "ECDSA-SHA256"},
    {CKM_ECDSA_SHA384, CKK_EC, {256, 521, SIGNS | ON_A_CURVE},
	choose_message, NULL, "ECDSA-SHA384"},
    {CKM_ECDSA_SHA512, CKK_EC, {256, 521, SIGNS | ON_A_CURVE},
	choose_message, NULL, "ECDSA-SHA512"},
    {CKM_EDDSA,        CKK_EC_EDWARDS, {255, 255, SIGNS},
	choose_eddsa, NULL, "EdDSA"},
    {CKM_RSA_PKCS,     CKK_RSA, {1024, 8192, SIGNS | CKF_DECRYPT},
	choose_pkcs1, choose_rsa1_5, NULL},
    {CKM_RSA_PKCS_PSS, CKK_RSA, {1024, 8192, SIGNS},
	choose_pss, NULL, NULL},
    {CKM_RSA_X_509,    CKK_RSA, {1024, 8192, SIGNS | CKF_DECRYPT},
	choose_raw, choose_raw_decryption, NULL},
    {CKM_SHA256_RSA_PKCS, CKK_RSA, {1024, 8192, SIGNS},
	choose_message, NULL, "RS256"},
    {CKM_SHA384_RSA_PKCS, CKK_RSA, {1024, 8192, SIGNS},
	choose_message, NULL, "RS384"},
    {CKM_SHA512_RSA_PKCS, CKK_RSA, {1024, 8192, SIGNS},
	choose_message, NULL, "RS512"},
    {CKM_SHA256_RSA_PKCS_PSS, CKK_RSA, {1024, 8192, SIGNS},
	choose_hashed_pss, NULL, "PS256"},
    {CKM_SHA384_RSA_PKCS_PSS, CKK_RSA, {1024, 8192, SIGNS},
	choose_hashed_pss, NULL, "PS384"},
    {CKM_SHA512_RSA_PKCS_PSS, CKK_RSA, {1024, 8192, SIGNS},
	choose_hashed_pss, NULL, "PS512"},
    {CKM_RSA_PKCS_OAEP, CKK_RSA, {1024, 8192, CKF_DECRYPT},
	NULL, choose_oaep, NULL},
    {CKM_ECDH1_DERIVE, CKK_EC, {256, 521, CKF_DERIVE | ON_A_CURVE},
	NULL, NULL, NULL},
    {CKM_EC_KEY_PAIR_GEN, CKK_EC,
	{256, 521, CKF_GENERATE_KEY_PAIR | ON_A_CURVE}, NULL, NULL, NULL},
    {CKM_EC_EDWARDS_KEY_PAIR_GEN, CKK_EC_EDWARDS,
	{255, 255, CKF_GENERATE_KEY_PAIR}, NULL, NULL, NULL},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, CKK_RSA,
	{2048, 4096, CKF_GENERATE_KEY_PAIR}, NULL, NULL, NULL},
};
/* clang-format on */

#define MECHANISM_COUNT (sizeof(mechanisms) / sizeof(mechanisms[0]))

/* What of PKCS#11's parameters belongs to a hash. */
static const struct hash {
	CK_MECHANISM_TYPE type;
	CK_RSA_PKCS_MGF_TYPE mgf;
	size_t length;
	const char *pss; /* NULL: keyd does not sign with it */
	const char *oaep;
} hashes[] = {
    {CKM_SHA_1,  CKG_MGF1_SHA1,   20, NULL,    "RSA-OAEP"    },
    {CKM_SHA256, CKG_MGF1_SHA256, 32, "PS256", "RSA-OAEP-256"},
    {CKM_SHA384, CKG_MGF1_SHA384, 48, "PS384", "RSA-OAEP-384"},
    {CKM_SHA512, CKG_MGF1_SHA512, 64, "PS512", "RSA-OAEP-512"},
};

/* keyd has one hash throughout; NULL: it cannot do these two together. */
static const struct hash *
hash_find(CK_MECHANISM_TYPE type, CK_RSA_PKCS_MGF_TYPE mgf)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (hashes[i].type == type && hashes[i].mgf == mgf)
			return &hashes[i];
	return NULL;
}

/*
 * ECDSA uses the leftmost bits of a hash that is longer than the order (FIPS
 * 186-4 section 6.4). The order of P-521 is longer than any hash that keyd
 * takes, so nothing may be cut there.
 */
static CK_RV
choose_ecdsa(const struct mechanism *mechanism, const CK_MECHANISM *asked,
    const struct key *key, struct scheme *ret_scheme)
{
	const struct curve *curve = key->curve;
	bool whole = curve->digest_length == curve->order_length;

	(void)mechanism;
	(void)asked;
	*ret_scheme = (struct scheme){
	    .algorithm = curve->algorithm,
	    .member = "digest",
	    .fit = whole ? FIT_CUT : FIT_PAD,
	    .length = curve->digest_length,
	};
	return CKR_OK;
}

static CK_RV
choose_message(const struct mechanism *mechanism, const CK_MECHANISM *asked,
    const struct key *key, struct scheme *ret_scheme)
{
	(void)asked;
	(void)key;
	*ret_scheme = (struct scheme){
	    .algorithm = mechanism->algorithm,
	    .member = "message",
	    .fit = FIT_ANY,
	    .length = MESSAGE_MAX,
	};
	return CKR_OK;
}

/* Parameters are for Ed25519ph and Ed25519ctx, which keyd does not have. */
static CK_RV
choose_eddsa(const struct mechanism *mechanism, const CK_MECHANISM *asked,
    const struct key *key, struct scheme *ret_scheme)
{
	if (asked->ulParameterLen != 0)
		return CKR_MECHANISM_PARAM_INVALID;
	return choose_message(mechanism, asked, key, ret_scheme);
}

static CK_RV
choose_pkcs1(const struct mechanism *mechanism, const CK_MECHANISM *asked,
    const struct key *key, struct scheme *ret_scheme)
{
	(void)mechanism;
	(void)asked;
	*ret_scheme = (struct scheme){
	    .algorithm = "RSA-PKCS1",
	    .member = "message",
	    .fit = FIT_SHORT,
	    .length = key->modulus.length - PKCS1_OVERHEAD,
	};
	return CKR_OK;
}

static CK_RV
choose_raw(const struct mechanism *mechanism, const CK_MECHANISM *asked,
    const struct key *key, struct scheme *ret_scheme)
{
	(void)mechanism;
	(void)asked;
	*ret_scheme = (struct scheme){
	    .algorithm = "RSA-NO-PADDING",
	    .member = "message",
	    .fit = FIT_PAD,
	    .length = key->modulus.length,
	};
	return CKR_OK;
}

/* The hash of PSS parameters with a salt as long as it; NULL: others. */
static const struct hash *
pss_hash(const CK_MECHANISM *asked)
{
	CK_RSA_PKCS_PSS_PARAMS params;
	const struct hash *hash;

	if (!asked->pParameter || asked->ulParameterLen != sizeof(params))
		return NULL;
	memcpy(&params, asked->pParameter, sizeof(params));
	hash = hash_find(params.hashAlg, params.mgf);
	return hash && hash->pss && hash->length == params.sLen ? hash : NULL;
}

static CK_RV
choose_pss(const struct mechanism *mechanism, const CK_MECHANISM *asked,
    const struct key *key, struct scheme *ret_scheme)
{
	const struct hash *hash = pss_hash(asked);

	(void)mechanism;
	(void)key;
	if (!hash)
		return CKR_MECHANISM_PARAM_INVALID;
	*ret_scheme = (struct scheme){
	    .algorithm = hash->pss,
	    .member = "digest",
	    .fit = FIT_EXACT,
	    .length = hash->length,
	};
	return CKR_OK;
}

static CK_RV
choose_hashed_pss(const struct mechanism *mechanism, const CK_MECHANISM *asked,
    const struct key *key, struct scheme *ret_scheme)
{
	const struct hash *hash = pss_hash(asked);

	if (!hash || strcmp(hash->pss, mechanism->algorithm) != 0)
		return CKR_MECHANISM_PARAM_INVALID;
	return choose_message(mechanism, asked, key, ret_scheme);
}

static struct scheme
decryption(const char *algorithm, const struct key *key, size_t overhead)
{
	return (struct scheme){
	    .algorithm = algorithm,
	    .member = "ciphertext",
	    .fit = FIT_EXACT,
	    .length = key->modulus.length,
	    .output_length = key->modulus.length - overhead,
	};
}

static CK_RV
choose_rsa1_5(const struct mechanism *mechanism, const CK_MECHANISM *asked,
    const struct key *key, struct scheme *ret_scheme)
{
	(void)mechanism;
	(void)asked;
	*ret_scheme = decryption("RSA1_5", key, PKCS1_OVERHEAD);
	return CKR_OK;
}

static CK_RV
choose_raw_decryption(const struct mechanism *mechanism,
    const CK_MECHANISM *asked, const struct key *key, struct scheme *ret_scheme)
{
	(void)mechanism;
	(void)asked;
	*ret_scheme = decryption("RSA-NO-PADDING", key, 0);
	return CKR_OK;
}

/* A label is optional, as its source is if there is none. */
static bool
has_strange_label(const CK_RSA_PKCS_OAEP_PARAMS *params)
{
	if (params->ulSourceDataLen == 0)
		return params->source != 0 &&
		       params->source != CKZ_DATA_SPECIFIED;
	return params->source != CKZ_DATA_SPECIFIED || !params->pSourceData ||
	       params->ulSourceDataLen > OAEP_LABEL_MAX;
}

static CK_RV
copy_label(const CK_RSA_PKCS_OAEP_PARAMS *params, struct bytes *ret_label)
{
	if (params->ulSourceDataLen == 0)
		return CKR_OK;
	ret_label->data = malloc(params->ulSourceDataLen);
	if (!ret_label->data)
		return CKR_HOST_MEMORY;
	ret_label->length = params->ulSourceDataLen;
	memcpy(ret_label->data, params->pSourceData, params->ulSourceDataLen);
	return CKR_OK;
}

static CK_RV
choose_oaep(const struct mechanism *mechanism, const CK_MECHANISM *asked,
    const struct key *key, struct scheme *ret_scheme)
{
	CK_RSA_PKCS_OAEP_PARAMS params;
	const struct hash *hash;

	(void)mechanism;
	if (!asked->pParameter || asked->ulParameterLen != sizeof(params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(&params, asked->pParameter, sizeof(params));
	hash = hash_find(params.hashAlg, params.mgf);
	if (!hash || has_strange_label(&params))
		return CKR_MECHANISM_PARAM_INVALID;
	/* RFC 8017 section 7.1.1 */
	if (key->modulus.length < 2 * hash->length + 2)
		return CKR_KEY_SIZE_RANGE;
	*ret_scheme = decryption(hash->oaep, key, 2 * hash->length + 2);
	return copy_label(&params, &ret_scheme->label);
}

static const struct mechanism *
mechanism_find(CK_MECHANISM_TYPE type)
{
	for (size_t i = 0; i < MECHANISM_COUNT; i++)
		if (mechanisms[i].type == type)
			return &mechanisms[i];
	return NULL;
}

CK_RV
mechanism_key_type(
    const CK_MECHANISM *mechanism, CK_FLAGS flag, CK_KEY_TYPE *ret_type)
{
	const struct mechanism *found = mechanism_find(mechanism->mechanism);

	if (!found || !(found->info.flags & flag))
		return CKR_MECHANISM_INVALID;
	*ret_type = found->key_type;
	return CKR_OK;
}

void
scheme_done(struct scheme *scheme)
{
	bytes_done(&scheme->label);
	*scheme = (struct scheme){0};
}

CK_RV
scheme_choose(const CK_MECHANISM *mechanism, enum purpose purpose,
    const struct key *key, struct scheme *ret_scheme)
{
	static const struct {
		CK_FLAGS flag;
		unsigned usage;
	} purposes[PURPOSE_COUNT] = {
	    [PURPOSE_SIGN] = {CKF_SIGN,    KEY_SIGN   },
	    [PURPOSE_VERIFY] = {CKF_VERIFY,  KEY_VERIFY },
	    [PURPOSE_DECRYPT] = {CKF_DECRYPT, KEY_DECRYPT},
	};
	const struct mechanism *found = mechanism_find(mechanism->mechanism);
	scheme_chooser *choose;
	CK_KEY_TYPE type;
	CK_RV rv = mechanism_key_type(mechanism, purposes[purpose].flag, &type);

	if (rv != CKR_OK)
		return rv;
	if (type != key_type(key))
		return CKR_KEY_TYPE_INCONSISTENT;
	if (!(key->usage & purposes[purpose].usage))
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	if (key_bits(key) < found->info.ulMinKeySize ||
	    key_bits(key) > found->info.ulMaxKeySize)
		return CKR_KEY_SIZE_RANGE;
	choose = purpose == PURPOSE_DECRYPT ? found->choose_decryption
					    : found->choose;
	rv = choose(found, mechanism, key, ret_scheme);
	if (rv == CKR_OK && purpose != PURPOSE_DECRYPT)
		ret_scheme->output_length = key->signature_length;
	return rv;
}

CK_RV
scheme_fit(const struct scheme *scheme, const unsigned char *data,
    size_t length, struct message *ret_message)
{
	size_t padding = 0;

	if ((length == 0 && scheme->fit != FIT_ANY) ||
	    (length > scheme->length && scheme->fit != FIT_CUT) ||
	    (length < scheme->length && scheme->fit == FIT_EXACT))
		return CKR_DATA_LEN_RANGE;
	if (length > scheme->length)
		length = scheme->length;
	if (scheme->fit == FIT_PAD || scheme->fit == FIT_CUT)
		padding = scheme->length - length;

	ret_message->data = data;
	ret_message->length = padding + length;
	if (padding > 0) {
		memset(ret_message->room, 0, padding);
		memcpy(ret_message->room + padding, data, length);
		ret_message->data = ret_message->room;
	}
	return CKR_OK;
}

CK_RV
C_GetMechanismList(
    CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, unsigned long *count)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	CK_RV rv = module_check_slot(module, slot);
	CK_ULONG room;

	if (rv != CKR_OK)
		return rv;
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
	CK_RV rv = module_check_slot(module, slot);
	const struct mechanism *found = mechanism_find(type);

	if (rv != CKR_OK)
		return rv;
	if (!found)
		return CKR_MECHANISM_INVALID;
	if (!info)
		return CKR_ARGUMENTS_BAD;
	*info = found->info;
	return CKR_OK;
}
