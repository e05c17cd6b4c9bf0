/* SPDX-License-Identifier: MIT */
#include "pair.h"

#include "mechanism.h"

enum half { PUBLIC = 1 << 0, PRIVATE = 1 << 1, EITHER = PUBLIC | PRIVATE };

/* What is collected from the templates. */
struct draft {
	CK_KEY_TYPE type;
	enum half half; /* that is being read */
	bool on_token;
	bool has_usage;
	unsigned usage; /* enum key_usage */
	CK_ULONG bits;  /* 0: not said */
	struct bytes label;
	struct bytes cka_id;
	struct bytes params;
};

typedef CK_RV attribute_reader(struct draft *draft, const CK_ATTRIBUTE *given);

static bool
is_flag(const CK_ATTRIBUTE *given)
{
	return given->pValue && given->ulValueLen == sizeof(CK_BBOOL);
}

static bool
flag_of(const CK_ATTRIBUTE *given)
{
	return *(const CK_BBOOL *)given->pValue != CK_FALSE;
}

static bool
number_of(const CK_ATTRIBUTE *given, CK_ULONG *ret_number)
{
	if (!given->pValue || given->ulValueLen != sizeof(*ret_number))
		return false;
	memcpy(ret_number, given->pValue, sizeof(*ret_number));
	return true;
}

static CK_RV
require_flag(const CK_ATTRIBUTE *given, bool expected)
{
	if (!is_flag(given))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return flag_of(given) == expected ? CKR_OK : CKR_TEMPLATE_INCONSISTENT;
}

static CK_RV
must_be_true(struct draft *draft, const CK_ATTRIBUTE *given)
{
	(void)draft;
	return require_flag(given, true);
}

static CK_RV
must_be_false(struct draft *draft, const CK_ATTRIBUTE *given)
{
	(void)draft;
	return require_flag(given, false);
}

static CK_RV
may_be_any_flag(struct draft *draft, const CK_ATTRIBUTE *given)
{
	(void)draft;
	return is_flag(given) ? CKR_OK : CKR_ATTRIBUTE_VALUE_INVALID;
}

static CK_RV
may_be_anything(struct draft *draft, const CK_ATTRIBUTE *given)
{
	(void)draft;
	(void)given;
	return CKR_OK;
}

static CK_RV
read_token(struct draft *draft, const CK_ATTRIBUTE *given)
{
	CK_RV rv = require_flag(given, true);

	if (draft->half == PRIVATE)
		draft->on_token = rv == CKR_OK;
	return rv;
}

static CK_RV
read_class(struct draft *draft, const CK_ATTRIBUTE *given)
{
	CK_ULONG expected =
	    draft->half == PRIVATE ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY;
	CK_ULONG class;

	if (!number_of(given, &class))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return class == expected ? CKR_OK : CKR_TEMPLATE_INCONSISTENT;
}

static CK_RV
read_type(struct draft *draft, const CK_ATTRIBUTE *given)
{
	CK_ULONG type;

	if (!number_of(given, &type))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return type == draft->type ? CKR_OK : CKR_TEMPLATE_INCONSISTENT;
}

/* keyd's ids are UTF-8 without control characters. */
static bool
can_be_id(const unsigned char *text, CK_ULONG length)
{
	CLEANUP(json) json_t *string = NULL;

	if (!text || length == 0 || length > PAIR_ID_MAX)
		return false;
	for (CK_ULONG i = 0; i < length; i++)
		if (text[i] < 0x20 || text[i] == 0x7f)
			return false;
	/* Jansson refuses strings that are not UTF-8, so it knows. */
	string = json_stringn((const char *)text, length);
	return string != NULL;
}

static bool
has_value(const CK_ATTRIBUTE *given, const struct bytes *bytes)
{
	return bytes->length == given->ulValueLen &&
	       memcmp(bytes->data, given->pValue, bytes->length) == 0;
}

/* What both templates may have, and then the same. */
static CK_RV
read_name(struct bytes *name, const CK_ATTRIBUTE *given)
{
	if (name->data && !has_value(given, name))
		return CKR_TEMPLATE_INCONSISTENT;
	*name = (struct bytes){given->pValue, given->ulValueLen};
	return CKR_OK;
}

static CK_RV
read_label(struct draft *draft, const CK_ATTRIBUTE *given)
{
	if (!can_be_id(given->pValue, given->ulValueLen))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return read_name(&draft->label, given);
}

/* An empty one is the default value (PKCS#11 4.6.2), as if there were none. */
static CK_RV
read_cka_id(struct draft *draft, const CK_ATTRIBUTE *given)
{
	if (given->ulValueLen == 0)
		return CKR_OK;
	if (!given->pValue || given->ulValueLen > PAIR_CKA_ID_MAX)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return read_name(&draft->cka_id, given);
}

static CK_RV
read_params(struct draft *draft, const CK_ATTRIBUTE *given)
{
	if (draft->type == CKK_RSA)
		return CKR_TEMPLATE_INCONSISTENT;
	if (!given->pValue)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	draft->params = (struct bytes){given->pValue, given->ulValueLen};
	return CKR_OK;
}

static CK_RV
read_bits(struct draft *draft, const CK_ATTRIBUTE *given)
{
	if (draft->type != CKK_RSA)
		return CKR_TEMPLATE_INCONSISTENT;
	return number_of(given, &draft->bits) ? CKR_OK
					      : CKR_ATTRIBUTE_VALUE_INVALID;
}

/* 65537 with any number of zeros before it. */
static CK_RV
read_exponent(struct draft *draft, const CK_ATTRIBUTE *given)
{
	static const unsigned char exponent[] = {0x01, 0x00, 0x01};
	const unsigned char *data = given->pValue;
	CK_ULONG length = given->ulValueLen;

	if (draft->type != CKK_RSA)
		return CKR_TEMPLATE_INCONSISTENT;
	while (data && length > sizeof(exponent) && *data == 0) {
		data++;
		length--;
	}
	return data && length == sizeof(exponent) &&
		       memcmp(data, exponent, length) == 0
		   ? CKR_OK
		   : CKR_ATTRIBUTE_VALUE_INVALID;
}

static CK_RV
read_usage(struct draft *draft, const CK_ATTRIBUTE *given)
{
	if (!is_flag(given))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	draft->has_usage = true;
	if (!flag_of(given))
		return CKR_OK;
	if (given->type == CKA_SIGN)
		draft->usage |= KEY_SIGN;
	else if (given->type == CKA_DECRYPT)
		draft->usage |= KEY_DECRYPT;
	else
		draft->usage |= KEY_DERIVE;
	return CKR_OK;
}

/*
 * What a public half is for follows from the private half. Wrapping is what
 * programs ask for together with decryption, as if by habit.
 */
/* clang-format off */
static const struct {
	CK_ATTRIBUTE_TYPE type;
	unsigned halves;
	attribute_reader *read;
} attributes[] = {
    {CKA_CLASS,               EITHER,  read_class},
    {CKA_KEY_TYPE,            EITHER,  read_type},
    {CKA_TOKEN,               EITHER,  read_token},
    {CKA_LABEL,               EITHER,  read_label},
    {CKA_ID,                  EITHER,  read_cka_id},
    {CKA_SUBJECT,             EITHER,  may_be_anything},
    {CKA_START_DATE,          EITHER,  may_be_anything},
    {CKA_END_DATE,            EITHER,  may_be_anything},
    {CKA_MODIFIABLE,          EITHER,  may_be_any_flag},
    {CKA_COPYABLE,            EITHER,  may_be_any_flag},
    {CKA_DESTROYABLE,         EITHER,  may_be_any_flag},
    {CKA_PRIVATE,             PRIVATE, must_be_true},
    {CKA_PRIVATE,             PUBLIC,  may_be_any_flag},
    {CKA_SENSITIVE,           PRIVATE, must_be_true},
    {CKA_EXTRACTABLE,         PRIVATE, must_be_false},
    {CKA_ALWAYS_AUTHENTICATE, PRIVATE, must_be_false},
    {CKA_WRAP_WITH_TRUSTED,   PRIVATE, may_be_any_flag},
    {CKA_SIGN,                PRIVATE, read_usage},
    {CKA_DECRYPT,             PRIVATE, read_usage},
    {CKA_DERIVE,              PRIVATE, read_usage},
    {CKA_SIGN_RECOVER,        PRIVATE, may_be_any_flag},
    {CKA_UNWRAP,              PRIVATE, may_be_any_flag},
    {CKA_VERIFY,              PUBLIC,  may_be_any_flag},
    {CKA_VERIFY_RECOVER,      PUBLIC,  may_be_any_flag},
    {CKA_ENCRYPT,             PUBLIC,  may_be_any_flag},
    {CKA_WRAP,                PUBLIC,  may_be_any_flag},
    {CKA_DERIVE,              PUBLIC,  may_be_any_flag},
    {CKA_TRUSTED,             PUBLIC,  must_be_false},
    {CKA_EC_PARAMS,           EITHER,  read_params},
    {CKA_MODULUS_BITS,        EITHER,  read_bits},
    {CKA_PUBLIC_EXPONENT,     EITHER,  read_exponent},
};
/* clang-format on */

static CK_RV
read_attribute(struct draft *draft, const CK_ATTRIBUTE *given)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (attributes[i].type == given->type &&
		    (attributes[i].halves & draft->half))
			return attributes[i].read(draft, given);
	return CKR_ATTRIBUTE_TYPE_INVALID;
}

static CK_RV
read_template(
    struct draft *draft, enum half half, const struct pair_template *template)
{
	CK_RV rv = CKR_OK;

	draft->half = half;
	for (CK_ULONG i = 0; rv == CKR_OK && i < template->count; i++)
		rv = read_attribute(draft, &template->items[i]);
	return rv;
}

/* keyd's names of what it can generate. */
static const struct {
	const char *name;
	const char *curve; /* NULL: RSA */
	CK_ULONG bits;
} kinds[] = {
    {"ec-p256",  "P-256",   256 },
    {"ec-p384",  "P-384",   384 },
    {"ec-p521",  "P-521",   521 },
    {"ed25519",  "Ed25519", 255 },
    {"rsa-2048", NULL,      2048},
    {"rsa-3072", NULL,      3072},
    {"rsa-4096", NULL,      4096},
};

static CK_RV
choose_kind(const struct draft *draft, struct pair_request *request)
{
	bool is_rsa = draft->type == CKK_RSA;

	if (is_rsa ? draft->bits == 0 : !draft->params.data)
		return CKR_TEMPLATE_INCOMPLETE;
	request->curve = is_rsa ? NULL
				: curve_from_params(
				      draft->params.data, draft->params.length);
	if (!is_rsa && (!request->curve || request->curve->type != draft->type))
		return CKR_CURVE_NOT_SUPPORTED;
	request->bits = is_rsa ? draft->bits : request->curve->bits;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is_rsa == !kinds[i].curve &&
		    kinds[i].bits == request->bits) {
			request->algorithm = kinds[i].name;
			return CKR_OK;
		}
	return CKR_KEY_SIZE_RANGE;
}

/* What keys of a type can be for. */
static unsigned
possible_usage(CK_KEY_TYPE type)
{
	if (type == CKK_RSA)
		return KEY_SIGN | KEY_DECRYPT;
	return type == CKK_EC ? KEY_SIGN | KEY_DERIVE : KEY_SIGN;
}

/*
 * A template that says nothing of it asks for a key that signs. What keys of
 * this type are never for is left out, if something remains: pkcs11-tool wants
 * each elliptic key to derive, Ed25519 included.
 */
static CK_RV
write_usage(const struct draft *draft, struct pair_request *request)
{
	static const struct {
		unsigned usage;
		const char *name;
	} names[] = {
	    {KEY_SIGN,    "sign"   },
	    {KEY_DECRYPT, "decrypt"},
	    {KEY_DERIVE,  "derive" },
	};
	unsigned usage = (draft->has_usage ? draft->usage : KEY_SIGN) &
			 possible_usage(draft->type);
	char *end = request->usage;

	if (usage == 0)
		return CKR_TEMPLATE_INCONSISTENT;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(usage & names[i].usage))
			continue;
		if (end > request->usage)
			*end++ = ',';
		end = stpcpy(end, names[i].name);
	}
	return CKR_OK;
}

CK_RV
pair_read(const CK_MECHANISM *mechanism,
    const struct pair_template *public_half,
    const struct pair_template *private_half, struct pair_request *ret_request)
{
	struct pair_request request = {0};
	struct draft draft = {0};
	CK_RV rv =
	    mechanism_key_type(mechanism, CKF_GENERATE_KEY_PAIR, &draft.type);

	if (rv == CKR_OK)
		rv = read_template(&draft, PUBLIC, public_half);
	if (rv == CKR_OK)
		rv = read_template(&draft, PRIVATE, private_half);
	if (rv != CKR_OK)
		return rv;
	if (!draft.label.data)
		return CKR_TEMPLATE_INCOMPLETE;
	if (!draft.on_token) /* pairs of a session cannot be made */
		return CKR_TEMPLATE_INCONSISTENT;
	memcpy(request.id, draft.label.data, draft.label.length);
	request.cka_id = draft.cka_id;
	rv = choose_kind(&draft, &request);
	if (rv == CKR_OK)
		rv = write_usage(&draft, &request);
	if (rv == CKR_OK)
		*ret_request = request;
	return rv;
}
