/* SPDX-License-Identifier: MIT */
#include "payload.h"

#include "common/file.h"

/* What a registration may have, with room for the rest of it. */
#define PAYLOAD_MAX ((size_t)64 * 1024)

enum error_code
payload_load(const struct payload_settings *settings, json_t **ret_payload,
    struct error *err)
{
	CLEANUP(string) char *text = NULL;
	size_t length;

	*ret_payload = NULL;
	if (!settings->path)
		return ERROR_NONE;
	if (file_read(settings->path, PAYLOAD_MAX, &text, &length, err) ==
		ERROR_NONE &&
	    json_parse(text, length, ret_payload, err) == ERROR_NONE)
		return ERROR_NONE;
	err->code = ERROR_INVALID;
	return error_wrap(err, "the payload for DPS, '%s'", settings->path);
}
