/* SPDX-License-Identifier: MIT */
#include "cli_enroll.h"

#include <string.h>

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

enum error_code
enroll_make_body(enum enrollment_kind kind,
    const struct enroll_options *options, json_t **ret_body, struct error *err)
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
