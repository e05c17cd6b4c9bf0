/* SPDX-License-Identifier: MIT */
/*
 * Fields of forms: label, control, hint, and what is wrong with the value,
 * tied together for those who cannot see that they stand together.
 */
#ifndef CLOUD_PORTAL_FIELD_H
#define CLOUD_PORTAL_FIELD_H

#include "common/json.h"
#include "form.h"
#include "html.h"

/* What is wrong with a form. */
struct problem {
	unsigned status;   /* of the reply; 0: nothing is wrong */
	const char *field; /* the name of the one that is; "": the whole */
	char message[ERROR_MESSAGE_MAX];
};

/* Says what is wrong with field, as a sentence. */
void problem_set(struct problem *problem, unsigned status, const char *field,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Where a member of a record stands on a form. */
struct field_of_member {
	const char *member; /* as messages quote it: "'initialTwin'" */
	const char *field;
};

/*
 * Says what err does, at the first of fields whose member its message names, or
 * about the whole form. fields ends with a NULL member.
 */
void problem_from_error(struct problem *problem,
    const struct field_of_member *fields, const struct error *err);

/* A form that is being written. values is of names and texts. */
struct form_view {
	struct html *html;
	const json_t *values;
	const struct problem *problem;
};

/* Says what is wrong, before the form, with a link to the field. */
void view_problem(const struct form_view *view);

struct field {
	const char *name;
	const char *label;
	const char *hint;   /* or NULL */
	const char *accept; /* of a file, or NULL */
	bool is_required;
	bool is_conditional; /* required by what else is chosen */
	bool is_json;        /* of an area: checked while it is typed */
};

/* What stands below all controls: the hint, and what is wrong. */
void view_remarks(const struct form_view *view, const struct field *field);

void view_text(const struct form_view *view, const struct field *field);
void view_area(const struct form_view *view, const struct field *field);
void view_file(const struct form_view *view, const struct field *field);

/* A box; it is checked if the value is not empty. */
void view_check(const struct form_view *view, const struct field *field);

struct choice {
	const char *value;
	const char *label;
};

/* A list to choose from; choices end with a NULL value. */
void view_select(const struct form_view *view, const struct field *field,
    const struct choice *choices);

/* Buttons of which one is on, in a group with the field's label. */
void view_radio(const struct form_view *view, const struct field *field,
    const struct choice *choices);

/* The text that is member of object; "" if there is none. */
const char *member_text(const json_t *object, const char *member);

/* The texts of form (not its files) as values; NULL: no memory. */
json_t *values_of_form(const struct form *form);

#endif
