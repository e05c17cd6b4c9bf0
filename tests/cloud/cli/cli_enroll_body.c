/* SPDX-License-Identifier: MIT */
#include "cli_enroll.h"

#include <string.h>

#include "certificate_info.h"
#include "cli.h"
#include "common/base64.h"
#include "common/file.h"

#define FILE_BYTES_MAX ((size_t)1024 * 1024)

enum error_code
enroll_read_certificate(const char *path, char **ret_text, struct error *err)
{
	CLEANUP(string) char *data = NULL;
	size_t length;

	if (file_read(path, FILE_BYTES_MAX, &data, &length, err))
		return err->code;
	*ret_text = certificate_text(data, length);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

static const char *const slots[] = {"primary", "secondary"};

static enum error_code
make_certificates(const struct enroll_options *options, json_t **ret_object,
    struct error *err)
{
	CLEANUP(json) json_t *object = json_object();

	for (size_t i = 0; i < ENROLLED_CERTIFICATES; i++) {
		CLEANUP(string) char *text = NULL;

		if (!options->certificates[i])
			continue;
		if (enroll_read_certificate(
			options->certificates[i], &text, err))
			return err->code;
		if (json_object_set_new(object, slots[i],
			json_pack("{s:s}", "certificate", text)))
			return error_no_memory(err);
	}
	*ret_object = TAKE(object);
	return ERROR_NONE;
}

static enum error_code
make_x509(enum enrollment_kind kind, const struct enroll_options *options,
    json_t **ret_x509, struct error *err)
{
	json_t *certificates;

	if (options->cas[0]) {
		*ret_x509 = json_pack("{s:{s:s, s:s*}}", "caReferences",
		    slots[0], options->cas[0], slots[1], options->cas[1]);
		return *ret_x509 ? ERROR_NONE : error_no_memory(err);
	}
	if (make_certificates(options, &certificates, err))
		return err->code;
	*ret_x509 = json_pack("{s:o}",
	    kind == ENROLLMENT_GROUP ? "signingCertificates"
				     : "clientCertificates",
	    certificates);
	return *ret_x509 ? ERROR_NONE : error_no_memory(err);
}

/* ---- keys ---- */

/* The first line of a file; NULL if path is. */
static enum error_code
read_key(const char *path, char **ret_text, struct error *err)
{
	if (!path)
		return ERROR_NONE;
	if (file_read(path, FILE_BYTES_MAX, ret_text, NULL, err))
		return err->code;
	(*ret_text)[strcspn(*ret_text, "\r\n")] = '\0';
	return ERROR_NONE;
}

/* Those that are not given are made by whoever reads this. */
static enum error_code
make_symmetric_keys(
    const struct enroll_options *options, json_t **ret_keys, struct error *err)
{
	CLEANUP(secret) char *primary = NULL;
	CLEANUP(secret) char *secondary = NULL;

	if (read_key(options->key_files[0], &primary, err) ||
	    read_key(options->key_files[1], &secondary, err))
		return err->code;
	*ret_keys = json_pack(
	    "{s:s*, s:s*}", "primaryKey", primary, "secondaryKey", secondary);
	return *ret_keys ? ERROR_NONE : error_no_memory(err);
}

/*
 * The file has a TPM2B_PUBLIC (tpm2_createek -u), which begins with its size,
 * or the base64 of one.
 */
static enum error_code
make_tpm(
    const struct enroll_options *options, json_t **ret_tpm, struct error *err)
{
	CLEANUP(string) char *data = NULL;
	CLEANUP(string) char *text = NULL;
	size_t length;

	if (file_read(
		options->endorsement_key, FILE_BYTES_MAX, &data, &length, err))
		return err->code;
	if (strlen(data) == length) {
		data[strcspn(data, "\r\n")] = '\0';
		text = TAKE(data);
	} else {
		text = base64_encode(data, length);
	}
	if (!text)
		return error_no_memory(err);
	*ret_tpm = json_pack("{s:s}", "endorsementKey", text);
	return *ret_tpm ? ERROR_NONE
			: error_set(err, ERROR_INVALID,
			      "'%s' has neither a TPM2B_PUBLIC nor its base64",
			      options->endorsement_key);
}

static enum error_code
make_attestation(enum enrollment_kind kind,
    const struct enroll_options *options, json_t **ret_attestation,
    struct error *err)
{
	const char *type = "x509";
	json_t *details;

	if (options->by_symmetric_key) {
		type = "symmetricKey";
		if (make_symmetric_keys(options, &details, err))
			return err->code;
	} else if (options->endorsement_key) {
		type = "tpm";
		if (make_tpm(options, &details, err))
			return err->code;
	} else if (make_x509(kind, options, &details, err)) {
		return err->code;
	}
	*ret_attestation = json_pack("{s:s, s:o}", "type", type, type, details);
	return *ret_attestation ? ERROR_NONE : error_no_memory(err);
}

/* ---- what becomes of the devices ---- */

/* *ret_policy is NULL if nothing is said of it. */
static enum error_code
make_reprovision(const char *name, json_t **ret_policy, struct error *err)
{
	static const struct {
		const char *name;
		int update, migrate;
	} policies[] = {
	    {"migrate", 1, 1},
	    {"reset",   1, 0},
	    {"never",   0, 0},
	};

	*ret_policy = NULL;
	if (!name)
		return ERROR_NONE;
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		if (strcmp(policies[i].name, name) != 0)
			continue;
		*ret_policy = json_pack("{s:b, s:b}", "updateHubAssignment",
		    policies[i].update, "migrateDeviceData",
		    policies[i].migrate);
		return *ret_policy ? ERROR_NONE : error_no_memory(err);
	}
	return error_set(err, ERROR_INVALID,
	    "--reprovision is 'migrate', 'reset' or 'never', not '%s'", name);
}

/* The value of --initial-twin; NULL if it was not given. */
static enum error_code
make_twin(const char *text, json_t **ret_twin, struct error *err)
{
	*ret_twin = NULL;
	if (text && cli_read_json(text, ret_twin, err))
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

/* What is asked for besides attestation and twin. */
static enum error_code
add_members(
    json_t *body, const struct enroll_options *options, struct error *err)
{
	CLEANUP(json) json_t *reprovision = NULL;
	CLEANUP(json) json_t *members = NULL;

	if (make_reprovision(options->reprovision, &reprovision, err))
		return err->code;
	members = json_pack("{s:{s:b}, s:s, s:o, s:s*, s:s*, s:O*}",
	    "capabilities", "iotEdge", options->is_edge, "provisioningStatus",
	    options->is_disabled ? "disabled" : "enabled", "iotHubs",
	    make_hubs(options), "deviceId", options->device_id,
	    "allocationPolicy", options->allocation_policy, "reprovisionPolicy",
	    reprovision);
	if (!members || json_object_update(body, members) ||
	    (options->webhook &&
		json_object_set_new(body, "customAllocationDefinition",
		    json_pack("{s:s, s:s}", "webhookUrl", options->webhook,
			"apiVersion", "2021-10-01"))))
		return error_no_memory(err);
	return ERROR_NONE;
}

enum error_code
enroll_make_body(enum enrollment_kind kind,
    const struct enroll_options *options, json_t **ret_body, struct error *err)
{
	CLEANUP(json) json_t *attestation = NULL;
	CLEANUP(json) json_t *twin = NULL;
	CLEANUP(json) json_t *body = NULL;

	if (make_attestation(kind, options, &attestation, err) ||
	    make_twin(options->initial_twin, &twin, err))
		return err->code;
	body = json_pack(
	    "{s:O, s:O*}", "attestation", attestation, "initialTwin", twin);
	if (!body)
		return error_no_memory(err);
	if (add_members(body, options, err))
		return err->code;
	*ret_body = TAKE(body);
	return ERROR_NONE;
}
