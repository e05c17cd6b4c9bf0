/* SPDX-License-Identifier: MIT */
/*
 * A form as browsers send it: multipart/form-data (RFC 7578), which all forms
 * of the portal use, with files or without. The server bounds the body.
 */
#ifndef CLOUD_FORM_H
#define CLOUD_FORM_H

#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"

#define FORM_FIELDS_MAX 64

struct form_field {
	const char *name;
	const char *file_name; /* NULL: no file, and then data is text */
	const char *data;      /* NUL behind it; a file may have NULs in it */
	size_t length;
};

struct form {
	char *storage; /* the others point into it */
	size_t count;
	struct form_field fields[FORM_FIELDS_MAX];
};

/* Releases the contents. */
void form_done(struct form *form);

/*
 * Takes body apart, as content_type (which may be NULL) says. On success the
 * contents of ret_form are the caller's. Fails with ERROR_MALFORMED: another
 * media type, no boundary, a part without a name, text that is no UTF-8 or has
 * a NUL, more than FORM_FIELDS_MAX parts, no end.
 */
MUST_CHECK enum error_code form_parse(const char *content_type,
    const char *body, size_t length, struct form *ret_form, struct error *err);

/* The text of the first field that has name; NULL: there is none. */
const char *form_text(const struct form *form, const char *name);

/* The file that was chosen in the field name; NULL: none was. */
const struct form_field *form_file(const struct form *form, const char *name);

#endif
