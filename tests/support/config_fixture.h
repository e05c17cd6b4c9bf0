/* SPDX-License-Identifier: MIT */
/* A configuration with every type of value, for the tests of the loader. */
#ifndef CONFIG_FIXTURE_H
#define CONFIG_FIXTURE_H

#include "common/config.h"

struct issue {
	char *name;
	char *method;
	unsigned days;
};

struct principal {
	char *user;
	struct config_strings keys;
};

struct identity {
	char *id;
	struct issue issue;
};

struct settings {
	char *name;
	char *source;
	char *folder;
	char *secret;
	struct {
		char *uri;
		bool present;
	} token;
	unsigned count;
	bool enabled;
	struct config_strings tags;
	struct config_map keys;
	struct config_list principals;
	struct config_list issues;
	struct identity identity;
};

extern const struct config_table settings_table;

#endif
