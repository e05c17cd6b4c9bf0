/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "certificate_info.h"
#include "cli.h"
#include "common/base64.h"
#include "common/file.h"
#include "enrollment_store.h"
#include "instance.h"

#define FILE_BYTES_MAX ((size_t)1024 * 1024)
#define HUBS_MAX 8

struct enroll_options {
	const char *directory;
	const char *registration_id;
	const char *group_id;
	const char *certificates[ENROLLED_CERTIFICATES];
	const char *device_id;
	const char *initial_twin; /* JSON, or @FILE */
	const char *allocation_policy;
	const char *hubs[HUBS_MAX];
	size_t hub_count;
	bool is_edge;
	bool is_disabled;
	bool replace;
};

enum {
	OPTION_DATA = 256,
	OPTION_REGISTRATION_ID,
	OPTION_GROUP_ID,
	OPTION_CERTIFICATE,
	OPTION_SECONDARY,
	OPTION_DEVICE_ID,
	OPTION_INITIAL_TWIN,
	OPTION_ALLOCATION,
	OPTION_HUB,
	OPTION_EDGE,
	OPTION_DISABLED,
	OPTION_REPLACE,
};

static const struct option long_options[] = {
    {"data",	      required_argument, NULL, OPTION_DATA           },
    {"registration-id",   required_argument, NULL, OPTION_REGISTRATION_ID},
    {"group-id",          required_argument, NULL, OPTION_GROUP_ID       },
    {"certificate",       required_argument, NULL, OPTION_CERTIFICATE    },
    {"secondary",         required_argument, NULL, OPTION_SECONDARY      },
    {"device-id",         required_argument, NULL, OPTION_DEVICE_ID      },
    {"initial-twin",      required_argument, NULL, OPTION_INITIAL_TWIN   },
    {"allocation-policy", required_argument, NULL, OPTION_ALLOCATION     },
    {"hub",	       required_argument, NULL, OPTION_HUB            },
    {"edge",	      no_argument,       NULL, OPTION_EDGE           },
    {"disabled",          no_argument,       NULL, OPTION_DISABLED       },
    {"replace",           no_argument,       NULL, OPTION_REPLACE        },
    {NULL,		0,		 NULL, 0		     },
};

/* Where the value of an option goes; NULL if it is none that is a text. */
static const char **
text_option(struct enroll_options *options, int option)
{
	switch (option) {
	case OPTION_DATA:
		return &options->directory;
	case OPTION_REGISTRATION_ID:
		return &options->registration_id;
	case OPTION_GROUP_ID:
		return &options->group_id;
	case OPTION_CERTIFICATE:
		return &options->certificates[0];
	case OPTION_SECONDARY:
		return &options->certificates[1];
	case OPTION_DEVICE_ID:
		return &options->device_id;
	case OPTION_INITIAL_TWIN:
		return &options->initial_twin;
	case OPTION_ALLOCATION:
		return &options->allocation_policy;
	case OPTION_HUB:
		if (options->hub_count < HUBS_MAX)
			return &options->hubs[options->hub_count++];
		return NULL;
	default:
		return NULL;
	}
}

static bool
read_options(int argc, char *argv[], struct enroll_options *options)
{
	int option;

	while ((option = cli_next_option(argc, argv, "", long_options)) != -1) {
		const char **text = text_option(options, option);

		if (text)
			*text = optarg;
		else if (option == OPTION_EDGE)
			options->is_edge = true;
		else if (option == OPTION_DISABLED)
			options->is_disabled = true;
		else if (option == OPTION_REPLACE)
			options->replace = true;
		else
			return false;
	}
	return true;
}

/* A certificate file as the service API takes it: PEM, or base64 of DER. */
static enum error_code
read_certificate(const char *path, char **ret_text, struct error *err)
{
	CLEANUP(string) char *data = NULL;
	size_t length;

	if (file_read(path, FILE_BYTES_MAX, &data, &length, err))
		return err->code;
	*ret_text = memmem(data, length, "-----BEGIN", 10)
			? TAKE(data)
			: base64_encode(data, length);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
make_certificates(const struct enroll_options *options, json_t **ret_object,
    struct error *err)
{
	static const char *const slots[] = {"primary", "secondary"};
	CLEANUP(json) json_t *object = json_object();

	for (size_t i = 0; i < ENROLLED_CERTIFICATES; i++) {
		CLEANUP(string) char *text = NULL;

		if (!options->certificates[i])
			continue;
		if (read_certificate(options->certificates[i], &text, err))
			return err->code;
		if (json_object_set_new(object, slots[i],
			json_pack("{s:s}", "certificate", text)))
			return error_no_memory(err);
	}
	*ret_object = TAKE(object);
	return ERROR_NONE;
}

/* The value of --initial-twin; NULL if it was not given. */
static enum error_code
make_twin(const char *text, json_t **ret_twin, struct error *err)
{
	CLEANUP(string) char *data = NULL;

	*ret_twin = NULL;
	if (!text)
		return ERROR_NONE;
	if (*text == '@') {
		if (file_read(text + 1, FILE_BYTES_MAX, &data, NULL, err))
			return err->code;
		text = data;
	}
	if (json_parse(text, strlen(text), ret_twin, err))
		return error_wrap(err, "--initial-twin");
	return ERROR_NONE;
}

static json_t *
make_hubs(const struct enroll_options *options)
{
	json_t *hubs = json_array();

	for (size_t i = 0; i < options->hub_count; i++)
		if (json_array_append_new(hubs, json_string(options->hubs[i])))
			break;
	return hubs;
}

/* The body that a client of the service API would send. */
static enum error_code
make_body(enum enrollment_kind kind, const struct enroll_options *options,
    json_t **ret_body, struct error *err)
{
	CLEANUP(json) json_t *certificates = NULL;
	CLEANUP(json) json_t *twin = NULL;

	if (make_certificates(options, &certificates, err) ||
	    make_twin(options->initial_twin, &twin, err))
		return err->code;
	*ret_body = json_pack(
	    "{s:{s:s, s:{s:O}}, s:{s:b}, s:s, s:o, s:s*, s:s*, s:O*}",
	    "attestation", "type", "x509", "x509",
	    kind == ENROLLMENT_GROUP ? "signingCertificates"
				     : "clientCertificates",
	    certificates, "capabilities", "iotEdge", options->is_edge,
	    "provisioningStatus", options->is_disabled ? "disabled" : "enabled",
	    "iotHubs", make_hubs(options), "deviceId", options->device_id,
	    "allocationPolicy", options->allocation_policy, "initialTwin",
	    twin);
	return *ret_body ? ERROR_NONE : error_no_memory(err);
}

/* Without --registration-id it is the common name of the certificate. */
static enum error_code
default_id(const char *path, char **ret_id, struct error *err)
{
	CLEANUP(string) char *text = NULL;
	CLEANUP(x509) X509 *certificate = NULL;

	if (read_certificate(path, &text, err) ||
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
	if (enrollment_read(kind, id, body, stored, &enrollment, err))
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
	    make_body(kind, options, &body, err) ||
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

	if (!read_options(argc, argv, &options))
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
