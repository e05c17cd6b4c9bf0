/* SPDX-License-Identifier: MIT */
#include "form.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/utf8.h"

#define BOUNDARY_MAX 70 /* RFC 2046 section 5.1.1 */

/* CR LF and two dashes before the boundary, and NUL behind it. */
struct delimiter {
	char text[4 + BOUNDARY_MAX + 1];
	size_t length;
};

void
form_done(struct form *form)
{
	free(form->storage);
	*form = (struct form){0};
}

static enum error_code
malformed(const char *why, struct error *err)
{
	return error_set(err, ERROR_MALFORMED, "The form %s.", why);
}

/*
 * The value of parameter in a header's value, quoted or a token; ret_length is
 * its length. NULL: there is none.
 */
static const char *
find_parameter(const char *header, const char *parameter, size_t *ret_length)
{
	size_t length = strlen(parameter);

	while ((header = strchr(header, ';'))) {
		header++;
		header += strspn(header, " \t");
		if (strncasecmp(header, parameter, length) != 0 ||
		    header[length] != '=')
			continue;
		header += length + 1;
		if (*header != '"') {
			*ret_length = strcspn(header, "; \t");
			return header;
		}
		header++;
		*ret_length = strcspn(header, "\"");
		return header[*ret_length] ? header : NULL;
	}
	return NULL;
}

static enum error_code
read_delimiter(const char *content_type, struct delimiter *ret_delimiter,
    struct error *err)
{
	static const char type[] = "multipart/form-data";
	const char *boundary;
	size_t length = 0;

	if (!content_type || strncasecmp(content_type, type, strlen(type)) != 0)
		return malformed("must be sent as multipart/form-data", err);
	boundary = find_parameter(content_type, "boundary", &length);
	if (!boundary || length == 0 || length > BOUNDARY_MAX)
		return malformed("has no good boundary", err);
	ret_delimiter->length = length + 4;
	(void)snprintf(ret_delimiter->text, sizeof(ret_delimiter->text),
	    "\r\n--%.*s", (int)length, boundary);
	return ERROR_NONE;
}

/* ---- one part ---- */

static bool
is_text(const char *data, size_t length)
{
	while (length > 0) {
		size_t size = utf8_character(data, length);

		if (size == 0 || *data == '\0')
			return false;
		data += size;
		length -= size;
	}
	return true;
}

/* Ends the parameter in place, in the header that is ours to cut. */
static char *
cut_parameter(char *header, const char *parameter)
{
	size_t length;
	const char *value = find_parameter(header, parameter, &length);
	char *own;

	if (!value)
		return NULL;
	own = header + (value - header);
	own[length] = '\0';
	return own;
}

/* The file name stands behind the name: it is cut out first. */
static enum error_code
read_disposition(char *header, struct form_field *field, struct error *err)
{
	field->file_name = cut_parameter(header, "filename");
	field->name = cut_parameter(header, "name");
	if (!field->name || !is_text(field->name, strlen(field->name)))
		return malformed("has a part without a name", err);
	return ERROR_NONE;
}

/* head is the part's header lines, its to cut up. */
static enum error_code
read_head(char *head, struct form_field *field, struct error *err)
{
	static const char name[] = "Content-Disposition:";
	char *line;

	while ((line = strsep(&head, "\n"))) {
		line[strcspn(line, "\r")] = '\0';
		if (strncasecmp(line, name, strlen(name)) == 0)
			return read_disposition(
			    line + strlen(name), field, err);
	}
	return malformed("has a part without a Content-Disposition", err);
}

static enum error_code
read_part(char *part, size_t length, struct form *form, struct error *err)
{
	struct form_field field = {0};
	char *end = memmem(part, length, "\r\n\r\n", 4);
	size_t head_length;

	if (!end)
		return malformed("has a part without a head", err);
	head_length = (size_t)(end - part) + 4;
	*end = '\0';
	field.data = part + head_length;
	field.length = length - head_length;
	if (form->count == FORM_FIELDS_MAX)
		return malformed("has too many parts", err);
	if (read_head(part, &field, err))
		return err->code;
	if (!field.file_name && !is_text(field.data, field.length))
		return malformed("has text that is no UTF-8", err);
	form->fields[form->count++] = field;
	return ERROR_NONE;
}

/* ---- all ---- */

/*
 * Reads the parts of storage, in which a CR LF was put before what was sent, so
 * that the first delimiter is like the others.
 */
static enum error_code
read_parts(const struct delimiter *delimiter, size_t length, struct form *form,
    struct error *err)
{
	char *end = form->storage + length;
	char *at =
	    memmem(form->storage, length, delimiter->text, delimiter->length);

	if (!at)
		return malformed("does not begin with its boundary", err);
	at += delimiter->length;
	while (end - at < 2 || strncmp(at, "--", 2) != 0) {
		char *next = memmem(
		    at, (size_t)(end - at), delimiter->text, delimiter->length);

		if (!next || strncmp(at, "\r\n", 2) != 0)
			return malformed("is cut off", err);
		*next = '\0';
		if (read_part(at, (size_t)(next - at), form, err))
			return err->code;
		at = next + delimiter->length;
	}
	return ERROR_NONE;
}

enum error_code
form_parse(const char *content_type, const char *body, size_t length,
    struct form *ret_form, struct error *err)
{
	CLEANUP_DONE(form) struct form form = {0};
	struct delimiter delimiter;

	if (read_delimiter(content_type, &delimiter, err))
		return err->code;
	form.storage = malloc(length + 3);
	if (!form.storage)
		return error_no_memory(err);
	memcpy(form.storage, "\r\n", 2);
	if (length > 0)
		memcpy(form.storage + 2, body, length);
	form.storage[length + 2] = '\0';
	if (read_parts(&delimiter, length + 2, &form, err))
		return err->code;
	*ret_form = TAKE_CONTENTS(form);
	return ERROR_NONE;
}

const char *
form_text(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (!form->fields[i].file_name &&
		    strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].data;
	return NULL;
}

const struct form_field *
form_file(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (form->fields[i].file_name && form->fields[i].length > 0 &&
		    strcmp(form->fields[i].name, name) == 0)
			return &form->fields[i];
	return NULL;
}
