/* SPDX-License-Identifier: MIT */
#include "quirks.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_DIGITS 6 /* the status times 1000, and a count */

static const struct choice {
	const char *name;
	const char *usual; /* the default */
	const char *other;
} choices[] = {
    [QUIRK_LOCATION] = {"location",       "none",     "sent"   },
    [QUIRK_NO_ETAG_HEADER] = {"etag-header",    "sent",     "none"   },
    [QUIRK_BARE_CHALLENGE] = {"challenge",      "full",     "bare"   },
    [QUIRK_EXACT_NAME] = {"common-name",    "any-case", "exact"  },
    [QUIRK_CHECKED_USAGE] = {"key-usage",      "ignored",  "checked"},
    [QUIRK_TOLD_AGAIN] = {"same-hub",       "kept",     "told"   },
    [QUIRK_UNKNOWN_404] = {"unknown-device", "401",      "404"    },
    [QUIRK_MODULES_OF_EDGES] = {"modules",        "any",      "edge"   },
};

#define CHOICES (sizeof(choices) / sizeof(choices[0]))

/* ---- choosing ---- */

/* The number of an error that text, up to end, is; or 0. */
static int
read_number(const char *text, size_t length)
{
	if (length != NUMBER_DIGITS ||
	    strspn(text, "0123456789") < NUMBER_DIGITS ||
	    (*text != '4' && *text != '5'))
		return 0;
	return (int)strtol(text, NULL, 10);
}

static enum error_code
add_number(
    struct quirks *quirks, int number, const char *value, struct error *err)
{
	int instead = read_number(value, strlen(value));

	if (!instead)
		return error_set(err, ERROR_INVALID,
		    "--quirk %d: '%s' is no number of an error", number, value);
	if (quirks->number_count == QUIRK_NUMBERS_MAX)
		return error_set(err, ERROR_INVALID,
		    "--quirk can change %d numbers", QUIRK_NUMBERS_MAX);
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
		    "--quirk %s is '%s' or '%s', not '%s'", choice->name,
		    choice->usual, choice->other, value);
	return ERROR_NONE;
}

enum error_code
quirks_add(struct quirks *quirks, const char *text, struct error *err)
{
	size_t length = strcspn(text, "=");
	int number = read_number(text, length);

	if (text[length] != '=')
		return error_set(err, ERROR_INVALID,
		    "--quirk is NAME=VALUE, not '%s'", text);
	if (number)
		return add_number(quirks, number, text + length + 1, err);
	for (size_t i = 0; i < CHOICES; i++)
		if (strlen(choices[i].name) == length &&
		    strncmp(choices[i].name, text, length) == 0)
			return add_choice(
			    quirks, &choices[i], text + length + 1, err);
	return error_set(err, ERROR_INVALID, "there is no --quirk '%.*s'",
	    (int)length, text);
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

/* In an error, in the state of a failed registration, in a list of errors. */
static void
renumber_reply(const struct quirks *quirks, struct reply *reply)
{
	int number = renumber(quirks, reply->body);
	json_t *listed = json_object_get(reply->body, "errors");

	if (number && reply->status >= 400)
		reply->status = (unsigned)number / 1000;
	(void)renumber(
	    quirks, json_object_get(reply->body, "registrationState"));
	for (size_t i = 0; i < json_array_size(listed); i++)
		(void)renumber(quirks, json_array_get(listed, i));
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
