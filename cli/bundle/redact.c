/* SPDX-License-Identifier: MIT */
#include "redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/cleanup.h"
#include "common/file.h"
#include "super_config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A base64 text of so many characters may be a key of 96 bits and more. */
#define BASE64_MIN 16

static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";

/* --- secrets that are known ----------------------------------------------- */

enum error_code
redact_add(struct redact_secrets *secrets, const char *text, struct error *err)
{
	char **items;

	if (!text || strlen(text) < REDACT_SECRET_MIN)
		return ERROR_NONE;
	items =
	    reallocarray(secrets->items, secrets->count + 1, sizeof(*items));
	if (!items)
		return error_no_memory(err);
	secrets->items = items;
	items[secrets->count] = strdup(text);
	if (!items[secrets->count])
		return error_no_memory(err);
	secrets->count++;
	return ERROR_NONE;
}

void
redact_secrets_done(struct redact_secrets *secrets)
{
	for (size_t i = 0; i < secrets->count; i++)
		secret_free(secrets->items[i]);
	free(secrets->items);
	*secrets = (struct redact_secrets){0};
}

/* How much of text is a secret that is known. */
static size_t
known_secret(const struct redact_secrets *secrets, const char *text)
{
	size_t longest = 0;

	for (size_t i = 0; i < secrets->count; i++) {
		size_t length = strlen(secrets->items[i]);

		if (length > longest &&
		    strncmp(text, secrets->items[i], length) == 0)
			longest = length;
	}
	return longest;
}

/* --- what looks like one -------------------------------------------------- */

/* A place in a text: how much to keep, and how much of the rest is a secret. */
struct hit {
	size_t keep;
	size_t drop;
};

static bool
begins(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

/* "-----BEGIN EC PRIVATE KEY-----" up to the end of its last line. */
static struct hit
private_key(const char *text)
{
	static const char begin[] = "-----BEGIN ";
	static const char end[] = "-----END ";
	size_t line = strcspn(text, "\r\n\\");
	const char *last;

	if (!begins(text, begin) || !memmem(text, line, "PRIVATE KEY", 11))
		return (struct hit){0};
	last = strstr(text, end);
	if (!last) /* cut off: all of it */
		return (struct hit){0, strlen(text)};
	last += strlen(end);
	last += strcspn(last, "-");
	return (struct hit){0, (size_t)(last - text) + strspn(last, "-")};
}

/* "pin-value=1234" in the midst of anything. */
static struct hit
assignment(const char *text)
{
	static const char ends[] = "&;\"' \t\r\n,)}";
	/* RFC 7512 lets more characters into a PIN. */
	static const char pin_ends[] = "&\"\\ \t\r\n";
	static const struct {
		const char *name;
		const char *ends;
	} kinds[] = {
	    {"pin-value=",            pin_ends},
	    {"pin=",                  ends    },
	    {"SharedAccessKey=",      ends    },
	    {"sig=",                  ends    },
	    {"password=",             ends    },
	    {"Authorization: Basic ", ends    },
	};

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (begins(text, kinds[i].name)) {
			size_t name = strlen(kinds[i].name);

			return (struct hit){
			    name, strcspn(text + name, kinds[i].ends)};
		}
	return (struct hit){0};
}

/* "//user:password@" of a URL, up to the last '@' of its authority. */
static struct hit
login(const char *text)
{
	size_t length;

	if (strncmp(text, "//", 2) != 0)
		return (struct hit){0};
	length = strcspn(text + 2, "/\"' \t\r\n");
	while (length > 0 && text[2 + length] != '@')
		length--;
	return (struct hit){2, length};
}

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* The value at text: up to its quote, or to the end of the line. */
static struct hit
value_at(const char *text, size_t start)
{
	const char *value;

	start += strspn(text + start, " \t");
	value = text + start;
	if (*value == '"' || *value == '\'') {
		char quote = *value++;
		size_t length = 0;

		while (value[length] && value[length] != quote)
			length +=
			    value[length] == '\\' && value[length + 1] ? 2 : 1;
		return (struct hit){start + 1, length};
	}
	/* A mapping or a list has keys of its own. */
	if (*value == '{' || *value == '[')
		return (struct hit){0};
	return (struct hit){start, strcspn(value, ",}\r\n#")};
}

static bool
is_id(const char *value, size_t length, const char *id)
{
	return length == strlen(id) && strncmp(value, id, length) == 0;
}

bool
redact_is_reference(const char *value, size_t length)
{
	while (length > 0 && isspace((unsigned char)value[length - 1]))
		length--;
	for (size_t i = 0; i < length; i++)
		if (isspace((unsigned char)value[i]))
			return false;
	return strncmp(value, "file:", 5) == 0 ||
	       strncmp(value, "pkcs11:", 7) == 0 ||
	       is_id(value, length, ID_DEVICE) ||
	       is_id(value, length, ID_DEVICE_GROUP);
}

/* "symmetric_key: VALUE", also with quotes and with "=". */
static struct hit
member(const char *text)
{
	static const char *const names[] = {"symmetric_key", "group_key",
	    "device_id_pk", /* the first may refer to a key */
	    "device_connection_string", "connection_string", "password",
	    "value", "pin", "endorsement", "owner", "keyHandle",
	    "privateKeyHandle", "privateKey", "primaryKey", "secondaryKey",
	    "keyBytes", "bytes", "secret"};
	const size_t referring = 3;

	for (size_t i = 0; i < COUNT(names); i++) {
		size_t end = strlen(names[i]);
		struct hit hit;

		if (!begins(text, names[i]) || is_word(text[end]))
			continue;
		end += text[end] == '"' || text[end] == '\'';
		end += strspn(text + end, " \t");
		if (text[end] != ':' && text[end] != '=')
			continue;
		hit = value_at(text, end + 1);
		return i < referring &&
			       redact_is_reference(text + hit.keep, hit.drop)
			   ? (struct hit){0}
			   : hit;
	}
	return (struct hit){0};
}

/*
 * A word of base64 with its padding. One without it is not taken, though a key
 * of 24 or 48 bytes has none: a fingerprint, a name or a path looks like it.
 */
static struct hit
base64(const char *text)
{
	size_t length = strspn(text, base64_alphabet);
	size_t padding = strspn(text + length, "=");

	if (length < BASE64_MIN || padding == 0 || padding > 2)
		return (struct hit){0};
	return (struct hit){0, length + padding};
}

typedef struct hit find_hit(const char *text);

/* What begins at text, which is at the start of a word if at_word. */
static struct hit
find(const struct redact_secrets *secrets, const char *text, bool at_word)
{
	static find_hit *const anywhere[] = {private_key, login};
	static find_hit *const words[] = {assignment, member, base64};
	size_t known = known_secret(secrets, text);
	struct hit hit = {0, known};

	for (size_t i = 0; !hit.drop && i < COUNT(anywhere); i++)
		hit = anywhere[i](text);
	for (size_t i = 0; at_word && !hit.drop && i < COUNT(words); i++)
		hit = words[i](text);
	return hit;
}

enum error_code
redact_text(const struct redact_secrets *secrets, const char *text,
    char **ret_text, struct error *err)
{
	char *redacted = NULL;
	size_t length;
	FILE *stream = open_memstream(&redacted, &length);
	bool at_word = true;

	if (!stream)
		return error_no_memory(err);
	while (*text) {
		struct hit hit = find(secrets, text, at_word);
		size_t keep = hit.drop ? hit.keep : 1;

		(void)fwrite(text, 1, keep, stream);
		if (hit.drop)
			(void)fputs(REDACTED, stream);
		at_word = !is_word(text[keep + hit.drop - 1]);
		text += keep + hit.drop;
	}
	if (fclose(stream) != 0) {
		free(redacted);
		return error_no_memory(err);
	}
	*ret_text = redacted;
	return ERROR_NONE;
}
