/* SPDX-License-Identifier: MIT */
#include "key_uri.h"

bool
key_uri_is(const char *text, enum uri_kind kind)
{
	CLEANUP(uri) struct uri *uri = NULL;
	struct error ignored;

	return text && uri_parse(text, &uri, &ignored) == ERROR_NONE &&
	       uri_kind(uri) == kind;
}

bool
key_uri_names_object(const char *text)
{
	CLEANUP(uri) struct uri *uri = NULL;
	struct error ignored;

	return text && uri_parse(text, &uri, &ignored) == ERROR_NONE &&
	       uri_kind(uri) == URI_PKCS11 &&
	       (uri_object_label(uri) ||
		   p11_kit_uri_get_attribute(uri_pkcs11(uri), CKA_ID));
}

enum error_code
key_uri_token(const char *text, char **ret_token, struct error *err)
{
	CLEANUP(uri) struct uri *uri = NULL;
	P11KitUri *token;

	if (uri_parse(text, &uri, err))
		return err->code;
	token = uri_pkcs11(uri);
	if (!token)
		return error_set(
		    err, ERROR_INVALID, "a file URI names no token");
	(void)p11_kit_uri_clear_attribute(token, CKA_LABEL);
	(void)p11_kit_uri_clear_attribute(token, CKA_ID);
	(void)p11_kit_uri_clear_attribute(token, CKA_CLASS);
	if (p11_kit_uri_format(token, P11_KIT_URI_FOR_ANY, ret_token))
		return error_no_memory(err);
	return ERROR_NONE;
}
