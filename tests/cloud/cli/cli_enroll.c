/* SPDX-License-Identifier: MIT */
#include "cli_enroll.h"
#include "ca_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "certificate_info.h"
#include "cli.h"
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
	if (default_id(options->certificates[0], &common_name, err))
		return err->code;
	return id_parse(common_name, ret_id, err);
}

/* Stores the enrollment, in the place of one only if that was asked for. */
static enum error_code
store(struct database *database, enum enrollment_kind kind,
    const struct id_text *id, const json_t *body, bool replace,
    struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment found = {0};
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};
	struct enrollment_context context = {
	    .find_ca = ca_store_find_verified, .find_context = database};
	const struct enrollment *stored = &found;

	if (enrollment_store_get(database, kind, id, &found, err)) {
		if (err->code != ERROR_NOT_FOUND)
			return err->code;
		stored = NULL;
	}
	if (stored && !replace)
		return error_set(err, ERROR_EXISTS,
		    "the enrollment '%s' exists; delete it first, or add "
		    "--replace",
		    id->text);
	context.stored = stored;
	if (enrollment_read(kind, id, body, &context, &enrollment, err))
		return err->code;
	return enrollment_store_put(database, &enrollment, err);
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
	(void)printf("%s\n", id.text);
	return ERROR_NONE;
}

static int
run_enroll(enum enrollment_kind kind, const struct enroll_options *options)
{
	struct error err;

	if (!options->directory || !options->certificates[0])
		return cli_usage(
		    "enroll needs --data DIR and --certificate FILE");
	if (kind == ENROLLMENT_GROUP && !options->group_id)
		return cli_usage("enroll group needs --group-id ID");
	if (enroll(kind, options, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}

static enum error_code
set_status(struct database *database, enum enrollment_kind kind,
    const struct id_text *id, const char *status, struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};

	if (enrollment_store_get(database, kind, id, &enrollment, err))
		return err->code == ERROR_NOT_FOUND
			   ? error_set(err, ERROR_NOT_FOUND,
				 "there is no enrollment '%s'", id->text)
			   : err->code;
	if (json_object_set_new(
		enrollment.record, "provisioningStatus", json_string(status)))
		return error_no_memory(err);
	enrollment.updated = utc_now();
	if (etag_create(&enrollment.etag, err))
		return err->code;
	return enrollment_store_put(database, &enrollment, err);
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
		: set_status(instance.database, kind, &id,
		      strcmp(action, "disable") == 0 ? "disabled" : "enabled",
		      err))
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

int
command_enroll(int argc, char *argv[])
{
	struct enroll_options options = {.directory = NULL};
	const char *action;

	if (!enroll_read_options(argc, argv, &options))
		return EX_USAGE;
	if (optind != argc - 1)
		return cli_usage("enroll needs one of individual, group, "
				 "delete, disable and enable");
	action = argv[optind];
	if (strcmp(action, "individual") == 0)
		return run_enroll(ENROLLMENT_INDIVIDUAL, &options);
	if (strcmp(action, "group") == 0)
		return run_enroll(ENROLLMENT_GROUP, &options);
	if (strcmp(action, "delete") == 0 || strcmp(action, "disable") == 0 ||
	    strcmp(action, "enable") == 0)
		return run_change(action, &options);
	return cli_usage("enroll cannot '%s'", action);
}
