/* SPDX-License-Identifier: MIT */
#include "config_value.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "common/uri.h"

static enum error_code
copy_text(const struct config_field *field, const struct config_node *node,
    char **member, struct error *err)
{
	char *text;

	if (node->kind != CONFIG_SCALAR)
		return config_node_error(
		    node, err, "'%s' has something nested", field->key);
	if (!*node->text || config_node_is_null(node))
		return config_node_error(
		    node, err, "'%s' is empty", field->key);
	text = strdup(node->text);
	if (!text)
		return error_no_memory(err);
	secret_free(*member);
	*member = text;
	return ERROR_NONE;
}

/* "one, another or a third", into text. */
static void
print_choices(const char *const *choices, char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; choices[i] && used < size; i++) {
		const char *comma = choices[i + 1] ? ", " : " or ";

		used += (size_t)snprintf(text + used, size - used, "%s%s",
		    i > 0 ? comma : "", choices[i]);
	}
}

static bool
is_choice(const struct config_field *field, const char *text)
{
	for (size_t i = 0; field->choices[i]; i++)
		if (strcmp(field->choices[i], text) == 0)
			return true;
	return false;
}

static enum error_code
read_string(const struct config_field *field, const struct config_node *node,
    void *member, struct error *err)
{
	if (field->choices && !is_choice(field, node->text)) {
		char expected[128] = "";

		print_choices(field->choices, expected, sizeof(expected));
		return config_node_error(
		    node, err, "'%s' must be %s", field->key, expected);
	}
	return copy_text(field, node, member, err);
}

static enum error_code
read_path(const struct config_field *field, const struct config_node *node,
    void *member, struct error *err)
{
	if (*node->text != '/')
		return config_node_error(
		    node, err, "'%s' must be an absolute path", field->key);
	return copy_text(field, node, member, err);
}

static enum error_code
read_uri(const struct config_field *field, const struct config_node *node,
    void *member, struct error *err)
{
	CLEANUP(uri) struct uri *uri = NULL;
	struct error reason;

	if (uri_parse(node->text, &uri, &reason))
		return config_node_error(
		    node, err, "'%s': %s", field->key, reason.message);
	return copy_text(field, node, member, err);
}

static enum error_code
read_unsigned(const struct config_field *field, const struct config_node *node,
    void *member, struct error *err)
{
	unsigned long value = 0;
	char *end = node->text;

	errno = 0;
	if (node->plain && *node->text >= '0' && *node->text <= '9')
		value = strtoul(node->text, &end, 10);
	if (end == node->text || *end || errno || value > UINT_MAX)
		return config_node_error(node, err,
		    "'%s' must be a whole number from 0 to %u", field->key,
		    UINT_MAX);
	*(unsigned *)member = (unsigned)value;
	return ERROR_NONE;
}

static enum error_code
read_bool(const struct config_field *field, const struct config_node *node,
    void *member, struct error *err)
{
	static const char *const names[] = {
	    "false", "true", "no", "yes", "off", "on"};

	for (size_t i = 0; node->plain && i < sizeof(names) / sizeof(names[0]);
	     i++)
		if (strcasecmp(names[i], node->text) == 0) {
			*(bool *)member = i % 2 == 1;
			return ERROR_NONE;
		}
	return config_node_error(
	    node, err, "'%s' must be true or false", field->key);
}

static void
strings_done(struct config_strings *strings)
{
	for (size_t i = 0; i < strings->count; i++)
		secret_free(strings->items[i]);
	free(strings->items);
	*strings = (struct config_strings){0};
}

static enum error_code
read_strings(const struct config_field *field, const struct config_node *node,
    void *member, struct error *err)
{
	struct config_strings *strings = member;

	strings_done(strings);
	strings->items = calloc(node->count + 1, sizeof(*strings->items));
	if (!strings->items)
		return error_no_memory(err);
	for (size_t i = 0; i < node->count; i++) {
		if (copy_text(field, &node->items[i], &strings->items[i], err))
			return err->code;
		strings->count++;
	}
	return ERROR_NONE;
}

static void
map_done(struct config_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		secret_free(map->items[i].key);
		secret_free(map->items[i].value);
		strings_done(&map->items[i].list);
	}
	free(map->items);
	*map = (struct config_map){0};
}

static enum error_code
read_pair(const struct config_node *key, const struct config_node *value,
    struct config_pair *pair, struct error *err)
{
	const struct config_field field = {.key = key->text};

	pair->line = key->line;
	if (copy_text(&field, key, &pair->key, err))
		return err->code;
	if (value->kind == CONFIG_SEQUENCE)
		return read_strings(&field, value, &pair->list, err);
	return copy_text(&field, value, &pair->value, err);
}

static enum error_code
read_map(const struct config_field *field, const struct config_node *node,
    void *member, struct error *err)
{
	struct config_map *map = member;

	(void)field;
	map_done(map);
	map->items = calloc(node->count / 2 + 1, sizeof(*map->items));
	if (!map->items)
		return error_no_memory(err);
	for (size_t i = 0; i < node->count; i += 2)
		if (read_pair(&node->items[i], &node->items[i + 1],
			&map->items[map->count++], err))
			return err->code;
	return ERROR_NONE;
}

typedef enum error_code reader(const struct config_field *field,
    const struct config_node *node, void *member, struct error *err);

enum error_code
config_value_read(const struct config_field *field,
    const struct config_node *node, void *member, struct error *err)
{
	static reader *const readers[] = {
	    [CONFIG_STRING] = read_string,
	    [CONFIG_PATH] = read_path,
	    [CONFIG_URI] = read_uri,
	    [CONFIG_UNSIGNED] = read_unsigned,
	    [CONFIG_BOOL] = read_bool,
	    [CONFIG_STRINGS] = read_strings,
	    [CONFIG_MAP] = read_map,
	};

	if (config_node_is_null(node))
		return config_node_error(
		    node, err, "'%s' has no value", field->key);
	return readers[field->type](field, node, member, err);
}

static void
text_done(char **text)
{
	secret_free(*text);
	*text = NULL;
}

void
config_value_done(enum config_type type, void *member)
{
	switch (type) {
	case CONFIG_STRING:
	case CONFIG_PATH:
	case CONFIG_URI:
		text_done(member);
		break;
	case CONFIG_STRINGS:
		strings_done(member);
		break;
	case CONFIG_MAP:
		map_done(member);
		break;
	case CONFIG_UNSIGNED:
	case CONFIG_BOOL:
	case CONFIG_SECTION:
	case CONFIG_LIST:
	case CONFIG_SECTIONS:
	case CONFIG_IGNORED:
		break;
	}
}
