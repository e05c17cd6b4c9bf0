/* SPDX-License-Identifier: MIT */
#include "near_slot.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FIELD_MAX 64
#define ONLY_IN_CASE "differs only in case from"
#define NO_SLOT_ID ((CK_SLOT_ID)-1)

/* One field of a URI, as p11-kit has it: padded, or zeros if it is not there.
 */
struct field {
	const char *name; /* RFC 7512 */
	const unsigned char *wanted, *there;
	size_t size;
};

static void
copy_field(
    const unsigned char *field, size_t size, char ret_text[FIELD_MAX + 1])
{
	size_t length = p11_kit_space_strlen(field, size);

	memcpy(ret_text, field, length);
	ret_text[length] = '\0';
}

static bool
differs(const struct slot *slot, const struct field *field,
    char ret_text[NEAR_SLOT_TEXT_MAX])
{
	char wanted[FIELD_MAX + 1], there[FIELD_MAX + 1];

	if (field->wanted[0] == '\0')
		return false;
	copy_field(field->wanted, field->size, wanted);
	copy_field(field->there, field->size, there);
	if (strcmp(wanted, there) == 0)
		return false;
	if (strcasecmp(wanted, there) == 0)
		(void)snprintf(ret_text, NEAR_SLOT_TEXT_MAX,
		    "%s '%s' " ONLY_IN_CASE " '%s'", field->name, there,
		    wanted);
	else
		(void)snprintf(ret_text, NEAR_SLOT_TEXT_MAX,
		    "token '%s' matches but for its %s, which is '%s'",
		    slot->label, field->name, there);
	return true;
}

static bool
slot_id_differs(
    const struct slot *slot, P11KitUri *uri, char ret_text[NEAR_SLOT_TEXT_MAX])
{
	CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(uri);

	if (wanted == NO_SLOT_ID || wanted == slot->id)
		return false;
	(void)snprintf(ret_text, NEAR_SLOT_TEXT_MAX,
	    "token '%s' matches but for its slot-id, which is %lu", slot->label,
	    slot->id);
	return true;
}

unsigned
near_slot_differences(const struct slot *slot, const CK_SLOT_INFO *info,
    P11KitUri *uri, char ret_text[NEAR_SLOT_TEXT_MAX])
{
	const CK_TOKEN_INFO *token = p11_kit_uri_get_token_info(uri);
	const CK_SLOT_INFO *place = p11_kit_uri_get_slot_info(uri);
	const struct field fields[] = {
	    {"token",             token->label,           slot->token.label,          sizeof(token->label)},
	    {"manufacturer",      token->manufacturerID,  slot->token.manufacturerID,
             sizeof(token->manufacturerID)								},
	    {"model",             token->model,           slot->token.model,          sizeof(token->model)},
	    {"serial",            token->serialNumber,    slot->token.serialNumber,
             sizeof(token->serialNumber)								  },
	    {"slot-description",  place->slotDescription, info->slotDescription,
             sizeof(place->slotDescription)							       },
	    {"slot-manufacturer", place->manufacturerID,  info->manufacturerID,
             sizeof(place->manufacturerID)								},
	};
	bool has_slot_id = p11_kit_uri_get_slot_id(uri) != NO_SLOT_ID;
	unsigned given = has_slot_id ? 1 : 0;
	unsigned count = slot_id_differs(slot, uri, ret_text) ? 1 : 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		given += fields[i].wanted[0] != '\0';
		if (differs(slot, &fields[i], ret_text))
			count++;
	}
	if (count != 1 || (given == 1 && !strstr(ret_text, ONLY_IN_CASE)))
		*ret_text = '\0';
	return count;
}
