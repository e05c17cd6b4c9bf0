/* SPDX-License-Identifier: MIT */
#include "certificate.h"

#include <string.h>

/* PKCS#11 4.6.2, CKA_CERTIFICATE_CATEGORY. */
#define CATEGORY_TOKEN_USER 1
#define CATEGORY_AUTHORITY 2

static void
certificate_done(struct certificate *certificate)
{
	free(certificate->id);
	free(certificate->key_id);
	bytes_done(&certificate->value);
	bytes_done(&certificate->subject);
	bytes_done(&certificate->issuer);
	bytes_done(&certificate->serial);
	*certificate = (struct certificate){0};
}

void
certificate_list_done(struct certificate_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		certificate_done(&list->items[i]);
	free(list->items);
	*list = (struct certificate_list){0, NULL};
}

static enum error_code
read_text(
    const json_t *object, const char *name, char **ret_text, struct error *err)
{
	const char *text;

	if (json_get_string(object, name, &text, err))
		return err->code;
	*ret_text = strdup(text);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
read_bytes(const json_t *object, const char *name, struct bytes *ret_bytes,
    struct error *err)
{
	return json_get_bytes(
	    object, name, &ret_bytes->data, &ret_bytes->length, err);
}

static enum error_code
read_certificate(
    const json_t *object, struct certificate *certificate, struct error *err)
{
	certificate->is_ca = json_is_true(json_object_get(object, "ca"));
	if (read_text(object, "id", &certificate->id, err) ||
	    read_text(object, "key", &certificate->key_id, err) ||
	    read_bytes(object, "value", &certificate->value, err) ||
	    read_bytes(object, "subject", &certificate->subject, err) ||
	    read_bytes(object, "issuer", &certificate->issuer, err) ||
	    read_bytes(object, "serialNumber", &certificate->serial, err))
		return err->code;
	return ERROR_NONE;
}

enum error_code
certificate_list_from_json(
    const json_t *answer, struct certificate_list *ret_list, struct error *err)
{
	const json_t *array = json_object_get(answer, "certificates");
	CLEANUP_DONE(certificate_list)
	struct certificate_list list = {0, NULL};

	if (!json_is_array(array))
		return error_set(
		    err, ERROR_MALFORMED, "'certificates' must be an array");
	list.items = calloc(json_array_size(array) + 1, sizeof(*list.items));
	if (!list.items)
		return error_no_memory(err);
	for (size_t i = 0; i < json_array_size(array); i++) {
		list.count++;
		if (read_certificate(
			json_array_get(array, i), &list.items[i], err))
			return err->code;
	}
	*ret_list = TAKE_CONTENTS(list);
	return ERROR_NONE;
}

/* --- the table ------------------------------------------------------------ */

static bool
is_same(const struct certificate *a, const struct certificate *b)
{
	return strcmp(a->id, b->id) == 0 && strcmp(a->key_id, b->key_id) == 0 &&
	       a->value.length == b->value.length &&
	       memcmp(a->value.data, b->value.data, a->value.length) == 0;
}

/* Files one in the table, which has room for one more. Takes it. */
static void
file(struct certificate_list *table, struct certificate *latest)
{
	for (size_t i = 0; i < table->count; i++) {
		struct certificate *known = &table->items[i];

		if (known->gone)
			continue;
		if (is_same(known, latest)) {
			known->listed = true;
			return;
		}
		if (strcmp(known->id, latest->id) == 0)
			known->gone = true;
	}
	latest->handle = CERTIFICATE_HANDLE_MIN + table->count;
	latest->listed = true;
	table->items[table->count++] = TAKE_CONTENTS(*latest);
}

CK_RV
certificate_table_update(
    struct certificate_list *table, struct certificate_list *latest)
{
	size_t room = table->count + latest->count + 1;
	struct certificate *items;

	if (room > CERTIFICATES_MAX)
		return CKR_HOST_MEMORY;
	items = realloc(table->items, room * sizeof(*items));
	if (!items)
		return CKR_HOST_MEMORY;
	table->items = items;
	for (size_t i = 0; i < table->count; i++)
		items[i].listed = false;
	for (size_t i = 0; i < latest->count; i++)
		file(table, &latest->items[i]);
	certificate_list_done(latest);
	return CKR_OK;
}

const struct certificate *
certificate_find(const struct certificate_list *table, CK_OBJECT_HANDLE handle)
{
	size_t place = handle - CERTIFICATE_HANDLE_MIN;

	if (handle < CERTIFICATE_HANDLE_MIN || place >= table->count ||
	    table->items[place].gone)
		return NULL;
	return &table->items[place];
}

/* --- attributes ------------------------------------------------------------
 */

static struct certificate_value
of_bytes(const struct bytes *bytes)
{
	return (struct certificate_value){
	    .data = bytes->data, .length = bytes->length};
}

static struct certificate_value
of_text(const char *text)
{
	return (struct certificate_value){.data = text, .length = strlen(text)};
}

static struct certificate_value
of_number(CK_ULONG number)
{
	return (struct certificate_value){.scalar = number};
}

static struct certificate_value
of_flag(bool flag)
{
	return (struct certificate_value){
	    .scalar = flag ? CK_TRUE : CK_FALSE, .is_flag = true};
}

/* PKCS#11 4.6. Nobody but certd changes them, and none is said to be trusted.
 */
CK_RV
certificate_read(const struct certificate *certificate, CK_ATTRIBUTE_TYPE type,
    struct certificate_value *ret_value)
{
	const struct {
		CK_ATTRIBUTE_TYPE type;
		struct certificate_value value;
	} attributes[] = {
	    {CKA_CLASS,                of_number(CKO_CERTIFICATE)     },
	    {CKA_TOKEN,                of_flag(true)                  },
	    {CKA_PRIVATE,              of_flag(false)                 },
	    {CKA_MODIFIABLE,           of_flag(false)                 },
	    {CKA_COPYABLE,             of_flag(false)                 },
	    {CKA_DESTROYABLE,          of_flag(false)                 },
	    {CKA_LABEL,                of_text(certificate->id)       },
	    {CKA_CERTIFICATE_TYPE,     of_number(CKC_X_509)           },
	    {CKA_TRUSTED,              of_flag(false)                 },
	    {CKA_CERTIFICATE_CATEGORY,
             of_number(certificate->is_ca ? CATEGORY_AUTHORITY
					     : CATEGORY_TOKEN_USER)   },
	    {CKA_START_DATE,           of_text("")                    },
	    {CKA_END_DATE,             of_text("")                    },
	    {CKA_URL,                  of_text("")                    },
	    {CKA_ID,                   of_text(certificate->key_id)   },
	    {CKA_SUBJECT,              of_bytes(&certificate->subject)},
	    {CKA_ISSUER,               of_bytes(&certificate->issuer) },
	    {CKA_SERIAL_NUMBER,        of_bytes(&certificate->serial) },
	    {CKA_VALUE,                of_bytes(&certificate->value)  },
	};

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (attributes[i].type == type) {
			*ret_value = attributes[i].value;
			return CKR_OK;
		}
	return CKR_ATTRIBUTE_TYPE_INVALID;
}
