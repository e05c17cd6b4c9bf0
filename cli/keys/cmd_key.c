/* SPDX-License-Identifier: MIT */
/* signetctl key: what keys keyd shows us. */
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "commands.h"
#include "common/file.h"
#include "key_kind.h"
#include "keyd/client.h"

enum error_code
key_kind_check(const char *kind, struct error *err)
{
	if (!kind || strcmp(kind, "pair") == 0 ||
	    strcmp(kind, "symmetric") == 0)
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "--kind is '%s'; it can be pair or symmetric", kind);
}

int
key_failure(enum output_form form, struct error *err)
{
	struct error denied = *err;

	if (err->code == ERROR_DENIED && !strstr(err->message, "be root"))
		(void)error_set(err, ERROR_DENIED,
		    "%s ('signetctl grants' shows who may do what, 'signetctl "
		    "grant' gives rights)",
		    denied.message);
	return output_failure(form, err);
}

/* ---- key list ---- */

static enum error_code
key_list(json_t **ret_document, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *keyd = NULL;
	CLEANUP(json) json_t *keys = NULL;

	output_progress_if_slow("keyd is asked");
	if (keyd_client_create(0, &keyd, err) ||
	    keyd_list_keys(keyd, &keys, err))
		return error_wrap(err, "cannot list the keys");
	*ret_document = json_pack("{s:O}", "keys", keys);
	return *ret_document ? ERROR_NONE : error_no_memory(err);
}

/* "EC P-256", "RSA 2048": the caller frees it; NULL if it is not known. */
static char *
type_of(const json_t *key)
{
	const json_t *size = json_object_get(key, "size");

	if (!json_object_get(key, "algorithm"))
		return NULL;
	if (size)
		return string_format("%s %d", output_member(key, "algorithm"),
		    (int)json_integer_value(size));
	return string_format("%s %s", output_member(key, "algorithm"),
	    output_member(key, "curve"));
}

/* Members as people read them, beside those that there are. */
static void
add_columns(json_t *key)
{
	CLEANUP(string) char *type = type_of(key);

	if (type)
		(void)json_object_set_new(key, "type", json_string(type));
	(void)json_object_set_new(
	    key, "usage", output_joined(json_object_get(key, "usage")));
	(void)json_object_set_new(
	    key, "rights", output_joined(json_object_get(key, "rights")));
}

static void
print_keys(json_t *keys)
{
	static const struct output_column columns[] = {
	    {"ID",          "id"         },
	    {"TYPE",        "type"       },
	    {"USAGE",       "usage"      },
	    {"RIGHTS",      "rights"     },
	    {"EXTRACTABLE", "extractable"},
	    {"LOCATION",    "location"   },
	    {NULL,          NULL         },
	};

	for (size_t i = 0; i < json_array_size(keys); i++)
		add_columns(json_array_get(keys, i));
	output_table(keys, columns);
	for (size_t i = 0; i < json_array_size(keys); i++) {
		const json_t *key = json_array_get(keys, i);

		if (json_object_get(key, "error"))
			(void)printf("%s: %s\n", output_member(key, "id"),
			    output_member(key, "error"));
	}
}

int
cmd_key_list(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "key list"};
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (key_list(&document, &err))
		return key_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		print_keys(json_object_get(document, "keys"));
	return output_items_status(json_object_get(document, "keys"));
}

/* ---- key show ---- */

static enum error_code
key_show(const char *id, const char *kind, json_t **ret_key, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *keyd = NULL;

	output_progress_if_slow("keyd is asked");
	if (key_kind_check(kind, err) || keyd_client_create(0, &keyd, err))
		return err->code;
	return keyd_show_key(keyd, id, kind, ret_key, err);
}

static void
print_line(const char *name, const json_t *key, const char *member)
{
	const json_t *value = json_object_get(key, member);
	CLEANUP(json) json_t *list = NULL;

	if (!value)
		return;
	if (json_is_array(value)) {
		list = output_joined(value);
		(void)printf("%-18s %s\n", name,
		    json_array_size(value) ? json_string_value(list) : "-");
		return;
	}
	(void)printf("%-18s %s\n", name,
	    json_is_boolean(value) ? json_is_true(value) ? "yes" : "no"
				   : output_member(key, member));
}

static void
print_key(json_t *key)
{
	static const struct output_column lines[] = {
	    {"id",                "id"              },
	    {"kind",              "kind"            },
	    {"type",              "type"            },
	    {"usage",             "usage"           },
	    {"rights",            "rights"          },
	    {"location",          "location"        },
	    {"sensitive",         "sensitive"       },
	    {"extractable",       "extractable"     },
	    {"always sensitive",  "alwaysSensitive" },
	    {"never extractable", "neverExtractable"},
	    {"made where it is",  "local"           },
	    {"created",           "created"         },
	    {"certificates",      "certificates"    },
	    {NULL,                NULL              },
	};
	CLEANUP(string) char *type = type_of(key);

	if (type)
		(void)json_object_set_new(key, "type", json_string(type));
	for (const struct output_column *line = lines; line->title; line++)
		print_line(line->title, key, line->member);
}

int
cmd_key_show(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "key show",
	    .operands = "ID",
	    .operand_count = 1,
	    .options = {{"kind", "pair|symmetric", false}},
	};
	CLEANUP(json) json_t *key = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (key_show(arguments.operands[0], arguments.values[0], &key, &err))
		return key_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON)
		output_json(key);
	else
		print_key(key);
	return EXIT_SUCCESS;
}

/* ---- key export-public ---- */

int
cmd_key_export_public(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "key export-public",
	    .operands = "ID",
	    .operand_count = 1,
	};
	CLEANUP(unix_http) struct unix_http *keyd = NULL;
	CLEANUP(string) char *pem = NULL;
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	output_progress_if_slow("keyd is asked");
	if (keyd_client_create(0, &keyd, &err) ||
	    keyd_public_key(keyd, arguments.operands[0], &pem, &err))
		return key_failure(arguments.form, &err);
	document =
	    json_pack("{s:s, s:s}", "id", arguments.operands[0], "pem", pem);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		(void)fputs(pem, stdout);
	return EXIT_SUCCESS;
}
