/* SPDX-License-Identifier: MIT */
#include "parts.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name;
	unsigned bits;
} parts[] = {
    {"subject",      PART_SUBJECT      },
    {"CN",	   PART_COMMON_NAME  },
    {"O",	    PART_ORGANIZATION },
    {"OU",	   PART_UNIT         },
    {"C",	    PART_COUNTRY      },
    {"ST",	   PART_STATE        },
    {"L",	    PART_LOCALITY     },
    {"serialNumber", PART_SERIAL_NUMBER},
    {"dns",          PART_DNS          },
    {"ip",	   PART_IP           },
    {"uri",          PART_URI          },
    {"email",        PART_EMAIL        },
    {"other",        PART_OTHER_NAME   },
    {"usage",        PART_USAGE        },
};

static const struct {
	const char *name;
	unsigned accepts;
} kinds[] = {
    [PROFILE_BY_REQUEST] = {"by-request",
			    PART_SUBJECT | PART_NAMES | PART_USAGE              },
    [PROFILE_DEVICE_IDENTITY] = {"device-identity", PART_SUBJECT                     },
    [PROFILE_SERVER] = {"server",          PART_SUBJECT | PART_DNS | PART_IP},
    [PROFILE_CLIENT] = {"client",
			    PART_SUBJECT | PART_DNS | PART_URI | PART_EMAIL     },
    [PROFILE_CA] = {"ca",              PART_SUBJECT                     },
};

enum error_code
profile_kind_parse(
    const char *name, enum profile_kind *ret_kind, struct error *err)
{
	if (!name)
		name = kinds[PROFILE_BY_REQUEST].name;
	for (unsigned i = 0; i < COUNT(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0) {
			*ret_kind = i;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID, "there is no profile '%s'", name);
}

const char *
profile_kind_name(enum profile_kind kind)
{
	return kinds[kind].name;
}

unsigned
parts_of_kind(enum profile_kind kind)
{
	return kinds[kind].accepts;
}

static enum error_code
add_part(const char *name, unsigned *bits, struct error *err)
{
	for (unsigned i = 0; i < COUNT(parts); i++)
		if (strcmp(parts[i].name, name) == 0) {
			*bits |= parts[i].bits;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID,
	    "'%s' is no part of a request; there are subject, CN, O, "
	    "OU, C, ST, L, serialNumber, dns, ip, uri, email, other and usage",
	    name);
}

enum error_code
profile_accept_parse(const struct config_strings *names, enum profile_kind kind,
    unsigned *ret_accept, struct error *err)
{
	unsigned accept = 0;

	for (size_t i = 0; i < names->count; i++)
		if (add_part(names->items[i], &accept, err))
			return err->code;
	*ret_accept = accept ? accept : parts_of_kind(kind);
	return ERROR_NONE;
}

const char *
profile_part_name(unsigned number)
{
	return number < COUNT(parts) ? parts[number].name : NULL;
}

bool
profile_part_is_of_subject(unsigned number)
{
	return (parts[number].bits & PART_SUBJECT) &&
	       parts[number].bits != PART_SUBJECT;
}

bool
profile_accepts(unsigned accept, unsigned number)
{
	return (accept & parts[number].bits) == parts[number].bits;
}

unsigned
parts_of_rdn(int nid)
{
	static const struct {
		int nid;
		unsigned bit;
	} attributes[] = {
	    {NID_commonName,             PART_COMMON_NAME  },
	    {NID_organizationName,       PART_ORGANIZATION },
	    {NID_organizationalUnitName, PART_UNIT         },
	    {NID_countryName,            PART_COUNTRY      },
	    {NID_stateOrProvinceName,    PART_STATE        },
	    {NID_localityName,           PART_LOCALITY     },
	    {NID_serialNumber,           PART_SERIAL_NUMBER},
	};

	for (unsigned i = 0; i < COUNT(attributes); i++)
		if (attributes[i].nid == nid)
			return attributes[i].bit;
	return PART_OTHER_RDN;
}

unsigned
parts_of_name(int type)
{
	switch (type) {
	case GEN_DNS:
		return PART_DNS;
	case GEN_IPADD:
		return PART_IP;
	case GEN_URI:
		return PART_URI;
	case GEN_EMAIL:
		return PART_EMAIL;
	default:
		return PART_OTHER_NAME;
	}
}
