/* SPDX-License-Identifier: MIT */
#include "portal_field.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- problems ---- */

/* "'attestation': 'x509': no certificate" is, at its field, "No certificate."
 */
static void
make_sentence(char *message, size_t size)
{
	char *start = message;
	size_t length;

	while (*start == '\'') {
		char *quote = strchr(start + 1, '\'');

		if (!quote || strncmp(quote, "': ", 3) != 0)
			break;
		start = quote + 3;
	}
	length = strlen(start);
	memmove(message, start, length + 1);
	message[0] = (char)toupper((unsigned char)message[0]);
	if (length > 0 && length + 1 < size && message[length - 1] != '.')
		memcpy(message + length, ".", 2);
}

void
problem_set(struct problem *problem, unsigned status, const char *field,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(
	    problem->message, sizeof(problem->message), format, args);
	va_end(args);
	make_sentence(problem->message, sizeof(problem->message));
	problem->status = status;
	problem->field = field;
}

void
problem_from_error(struct problem *problem,
    const struct field_of_member *fields, const struct error *err)
{
	while (fields->member && !strstr(err->message, fields->member))
		fields++;
	problem_set(problem, 400, fields->member ? fields->field : "", "%s",
	    err->message);
}

/* ---- fields ---- */

const char *
member_text(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

static const char *
view_value(const struct form_view *view, const char *name)
{
	return member_text(view->values, name);
}

static bool
is_wrong(const struct form_view *view, const char *name)
{
	return view->problem && view->problem->status &&
	       strcmp(view->problem->field, name) == 0;
}

void
view_problem(const struct form_view *view)
{
	const struct problem *problem = view->problem;

	if (!problem || !problem->status)
		return;
	html_print(view->html, "<div class=\"alert\" role=\"alert\">\n");
	if (*problem->field)
		html_print(view->html,
		    "<p>Nothing was changed. <a href=\"#f-%s\">%s</a></p>\n",
		    problem->field, problem->message);
	else
		html_print(view->html, "<p>Nothing was changed. %s</p>\n",
		    problem->message);
	html_print(view->html, "</div>\n");
}

static void
write_label(const struct form_view *view, const struct field *field)
{
	html_print(view->html, "<div class=\"field\"><label for=\"f-%s\">%s",
	    field->name, field->label);
	if (!field->is_required && !field->is_conditional)
		html_print(
		    view->html, " <span class=\"optional\">optional</span>");
	html_print(view->html, "</label>\n");
}

/* The attributes that all controls have. */
static void
write_attributes(const struct form_view *view, const struct field *field)
{
	html_print(
	    view->html, " id=\"f-%s\" name=\"%s\"", field->name, field->name);
	if (field->is_required)
		html_print(view->html, " required");
	if (field->hint)
		html_print(
		    view->html, " aria-describedby=\"f-%s-hint\"", field->name);
	if (is_wrong(view, field->name))
		html_print(view->html,
		    " aria-invalid=\"true\" aria-errormessage=\"f-%s-error\""
		    " autofocus",
		    field->name);
}

void
view_remarks(const struct form_view *view, const struct field *field)
{
	if (field->hint)
		html_print(view->html,
		    "<p class=\"hint\" id=\"f-%s-hint\">%s</p>\n", field->name,
		    field->hint);
	if (is_wrong(view, field->name))
		html_print(view->html,
		    "<p class=\"error\" id=\"f-%s-error\">%s</p>\n",
		    field->name, view->problem->message);
}

static void
write_end(const struct form_view *view, const struct field *field)
{
	view_remarks(view, field);
	html_print(view->html, "</div>\n");
}

void
view_text(const struct form_view *view, const struct field *field)
{
	write_label(view, field);
	html_print(
	    view->html, "<input autocomplete=\"off\" spellcheck=\"false\"");
	write_attributes(view, field);
	html_print(
	    view->html, " value=\"%s\">\n", view_value(view, field->name));
	write_end(view, field);
}

void
view_area(const struct form_view *view, const struct field *field)
{
	write_label(view, field);
	html_print(view->html, "<textarea rows=\"11\" spellcheck=\"false\"");
	write_attributes(view, field);
	if (field->is_json)
		html_print(view->html, " data-json");
	/* The parser drops one newline at the start. */
	html_print(
	    view->html, ">\n%s</textarea>\n", view_value(view, field->name));
	write_end(view, field);
}

void
view_file(const struct form_view *view, const struct field *field)
{
	write_label(view, field);
	html_print(view->html, "<input type=\"file\"");
	write_attributes(view, field);
	if (field->accept)
		html_print(view->html, " accept=\"%s\"", field->accept);
	html_print(view->html, ">\n");
	write_end(view, field);
}

void
view_check(const struct form_view *view, const struct field *field)
{
	html_print(view->html,
	    "<div class=\"field check\"><input type=\"checkbox\" value=\"on\"");
	write_attributes(view, field);
	if (*view_value(view, field->name))
		html_print(view->html, " checked");
	html_print(view->html, "><label for=\"f-%s\">%s</label>\n", field->name,
	    field->label);
	write_end(view, field);
}

void
view_select(const struct form_view *view, const struct field *field,
    const struct choice *choices)
{
	const char *value = view_value(view, field->name);

	write_label(view, field);
	html_print(view->html, "<select");
	write_attributes(view, field);
	html_print(view->html, ">\n");
	for (; choices->value; choices++) {
		html_print(view->html, "<option value=\"%s\"", choices->value);
		if (strcmp(value, choices->value) == 0)
			html_print(view->html, " selected");
		html_print(view->html, ">%s</option>\n", choices->label);
	}
	html_print(view->html, "</select>\n");
	write_end(view, field);
}

void
view_radio(const struct form_view *view, const struct field *field,
    const struct choice *choices)
{
	const char *value = view_value(view, field->name);

	html_print(view->html,
	    "<fieldset class=\"radios\" id=\"f-%s\"><legend>%s</legend>\n",
	    field->name, field->label);
	for (; choices->value; choices++) {
		html_print(view->html,
		    "<label><input type=\"radio\" name=\"%s\" value=\"%s\"",
		    field->name, choices->value);
		if (strcmp(value, choices->value) == 0)
			html_print(view->html, " checked");
		html_print(view->html, "> %s</label>\n", choices->label);
	}
	view_remarks(view, field);
	html_print(view->html, "</fieldset>\n");
}

json_t *
values_of_form(const struct form *form)
{
	CLEANUP(json) json_t *values = json_object();

	for (size_t i = 0; values && i < form->count; i++) {
		const struct form_field *field = &form->fields[i];

		if (!field->file_name &&
		    json_object_set_new(
			values, field->name, json_string(field->data)))
			return NULL;
	}
	return TAKE(values);
}
