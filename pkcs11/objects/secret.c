/* SPDX-License-Identifier: MIT */
#include "secret.h"

static const CK_BBOOL yes = CK_TRUE;
static const CK_BBOOL no = CK_FALSE;
static const CK_OBJECT_CLASS secret_key = CKO_SECRET_KEY;
static const CK_KEY_TYPE generic = CKK_GENERIC_SECRET;
static const CK_ULONG unavailable = CK_UNAVAILABLE_INFORMATION;

/* What a template may say of an attribute. */
enum freedom {
	FREE,     /* anything */
	FIXED,    /* only what it is anyway */
	COMPUTED, /* nothing */
};

#define ANY_LENGTH 0

/* The place in this table is that in struct secret's values. */
/* clang-format off */
static const struct {
	CK_ATTRIBUTE_TYPE type;
	enum freedom freedom;
	CK_ULONG length;
	const void *initial; /* NULL: empty */
} attributes[SECRET_ATTRIBUTE_COUNT] = {
#define VALUE 0
    {CKA_VALUE,             COMPUTED, ANY_LENGTH,       NULL},
#define VALUE_LEN 1
    {CKA_VALUE_LEN,         FREE,     sizeof(CK_ULONG), NULL},
#define KEY_TYPE 2
    {CKA_KEY_TYPE,          FREE,     sizeof(CK_ULONG), &generic},
#define SENSITIVE 3
    {CKA_SENSITIVE,         FREE,     sizeof(CK_BBOOL), &no},
#define EXTRACTABLE 4
    {CKA_EXTRACTABLE,       FREE,     sizeof(CK_BBOOL), &yes},
    {CKA_CLASS,             FIXED,    sizeof(CK_ULONG), &secret_key},
    {CKA_TOKEN,             FIXED,    sizeof(CK_BBOOL), &no},
    {CKA_MODIFIABLE,        FIXED,    sizeof(CK_BBOOL), &no},
    {CKA_COPYABLE,          FIXED,    sizeof(CK_BBOOL), &no},
    {CKA_DESTROYABLE,       FIXED,    sizeof(CK_BBOOL), &yes},
    {CKA_PRIVATE,           FREE,     sizeof(CK_BBOOL), &yes},
    {CKA_LABEL,             FREE,     ANY_LENGTH,       NULL},
    {CKA_ID,                FREE,     ANY_LENGTH,       NULL},
    {CKA_DERIVE,            FREE,     sizeof(CK_BBOOL), &no},
    {CKA_ENCRYPT,           FREE,     sizeof(CK_BBOOL), &no},
    {CKA_DECRYPT,           FREE,     sizeof(CK_BBOOL), &no},
    {CKA_SIGN,              FREE,     sizeof(CK_BBOOL), &no},
    {CKA_VERIFY,            FREE,     sizeof(CK_BBOOL), &no},
    {CKA_WRAP,              FREE,     sizeof(CK_BBOOL), &no},
    {CKA_UNWRAP,            FREE,     sizeof(CK_BBOOL), &no},
    {CKA_LOCAL,             COMPUTED, sizeof(CK_BBOOL), &no},
    {CKA_KEY_GEN_MECHANISM, COMPUTED, sizeof(CK_ULONG), &unavailable},
    {CKA_ALWAYS_SENSITIVE,  COMPUTED, sizeof(CK_BBOOL), &no},
    {CKA_NEVER_EXTRACTABLE, COMPUTED, sizeof(CK_BBOOL), &no},
};
/* clang-format on */

static void
wipe(struct bytes *bytes)
{
	if (bytes->data)
		explicit_bzero(bytes->data, bytes->length);
	bytes_done(bytes);
}

void
secret_done(struct secret *secret)
{
	for (size_t i = 0; i < SECRET_ATTRIBUTE_COUNT; i++)
		wipe(&secret->values[i]);
	*secret = (struct secret){0};
}

void
secret_table_done(struct secret_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		secret_done(&table->items[i]);
	free(table->items);
	table->items = NULL;
	table->count = 0;
}

static CK_RV
set(struct secret *secret, size_t place, const void *data, CK_ULONG length)
{
	struct bytes value = {malloc(length + 1), length};

	if (!value.data)
		return CKR_HOST_MEMORY;
	if (length > 0)
		memcpy(value.data, data, length);
	wipe(&secret->values[place]);
	secret->values[place] = value;
	return CKR_OK;
}

static CK_RV
set_initial(struct secret *secret)
{
	for (size_t i = 0; i < SECRET_ATTRIBUTE_COUNT; i++) {
		const void *initial = attributes[i].initial;
		CK_RV rv =
		    set(secret, i, initial, initial ? attributes[i].length : 0);

		if (rv != CKR_OK)
			return rv;
	}
	return CKR_OK;
}

/* Its place in the table; SECRET_ATTRIBUTE_COUNT: none. */
static size_t
place_of(CK_ATTRIBUTE_TYPE type)
{
	size_t place = 0;

	while (place < SECRET_ATTRIBUTE_COUNT && attributes[place].type != type)
		place++;
	return place;
}

static CK_RV
apply(struct secret *secret, const CK_ATTRIBUTE *attribute)
{
	size_t place = place_of(attribute->type);
	CK_ULONG length = attribute->ulValueLen;

	if (place == SECRET_ATTRIBUTE_COUNT)
		return CKR_ATTRIBUTE_TYPE_INVALID;
	if (attributes[place].freedom == COMPUTED)
		return CKR_TEMPLATE_INCONSISTENT;
	if (length > KEY_ID_MAX || (!attribute->pValue && length > 0))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (attributes[place].length != ANY_LENGTH &&
	    attributes[place].length != length)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (attributes[place].freedom == FIXED &&
	    memcmp(attribute->pValue, attributes[place].initial, length) != 0)
		return CKR_TEMPLATE_INCONSISTENT;
	return set(secret, place, attribute->pValue, length);
}

static CK_ULONG
number_at(const struct secret *secret, size_t place)
{
	const struct bytes *value = &secret->values[place];
	CK_ULONG number = 0;

	if (value->length == sizeof(number))
		memcpy(&number, value->data, sizeof(number));
	return number;
}

static bool
flag_at(const struct secret *secret, size_t place)
{
	return secret->values[place].data[0] != CK_FALSE;
}

CK_RV
secret_begin(
    const CK_ATTRIBUTE *template, CK_ULONG count, struct secret *ret_secret)
{
	CLEANUP_DONE(secret) struct secret secret = {0};
	CK_RV rv = set_initial(&secret);

	for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++)
		rv = apply(&secret, &template[i]);
	if (rv != CKR_OK)
		return rv;
	if (number_at(&secret, KEY_TYPE) != CKK_GENERIC_SECRET &&
	    number_at(&secret, KEY_TYPE) != CKK_AES)
		return CKR_TEMPLATE_INCONSISTENT;
	*ret_secret = TAKE_CONTENTS(secret);
	return CKR_OK;
}

static bool
suits(CK_KEY_TYPE type, CK_ULONG length)
{
	return type != CKK_AES || length == 16 || length == 24 || length == 32;
}

CK_RV
secret_set_value(struct secret *secret, const struct output *output)
{
	CK_ULONG length = number_at(secret, VALUE_LEN);
	CK_RV rv;

	if (secret->values[VALUE_LEN].length == 0)
		length = output->length;
	if (length == 0 || length > output->length ||
	    !suits(number_at(secret, KEY_TYPE), length))
		return CKR_TEMPLATE_INCONSISTENT;
	rv = set(secret, VALUE_LEN, &length, sizeof(length));
	if (rv != CKR_OK)
		return rv;
	return set(
	    secret, VALUE, output->data + output->length - length, length);
}

CK_RV
secret_add(struct secret_table *table, CK_SESSION_HANDLE session,
    struct secret *secret, CK_OBJECT_HANDLE *ret_handle)
{
	struct secret *items =
	    realloc(table->items, (table->count + 1) * sizeof(*table->items));

	if (!items)
		return CKR_HOST_MEMORY;
	table->items = items;
	secret->session = session;
	secret->handle = SECRET_HANDLE_MIN + table->used++;
	*ret_handle = secret->handle;
	items[table->count++] = TAKE_CONTENTS(*secret);
	return CKR_OK;
}

const struct secret *
secret_find(const struct secret_table *table, CK_OBJECT_HANDLE handle)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->items[i].handle == handle)
			return &table->items[i];
	return NULL;
}

static void
remove_at(struct secret_table *table, size_t place)
{
	secret_done(&table->items[place]);
	memmove(&table->items[place], &table->items[place + 1],
	    (table->count - place - 1) * sizeof(*table->items));
	table->count--;
}

void
secret_destroy(struct secret_table *table, CK_OBJECT_HANDLE handle)
{
	for (size_t i = table->count; i-- > 0;)
		if (table->items[i].handle == handle)
			remove_at(table, i);
}

void
secret_table_close(struct secret_table *table, CK_SESSION_HANDLE session)
{
	for (size_t i = table->count; i-- > 0;)
		if (table->items[i].session == session)
			remove_at(table, i);
}

CK_RV
secret_read(const struct secret *secret, CK_ATTRIBUTE_TYPE type,
    const struct bytes **ret_value)
{
	size_t place = place_of(type);

	if (place == SECRET_ATTRIBUTE_COUNT)
		return CKR_ATTRIBUTE_TYPE_INVALID;
	if (place == VALUE &&
	    (flag_at(secret, SENSITIVE) || !flag_at(secret, EXTRACTABLE)))
		return CKR_ATTRIBUTE_SENSITIVE;
	*ret_value = &secret->values[place];
	return CKR_OK;
}
