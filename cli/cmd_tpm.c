/* SPDX-License-Identifier: MIT */
/* signetctl tpm: what an enrollment in DPS needs to know of the TPM. */
#include <stdio.h>

#include "arguments.h"
#include "commands.h"
#include "keyd/tpm_client.h"
#include "tpm_id.h"

static enum error_code
describe(json_t **ret_document, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *endorsement = NULL;
	CLEANUP(string) char *storage = NULL;
	char id[TPM_ID_SIZE];

	output_progress("asking the TPM for its keys");
	if (tpm_client_create(0, &client, err) ||
	    tpm_client_get_keys(client, &endorsement, &storage, err)) {
		if (err->code == ERROR_UNAVAILABLE)
			return error_wrap(err,
			    "keyd serves no TPM; 'signetctl init dps-tpm' or a "
			    "section tpm in config.yaml has it do so");
		return err->code;
	}
	if (tpm_id(endorsement, id, err))
		return err->code;
	*ret_document = json_pack("{s:s, s:s, s:s}", "registrationId", id,
	    "endorsementKey", endorsement, "storageRootKey", storage);
	return *ret_document ? ERROR_NONE : error_no_memory(err);
}

int
cmd_tpm_show(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "tpm show"};
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (describe(&document, &err))
		return output_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON) {
		output_json(document);
		return EXIT_SUCCESS;
	}
	(void)printf("%-16s %s\n", "registration id",
	    output_member(document, "registrationId"));
	(void)printf("%-16s %s\n", "endorsement key",
	    output_member(document, "endorsementKey"));
	return EXIT_SUCCESS;
}
