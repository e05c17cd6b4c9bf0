/* SPDX-License-Identifier: MIT */
/* A configuration of every type; each error says where in the file. */
#include "fuzz.h"

#include <string.h>

#include "common/config.h"

struct section {
	char *name;
	char *text;
	unsigned number;
};

struct settings {
	char *text;
	char *path;
	char *uri;
	unsigned number;
	bool flag;
	struct config_strings strings;
	struct config_map map;
	struct section section;
	struct config_list list;
	struct config_list sections;
};

static const char *const choices[] = {"one", "two", NULL};

static const struct config_field section_fields[] = {
    {"text",   CONFIG_STRING,   offsetof(struct section, text),   CONFIG_REQUIRED,
     NULL,									       choices},
    {"number", CONFIG_UNSIGNED, offsetof(struct section, number), 0,               NULL,
     NULL										       },
};
static const struct config_table section_table = {
    section_fields, 2, sizeof(struct section), 0};

#define FIELD(member, type, table)                                             \
	{                                                                      \
#member, type, offsetof(struct settings, member), 0, table,    \
		    NULL                                                       \
	}

static const struct config_field fields[] = {
    FIELD(text, CONFIG_STRING, NULL),
    FIELD(path, CONFIG_PATH, NULL),
    FIELD(uri, CONFIG_URI, NULL),
    FIELD(number, CONFIG_UNSIGNED, NULL),
    FIELD(flag, CONFIG_BOOL, NULL),
    FIELD(strings, CONFIG_STRINGS, NULL),
    FIELD(map, CONFIG_MAP, NULL),
    FIELD(section, CONFIG_SECTION, &section_table),
    FIELD(list, CONFIG_LIST, &section_table),
    FIELD(sections, CONFIG_SECTIONS, &section_table),
    {"text", CONFIG_SECTION, offsetof(struct settings, section), 0,
						 &section_table,								     NULL},
    {"anything",      CONFIG_IGNORED,           0,                0,             NULL, NULL},
};
static const struct config_table table = {
    fields, sizeof(fields) / sizeof(fields[0]), sizeof(struct settings), 0};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings settings = {0};
	struct error err;

	if (config_parse(
		"fuzz", (const char *)data, size, &table, &settings, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_INVALID);
		FUZZ_REQUIRE(strncmp(err.message, "fuzz:", 5) == 0);
	}
	config_done(&table, &settings);
	return 0;
}
