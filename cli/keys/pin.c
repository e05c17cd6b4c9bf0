/* SPDX-License-Identifier: MIT */
#include "pin.h"

#include <string.h>

#include "common/file.h"
#include "common/http.h"
#include "common/paths.h"

#define CREDENTIALS "/run/credentials/"
#define PIN_CREDENTIAL CREDENTIALS "signet-keyd.service/pin"

const char *
pin_source(const struct uri *uri)
{
	static const char scheme[] = "file:";
	const char *source = uri_kind(uri) == URI_PKCS11
				 ? p11_kit_uri_get_pin_source(uri_pkcs11(uri))
				 : NULL;

	if (!source)
		return NULL;
	if (strncmp(source, scheme, strlen(scheme)) == 0)
		source += strlen(scheme);
	if (strncmp(source, "//", 2) == 0)
		source += 2;
	return source;
}

bool
pin_is_lent(const struct uri *uri)
{
	const char *source = pin_source(uri);

	return source && strncmp(source, CREDENTIALS, strlen(CREDENTIALS)) == 0;
}

char *
pin_file(const struct uri *uri)
{
	const char *source = pin_source(uri);

	if (!source || !pin_is_lent(uri))
		return source ? strdup(source) : NULL;
	return strcmp(source, PIN_CREDENTIAL) == 0
		   ? string_format("%s/pin", paths_config_directory())
		   : NULL;
}

enum error_code
pin_read(const char *path, char **ret_pin, struct error *err)
{
	CLEANUP(string) char *encoded = http_encode_segment(path);
	CLEANUP(string)
	char *text =
	    string_format("pkcs11:?pin-source=file:%s", encoded ? encoded : "");
	CLEANUP(uri) struct uri *uri = NULL;

	if (!encoded || !text)
		return error_no_memory(err);
	if (uri_parse(text, &uri, err))
		return err->code;
	return uri_read_pin(uri, ret_pin, err);
}
