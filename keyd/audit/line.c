/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/openssl.h"
#include "common/time.h"
#include "common/utf8.h"

#define NS_PER_MS 1000000
#define SHA256_BYTES 32

static const char line_start[] = "{\"seq\":";
static const char hash_member[] = ",\"hash\":\"";
static const char line_end[] = "\"}";
static const char previous_member[] = ",\"previous\":\"";

/* What audit_line_seal() puts behind the rest, with the line feed. */
#define SEAL_LENGTH                                                            \
	(sizeof(hash_member) - 1 + AUDIT_HASH_LENGTH + sizeof(line_end))

enum error_code
audit_hasher_init(struct audit_hasher *hasher, struct error *err)
{
	*hasher = (struct audit_hasher){
	    .algorithm = EVP_MD_fetch(NULL, "SHA256", NULL),
	    .context = EVP_MD_CTX_new(),
	};
	if (hasher->algorithm && hasher->context)
		return ERROR_NONE;
	audit_hasher_done(hasher);
	return error_set_openssl(err, ERROR_INTERNAL, "preparing SHA-256");
}

void
audit_hasher_done(struct audit_hasher *hasher)
{
	EVP_MD_CTX_free(hasher->context);
	EVP_MD_free(hasher->algorithm);
	*hasher = (struct audit_hasher){0};
}

static void
to_hex(const unsigned char *data, size_t length, char *ret_text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		ret_text[2 * i] = digits[data[i] >> 4];
		ret_text[2 * i + 1] = digits[data[i] & 15];
	}
	ret_text[2 * length] = '\0';
}

enum error_code
audit_hash(struct audit_hasher *hasher, const char *previous, const char *text,
    size_t length, char ret_hash[static AUDIT_HASH_LENGTH + 1],
    struct error *err)
{
	unsigned char digest[SHA256_BYTES];

	if (!EVP_DigestInit_ex2(hasher->context, hasher->algorithm, NULL) ||
	    !EVP_DigestUpdate(hasher->context, previous, AUDIT_HASH_LENGTH) ||
	    !EVP_DigestUpdate(hasher->context, text, length) ||
	    !EVP_DigestFinal_ex(hasher->context, digest, NULL))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "hashing an audit record");
	to_hex(digest, sizeof(digest), ret_hash);
	return ERROR_NONE;
}

/* ---- writing ---- */

static void
put(struct audit_line *line, const char *text, size_t length)
{
	memcpy(line->text + line->length, text, length);
	line->length += length;
}

/* Leaves room for the seal. */
static void
append(struct audit_line *line, const char *text, size_t length)
{
	assert(length <= sizeof(line->text) - SEAL_LENGTH - line->length);
	put(line, text, length);
}

static void
append_number(struct audit_line *line, int64_t value)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		digits[--at] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (value < 0)
		digits[--at] = '-';
	append(line, digits + at, sizeof(digits) - at);
}

static void
append_member(struct audit_line *line, const char *member)
{
	append(line, ",\"", 2);
	append(line, member, strlen(member));
	append(line, "\":", 2);
}

void
audit_line_begin(
    struct audit_line *line, uint64_t sequence, const struct timespec *now)
{
	struct time_text time = time_format(now->tv_sec);
	int ms = (int)(now->tv_nsec / NS_PER_MS % 1000);
	const char fraction[] = {'.', (char)('0' + ms / 100),
	    (char)('0' + ms / 10 % 10), (char)('0' + ms % 10), 'Z', '"'};

	line->length = 0;
	append(line, line_start, sizeof(line_start) - 1);
	append_number(line, (int64_t)sequence);
	append_member(line, "time");
	append(line, "\"", 1);
	append(line, time.text, strcspn(time.text, "Z"));
	append(line, fraction, sizeof(fraction));
}

void
audit_line_number(struct audit_line *line, const char *member, int64_t value)
{
	append_member(line, member);
	append_number(line, value);
}

/* Appends the character at text; returns how many bytes it has. */
static size_t
append_character(struct audit_line *line, const char *text, size_t length)
{
	unsigned char byte = (unsigned char)text[0];
	size_t used = utf8_character(text, length);
	char escape[8];

	if (used == 0) {
		append(line, "\\ufffd", 6);
		return 1;
	}
	if (byte == '"' || byte == '\\')
		append(line, (const char[]){'\\', (char)byte}, 2);
	else if (byte < ' ' || byte == 127) {
		(void)snprintf(escape, sizeof(escape), "\\u%04x", byte);
		append(line, escape, strlen(escape));
	} else
		append(line, text, used);
	return used;
}

void
audit_line_bytes(struct audit_line *line, const char *member, const char *value,
    size_t length)
{
	size_t rest = length < AUDIT_TEXT_MAX ? length : AUDIT_TEXT_MAX;

	append_member(line, member);
	append(line, "\"", 1);
	while (rest > 0) {
		size_t used = append_character(line, value, rest);

		value += used;
		rest -= used;
	}
	append(line, "\"", 1);
}

void
audit_line_text(struct audit_line *line, const char *member, const char *value)
{
	if (value)
		audit_line_bytes(line, member, value, strlen(value));
}

enum error_code
audit_line_seal(struct audit_line *line, struct audit_hasher *hasher,
    struct audit_chain *chain, struct error *err)
{
	char hash[AUDIT_HASH_LENGTH + 1];

	if (audit_hash(
		hasher, chain->hash, line->text, line->length, hash, err))
		return err->code;
	put(line, hash_member, sizeof(hash_member) - 1);
	put(line, hash, AUDIT_HASH_LENGTH);
	put(line, line_end, sizeof(line_end) - 1);
	put(line, "\n", 1);
	memcpy(chain->hash, hash, sizeof(chain->hash));
	chain->sequence++;
	return ERROR_NONE;
}

/* ---- reading ---- */

static bool
read_hash(const char *text, char ret_hash[static AUDIT_HASH_LENGTH + 1])
{
	if (strspn(text, "0123456789abcdef") < AUDIT_HASH_LENGTH)
		return false;
	memcpy(ret_hash, text, AUDIT_HASH_LENGTH);
	ret_hash[AUDIT_HASH_LENGTH] = '\0';
	return true;
}

static bool
read_number(const char *text, uint64_t *ret_number)
{
	uint64_t number = 0;
	size_t digits = strspn(text, "0123456789");

	/* 18 digits are enough for ever, and fit. */
	if (digits == 0 || digits > 18 || text[digits] != ',')
		return false;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (uint64_t)(text[i] - '0');
	*ret_number = number;
	return number > 0;
}

/* A quote within a text is escaped, so that no text can look like a member. */
bool
audit_line_parse(const char *text, size_t length, struct audit_place *ret_place)
{
	char copy[AUDIT_LINE_MAX];
	struct audit_place place = {0};
	const char *previous;

	if (length < SEAL_LENGTH || length >= sizeof(copy) ||
	    memchr(text, '\0', length))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	/* SEAL_LENGTH has the line feed, which is not there any more. */
	place.hashed = length - (SEAL_LENGTH - 1);
	if (strncmp(copy, line_start, sizeof(line_start) - 1) != 0 ||
	    !read_number(
		copy + sizeof(line_start) - 1, &place.chain.sequence) ||
	    strncmp(copy + place.hashed, hash_member,
		sizeof(hash_member) - 1) != 0 ||
	    !read_hash(copy + place.hashed + sizeof(hash_member) - 1,
		place.chain.hash) ||
	    strcmp(copy + length - (sizeof(line_end) - 1), line_end) != 0)
		return false;
	previous = strstr(copy, previous_member);
	if (previous &&
	    !read_hash(previous + sizeof(previous_member) - 1, place.previous))
		return false;
	*ret_place = place;
	return true;
}
