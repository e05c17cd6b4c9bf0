/* SPDX-License-Identifier: MIT */
/* signetctl key: the keys that keyd shows us. */
#include <stdio.h>

#include "arguments.h"
#include "commands.h"
#include "keyd/client.h"

static enum error_code
key_list(json_t **ret_document, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *keyd = NULL;
	CLEANUP(json) json_t *keys = NULL;

	if (keyd_client_create(0, &keyd, err) ||
	    keyd_list_keys(keyd, &keys, err))
		return error_wrap(err, "cannot list the keys");
	*ret_document = json_pack("{s:O}", "keys", keys);
	return *ret_document ? ERROR_NONE : error_no_memory(err);
}

static void
print_keys(const json_t *keys)
{
	static const struct output_column columns[] = {
	    {"ID",          "id"         },
	    {"ALGORITHM",   "algorithm"  },
	    {"LOCATION",    "location"   },
	    {"SENSITIVE",   "sensitive"  },
	    {"EXTRACTABLE", "extractable"},
	    {NULL,          NULL         },
	};
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
		return output_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		print_keys(json_object_get(document, "keys"));
	return EXIT_SUCCESS;
}
