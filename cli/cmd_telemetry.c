/* SPDX-License-Identifier: MIT */
/* signetctl telemetry: this device speaks to its hub. */
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "commands.h"
#include "device_note.h"
#include "provisiond/hub.h"

int
cmd_telemetry_send(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "telemetry send",
	    .operands = "TEXT",
	    .operand_count = 1};
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	output_progress("the message is sent to the hub");
	device_note();
	if (hub_send_message(
		arguments.operands[0], strlen(arguments.operands[0]), &err))
		return output_failure(arguments.form, &err);
	document = json_pack("{s:s}", "telemetry", "accepted");
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		(void)puts("telemetry accepted");
	return EXIT_SUCCESS;
}
