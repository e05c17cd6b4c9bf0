/* SPDX-License-Identifier: MIT */
#include "cli_enroll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "certificate_info.h"
#include "cli.h"
#include "enrollment_change.h"
#include "enrollment_store.h"
#include "instance.h"

/* Without --registration-id it is the common name of the certificate. */
static enum error_code
default_id(const char *path, char **ret_id, struct error *err)
{
	CLEANUP(string) char *text = NULL;
	CLEANUP(x509) X509 *certificate = NULL;

	if (enroll_read_certificate(path, &text, err) ||
	    certificate_from_text(text, &certificate, err) ||
	    name_common_name(X509_get_subject_name(certificate), ret_id, err))
		return error_wrap(err, "'%s'", path);
	return ERROR_NONE;
}

static enum error_code
read_id(enum enrollment_kind kind, const struct enroll_options *options,
    struct id_text *ret_id, struct error *err)
{
	const char *given = kind == ENROLLMENT_GROUP ? options->group_id
						     : options->registration_id;
	CLEANUP(string) char *common_name = NULL;

	if (given)
		return id_parse(given, ret_id, err);
	if (!options->certificates[0])
		return error_set(err, ERROR_INVALID,
		    "name the registration: --registration-id ID");
	if (default_id(options->certificates[0], &common_name, err))
		return err->code;
	return id_parse(common_name, ret_id, err);
}

/* DPS would take it; but who registers has to have the name, too. */
static void
warn_of_other_names(
    const struct enroll_options *options, const struct id_text *id)
{
	for (size_t i = 0; i < ENROLLED_CERTIFICATES; i++) {
		const char *path = options->certificates[i];
		CLEANUP(string) char *name = NULL;
		struct error ignored;

		if (path && (default_id(path, &name, &ignored) ||
				strcasecmp(name, id->text) != 0))
			cli_warn("the common name of '%s' is not '%s': nobody "
				 "can register by it",
			    path, id->text);
	}
}

/* Stores the enrollment, in the place of one only if that was asked for. */
static enum error_code
store(struct database *database, enum enrollment_kind kind,
    const struct id_text *id, const json_t *body, bool replace,
    struct error *err)
{
	const struct enrollment_condition condition = {
	    .may_create = true, .may_replace = replace};
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};
	enum enrollment_obstacle obstacle;

	if (enrollment_write(database, kind, id, body, &condition, &obstacle,
		&enrollment, err))
		return err->code;
	return obstacle ? error_set(err, ERROR_EXISTS,
			      "the enrollment '%s' exists; delete it first, or "
			      "add --replace",
			      id->text)
			: ERROR_NONE;
}

static enum error_code
enroll(enum enrollment_kind kind, const struct enroll_options *options,
    struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};
	CLEANUP(json) json_t *body = NULL;
	struct id_text id;

	if (read_id(kind, options, &id, err) ||
	    enroll_make_body(kind, options, &body, err) ||
	    instance_open(options->directory, &instance, err) ||
	    database_begin(instance.database, err) ||
	    store(instance.database, kind, &id, body, options->replace, err) ||
	    database_commit(instance.database, err))
		return err->code;
	if (kind == ENROLLMENT_INDIVIDUAL)
		warn_of_other_names(options, &id);
	(void)printf("%s\n", id.text);
	return ERROR_NONE;
}

static int
run_enroll(enum enrollment_kind kind, const struct enroll_options *options)
{
	struct error err;

	if (!options->directory || enroll_count_ways(options) != 1)
		return cli_usage(
		    "enroll needs --data DIR and one of --certificate FILE, "
		    "--ca NAME, --symmetric-key and --endorsement-key FILE");
	if (kind == ENROLLMENT_GROUP && !options->group_id)
		return cli_usage("enroll group needs --group-id ID");
	if (enroll(kind, options, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}

/* action is "delete", "disable" or "enable". */
static enum error_code
change(
    const char *action, const struct enroll_options *options, struct error *err)
{
	enum enrollment_kind kind =
	    options->group_id ? ENROLLMENT_GROUP : ENROLLMENT_INDIVIDUAL;
	CLEANUP_DONE(instance) struct instance instance = {0};
	struct id_text id;

	if (read_id(kind, options, &id, err) ||
	    instance_open(options->directory, &instance, err) ||
	    database_begin(instance.database, err))
		return err->code;
	if (strcmp(action, "delete") == 0
		? enrollment_store_delete(instance.database, kind, &id, err)
		: enrollment_set_enabled(instance.database, kind, &id,
		      strcmp(action, "enable") == 0, err))
		return err->code;
	return database_commit(instance.database, err);
}

static int
run_change(const char *action, const struct enroll_options *options)
{
	struct error err;

	if (!options->directory ||
	    !options->registration_id == !options->group_id)
		return cli_usage("enroll %s needs --data DIR and either "
				 "--registration-id ID or --group-id ID",
		    action);
	if (change(action, options, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}

static int
run_keys(const struct enroll_options *options)
{
	CLEANUP(json) json_t *keys = NULL;
	struct error err;

	if (!options->directory ||
	    (!options->registration_id && !options->group_id))
		return cli_usage("enroll keys needs --data DIR and "
				 "--registration-id ID or --group-id ID");
	if (enroll_get_keys(options, &keys, &err))
		return cli_fail(&err);
	cli_print_json(keys);
	return EXIT_SUCCESS;
}

static const struct {
	const char *name;
	enum enroll_action action;
} actions[] = {
    {"individual", ENROLL_INDIVIDUAL},
    {"group",      ENROLL_GROUP     },
    {"keys",       ENROLL_KEYS      },
    {"delete",     ENROLL_CHANGE    },
    {"disable",    ENROLL_CHANGE    },
    {"enable",     ENROLL_CHANGE    },
};

static int
run(enum enroll_action action, const char *name,
    const struct enroll_options *options)
{
	if (!enroll_check_options(options, action, name))
		return EX_USAGE;
	switch (action) {
	case ENROLL_INDIVIDUAL:
		return run_enroll(ENROLLMENT_INDIVIDUAL, options);
	case ENROLL_GROUP:
		return run_enroll(ENROLLMENT_GROUP, options);
	case ENROLL_KEYS:
		return run_keys(options);
	case ENROLL_CHANGE:
		return run_change(name, options);
	}
	return EX_USAGE;
}

int
command_enroll(int argc, char *argv[])
{
	struct enroll_options options = {.directory = NULL};
	const char *name;

	if (!enroll_read_options(argc, argv, &options))
		return EX_USAGE;
	if (optind != argc - 1)
		return cli_usage("enroll needs one of individual, group, "
				 "keys, delete, disable and enable");
	name = argv[optind];
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(name, actions[i].name) == 0)
			return run(actions[i].action, name, &options);
	return cli_usage("enroll cannot '%s'", name);
}
