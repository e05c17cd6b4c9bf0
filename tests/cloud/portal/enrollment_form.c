/* SPDX-License-Identifier: MIT */
#include "enrollment_form.h"

#include <string.h>

#include "ca_store.h"
#include "common/file.h"
#include "portal.h"
#include "portal_frame.h"

#define CERTIFICATE_FILES ".pem,.cer,.crt,.der"

/* ---- attestation ---- */

static const struct choice individual_types[] = {
    {"x509",         "X.509: the device's certificate"},
    {"ca",	   "X.509: any certificate by a CA" },
    {"symmetricKey", "Symmetric key"                  },
    {"tpm",          "TPM: endorsement key"           },
    {NULL,	   NULL			     },
};

static const struct choice group_types[] = {
    {"x509",         "X.509: a CA certificate, root or intermediate"},
    {"ca",	   "X.509: a verified CA certificate"             },
    {"symmetricKey", "Symmetric key"                                },
    {NULL,	   NULL					   },
};

static void
write_certificates(
    const struct form_view *view, const struct enrollment_form *form)
{
	const json_t *x509 = json_object_get(
	    json_object_get(form->record, "attestation"), "x509");
	const char *member = form->kind == ENROLLMENT_GROUP
				 ? "signingCertificates"
				 : "clientCertificates";
	bool is_there = json_is_object(
	    json_object_get(json_object_get(x509, member), "primary"));
	const struct field primary = {.name = "primary",
	    .label = "Primary certificate",
	    .is_conditional = true,
	    .accept = CERTIFICATE_FILES,
	    .hint = is_there ? "PEM or DER. Without a file the one that is "
			       "enrolled stays."
			     : "PEM or DER; of a file with several the first."};
	const struct field secondary = {.name = "secondary",
	    .label = "Secondary certificate",
	    .accept = CERTIFICATE_FILES,
	    .hint = "Counts as much as the primary; for a change of "
		    "certificates."};

	html_print(view->html, "<div class=\"by-x509\">\n");
	view_file(view, &primary);
	view_file(view, &secondary);
	if (json_is_object(
		json_object_get(json_object_get(x509, member), "secondary")))
		view_check(
		    view, &(struct field){.name = "withoutSecondary",
			      .label = "Take the secondary certificate away",
			      .is_required = false});
	html_print(view->html, "</div>\n");
}

/* Collects the names of verified CAs. */
static enum error_code
note_ca(void *context, const struct ca_certificate *ca, struct error *err)
{
	if (ca->is_verified &&
	    json_array_append_new(context, json_string(ca->name.text)))
		return error_no_memory(err);
	return ERROR_NONE;
}

static enum error_code
write_references(
    const struct form_view *view, struct database *database, struct error *err)
{
	CLEANUP(json) json_t *names = json_array();
	size_t count;
	struct choice *choices;

	if (ca_store_visit(database, note_ca, names, err))
		return err->code;
	count = json_array_size(names);
	choices = calloc(count + 2, sizeof(*choices));
	if (!choices)
		return error_no_memory(err);
	choices[0] = (struct choice){"", count ? "-" : "none is verified yet"};
	for (size_t i = 0; i < count; i++) {
		const char *name = json_string_value(json_array_get(names, i));

		choices[i + 1] = (struct choice){name, name};
	}
	html_print(view->html, "<div class=\"by-ca\">\n");
	view_select(view,
	    &(struct field){.name = "primaryCa",
		.label = "Primary CA",
		.is_conditional = true,
		.hint = "Verified CA certificates; add one under "
			"Certificates."},
	    choices);
	view_select(view,
	    &(struct field){.name = "secondaryCa", .label = "Secondary CA"},
	    choices);
	html_print(view->html, "</div>\n");
	free(choices);
	return ERROR_NONE;
}

static void
write_keys(const struct form_view *view, bool is_new)
{
	const char *hint = is_new
			       ? "Base64 of 16 to 64 bytes. Empty: one is made."
			       : "Base64 of 16 to 64 bytes. Empty: it stays.";

	html_print(view->html, "<div class=\"by-symmetricKey\">\n");
	view_text(view,
	    &(struct field){
		.name = "primaryKey", .label = "Primary key", .hint = hint});
	view_text(view, &(struct field){.name = "secondaryKey",
			    .label = "Secondary key",
			    .hint = hint});
	html_print(view->html, "</div>\n");
}

static void
write_tpm(const struct form_view *view)
{
	html_print(view->html, "<div class=\"by-tpm\">\n");
	view_area(view, &(struct field){.name = "endorsementKey",
			    .label = "Endorsement key",
			    .is_conditional = true,
			    .hint = "Base64 of the TPM2B_PUBLIC structure."});
	view_text(view, &(struct field){.name = "storageRootKey",
			    .label = "Storage root key"});
	html_print(view->html, "</div>\n");
}

static enum error_code
write_attestation(const struct form_view *view, struct cloud *cloud,
    const struct enrollment_form *form, struct error *err)
{
	bool is_group = form->kind == ENROLLMENT_GROUP;

	html_print(view->html,
	    "<section class=\"card attestation\">\n<h2>Attestation</h2>\n");
	view_radio(view,
	    &(struct field){.name = "type", .label = "Proof of who it is"},
	    is_group ? group_types : individual_types);
	write_certificates(view, form);
	if (write_references(view, cloud->database, err))
		return err->code;
	write_keys(view, !form->record);
	if (!is_group)
		write_tpm(view);
	html_print(view->html, "</section>\n");
	return ERROR_NONE;
}

/* ---- the rest ---- */

static void
write_device(const struct form_view *view, const struct enrollment_form *form)
{
	bool is_group = form->kind == ENROLLMENT_GROUP;

	html_print(view->html, "<section class=\"card\">\n<h2>%s</h2>\n",
	    is_group ? "Group" : "Device");
	if (!form->record)
		view_text(view,
		    &(struct field){.name = "id",
			.label = is_group ? "Group name" : "Registration id",
			.is_required = true,
			.hint = is_group
				    ? "Letters, digits, '-', '.', '_' and ':'."
				    : "Letters, digits, '-', '.', '_' and ':'. "
				      "For X.509 the certificate's common "
				      "name."});
	if (!is_group)
		view_text(view,
		    &(struct field){.name = "deviceId",
			.label = "Device id",
			.hint = "In the hub. Empty: the registration id."});
	view_check(view, &(struct field){.name = "iotEdge",
			     .label = is_group ? "All are IoT Edge devices"
					       : "IoT Edge device"});
	view_check(view,
	    &(struct field){.name = "enabled",
		.label = "Enabled",
		.hint = "Disabled: devices are turned away, but stay in the "
			"hub."});
	html_print(view->html, "</section>\n");
}

/* The hubs there are, and those that only the enrollment knows of. */
static json_t *
hub_fields(const struct form_view *view, const struct cloud *cloud)
{
	json_t *fields = json_object();
	const char *name;
	json_t *value;

	for (size_t i = 0; i < cloud->options.hub_count; i++) {
		CLEANUP(string)
		char *field =
		    string_format(HUB_FIELD "%s", cloud->options.hubs[i].name);

		if (field)
			(void)json_object_set_new(fields, field, json_true());
	}
	json_object_foreach((json_t *)(uintptr_t)view->values, name, value)
	{
		if (strncmp(name, HUB_FIELD, strlen(HUB_FIELD)) == 0 &&
		    name[strlen(HUB_FIELD)])
			(void)json_object_set_new(fields, name, json_true());
	}
	return fields;
}

static void
write_hubs(const struct form_view *view, json_t *fields)
{
	const char *name;
	json_t *ignored;

	html_print(view->html,
	    "<fieldset id=\"f-iotHubs\"><legend>Hubs it may be assigned to"
	    "</legend>\n");
	json_object_foreach(fields, name, ignored)
	{
		view_check(view, &(struct field){.name = name,
				     .label = name + strlen(HUB_FIELD)});
	}
	view_remarks(view, &(struct field){.name = "iotHubs",
			       .hint = "None chosen: all of them."});
	html_print(view->html, "</fieldset>\n");
}

static enum error_code
write_static_hub(
    const struct form_view *view, json_t *fields, struct error *err)
{
	struct choice *choices =
	    calloc(json_object_size(fields) + 2, sizeof(*choices));
	struct choice *next = choices;
	const char *name;
	json_t *ignored;

	if (!choices)
		return error_no_memory(err);
	*next++ = (struct choice){"", "The first of those above"};
	json_object_foreach(fields, name, ignored)
	{
		const char *hub = name + strlen(HUB_FIELD);

		*next++ = (struct choice){hub, hub};
	}
	html_print(view->html, "<div class=\"by-static\">\n");
	view_select(view,
	    &(struct field){.name = "staticHub",
		.label = "Hub that static takes",
		.hint = "It is among those above, whether chosen or not."},
	    choices);
	html_print(view->html, "</div>\n");
	free(choices);
	return ERROR_NONE;
}

static enum error_code
write_assignment(
    const struct form_view *view, const struct cloud *cloud, struct error *err)
{
	static const struct choice allocations[] = {
	    {"hashed",     "Hashed: by the registration id"},
	    {"geoLatency", "Lowest latency"                },
	    {"static",     "Static: one hub"               },
	    {"custom",     "Custom: a webhook decides"     },
	    {NULL,         NULL			    },
	};
	static const struct choice policies[] = {
	    {"migrate", "Reassign, and migrate the twin"       },
	    {"reset",   "Reassign, and reset to the first twin"},
	    {"never",   "Never reassign"                       },
	    {NULL,      NULL				   },
	};

	CLEANUP(json) json_t *hubs = hub_fields(view, cloud);

	if (!hubs)
		return error_no_memory(err);
	html_print(view->html,
	    "<section class=\"card assignment\">\n<h2>Assignment</h2>\n");
	write_hubs(view, hubs);
	view_select(view,
	    &(struct field){.name = "allocationPolicy",
		.label = "Allocation policy",
		.is_required = true},
	    allocations);
	if (write_static_hub(view, hubs, err))
		return err->code;
	html_print(view->html, "<div class=\"by-custom\">\n");
	view_text(
	    view, &(struct field){.name = "webhookUrl",
		      .label = "Webhook",
		      .is_conditional = true,
		      .hint = "https://localhost:PORT/... decides the hub."});
	view_text(view, &(struct field){.name = "webhookApiVersion",
			    .label = "Webhook's API version",
			    .is_conditional = true});
	html_print(view->html, "</div>\n");
	view_select(view,
	    &(struct field){.name = "reprovisionPolicy",
		.label = "When a device registers again",
		.is_required = true},
	    policies);
	html_print(view->html, "</section>\n");
	return ERROR_NONE;
}

static void
write_twin(const struct form_view *view)
{
	html_print(
	    view->html, "<section class=\"card\">\n<h2>Initial twin</h2>\n");
	view_area(view, &(struct field){.name = "initialTwin",
			    .label = "Tags and desired properties, as JSON",
			    .hint = "The device's twin begins with it.",
			    .is_json = true});
	html_print(view->html, "</section>\n");
}

enum error_code
enrollment_form_write(struct html *html, struct cloud *cloud,
    const struct request *request, const struct enrollment_form *form,
    struct error *err)
{
	const struct form_view view = {
	    .html = html, .values = form->values, .problem = form->problem};

	view_problem(&view);
	frame_form(html, request,
	    form->record                     ? NULL
	    : form->kind == ENROLLMENT_GROUP ? "groups"
					     : "individuals");
	if (form->record)
		html_print(html,
		    "<input type=\"hidden\" name=\"etag\" value=\"%s\">\n",
		    json_string_value(json_object_get(form->record, "etag")));
	html_print(html, "<div class=\"columns\">\n<div>\n");
	write_device(&view, form);
	if (write_attestation(&view, cloud, form, err))
		return err->code;
	html_print(html, "</div>\n<div>\n");
	if (write_assignment(&view, cloud, err))
		return err->code;
	write_twin(&view);
	html_print(html,
	    "</div>\n</div>\n<p "
	    "class=\"actions\"><button>%s</button></p>\n</form>\n",
	    form->record ? "Save" : "Add");
	return ERROR_NONE;
}
