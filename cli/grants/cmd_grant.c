/* SPDX-License-Identifier: MIT */
/* signetctl grant, revoke, grants: who may do what with keyd's keys. */
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "commands.h"
#include "common/acl.h"
#include "common/json.h"
#include "common/paths.h"
#include "grants.h"

/* ---- grant, revoke ---- */

/* What is to change in the drop-in of a user. */
struct change {
	bool add;
	const char *user;
	const char *pattern;
	unsigned rights;
};

static enum error_code
read_change(
    const struct arguments *arguments, struct change *change, struct error *err)
{
	change->user = arguments->operands[0];
	change->pattern = arguments->operands[1];
	change->rights = ACL_ALL;
	if (arguments->operand_count == 2)
		return ERROR_NONE;
	return acl_rights_parse(&arguments->operands[2],
	    (size_t)arguments->operand_count - 2, &change->rights, err);
}

static enum error_code
apply(const struct change *change, struct grants *grants, bool *ret_changed,
    struct error *err)
{
	uid_t uid;

	if (!change->add) {
		grants_remove(grants, change->user, change->pattern,
		    change->rights, ret_changed);
		return ERROR_NONE;
	}
	if (user_lookup(change->user, &uid, err))
		return err->code;
	return grants_add(grants, change->user, change->pattern, change->rights,
	    ret_changed, err);
}

static enum error_code
make_change(const struct change *change, char **ret_path, bool *ret_changed,
    struct error *err)
{
	CLEANUP_DONE(grants) struct grants grants = {0};
	CLEANUP(string) char *path = NULL;

	if (grants_path(change->user, &path, err) ||
	    grants_read(path, true, &grants, err) ||
	    apply(change, &grants, ret_changed, err))
		return err->code;
	if (*ret_changed && grants_write(path, &grants, err))
		return err->code;
	*ret_path = TAKE(path);
	return ERROR_NONE;
}

static int
report(const struct arguments *arguments, const struct change *change,
    const char *path, bool changed)
{
	CLEANUP(json)
	json_t *document =
	    json_pack("{s:s, s:s, s:s, s:b}", "user", change->user, "pattern",
		change->pattern, "file", path, "changed", (int)changed);

	if (arguments->form == OUTPUT_JSON)
		output_json(document);
	else if (!changed)
		(void)printf("that is so already; %s is unchanged\n", path);
	else
		(void)printf("%s is written; keyd reads it by itself\n", path);
	return EXIT_SUCCESS;
}

static int
run(const struct synopsis *synopsis, bool add, int argc, char **argv)
{
	CLEANUP(string) char *path = NULL;
	struct change change = {.add = add};
	struct arguments arguments;
	struct error err;
	bool changed;
	int status;

	if (!arguments_read(synopsis, argc, argv, &arguments, &status))
		return status;
	if (read_change(&arguments, &change, &err) ||
	    make_change(&change, &path, &changed, &err))
		return output_failure(arguments.form, &err);
	return report(&arguments, &change, path, changed);
}

int
cmd_grant(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "grant",
	    .operands = "USER PATTERN RIGHT...",
	    .operand_count = 3,
	    .operand_max = 5,
	};

	return run(&synopsis, true, argc, argv);
}

int
cmd_revoke(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "revoke",
	    .operands = "USER PATTERN [RIGHT]...",
	    .operand_count = 2,
	    .operand_max = 5,
	};

	return run(&synopsis, false, argc, argv);
}

/* ---- grants ---- */

static json_t *
rights_of(const struct grant *grant)
{
	/* What keyd takes for it if the file says nothing. */
	unsigned rights = grant->rights ? grant->rights : ACL_USE;
	json_t *names = json_array();

	for (unsigned right = 1; right & ACL_ALL; right <<= 1)
		if (rights & right)
			(void)json_array_append_new(
			    names, json_string(acl_right_name(right)));
	return names;
}

static enum error_code
add_file(json_t *list, const char *path, struct error *err)
{
	CLEANUP_DONE(grants) struct grants grants = {0};

	if (grants_read(path, false, &grants, err))
		return err->code;
	for (size_t i = 0; i < grants.count; i++) {
		const struct grant *grant = &grants.items[i];

		if (json_array_append_new(
			list, json_pack("{s:s, s:s, s:o, s:s}", "user",
				  grant->user, "pattern", grant->pattern,
				  "rights", rights_of(grant), "file", path)))
			return error_no_memory(err);
	}
	return ERROR_NONE;
}

static enum error_code
list_grants(json_t *list, struct error *err)
{
	CLEANUP(string) char *path = paths_config_file("keyd");
	CLEANUP_DONE(config_strings) struct config_strings dropins = {0};

	if (!path)
		return error_no_memory(err);
	if (add_file(list, path, err) || config_dropins(path, &dropins, err))
		return err->code;
	for (size_t i = 0; i < dropins.count; i++)
		if (add_file(list, dropins.items[i], err))
			return err->code;
	return ERROR_NONE;
}

static void
print_grants(json_t *list)
{
	static const struct output_column columns[] = {
	    {"USER",    "user"   },
	    {"PATTERN", "pattern"},
	    {"RIGHTS",  "text"   },
	    {"FILE",    "file"   },
	    {NULL,      NULL     },
	};

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *grant = json_array_get(list, i);

		(void)json_object_set_new(grant, "text",
		    output_joined(json_object_get(grant, "rights")));
	}
	output_table(list, columns);
}

int
cmd_grants(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "grants"};
	CLEANUP(json) json_t *list = json_array();
	CLEANUP(json) json_t *document = json_pack("{s:O}", "grants", list);
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (list_grants(list, &err))
		return output_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		print_grants(list);
	return EXIT_SUCCESS;
}
