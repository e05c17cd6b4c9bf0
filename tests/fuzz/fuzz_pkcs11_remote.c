/* SPDX-License-Identifier: MIT */
/*
 * What keyd answers, as the PKCS#11 module reads it: a list of keys, of which
 * each can be told and signed with, or a signature.
 */
#include "fuzz.h"

#include "attribute.h"
#include "mechanism.h"

/* What an attribute tells is the same with and without room for it. */
static void
tell(const struct object *object, CK_ATTRIBUTE_TYPE type)
{
	unsigned char room[2 * KEY_MODULUS_MAX];
	CK_ATTRIBUTE length = {type, NULL, 0};
	CK_ATTRIBUTE value = {type, room, sizeof(room)};
	CK_RV rv = attribute_copy(object, &length);

	FUZZ_REQUIRE(attribute_copy(object, &value) == rv);
	FUZZ_REQUIRE(value.ulValueLen == length.ulValueLen);
	FUZZ_REQUIRE(rv || attribute_matches(object, &value));
}

static void
tell_all(const struct object *object)
{
	for (CK_ATTRIBUTE_TYPE type = 0; type < 0x220; type++)
		tell(object, type);
}

/* Every mechanism either fits the key or says why not. */
static void
try_all(const struct key *key)
{
	static CK_RSA_PKCS_PSS_PARAMS pss = {CKM_SHA256, CKG_MGF1_SHA256, 32};
	static CK_RSA_PKCS_OAEP_PARAMS oaep = {
	    CKM_SHA512, CKG_MGF1_SHA512, CKZ_DATA_SPECIFIED, &pss, 4};
	static const CK_MECHANISM mechanisms[] = {
	    {CKM_ECDSA,               NULL,  0           },
	    {CKM_ECDSA_SHA384,        NULL,  0           },
	    {CKM_EDDSA,               NULL,  0           },
	    {CKM_RSA_PKCS,            NULL,  0           },
	    {CKM_RSA_X_509,           NULL,  0           },
	    {CKM_SHA256_RSA_PKCS,     NULL,  0           },
	    {CKM_RSA_PKCS_PSS,        &pss,  sizeof(pss) },
	    {CKM_SHA256_RSA_PKCS_PSS, &pss,  sizeof(pss) },
	    {CKM_RSA_PKCS_OAEP,       &oaep, sizeof(oaep)},
	};
	static const unsigned char data[KEY_MODULUS_MAX];
	struct message message;

	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
		for (int purpose = 0; purpose < PURPOSE_COUNT; purpose++) {
			CLEANUP_DONE(scheme) struct scheme scheme = {0};

			if (scheme_choose(&mechanisms[i], (enum purpose)purpose,
				key, &scheme) != CKR_OK)
				continue;
			FUZZ_REQUIRE(scheme.output_length <= KEY_OUTPUT_MAX);
			(void)scheme_fit(&scheme, data, 3, &message);
			(void)scheme_fit(&scheme, data, sizeof(data), &message);
		}
}

static void
check_key(const struct key *key)
{
	struct object private = {
	    .handle = 1, .class = CKO_PRIVATE_KEY, .key = key};
	struct object public = {
	    .handle = 2, .class = CKO_PUBLIC_KEY, .key = key};

	FUZZ_REQUIRE(key->id[0]);
	FUZZ_REQUIRE(key->usage);
	FUZZ_REQUIRE(key->signature_length > 0);
	FUZZ_REQUIRE(key->signature_length <= KEY_OUTPUT_MAX);
	FUZZ_REQUIRE(!strpbrk(key->fingerprint, "\"\\"));
	tell_all(&private);
	tell_all(&public);
	try_all(key);
}

/* What certd may say: each certificate is found by its handle and tells all. */
static void
check_certificates(const json_t *answer)
{
	const struct object_table no_keys = {0};
	struct certificate_list table = {0, NULL};
	struct certificate_list latest = {0, NULL};
	struct error err;

	if (certificate_list_from_json(answer, &latest, &err))
		return;
	FUZZ_REQUIRE(certificate_table_update(&table, &latest) == CKR_OK);
	for (size_t i = 0; i < table.count; i++) {
		const struct certificate *found =
		    certificate_find(&table, CERTIFICATE_HANDLE_MIN + i);
		struct object object;

		if (!found)
			continue; /* its id came twice */
		object = object_of_certificate(&no_keys, found);
		tell_all(&object);
	}
	certificate_list_done(&table);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json) json_t *answer = NULL;
	struct object_table table = {0};
	struct key_list keys = {0};
	struct output signature;
	struct error err;

	if (json_parse((const char *)data, size, &answer, &err))
		return 0;
	check_certificates(answer);
	if (!output_from_json(answer, "signature", &signature, &err))
		FUZZ_REQUIRE(signature.length <= sizeof(signature.data));
	if (key_list_from_json(answer, &keys, &err))
		return 0;
	for (size_t i = 0; i < keys.count; i++)
		check_key(&keys.items[i]);
	FUZZ_REQUIRE(object_table_update(&table, &keys) == CKR_OK);
	object_table_done(&table);
	return 0;
}
