/* SPDX-License-Identifier: MIT */
#include "grants.h"

#include <stdlib.h>
#include <string.h>

#include "common/acl.h"
#include "common/file.h"
#include "common/paths.h"
#include "yaml_writer.h"

#define COMMENT "Written by 'signetctl grant' and 'signetctl revoke'."
#define FILE_MODE 0644 /* no secret is in it, and keyd must read it */
#define FOLDER_MODE 0755
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct principal {
	char *user;
	struct config_strings keys, rights;
};

struct principals {
	struct config_list list; /* struct principal */
};

#define PRINCIPAL(name, kind)                                                  \
	{                                                                      \
		.key = #name, .type = CONFIG_##kind,                           \
		.offset = offsetof(struct principal, name)                     \
	}

static const struct config_field principal_fields[] = {
    PRINCIPAL(user, STRING),
    PRINCIPAL(keys, STRINGS),
    PRINCIPAL(rights, STRINGS),
};

static const struct config_table principal_table = {
    .fields = principal_fields,
    .count = COUNT(principal_fields),
    .size = sizeof(struct principal),
};

static const struct config_field file_fields[] = {
    {.key = "principals",
     .type = CONFIG_LIST,
     .offset = offsetof(struct principals, list),
     .table = &principal_table},
    {.key = "*",              .type = CONFIG_IGNORED},
};

static const struct config_table strict_table = {
    .fields = file_fields,
    .count = 1,
    .size = sizeof(struct principals),
};

/* keyd knows what else is in its file. */
static const struct config_table lenient_table = {
    .fields = file_fields,
    .count = COUNT(file_fields),
    .size = sizeof(struct principals),
};

void
grants_done(struct grants *grants)
{
	for (size_t i = 0; i < grants->count; i++) {
		free(grants->items[i].user);
		free(grants->items[i].pattern);
	}
	free(grants->items);
	*grants = (struct grants){0};
}

enum error_code
grants_path(const char *user, char **ret_path, struct error *err)
{
	if (!*user || *user == '.' || strchr(user, '/'))
		return error_set(
		    err, ERROR_INVALID, "'%s' is no name of a user", user);
	*ret_path = string_format(
	    "%s/keyd/config.d/%s.yaml", paths_config_directory(), user);
	return *ret_path ? ERROR_NONE : error_no_memory(err);
}

static struct grant *
find(const struct grants *grants, const char *user, const char *pattern)
{
	for (size_t i = 0; i < grants->count; i++)
		if (strcmp(grants->items[i].user, user) == 0 &&
		    strcmp(grants->items[i].pattern, pattern) == 0)
			return &grants->items[i];
	return NULL;
}

static enum error_code
append(struct grants *grants, const char *user, const char *pattern,
    unsigned rights, struct error *err)
{
	struct grant *items =
	    reallocarray(grants->items, grants->count + 1, sizeof(*items));
	struct grant *last;

	if (!items)
		return error_no_memory(err);
	grants->items = items;
	last = &items[grants->count++];
	*last = (struct grant){strdup(user), strdup(pattern), rights};
	return last->user && last->pattern ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
add_principal(
    const struct principal *principal, struct grants *grants, struct error *err)
{
	unsigned rights;

	if (!principal->user)
		return error_set(
		    err, ERROR_INVALID, "a principal without user");
	if (acl_rights_parse(
		principal->rights.items, principal->rights.count, &rights, err))
		return err->code;
	for (size_t i = 0; i < principal->keys.count; i++)
		if (append(grants, principal->user, principal->keys.items[i],
			rights, err))
			return err->code;
	return ERROR_NONE;
}

static enum error_code
add_principals(const struct principals *principals, struct grants *grants,
    struct error *err)
{
	const struct principal *items = principals->list.items;

	for (size_t i = 0; i < principals->list.count; i++)
		if (add_principal(&items[i], grants, err))
			return err->code;
	return ERROR_NONE;
}

enum error_code
grants_read(const char *path, bool only_principals, struct grants *ret_grants,
    struct error *err)
{
	const struct config_table *table =
	    only_principals ? &strict_table : &lenient_table;
	CLEANUP_DONE(grants) struct grants grants = {0};
	struct principals principals = {0};
	enum error_code code = config_load(path, table, &principals, err);

	if (code == ERROR_NOT_FOUND) {
		*ret_grants = (struct grants){0};
		return ERROR_NONE;
	}
	if (code)
		return code;
	code = add_principals(&principals, &grants, err);
	config_done(table, &principals);
	if (code)
		return error_wrap(err, "%s", path);
	*ret_grants = TAKE_CONTENTS(grants);
	return ERROR_NONE;
}

static void
write_grant(struct yaml_writer *writer, const struct grant *grant)
{
	yaml_mapping(writer, NULL);
	yaml_text(writer, "user", grant->user);
	yaml_sequence(writer, "keys");
	yaml_text(writer, NULL, grant->pattern);
	yaml_sequence_end(writer);
	if (grant->rights) {
		yaml_sequence(writer, "rights");
		for (unsigned right = 1; right & ACL_ALL; right <<= 1)
			if (grant->rights & right)
				yaml_text(writer, NULL, acl_right_name(right));
		yaml_sequence_end(writer);
	}
	yaml_mapping_end(writer);
}

static enum error_code
make_folder_of(const char *path, struct error *err)
{
	CLEANUP(string)
	char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));

	if (!folder)
		return error_no_memory(err);
	return file_make_directory(folder, FOLDER_MODE, err);
}

enum error_code
grants_write(const char *path, const struct grants *grants, struct error *err)
{
	CLEANUP(yaml_writer) struct yaml_writer *writer = NULL;
	CLEANUP(string) char *text = NULL;

	if (grants->count == 0)
		return file_remove(path, err);
	if (yaml_writer_create(COMMENT, &writer, err))
		return err->code;
	yaml_sequence(writer, "principals");
	for (size_t i = 0; i < grants->count; i++)
		write_grant(writer, &grants->items[i]);
	yaml_sequence_end(writer);
	if (yaml_writer_finish(writer, &text, err) || make_folder_of(path, err))
		return err->code;
	return file_write(path, text, strlen(text), FILE_MODE, err);
}

enum error_code
grants_add(struct grants *grants, const char *user, const char *pattern,
    unsigned rights, bool *ret_changed, struct error *err)
{
	struct grant *grant = find(grants, user, pattern);

	if (!grant) {
		*ret_changed = true;
		return append(grants, user, pattern, rights, err);
	}
	*ret_changed = (grant->rights | rights) != grant->rights;
	grant->rights |= rights;
	return ERROR_NONE;
}

void
grants_remove(struct grants *grants, const char *user, const char *pattern,
    unsigned rights, bool *ret_changed)
{
	struct grant *grant = find(grants, user, pattern);
	size_t position;

	*ret_changed = grant && (grant->rights & rights || !grant->rights);
	if (!*ret_changed)
		return;
	grant->rights &= ~rights;
	if (grant->rights)
		return;
	free(grant->user);
	free(grant->pattern);
	position = (size_t)(grant - grants->items);
	grants->count--;
	memmove(grant, grant + 1, (grants->count - position) * sizeof(*grant));
}
