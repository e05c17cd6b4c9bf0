/* SPDX-License-Identifier: MIT */
/* A mapping of the file, key by key, into the struct of its table. */
#include "config_section.h"

#include <stdio.h>
#include <string.h>

#include "config_value.h"

/* One reading of a document, in which there may be several mistakes. */
struct reading {
	const struct config_listener *listener; /* or NULL */
	struct error first; /* mistake that the listener was told of */
};

/* Where we are in the file, for messages: "provisioning.attestation". */
struct scope {
	const struct scope *outer;
	const char *key; /* NULL at the top */
	const struct config_table *table;
	struct reading *reading;
};

static const char *const expectations[] = {
    [CONFIG_STRING] = "a text",
    [CONFIG_PATH] = "an absolute path",
    [CONFIG_URI] = "a URI",
    [CONFIG_UNSIGNED] = "a whole number",
    [CONFIG_BOOL] = "true or false",
    [CONFIG_STRINGS] = "a list of texts",
    [CONFIG_MAP] = "a mapping",
    [CONFIG_SECTION] = "a section with keys of its own",
    [CONFIG_LIST] = "a list of sections",
    [CONFIG_SECTIONS] = "a mapping of names to sections",
};

static bool
is_of_kind(enum config_type type, const struct config_node *node)
{
	switch (type) {
	case CONFIG_IGNORED:
		return true;
	case CONFIG_STRINGS:
	case CONFIG_LIST:
		return node->kind == CONFIG_SEQUENCE;
	case CONFIG_MAP:
	case CONFIG_SECTION:
	case CONFIG_SECTIONS:
		return node->kind == CONFIG_MAPPING;
	case CONFIG_STRING:
	case CONFIG_PATH:
	case CONFIG_URI:
	case CONFIG_UNSIGNED:
	case CONFIG_BOOL:
		break;
	}
	return node->kind == CONFIG_SCALAR;
}

/* " in provisioning.attestation", or nothing at the top. */
static void
print_scope(const struct scope *scope, char *text, size_t size)
{
	size_t used;

	if (!scope->key) {
		*text = '\0';
		return;
	}
	print_scope(scope->outer, text, size);
	used = strlen(text);
	(void)snprintf(
	    text + used, size - used, "%s%s", used ? "." : " in ", scope->key);
}

/* What was said that ended with code: a mistake, if somebody is told, is none.
 */
static enum error_code
tell(struct reading *reading, enum error_code code, struct error *err)
{
	const struct config_listener *listener = reading->listener;

	if (code != ERROR_INVALID || !listener || !listener->mistake)
		return code;
	if (!reading->first.code)
		reading->first = *err;
	listener->mistake(listener->context, err);
	return ERROR_NONE;
}

static bool
has_field(const struct config_table *table, const char *key)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->fields[i].key, key) == 0)
			return true;
	return false;
}

/* "provisioning.attestation", if table has key in that section; else false. */
static bool
print_inner_home(
    const struct config_table *table, const char *key, char *text, size_t size)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct config_field *field = &table->fields[i];
		size_t used;

		if (field->type != CONFIG_SECTION)
			continue;
		(void)snprintf(text, size, "%s", field->key);
		if (has_field(field->table, key))
			return true;
		used = strlen(text);
		(void)snprintf(text + used, size - used, ".");
		if (print_inner_home(
			field->table, key, text + used + 1, size - used - 1))
			return true;
	}
	return false;
}

/* Where key is known, inside or around the scope, or what it is near to. */
static void
print_advice(
    const struct scope *scope, const char *key, char *text, size_t size)
{
	const char *suggestion = config_suggest(scope->table, key);
	const struct scope *outer = scope->outer;
	char home[160];

	*text = '\0';
	while (outer && !has_field(outer->table, key))
		outer = outer->outer;
	if (suggestion)
		(void)snprintf(text, size, "; did you mean '%s'?", suggestion);
	else if (print_inner_home(scope->table, key, home, sizeof(home)))
		(void)snprintf(text, size, "; it belongs into '%s'", home);
	else if (outer && outer->key)
		(void)snprintf(
		    text, size, "; it belongs into '%s'", outer->key);
	else if (outer)
		(void)snprintf(text, size, "; it belongs into no section");
}

/* Tells who wants to know, or fails. */
static enum error_code
unknown_key(
    const struct config_node *key, const struct scope *scope, struct error *err)
{
	const struct config_listener *listener = scope->reading->listener;
	char message[ERROR_MESSAGE_MAX];
	char advice[200];
	char where[160];

	print_scope(scope, where, sizeof(where));
	print_advice(scope, key->text, advice, sizeof(advice));
	(void)snprintf(message, sizeof(message), "unknown key '%.100s'%s%s",
	    config_node_name(key), where, advice);
	if (!listener || !listener->unknown)
		return config_node_error(key, err, "%s", message);
	listener->unknown(listener->context, key, message);
	return ERROR_NONE;
}

static enum error_code
wrong_kind(const struct config_node *key, const struct config_field *first,
    const struct config_field *second, const struct config_node *value,
    struct error *err)
{
	if (config_node_is_null(value))
		return config_node_error(
		    value, err, "'%s' has no value", config_node_name(key));
	return config_node_error(value, err, "'%s' must be %s%s%s",
	    config_node_name(key), expectations[first->type],
	    second ? " or " : "", second ? expectations[second->type] : "");
}

/* The field for key that takes a value of this kind; NULL: to be left out. */
static enum error_code
find_field(const struct scope *scope, const struct config_node *key,
    const struct config_node *value, const struct config_field **ret_field,
    struct error *err)
{
	const struct config_field *named[2] = {NULL, NULL};

	*ret_field = NULL;
	for (size_t i = 0; i < scope->table->count; i++) {
		const struct config_field *field = &scope->table->fields[i];

		if (strcmp(field->key, key->text) != 0)
			continue;
		if (is_of_kind(field->type, value)) {
			*ret_field = field;
			return ERROR_NONE;
		}
		named[named[0] ? 1 : 0] = field;
	}
	if (named[0])
		return wrong_kind(key, named[0], named[1], value, err);
	return unknown_key(key, scope, err);
}

static void *
member_at(void *settings, size_t offset)
{
	return (char *)settings + offset;
}

static enum error_code read_section(const struct config_node *mapping,
    const struct config_node *place, const struct scope *scope, void *settings,
    struct error *err);

/* One more zeroed struct of table at the end of list; NULL: no memory. */
static void *
add_item(struct config_list *list, const struct config_table *table)
{
	void *items = reallocarray(list->items, list->count + 1, table->size);
	void *item;

	if (!items)
		return NULL;
	list->items = items;
	item = member_at(items, list->count * table->size);
	memset(item, 0, table->size);
	list->count++;
	return item;
}

static enum error_code
read_item(const struct config_node *item, const struct scope *scope,
    struct config_list *list, struct error *err)
{
	void *settings;

	if (item->kind != CONFIG_MAPPING)
		return config_node_error(
		    item, err, "'%s' must be a list of sections", scope->key);
	settings = add_item(list, scope->table);
	if (!settings)
		return error_no_memory(err);
	return read_section(item, item, scope, settings, err);
}

static enum error_code
read_list(const struct config_node *sequence, const struct scope *scope,
    struct config_list *list, struct error *err)
{
	for (size_t i = 0; i < sequence->count; i++)
		if (tell(scope->reading,
			read_item(&sequence->items[i], scope, list, err), err))
			return err->code;
	return ERROR_NONE;
}

static enum error_code
read_named(const struct config_node *key, const struct config_node *value,
    const struct scope *scope, struct config_list *list, struct error *err)
{
	const struct scope inner = {.outer = scope,
	    .key = key->text,
	    .table = scope->table,
	    .reading = scope->reading};
	char **settings; /* whose first member is the name */

	if (value->kind != CONFIG_MAPPING)
		return config_node_error(value, err,
		    "'%s' must be a section with keys of its own", key->text);
	settings = add_item(list, scope->table);
	if (!settings)
		return error_no_memory(err);
	*settings = strdup(key->text);
	if (!*settings)
		return error_no_memory(err);
	return read_section(value, key, &inner, settings, err);
}

static enum error_code
read_sections(const struct config_node *mapping, const struct scope *scope,
    struct config_list *list, struct error *err)
{
	for (size_t i = 0; i < mapping->count; i += 2)
		if (tell(scope->reading,
			read_named(&mapping->items[i], &mapping->items[i + 1],
			    scope, list, err),
			err))
			return err->code;
	return ERROR_NONE;
}

static enum error_code
read_field(const struct config_field *field, const struct config_node *key,
    const struct config_node *value, const struct scope *outer, void *member,
    struct error *err)
{
	struct config_field named = *field; /* as the file calls it */
	const struct scope scope = {.outer = outer,
	    .key = config_node_name(key),
	    .table = field->table,
	    .reading = outer->reading};

	switch (field->type) {
	case CONFIG_SECTION:
		return read_section(value, key, &scope, member, err);
	case CONFIG_LIST:
		return read_list(value, &scope, member, err);
	case CONFIG_SECTIONS:
		return read_sections(value, &scope, member, err);
	case CONFIG_IGNORED:
		return ERROR_NONE;
	case CONFIG_STRING:
	case CONFIG_PATH:
	case CONFIG_URI:
	case CONFIG_UNSIGNED:
	case CONFIG_BOOL:
	case CONFIG_STRINGS:
	case CONFIG_MAP:
		break;
	}
	named.key = config_node_name(key);
	return config_value_read(&named, value, member, err);
}

static enum error_code
missing_key(const struct config_field *field, const struct config_node *place,
    const struct scope *scope, struct error *err)
{
	char where[160];

	print_scope(scope, where, sizeof(where));
	return config_node_error(
	    place, err, "'%s' is missing%s", field->key, where);
}

/* A required key that may stand there in two forms is there in either. */
static enum error_code
check_required(const struct config_node *mapping,
    const struct config_node *place, const struct scope *scope,
    struct error *err)
{
	for (size_t i = 0; i < scope->table->count; i++) {
		const struct config_field *field = &scope->table->fields[i];

		if ((field->flags & CONFIG_REQUIRED) &&
		    !config_node_find(mapping, field->key) &&
		    tell(scope->reading, missing_key(field, place, scope, err),
			err))
			return err->code;
	}
	return ERROR_NONE;
}

static bool
is_passed_over(const struct config_table *table, const char *key)
{
	return has_field(table, "*") && !has_field(table, key);
}

static enum error_code
read_key(const struct config_node *key, const struct config_node *value,
    const struct scope *scope, void *settings, struct error *err)
{
	const struct config_field *field;

	if (is_passed_over(scope->table, key->text))
		return ERROR_NONE;
	if (find_field(scope, key, value, &field, err))
		return err->code;
	return field ? read_field(field, key, value, scope,
			   member_at(settings, field->offset), err)
		     : ERROR_NONE;
}

/* Reads mapping into settings; place is where to say that a key is missing. */
static enum error_code
read_section(const struct config_node *mapping, const struct config_node *place,
    const struct scope *scope, void *settings, struct error *err)
{
	const struct config_table *table = scope->table;

	for (size_t i = 0; i < mapping->count; i += 2)
		if (tell(scope->reading,
			read_key(&mapping->items[i], &mapping->items[i + 1],
			    scope, settings, err),
			err))
			return err->code;
	if (table->present)
		*(bool *)member_at(settings, table->present - 1) = true;
	return check_required(mapping, place, scope, err);
}

enum error_code
config_section_read(const struct config_node *root,
    const struct config_table *table, const struct config_listener *listener,
    void *settings, struct error *err)
{
	struct reading reading = {.listener = listener};
	const struct scope scope = {.table = table, .reading = &reading};

	if (read_section(root, root, &scope, settings, err))
		return err->code;
	if (reading.first.code)
		*err = reading.first;
	return reading.first.code;
}
