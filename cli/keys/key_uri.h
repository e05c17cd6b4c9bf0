/* SPDX-License-Identifier: MIT */
/* Questions about the text of a key's or a certificate's URI. */
#ifndef CLI_KEY_URI_H
#define CLI_KEY_URI_H

#include "common/uri.h"

/* True if text is a URI of kind; NULL is none. */
bool key_uri_is(const char *text, enum uri_kind kind);

/* True if text is a pkcs11 URI that says which object it means. */
bool key_uri_names_object(const char *text);

/*
 * The token part of text, a pkcs11 URI, with its PIN. The caller owns it:
 * secret_free(). NULL: no memory.
 */
char *key_uri_token(const char *text);

#endif
