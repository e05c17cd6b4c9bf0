/* SPDX-License-Identifier: MIT */
#include "html.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"

#define SIZE_FIRST 4096

void
html_done(struct html *html)
{
	free(html->text);
	*html = (struct html){0};
}

static bool
reserve(struct html *html, size_t more)
{
	size_t size = html->size ? html->size : SIZE_FIRST;
	char *text;

	if (html->failed)
		return false;
	while (size - html->length <= more)
		size *= 2;
	if (size == html->size)
		return true;
	text = realloc(html->text, size);
	if (!text) {
		html->failed = true;
		return false;
	}
	html->text = text;
	html->size = size;
	return true;
}

static void
append(struct html *html, const char *text, size_t length)
{
	if (!reserve(html, length))
		return;
	memcpy(html->text + html->length, text, length);
	html->length += length;
}

/* What stands for a character that HTML or a quoted attribute reads; or NULL.
 */
static const char *
entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Control characters mean nothing in HTML, except those that are white. */
static bool
is_control(char c)
{
	return ((unsigned char)c < ' ' && !strchr("\t\n\r", c)) || c == 0x7f;
}

static void
append_escaped(struct html *html, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		const char *entity = entity_of(*text);
		size_t length = utf8_character(text, left);

		if (entity)
			append(html, entity, strlen(entity));
		else if (length == 0 || is_control(*text))
			append(
			    html, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
		else
			append(html, text, length);
		length = length ? length : 1;
		text += length;
		left -= length;
	}
}

static void
append_number(struct html *html, long long number)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "%lld", number);

	append(html, text, (size_t)length);
}

/* What a conversion reads, and what stands for it in the format. */
static const struct {
	const char *text;
	enum { TEXT, INT, SIZE, PERCENT } kind;
} conversions[] = {
    {"%s",  TEXT   },
    {"%d",  INT    },
    {"%zu", SIZE   },
    {"%%",  PERCENT},
};

/* Appends the conversion at format, and returns how long it is there. */
static size_t
append_conversion(struct html *html, const char *format, va_list *args)
{
	size_t i = 0;
	const char *text;

	while (strncmp(format, conversions[i].text,
		   strlen(conversions[i].text)) != 0)
		i++;
	switch (conversions[i].kind) {
	case TEXT:
		text = va_arg(*args, const char *);
		append_escaped(html, text ? text : "");
		break;
	case INT:
		append_number(html, va_arg(*args, int));
		break;
	case SIZE:
		append_number(html, (long long)va_arg(*args, size_t));
		break;
	case PERCENT:
		append(html, "%", 1);
		break;
	}
	return strlen(conversions[i].text);
}

void
html_print(struct html *html, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	while (*format) {
		size_t literal = strcspn(format, "%");

		append(html, format, literal);
		format += literal;
		if (*format)
			format += append_conversion(html, format, &args);
	}
	va_end(args);
}

void
html_url(struct html *html, const char *text)
{
	char escape[4];

	for (; *text; text++) {
		if (isascii((unsigned char)*text) &&
		    (isalnum((unsigned char)*text) || strchr("-._~", *text))) {
			append(html, text, 1);
			continue;
		}
		(void)snprintf(
		    escape, sizeof(escape), "%%%02X", (unsigned char)*text);
		append(html, escape, 3);
	}
}

char *
html_take(struct html *html)
{
	char *text = NULL;

	append(html, "", 1);
	if (!html->failed) {
		text = html->text;
		html->text = NULL;
	}
	html_done(html);
	return text;
}
