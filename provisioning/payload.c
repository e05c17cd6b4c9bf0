/* SPDX-License-Identifier: MIT */
#include "payload.h"

#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "common/openssl.h"

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

void
payload_digest(const struct payload_settings *settings,
    char ret_digest[static PAYLOAD_DIGEST_MAX])
{
	CLEANUP(json) json_t *payload = NULL;
	CLEANUP(string) char *text = NULL;
	struct error ignored;

	(void)snprintf(ret_digest, PAYLOAD_DIGEST_MAX, "none");
	if (!settings->path)
		return;
	*ret_digest = '\0';
	if (payload_load(settings, &payload, &ignored))
		return;
	text = json_text(payload);
	if (!text || sha256_hex(text, strlen(text), ret_digest, &ignored))
		*ret_digest = '\0';
}
