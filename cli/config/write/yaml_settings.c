/* SPDX-License-Identifier: MIT */
#include "yaml_settings.h"

#include <string.h>

static const void *
member_of(const void *settings, const struct config_field *field)
{
	return (const char *)settings + field->offset;
}

static const char *
text_in(const void *member)
{
	const char *text;

	memcpy(&text, member, sizeof(text));
	return text;
}

static bool is_any_set(const struct config_table *table, const void *settings);

static bool
is_set(const struct config_field *field, const void *member)
{
	switch (field->type) {
	case CONFIG_STRING:
	case CONFIG_PATH:
	case CONFIG_URI:
		return text_in(member) != NULL;
	case CONFIG_UNSIGNED:
		return *(const unsigned *)member != 0;
	case CONFIG_BOOL:
		return *(const bool *)member;
	case CONFIG_STRINGS:
		return ((const struct config_strings *)member)->count > 0;
	case CONFIG_MAP:
		return ((const struct config_map *)member)->count > 0;
	case CONFIG_SECTION:
		return is_any_set(field->table, member);
	case CONFIG_LIST:
	case CONFIG_SECTIONS:
	case CONFIG_IGNORED:
		break;
	}
	return false;
}

static bool
is_any_set(const struct config_table *table, const void *settings)
{
	for (size_t i = 0; i < table->count; i++)
		if (is_set(&table->fields[i],
			member_of(settings, &table->fields[i])))
			return true;
	return false;
}

void
yaml_strings(struct yaml_writer *writer, const char *key,
    const struct config_strings *strings)
{
	yaml_sequence(writer, key);
	for (size_t i = 0; i < strings->count; i++)
		yaml_text(writer, NULL, strings->items[i]);
	yaml_sequence_end(writer);
}

void
yaml_pairs(struct yaml_writer *writer, const struct config_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct config_pair *pair = &map->items[i];

		if (pair->value)
			yaml_text(writer, pair->key, pair->value);
		else
			yaml_strings(writer, pair->key, &pair->list);
	}
}

static void
write_map(
    struct yaml_writer *writer, const char *key, const struct config_map *map)
{
	yaml_mapping(writer, key);
	yaml_pairs(writer, map);
	yaml_mapping_end(writer);
}

static void
write_field(struct yaml_writer *writer, const struct config_field *field,
    const void *member)
{
	switch (field->type) {
	case CONFIG_STRING:
	case CONFIG_PATH:
	case CONFIG_URI:
		yaml_text(writer, field->key, text_in(member));
		break;
	case CONFIG_UNSIGNED:
		yaml_number(writer, field->key, *(const unsigned *)member);
		break;
	case CONFIG_BOOL:
		yaml_boolean(writer, field->key, *(const bool *)member);
		break;
	case CONFIG_STRINGS:
		yaml_strings(writer, field->key, member);
		break;
	case CONFIG_MAP:
		write_map(writer, field->key, member);
		break;
	case CONFIG_SECTION:
		yaml_section(writer, field->key, field->table, member);
		break;
	case CONFIG_LIST:
	case CONFIG_SECTIONS:
	case CONFIG_IGNORED:
		break;
	}
}

void
yaml_settings(struct yaml_writer *writer, const struct config_table *table,
    const void *settings)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct config_field *field = &table->fields[i];
		const void *member = member_of(settings, field);

		if (is_set(field, member))
			write_field(writer, field, member);
	}
}

void
yaml_section(struct yaml_writer *writer, const char *key,
    const struct config_table *table, const void *settings)
{
	if (!is_any_set(table, settings))
		return;
	yaml_mapping(writer, key);
	yaml_settings(writer, table, settings);
	yaml_mapping_end(writer);
}

void
yaml_optional_item(struct yaml_writer *writer, const char *value)
{
	if (value)
		yaml_text(writer, NULL, value);
}
