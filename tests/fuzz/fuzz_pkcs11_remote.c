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

static void
check_key(const struct key *key)
{
	static const CK_MECHANISM mechanisms[] = {
	    {CKM_ECDSA,     NULL, 0},
	    {CKM_RSA_PKCS,  NULL, 0},
	    {CKM_RSA_X_509, NULL, 0},
	};
	struct object private = {1, CKO_PRIVATE_KEY, key};
	struct object public = {2, CKO_PUBLIC_KEY, key};
	struct message message;
	struct scheme scheme;

	FUZZ_REQUIRE(key->id[0]);
	FUZZ_REQUIRE(key->signature_length > 0);
	FUZZ_REQUIRE(key->signature_length <= KEY_SIGNATURE_MAX);
	tell_all(&private);
	tell_all(&public);
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
		if (scheme_choose(&mechanisms[i], key, &scheme) == CKR_OK)
			(void)scheme_fit(
			    &scheme, (const unsigned char *)"abc", 3, &message);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json) json_t *answer = NULL;
	struct object_table table = {0};
	struct key_list keys = {0};
	struct signature signature;
	struct error err;

	if (json_parse((const char *)data, size, &answer, &err))
		return 0;
	if (!signature_from_json(answer, &signature, &err))
		FUZZ_REQUIRE(signature.length <= sizeof(signature.data));
	if (key_list_from_json(answer, &keys, &err))
		return 0;
	for (size_t i = 0; i < keys.count; i++)
		check_key(&keys.items[i]);
	FUZZ_REQUIRE(object_table_update(&table, &keys) == CKR_OK);
	object_table_done(&table);
	return 0;
}
