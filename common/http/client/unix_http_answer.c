/* SPDX-License-Identifier: MIT */
#include "unix_http_answer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "common/unix_http.h"

#define STATUS_LINE_MIN (sizeof("HTTP/1.1 200") - 1)

/* One line of the head, without its end. */
struct line {
	const char *text;
	size_t length;
};

/* Takes the line at *position, which is before end; "\n" ends it, too. */
static struct line
next_line(const char **position, const char *end)
{
	const char *newline =
	    memchr(*position, '\n', (size_t)(end - *position));
	struct line line = {
	    .text = *position, .length = (size_t)(newline - *position)};

	if (line.length > 0 && line.text[line.length - 1] == '\r')
		line.length--;
	*position = newline + 1;
	return line;
}

static bool
parse_status(struct line line, struct unix_http_answer *answer)
{
	const char *digits = line.text + STATUS_LINE_MIN - 3;

	if (line.length < STATUS_LINE_MIN ||
	    strncmp(line.text, "HTTP/1.", 7) != 0)
		return false;
	answer->status = 0;
	for (size_t i = 0; i < 3; i++) {
		if (!isdigit((unsigned char)digits[i]))
			return false;
		answer->status =
		    answer->status * 10 + (unsigned)(digits[i] - '0');
	}
	answer->closes = line.text[7] == '0';
	return true;
}

/* If line is the field name, moves line on to its value. */
static bool
is_field(struct line *line, const char *name)
{
	size_t length = strlen(name);

	if (line->length <= length || line->text[length] != ':' ||
	    strncasecmp(line->text, name, length) != 0)
		return false;
	line->text += length + 1;
	line->length -= length + 1;
	while (line->length > 0 && isblank((unsigned char)*line->text)) {
		line->text++;
		line->length--;
	}
	while (line->length > 0 &&
	       isblank((unsigned char)line->text[line->length - 1]))
		line->length--;
	return true;
}

static bool
parse_length(struct line value, struct unix_http_answer *answer)
{
	size_t length = 0;

	for (size_t i = 0; i < value.length; i++) {
		if (!isdigit((unsigned char)value.text[i]))
			return false;
		length = length * 10 + (size_t)(value.text[i] - '0');
		if (length > UNIX_HTTP_BODY_MAX)
			return false;
	}
	answer->has_length = value.length > 0;
	answer->body_length = length;
	return answer->has_length;
}

/* Our servers do not encode bodies, so we do not decode them. */
static bool
parse_field(struct line line, struct unix_http_answer *answer)
{
	if (is_field(&line, "transfer-encoding"))
		return false;
	if (is_field(&line, "content-length"))
		return parse_length(line, answer);
	if (is_field(&line, "connection") && line.length == strlen("close") &&
	    strncasecmp(line.text, "close", line.length) == 0)
		answer->closes = true;
	return true;
}

static void
settle_body(struct unix_http_answer *answer)
{
	if (answer->status == 204 || answer->status == 304) {
		answer->has_length = true;
		answer->body_length = 0;
	}
	if (!answer->has_length)
		answer->closes = true;
}

enum unix_http_parsed
unix_http_parse(
    const char *text, size_t length, struct unix_http_answer *ret_answer)
{
	struct unix_http_answer answer = {0};
	const char *empty = memmem(text, length, "\r\n\r\n", 4);
	const char *position = text;

	if (!empty)
		return length < UNIX_HTTP_HEAD_MAX ? UNIX_HTTP_PART
						   : UNIX_HTTP_BROKEN;
	if (!parse_status(next_line(&position, empty + 2), &answer))
		return UNIX_HTTP_BROKEN;
	while (position < empty + 2)
		if (!parse_field(next_line(&position, empty + 2), &answer))
			return UNIX_HTTP_BROKEN;

	answer.head_length = (size_t)(empty + 4 - text);
	settle_body(&answer);
	*ret_answer = answer;
	return UNIX_HTTP_WHOLE;
}
