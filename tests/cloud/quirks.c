/* SPDX-License-Identifier: MIT */
#include "quirks.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "tpm_blob.h"

#define TPM_KEY_BYTES_MIN 16
#define NUMBER_DIGITS 6 /* the status times 1000, and a count */

static const struct choice {
	const char *name;
	const char *usual; /* the default */
	const char *other;
} choices[] = {
    [QUIRK_LOCATION] = {"location",             "none",         "sent"        },
    [QUIRK_NO_ETAG_HEADER] = {"etag-header",          "sent",         "none"        },
    [QUIRK_BARE_CHALLENGE] = {"challenge",            "full",         "bare"        },
    [QUIRK_EXACT_NAME] = {"common-name",          "any-case",     "exact"       },
    [QUIRK_CHECKED_USAGE] = {"key-usage",            "ignored",      "checked"     },
    [QUIRK_TOLD_AGAIN] = {"same-hub",             "kept",         "told"        },
    [QUIRK_UNKNOWN_404] = {"unknown-device",       "401",          "404"         },
    [QUIRK_MODULES_OF_EDGES] = {"modules",              "any",          "edge"        },
    [QUIRK_ANY_CHAIN_DATES] = {"chain-dates",          "checked",      "ignored"     },
    [QUIRK_ANY_PINNED_DATES] = {"pinned-dates",         "checked",      "ignored"     },
    [QUIRK_SHOWN_THUMBPRINT] = {"thumbprints",          "enrolled",     "shown"       },
    [QUIRK_ONE_THUMBPRINT] = {"second-thumbprint",    "same",         "none"        },
    [QUIRK_KEPT_CREDENTIALS] = {"same-hub-credentials", "renewed",      "kept"        },
    [QUIRK_DELETED_STAYS] = {"deleted-device",       "again",        "stays"       },
    [QUIRK_TWIN_OF_VERSION_1] = {"initial-twin-version", "2",            "1"           },
    [QUIRK_CSR_REFUSED] = {"csr",                  "ignored",      "refused"     },
    [QUIRK_INFO_REFUSED] = {"info-only",            "kept",         "refused"     },
    [QUIRK_ANY_POLICY] = {"device-policy",        "registration", "any"         },
    [QUIRK_ANY_VERSION] = {"api-version",          "checked",      "ignored"     },
    [QUIRK_WEBHOOK_X509] = {"webhook-x509",         "enrollment",   "registration"},
    [QUIRK_WEBHOOK_RESETS] = {"webhook-twin",         "by-policy",    "resets"      },
    [QUIRK_WEBHOOK_NO_TWIN] = {"webhook-null-twin",    "enrollment",   "empty"       },
};

#define CHOICES (sizeof(choices) / sizeof(choices[0]))

/* ---- choosing ---- */

/* The number of an error that text is; or 0. */
static int
read_number(const char *text)
{
	if (strlen(text) != NUMBER_DIGITS ||
	    strspn(text, "0123456789") < NUMBER_DIGITS ||
	    (*text != '4' && *text != '5'))
		return 0;
	return (int)strtol(text, NULL, 10);
}

static enum error_code
add_number(
    struct quirks *quirks, int number, const char *value, struct error *err)
{
	int instead = read_number(value);

	if (!instead)
		return error_set(
		    err, ERROR_INVALID, "'%s' is no number of an error", value);
	if (quirks->number_count == QUIRK_NUMBERS_MAX)
		return error_set(err, ERROR_INVALID,
		    "only %d numbers can be changed", QUIRK_NUMBERS_MAX);
	quirks->numbers[quirks->number_count++] =
	    (struct quirk_number){number, instead};
	return ERROR_NONE;
}

static enum error_code
add_choice(struct quirks *quirks, const struct choice *choice,
    const char *value, struct error *err)
{
	unsigned bit = 1U << (unsigned)(choice - choices);

	if (strcmp(value, choice->other) == 0)
		quirks->chosen |= bit;
	else if (strcmp(value, choice->usual) == 0)
		quirks->chosen &= ~bit;
	else
		return error_set(err, ERROR_INVALID,
		    "it is '%s' or '%s', not '%s'", choice->usual,
		    choice->other, value);
	return ERROR_NONE;
}

/* A number of the base from minimum to maximum. */
static enum error_code
read_amount(const char *text, int base, unsigned long minimum,
    unsigned long maximum, unsigned *ret_amount, struct error *err)
{
	char *end;
	unsigned long amount = strtoul(text, &end, base);

	if (!isxdigit((unsigned char)*text) || *end || amount < minimum ||
	    amount > maximum)
		return error_set(err, ERROR_INVALID,
		    base == 16 ? "'%s' is no hexadecimal number from %lx to %lx"
			       : "'%s' is no number from %lu to %lu",
		    text, minimum, maximum);
	*ret_amount = (unsigned)amount;
	return ERROR_NONE;
}

static enum error_code
add_named(struct quirks *quirks, const char *name, const char *value,
    struct error *err)
{
	if (strcmp(name, "tpm-attributes") == 0)
		return read_amount(
		    value, 16, 1, UINT32_MAX, &quirks->tpm_attributes, err);
	if (strcmp(name, "tpm-key-bytes") == 0)
		return read_amount(value, 10, TPM_KEY_BYTES_MIN,
		    TPM_KEY_BYTES_MAX, &quirks->tpm_key_bytes, err);
	for (size_t i = 0; i < CHOICES; i++)
		if (strcmp(choices[i].name, name) == 0)
			return add_choice(quirks, &choices[i], value, err);
	return error_set(err, ERROR_INVALID, "there is none of that name");
}

enum error_code
quirks_add(struct quirks *quirks, const char *text, struct error *err)
{
	size_t length = strcspn(text, "=");
	CLEANUP(string) char *name = strndup(text, length);
	int number;

	if (!name)
		return error_no_memory(err);
	if (text[length] != '=')
		return error_set(err, ERROR_INVALID,
		    "--quirk is NAME=VALUE, not '%s'", text);
	number = read_number(name);
	if (number ? add_number(quirks, number, text + length + 1, err)
		   : add_named(quirks, name, text + length + 1, err))
		return error_wrap(err, "--quirk %s", name);
	return ERROR_NONE;
}

bool
quirks_has(const struct quirks *quirks, enum quirk quirk)
{
	return quirks->chosen & 1U << (unsigned)quirk;
}

/* ---- applying ---- */

static int
number_instead(const struct quirks *quirks, int number)
{
	for (size_t i = 0; i < quirks->number_count; i++)
		if (quirks->numbers[i].number == number)
			return quirks->numbers[i].instead;
	return number;
}

/* Changes the errorCode of object, if it has one; the number, or 0. */
static int
renumber(const struct quirks *quirks, json_t *object)
{
	json_t *member = json_object_get(object, "errorCode");
	int number;

	if (!json_is_integer(member))
		return 0;
	number = number_instead(quirks, (int)json_integer_value(member));
	(void)json_integer_set(member, number);
	return number;
}

/* Of a registration that failed, and of an enrollment that shows it. */
static void
renumber_records(const struct quirks *quirks, json_t *records)
{
	for (size_t i = 0; i < json_array_size(records); i++) {
		json_t *record = json_array_get(records, i);

		(void)renumber(quirks, record);
		(void)renumber(
		    quirks, json_object_get(record, "registrationState"));
	}
}

/* In an error, in one record or in many, in a list of errors. */
static void
renumber_reply(const struct quirks *quirks, struct reply *reply)
{
	int number = renumber(quirks, reply->body);

	if (number && reply->status >= 400)
		reply->status = (unsigned)number / 1000;
	(void)renumber(
	    quirks, json_object_get(reply->body, "registrationState"));
	renumber_records(quirks, reply->body);
	renumber_records(quirks, json_object_get(reply->body, "errors"));
}

static void
remove_header(struct reply *reply, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < reply->header_count; i++)
		if (strcmp(reply->headers[i].name, name) == 0)
			free(reply->headers[i].value);
		else
			reply->headers[kept++] = reply->headers[i];
	reply->header_count = kept;
}

void
quirks_apply(const struct quirks *quirks, struct reply *reply)
{
	if (reply->surface == SURFACE_DPS && quirks->number_count > 0)
		renumber_reply(quirks, reply);
	if (quirks_has(quirks, QUIRK_NO_ETAG_HEADER))
		remove_header(reply, "ETag");
}
