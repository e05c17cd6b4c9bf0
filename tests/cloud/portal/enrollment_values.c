/* SPDX-License-Identifier: MIT */
#include "enrollment_values.h"

#include <string.h>

#include "certificate_info.h"
#include "common/file.h"

/* The first that a message names is meant, so the inner ones come first. */
const struct field_of_member enrollment_fields[] = {
    {"'caReferences'",               "primaryCa"        },
    {"CA certificate '",             "primaryCa"        },
    {"'secondary'",                  "secondary"        },
    {"'primary'",		    "primary"          },
    {"'secondaryKey'",               "secondaryKey"     },
    {"'primaryKey'",                 "primaryKey"       },
    {"'storageRootKey'",             "storageRootKey"   },
    {"'endorsementKey'",             "endorsementKey"   },
    {"'initialTwin'",                "initialTwin"      },
    {"'webhookUrl'",                 "webhookUrl"       },
    {"'apiVersion'",                 "webhookApiVersion"},
    {"'customAllocationDefinition'", "webhookUrl"       },
    {"'allocationPolicy'",           "allocationPolicy" },
    {"'iotHubs'",		    "iotHubs"          },
    {"'deviceId'",		   "deviceId"         },
    {"'attestation'",                "type"             },
    {NULL,			   ""		 },
};

static const char *const slots[] = {"primary", "secondary"};

static const json_t *
member_of(const json_t *object, const char *one, const char *two)
{
	return json_object_get(json_object_get(object, one), two);
}

/* ---- to the form ---- */

static void
set(json_t *values, const char *name, const char *text)
{
	(void)json_object_set_new(values, name, json_string(text));
}

static void
set_box(json_t *values, const char *name, bool is_checked)
{
	set(values, name, is_checked ? "on" : "");
}

json_t *
enrollment_values_new(void)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "x509", "enabled",
	    "on", "allocationPolicy", "hashed", "reprovisionPolicy", "migrate",
	    "initialTwin",
	    "{\n  \"tags\": {},\n  \"properties\": {\n    \"desired\": {}\n"
	    "  }\n}");
}

static void
set_attestation(json_t *values, const json_t *attestation)
{
	const json_t *references =
	    member_of(attestation, "x509", "caReferences");
	const json_t *tpm = json_object_get(attestation, "tpm");

	set(values, "type",
	    json_is_object(references) ? "ca"
				       : member_text(attestation, "type"));
	set(values, "primaryCa", member_text(references, "primary"));
	set(values, "secondaryCa", member_text(references, "secondary"));
	set(values, "endorsementKey", member_text(tpm, "endorsementKey"));
	set(values, "storageRootKey", member_text(tpm, "storageRootKey"));
}

static const char *
reprovision_policy(const json_t *policy)
{
	if (json_is_false(json_object_get(policy, "updateHubAssignment")))
		return "never";
	return json_is_false(json_object_get(policy, "migrateDeviceData"))
		   ? "reset"
		   : "migrate";
}

static void
set_hubs(json_t *values, const json_t *record)
{
	const char *first = enrollment_hub(record, 0);

	set(values, "staticHub", first ? first : "");
	for (size_t i = 0; i < enrollment_hub_count(record); i++) {
		CLEANUP(string)
		char *name =
		    string_format(HUB_FIELD "%s", enrollment_hub(record, i));

		if (name)
			set_box(values, name, true);
	}
}

json_t *
enrollment_values_of(const json_t *record)
{
	json_t *values = json_object();
	const json_t *twin = json_object_get(record, "initialTwin");
	const json_t *webhook =
	    json_object_get(record, "customAllocationDefinition");
	CLEANUP(string)
	char *twin_text = json_is_object(twin)
			      ? json_dumps(twin, JSON_INDENT(2))
			      : strdup("");

	if (!values || !twin_text)
		return values;
	set(values, "id", member_text(record, "registrationId"));
	if (json_object_get(record, "enrollmentGroupId"))
		set(values, "id", member_text(record, "enrollmentGroupId"));
	set(values, "deviceId", member_text(record, "deviceId"));
	set_box(values, "enabled",
	    strcmp(member_text(record, "provisioningStatus"), "enabled") == 0);
	set_box(values, "iotEdge",
	    json_is_true(member_of(record, "capabilities", "iotEdge")));
	set(values, "allocationPolicy",
	    member_text(record, "allocationPolicy"));
	set(values, "webhookUrl", member_text(webhook, "webhookUrl"));
	set(values, "webhookApiVersion", member_text(webhook, "apiVersion"));
	set(values, "reprovisionPolicy",
	    reprovision_policy(json_object_get(record, "reprovisionPolicy")));
	set(values, "initialTwin", twin_text);
	set_attestation(values, json_object_get(record, "attestation"));
	set_hubs(values, record);
	return values;
}

/* ---- from the form ---- */

static bool
is_on(const json_t *values, const char *name)
{
	return *member_text(values, name) != '\0';
}

/* Sets member to text, or takes it away if text is empty. */
static enum error_code
put_text(
    json_t *record, const char *member, const char *text, struct error *err)
{
	if (!*text) {
		(void)json_object_del(record, member);
		return ERROR_NONE;
	}
	return json_set(record, member, json_string(text), err);
}

/*
 * What a slot for a certificate is given: the file that was chosen, or the info
 * of the one that is there, by which the service keeps it, or nothing.
 */
static json_t *
slot_of(const struct form_field *file, const json_t *kept)
{
	CLEANUP(string) char *text = NULL;

	if (!file)
		return kept ? json_deep_copy(kept) : json_null();
	text = certificate_text(file->data, file->length);
	return text ? json_pack("{s:s}", "certificate", text) : NULL;
}

static enum error_code
apply_certificates(enum enrollment_kind kind, const json_t *values,
    const struct form *form, json_t *record, struct error *err)
{
	const char *member = kind == ENROLLMENT_GROUP ? "signingCertificates"
						      : "clientCertificates";
	const json_t *former =
	    json_object_get(member_of(record, "attestation", "x509"), member);
	CLEANUP(json) json_t *certificates = json_object();

	for (size_t i = 0; i < ENROLLED_CERTIFICATES; i++) {
		const json_t *kept = json_object_get(former, slots[i]);

		if (i == 1 && is_on(values, "withoutSecondary"))
			kept = NULL;
		if (json_set(certificates, slots[i],
			slot_of(form_file(form, slots[i]), kept), err))
			return err->code;
	}
	return json_set(record, "attestation",
	    json_pack(
		"{s:s, s:{s:O}}", "type", "x509", "x509", member, certificates),
	    err);
}

static enum error_code
apply_references(const json_t *values, json_t *record, struct error *err)
{
	const char *secondary = member_text(values, "secondaryCa");

	return json_set(record, "attestation",
	    json_pack("{s:s, s:{s:{s:s, s:s*}}}", "type", "x509", "x509",
		"caReferences", "primary", member_text(values, "primaryCa"),
		"secondary", *secondary ? secondary : NULL),
	    err);
}

static enum error_code
apply_attestation(enum enrollment_kind kind, const json_t *values,
    const struct form *form, json_t *record, struct error *err)
{
	const char *type = member_text(values, "type");

	if (strcmp(type, "x509") == 0)
		return apply_certificates(kind, values, form, record, err);
	if (strcmp(type, "ca") == 0)
		return apply_references(values, record, err);
	if (strcmp(type, "symmetricKey") == 0)
		return json_set(record, "attestation",
		    json_pack("{s:s, s:{s:s, s:s}}", "type", type,
			"symmetricKey", "primaryKey",
			member_text(values, "primaryKey"), "secondaryKey",
			member_text(values, "secondaryKey")),
		    err);
	return json_set(record, "attestation",
	    json_pack("{s:s, s:{s:s, s:s}}", "type", type, "tpm",
		"endorsementKey", member_text(values, "endorsementKey"),
		"storageRootKey", member_text(values, "storageRootKey")),
	    err);
}

/* Unless it is there already. */
static enum error_code
add_hub(json_t *hubs, const char *name, struct error *err)
{
	for (size_t i = 0; i < json_array_size(hubs); i++)
		if (strcmp(json_string_value(json_array_get(hubs, i)), name) ==
		    0)
			return ERROR_NONE;
	if (json_array_append_new(hubs, json_string(name)))
		return error_no_memory(err);
	return ERROR_NONE;
}

/* Those of the former hubs that are still chosen, in their order. */
static enum error_code
keep_hubs(
    const json_t *values, const json_t *former, json_t *hubs, struct error *err)
{
	for (size_t i = 0; i < enrollment_hub_count(former); i++) {
		const char *name = enrollment_hub(former, i);
		CLEANUP(string)
		char *field = string_format(HUB_FIELD "%s", name);

		if (!field)
			return error_no_memory(err);
		if (is_on(values, field) && add_hub(hubs, name, err))
			return err->code;
	}
	return ERROR_NONE;
}

/*
 * Their order counts: the policy static takes the first one. They are written
 * as a list, even if the record had the older form.
 */
static enum error_code
apply_hubs(const json_t *values, json_t *record, struct error *err)
{
	CLEANUP(json) json_t *hubs = json_array();
	const char *first = member_text(values, "staticHub");
	const char *name;
	json_t *value;

	if (!hubs)
		return error_no_memory(err);
	if (*first &&
	    strcmp(member_text(values, "allocationPolicy"), "static") == 0 &&
	    add_hub(hubs, first, err))
		return err->code;
	if (keep_hubs(values, record, hubs, err))
		return err->code;
	json_object_foreach((json_t *)(uintptr_t)values, name, value)
	{
		if (strncmp(name, HUB_FIELD, strlen(HUB_FIELD)) == 0 &&
		    is_on(values, name) &&
		    add_hub(hubs, name + strlen(HUB_FIELD), err))
			return err->code;
	}
	(void)json_object_del(record, "iotHubHostName");
	return json_set(record, "iotHubs", TAKE(hubs), err);
}

static enum error_code
apply_allocation(const json_t *values, json_t *record, struct error *err)
{
	const char *policy = member_text(values, "allocationPolicy");

	if (put_text(record, "allocationPolicy", policy, err))
		return err->code;
	if (strcmp(policy, "custom") != 0) {
		(void)json_object_del(record, "customAllocationDefinition");
		return ERROR_NONE;
	}
	return json_set(record, "customAllocationDefinition",
	    json_pack("{s:s, s:s}", "webhookUrl",
		member_text(values, "webhookUrl"), "apiVersion",
		member_text(values, "webhookApiVersion")),
	    err);
}

static enum error_code
apply_twin(const json_t *values, json_t *record, struct problem *problem,
    struct error *err)
{
	const char *text = member_text(values, "initialTwin");
	json_t *twin;
	struct error broken;

	if (text[strspn(text, " \t\r\n")] == '\0') {
		(void)json_object_del(record, "initialTwin");
		return ERROR_NONE;
	}
	if (json_parse(text, strlen(text), &twin, &broken)) {
		problem_set(problem, 400, "initialTwin", "%s", broken.message);
		return ERROR_NONE;
	}
	return json_set(record, "initialTwin", twin, err);
}

enum error_code
enrollment_values_apply(enum enrollment_kind kind, const json_t *values,
    const struct form *form, json_t *record, struct problem *problem,
    struct error *err)
{
	const char *policy = member_text(values, "reprovisionPolicy");

	if (put_text(
		record, "deviceId", member_text(values, "deviceId"), err) ||
	    put_text(record, "provisioningStatus",
		is_on(values, "enabled") ? "enabled" : "disabled", err) ||
	    json_set(record, "capabilities",
		json_pack("{s:b}", "iotEdge", is_on(values, "iotEdge")), err) ||
	    json_set(record, "reprovisionPolicy",
		json_pack("{s:b, s:b}", "updateHubAssignment",
		    strcmp(policy, "never") != 0, "migrateDeviceData",
		    strcmp(policy, "migrate") == 0),
		err) ||
	    apply_hubs(values, record, err) ||
	    apply_allocation(values, record, err) ||
	    apply_attestation(kind, values, form, record, err) ||
	    apply_twin(values, record, problem, err))
		return err->code;
	return ERROR_NONE;
}
