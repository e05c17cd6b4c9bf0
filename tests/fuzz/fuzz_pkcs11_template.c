/* SPDX-License-Identifier: MIT */
/*
 * Templates that a program hands to the PKCS#11 module, to make a key pair or a
 * secret. The input is a list of attributes: two bytes of type, one of length,
 * the value. A length of 255 is a NULL value that claims to have bytes.
 */
#include "fuzz.h"

#include "pair.h"
#include "secret.h"

#define ATTRIBUTES_MAX 16
#define NO_VALUE 255

/* Values are copied, so that reading past one is seen. */
struct template
{
	CK_ATTRIBUTE items[ATTRIBUTES_MAX];
	CK_ULONG count;
};

static void
template_done(struct template *template)
{
	for (CK_ULONG i = 0; i < template->count; i++)
		free(template->items[i].pValue);
}

static size_t
read_attribute(const uint8_t *data, size_t size, CK_ATTRIBUTE *ret_attribute)
{
	size_t length = data[2];

	ret_attribute->type = (CK_ULONG)data[0] << 8 | data[1];
	ret_attribute->ulValueLen = length;
	ret_attribute->pValue = NULL;
	if (length == NO_VALUE)
		return 3;
	if (length > size - 3)
		length = size - 3;
	ret_attribute->ulValueLen = length;
	ret_attribute->pValue = malloc(length);
	if (length > 0 && ret_attribute->pValue)
		memcpy(ret_attribute->pValue, data + 3, length);
	return 3 + length;
}

static void
read_template(const uint8_t *data, size_t size, struct template *template)
{
	while (size >= 3 && template->count < ATTRIBUTES_MAX) {
		size_t used = read_attribute(
		    data, size, &template->items[template->count]);

		template->count++;
		data += used;
		size -= used;
	}
}

static void
make_pair(CK_MECHANISM_TYPE type, const struct template *template)
{
	const CK_MECHANISM mechanism = {type, NULL, 0};
	const struct pair_template half = {template->items, template->count};
	const struct pair_template nothing = {NULL, 0};
	struct pair_request request;

	if (pair_read(&mechanism, &nothing, &half, &request) != CKR_OK)
		return;
	FUZZ_REQUIRE(request.id[0]);
	FUZZ_REQUIRE(request.algorithm);
	FUZZ_REQUIRE(request.usage[0]);
	FUZZ_REQUIRE(!request.curve == (type == CKM_RSA_PKCS_KEY_PAIR_GEN));
}

static void
make_secret(const struct template *template)
{
	CLEANUP_DONE(secret) struct secret secret = {0};
	const struct output output = {32, {1}};
	const struct bytes *value;

	if (secret_begin(template->items, template->count, &secret) != CKR_OK ||
	    secret_set_value(&secret, &output) != CKR_OK)
		return;
	FUZZ_REQUIRE(secret_read(&secret, CKA_VALUE_LEN, &value) == CKR_OK);
	FUZZ_REQUIRE(value->length == sizeof(CK_ULONG));
	if (secret_read(&secret, CKA_VALUE, &value) == CKR_OK)
		FUZZ_REQUIRE(value->length >= 1 && value->length <= 32);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_DONE(template) struct template template = {0};

	read_template(data, size, &template);
	make_pair(CKM_EC_KEY_PAIR_GEN, &template);
	make_pair(CKM_EC_EDWARDS_KEY_PAIR_GEN, &template);
	make_pair(CKM_RSA_PKCS_KEY_PAIR_GEN, &template);
	make_secret(&template);
	return 0;
}
