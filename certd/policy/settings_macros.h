/* SPDX-License-Identifier: MIT */
/* Rows of a configuration's table whose key is the name of the member. */
#ifndef CERTD_SETTINGS_MACROS_H
#define CERTD_SETTINGS_MACROS_H

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A key whose member of the struct owner has the same name. */
#define VALUE(owner, name, kind)                                               \
	{                                                                      \
		.key = #name, .type = CONFIG_##kind,                           \
		.offset = offsetof(struct owner, name)                         \
	}
#define CHOICE(owner, name, list)                                              \
	{                                                                      \
		.key = #name, .type = CONFIG_STRING,                           \
		.offset = offsetof(struct owner, name), .choices = list        \
	}
#define NESTED(owner, name, kind, inner)                                       \
	{                                                                      \
		.key = #name, .type = CONFIG_##kind,                           \
		.offset = offsetof(struct owner, name), .table = inner         \
	}
#define NEEDED(owner, name, kind)                                              \
	{                                                                      \
		.key = #name, .type = CONFIG_##kind,                           \
		.offset = offsetof(struct owner, name),                        \
		.flags = CONFIG_REQUIRED                                       \
	}
#define SECRET(owner, name, kind)                                              \
	{                                                                      \
		.key = #name, .type = CONFIG_##kind,                           \
		.offset = offsetof(struct owner, name), .flags = CONFIG_SECRET \
	}
#define TABLE(owner, fields)                                                   \
	{                                                                      \
		fields, COUNT(fields), sizeof(struct owner), 0                 \
	}
#define PRESENT_TABLE(owner, fields)                                           \
	{                                                                      \
		fields, COUNT(fields), sizeof(struct owner),                   \
		    CONFIG_PRESENT(struct owner, present)                      \
	}

#endif
