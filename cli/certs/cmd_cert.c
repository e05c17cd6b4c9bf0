/* SPDX-License-Identifier: MIT */
/* signetctl cert: what certificates there are, and what certd knows of them. */
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "cert_origins.h"
#include "cert_print.h"
#include "cert_tree.h"
#include "certd/client.h"
#include "commands.h"

/* ---- cert list ---- */

static enum error_code
cert_list(json_t **ret_document, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *certd = NULL;
	CLEANUP(json) json_t *certificates = NULL;

	output_progress_if_slow("certd is asked");
	if (certd_client_create(0, &certd, err) ||
	    certd_list(certd, &certificates, err))
		return error_wrap(err, "cannot list the certificates");
	*ret_document = json_pack("{s:O}", "certificates", certificates);
	return *ret_document ? ERROR_NONE : error_no_memory(err);
}

/* What object has to say as member of the certificate, if anything. */
static void
print_trouble(
    const json_t *certificate, const json_t *object, const char *member)
{
	if (json_object_get(object, member))
		(void)printf("%s: %s\n", output_member(certificate, "id"),
		    output_member(object, member));
}

static void
print_list(const json_t *certificates)
{
	static const struct output_column columns[] = {
	    {"ID",       "id"      },
	    {"SUBJECT",  "subject" },
	    {"ISSUER",   "issuer"  },
	    {"KEY",      "key"     },
	    {"CA",       "ca"      },
	    {"VALID TO", "notAfter"},
	    {NULL,       NULL      },
	};

	output_table(certificates, columns);
	for (size_t i = 0; i < json_array_size(certificates); i++) {
		const json_t *certificate = json_array_get(certificates, i);

		print_trouble(certificate, certificate, "error");
		print_trouble(certificate,
		    json_object_get(certificate, "renewal"), "trouble");
	}
}

int
cmd_cert_list(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "cert list"};
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (cert_list(&document, &err))
		return output_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		print_list(json_object_get(document, "certificates"));
	return output_items_status(json_object_get(document, "certificates"));
}

/* ---- cert show ---- */

static void
print_line(const char *name, const char *text)
{
	if (strcmp(text, "-") != 0)
		(void)printf("%-18s %s\n", name, text);
}

/* name stands on the first line only. */
static void
print_texts(const char *name, const json_t *texts)
{
	for (size_t i = 0; i < json_array_size(texts); i++)
		(void)printf("%-18s %s\n", i == 0 ? name : "",
		    json_string_value(json_array_get(texts, i)));
}

/* Who issued it, and who issued that. */
static void
print_chain(const json_t *chain)
{
	for (size_t i = 1; i < json_array_size(chain); i++) {
		const json_t *above = json_array_get(chain, i);

		(void)printf("%-18s %s until %s\n", i == 1 ? "chain" : "",
		    output_member(above, "subject"),
		    output_member(above, "notAfter"));
	}
}

void
cert_print(const json_t *certificate)
{
	static const struct output_column lines[] = {
	    {"id",                 "id"              },
	    {"error",              "error"           },
	    {"subject",            "subject"         },
	    {"issuer",             "issuer"          },
	    {"serial number",      "serial"          },
	    {"valid from",         "notBefore"       },
	    {"valid to",           "notAfter"        },
	    {"key",                "key"             },
	    {"key id",             "keyId"           },
	    {"names",              "names"           },
	    {"key usage",          "keyUsage"        },
	    {"extended key usage", "extendedKeyUsage"},
	    {"fingerprint",        "fingerprint"     },
	    {NULL,                 NULL              },
	};
	const json_t *attempts = json_object_get(certificate, "attempts");
	const json_t *policy = json_object_get(certificate, "policy");
	const json_t *renewal = json_object_get(certificate, "renewal");

	for (const struct output_column *line = lines; line->title; line++)
		print_line(
		    line->title, output_member(certificate, line->member));
	print_chain(json_object_get(certificate, "chain"));
	print_line("issued by method", output_member(policy, "method"));
	if (json_object_get(policy, "renewed"))
		print_line("kept fresh",
		    json_is_true(json_object_get(policy, "renewed")) ? "yes"
								     : "no");
	print_line("next renewal", output_member(renewal, "next"));
	print_line("last attempt", output_member(attempts, "last"));
	print_line("last error", output_member(attempts, "lastError"));
	print_texts("findings", json_object_get(certificate, "findings"));
}

static enum error_code
cert_show(const char *id, json_t **ret_certificate, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *certd = NULL;

	output_progress_if_slow("certd is asked");
	if (certd_client_create(0, &certd, err))
		return err->code;
	return certd_show(certd, id, ret_certificate, err);
}

int
cmd_cert_show(int argc, char **argv)
{
	enum { PEM };
	static const struct synopsis synopsis = {
	    .command = "cert show",
	    .operands = "ID",
	    .operand_count = 1,
	    .options = {{"pem", NULL, false}},
	};
	CLEANUP(json) json_t *certificate = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (cert_show(arguments.operands[0], &certificate, &err))
		return output_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON)
		output_json(certificate);
	else if (arguments.values[PEM])
		(void)fputs(output_member(certificate, "pem"), stdout);
	else
		cert_print(certificate);
	return EXIT_SUCCESS;
}

/* ---- cert tree ---- */

/* One that is removed while we look is no failure. */
static enum error_code
show_each(struct unix_http *certd, const json_t *listed, json_t *shown,
    struct error *err)
{
	for (size_t i = 0; i < json_array_size(listed); i++) {
		const char *id = output_member(json_array_get(listed, i), "id");
		json_t *certificate = NULL;
		enum error_code code = certd_show(certd, id, &certificate, err);

		if (code && code != ERROR_NOT_FOUND)
			return code;
		if (!code && json_array_append_new(shown, certificate))
			return error_no_memory(err);
	}
	return ERROR_NONE;
}

static enum error_code
tree(json_t **ret_document, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *certd = NULL;
	CLEANUP(json) json_t *listed = NULL;
	CLEANUP(json) json_t *shown = json_array();
	json_t *top;

	output_progress_if_slow("certd is asked");
	if (certd_client_create(0, &certd, err) ||
	    certd_list(certd, &listed, err) ||
	    show_each(certd, listed, shown, err))
		return error_wrap(err, "cannot look at the certificates");
	top = cert_tree(shown);
	if (!top)
		return error_no_memory(err);
	*ret_document = json_pack("{s:o}", "certificates", top);
	return *ret_document ? ERROR_NONE : error_no_memory(err);
}

/* The ids of each certificate as people read them, here and below. */
static void
join_ids(json_t *certificates)
{
	for (size_t i = 0; i < json_array_size(certificates); i++) {
		json_t *node = json_array_get(certificates, i);
		const json_t *ids = json_object_get(node, "ids");

		if (json_array_size(ids) > 0)
			(void)json_object_set_new(
			    node, "ids", output_joined(ids));
		join_ids(json_object_get(node, "below"));
	}
}

int
cmd_cert_tree(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "cert tree"};
	static const struct output_column columns[] = {
	    {"CERTIFICATE", "subject" },
	    {"VALID TO",    "notAfter"},
	    {"ID",          "ids"     },
	    {NULL,          NULL      },
	};
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	json_t *top;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (tree(&document, &err))
		return output_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON) {
		output_json(document);
		return EXIT_SUCCESS;
	}
	top = json_object_get(document, "certificates");
	join_ids(top);
	output_tree(top, columns);
	return EXIT_SUCCESS;
}

/* ---- cert explain ---- */

static enum error_code
explain(const char *id, json_t **ret_document, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *certd = NULL;

	output_progress_if_slow("certd is asked");
	if (certd_client_create(0, &certd, err))
		return err->code;
	if (certd_explain(certd, id, ret_document, err))
		return err->code;
	cert_origins_resolve(json_object_get(*ret_document, "settings"), id);
	return ERROR_NONE;
}

/* False: there is nothing but defaults. */
static bool
is_configured(const json_t *settings)
{
	for (size_t i = 0; i < json_array_size(settings); i++)
		if (strcmp(output_member(json_array_get(settings, i), "origin"),
			"default") != 0)
			return true;
	return false;
}

static void
print_notes(const json_t *notes)
{
	for (size_t i = 0; i < json_array_size(notes); i++)
		output_note("%s", json_string_value(json_array_get(notes, i)));
}

int
cmd_cert_explain(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "cert explain",
	    .operands = "ID",
	    .operand_count = 1,
	};
	static const struct output_column columns[] = {
	    {"SETTING", "key"   },
	    {"VALUE",   "value" },
	    {"SET BY",  "origin"},
	    {NULL,      NULL    },
	};
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (explain(arguments.operands[0], &document, &err))
		return output_failure(arguments.form, &err);
	if (!is_configured(json_object_get(document, "settings")))
		output_note("nothing is configured for certificate '%s'",
		    arguments.operands[0]);
	if (arguments.form == OUTPUT_JSON) {
		output_json(document);
		return EXIT_SUCCESS;
	}
	output_table(json_object_get(document, "settings"), columns);
	print_notes(json_object_get(document, "notes"));
	return EXIT_SUCCESS;
}
