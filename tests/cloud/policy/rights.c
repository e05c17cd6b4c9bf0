/* SPDX-License-Identifier: MIT */
#include "rights.h"

#include <string.h>

static const struct {
	enum surface surface;
	enum right right;
	const char *name;
} names[] = {
    {SURFACE_DPS, RIGHT_SERVICE_CONFIG,     "ServiceConfig"          },
    {SURFACE_DPS, RIGHT_ENROLLMENT_READ,    "EnrollmentRead"         },
    {SURFACE_DPS, RIGHT_ENROLLMENT_WRITE,   "EnrollmentWrite"        },
    {SURFACE_DPS, RIGHT_DPS_DEVICE_CONNECT, "DeviceConnect"          },
    {SURFACE_DPS, RIGHT_REGISTRATION_READ,  "RegistrationStatusRead" },
    {SURFACE_DPS, RIGHT_REGISTRATION_WRITE, "RegistrationStatusWrite"},
    {SURFACE_HUB, RIGHT_REGISTRY_READ,      "RegistryRead"           },
    {SURFACE_HUB, RIGHT_REGISTRY_WRITE,     "RegistryWrite"          },
    {SURFACE_HUB, RIGHT_SERVICE_CONNECT,    "ServiceConnect"         },
    {SURFACE_HUB, RIGHT_HUB_DEVICE_CONNECT, "DeviceConnect"          },
};
#define NAMES (sizeof(names) / sizeof(names[0]))

/* By what patterns begin with. */
static const struct {
	enum surface surface;
	const char *prefix;
	enum right reading;
	enum right writing;
} needs[] = {
    {SURFACE_DPS, "/enrollment",    RIGHT_ENROLLMENT_READ,   RIGHT_ENROLLMENT_WRITE},
    {SURFACE_DPS, "/registrations", RIGHT_REGISTRATION_READ,
     RIGHT_REGISTRATION_WRITE						      },
    {SURFACE_HUB, "/devices/query", RIGHT_SERVICE_CONNECT,
     RIGHT_SERVICE_CONNECT							 },
    {SURFACE_HUB, "/twins/",        RIGHT_SERVICE_CONNECT,   RIGHT_SERVICE_CONNECT },
    {SURFACE_HUB, "/",              RIGHT_REGISTRY_READ,     RIGHT_REGISTRY_WRITE  },
};
#define NEEDS (sizeof(needs) / sizeof(needs[0]))

unsigned
rights_all(enum surface surface)
{
	unsigned all = 0;

	for (size_t i = 0; i < NAMES; i++)
		if (names[i].surface == surface)
			all |= names[i].right;
	return all;
}

const char *
right_name(enum right right)
{
	for (size_t i = 0; i < NAMES; i++)
		if (names[i].right == right)
			return names[i].name;
	return "";
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length &&
	       strcmp(text + length - end_length, end) == 0;
}

/* Questions that are too long for a query are asked by POST. */
static bool
only_reads(const char *pattern, const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
	       ends_with(pattern, "/query") ||
	       ends_with(pattern, "/attestationmechanism");
}

enum right
right_needed(enum surface surface, const char *pattern, const char *method)
{
	for (size_t i = 0; i < NEEDS; i++)
		if (needs[i].surface == surface &&
		    strncmp(
			pattern, needs[i].prefix, strlen(needs[i].prefix)) == 0)
			return only_reads(pattern, method) ? needs[i].reading
							   : needs[i].writing;
	return RIGHT_SERVICE_CONFIG;
}

json_t *
rights_to_json(unsigned rights)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < NAMES; i++)
		if (rights & names[i].right &&
		    json_array_append_new(array, json_string(names[i].name))) {
			json_decref(array);
			array = NULL;
		}
	return array;
}

static enum error_code
read_name(enum surface surface, const json_t *value, unsigned *rights,
    struct error *err)
{
	const char *name = json_string_value(value);

	for (size_t i = 0; name && i < NAMES; i++)
		if (names[i].surface == surface &&
		    strcmp(names[i].name, name) == 0) {
			*rights |= names[i].right;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID,
	    "'rights': there is no right '%.64s'", name ? name : "");
}

enum error_code
rights_from_json(enum surface surface, const json_t *array,
    unsigned *ret_rights, struct error *err)
{
	unsigned rights = 0;
	size_t index;
	const json_t *value;

	json_array_foreach(
	    array, index, value) if (read_name(surface, value, &rights,
					 err)) return err->code;
	if (!rights)
		return error_set(err, ERROR_INVALID,
		    "'rights' must be a list of at least one right");
	*ret_rights = rights;
	return ERROR_NONE;
}
