/* SPDX-License-Identifier: MIT */
#include "config_fixture.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct config_field issue_fields[] = {
    {.key = "method",
     .type = CONFIG_STRING,
     .offset = offsetof(struct issue, method),
     .flags = CONFIG_REQUIRED},
    {.key = "expiry_days",
     .type = CONFIG_UNSIGNED,
     .offset = offsetof(struct issue,         days)         },
};
static const struct config_table issue_table = {
    issue_fields, LENGTH(issue_fields), sizeof(struct issue), 0};

static const struct config_field principal_fields[] = {
    {.key = "user",
     .type = CONFIG_STRING,
     .offset = offsetof(struct principal, user),
     .flags = CONFIG_REQUIRED},
    {.key = "keys",
     .type = CONFIG_STRINGS,
     .offset = offsetof(struct principal,              keys)       },
};
static const struct config_table principal_table = {
    principal_fields, LENGTH(principal_fields), sizeof(struct principal), 0};

static const struct config_field token_fields[] = {
    {.key = "uri",
     .type = CONFIG_URI,
     .offset = 0,
     .flags = CONFIG_REQUIRED | CONFIG_SECRET},
};
static const struct config_table token_table = {token_fields,
    LENGTH(token_fields), sizeof(((struct settings *)NULL)->token),
    offsetof(struct settings, token.present) -
	offsetof(struct settings, token) + 1};

/* A key that is an id, or a section that says how to get one. */
static const struct config_field identity_fields[] = {
    {.key = "registration_id", .type = CONFIG_IGNORED},
    { .key = "identity_cert",
     .type = CONFIG_STRING,
     .offset = offsetof(struct identity, id),
     .flags = CONFIG_REQUIRED},
    {			 .key = "identity_cert",
     .type = CONFIG_SECTION,
     .offset = offsetof(struct identity, issue),
     .table = &issue_table},
};
static const struct config_table identity_table = {
    identity_fields, LENGTH(identity_fields), sizeof(struct identity), 0};

static const char *const sources[] = {"dps", "manual", "none", NULL};

static const struct config_field fields[] = {
    {.key = "name",
     .type = CONFIG_STRING,
     .offset = offsetof(struct settings, name)},
    {.key = "source",
     .type = CONFIG_STRING,
     .offset = offsetof(struct settings, source),
     .choices = sources},
    {.key = "folder",
     .type = CONFIG_PATH,
     .offset = offsetof(struct settings, folder)},
    {.key = "secret",
     .type = CONFIG_STRING,
     .offset = offsetof(struct settings, secret),
     .flags = CONFIG_SECRET},
    {.key = "token",
     .type = CONFIG_SECTION,
     .offset = offsetof(struct settings, token),
     .table = &token_table},
    {.key = "count",
     .type = CONFIG_UNSIGNED,
     .offset = offsetof(struct settings, count)},
    {.key = "enabled",
     .type = CONFIG_BOOL,
     .offset = offsetof(struct settings, enabled)},
    {.key = "tags",
     .type = CONFIG_STRINGS,
     .offset = offsetof(struct settings, tags)},
    {.key = "preloaded_keys",
     .type = CONFIG_MAP,
     .offset = offsetof(struct settings, keys)},
    {.key = "principals",
     .type = CONFIG_LIST,
     .offset = offsetof(struct settings, principals),
     .table = &principal_table},
    {.key = "certs",
     .type = CONFIG_SECTIONS,
     .offset = offsetof(struct settings, issues),
     .table = &issue_table},
    {.key = "identity",
     .type = CONFIG_SECTION,
     .offset = offsetof(struct settings, identity),
     .table = &identity_table},
    {.key = "agent",			  .type = CONFIG_IGNORED                                },
};
const struct config_table settings_table = {
    fields, LENGTH(fields), sizeof(struct settings), 0};
