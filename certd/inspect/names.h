/* SPDX-License-Identifier: MIT */
/* A name in a message: short, and without control characters. */
#ifndef CERTD_NAMES_H
#define CERTD_NAMES_H

#include "common/openssl.h"

#define NAME_TEXT_MAX 96

struct name_text {
	char text[NAME_TEXT_MAX];
};

/* "'CN=device,O=Contoso'" in quotes, cut if it is long. */
struct name_text name_of_subject(const X509 *certificate);

/* The name as RFC 2253 text, UTF-8 as it is. The caller frees *ret_text. */
MUST_CHECK enum error_code name_text(
    const X509_NAME *name, char **ret_text, struct error *err);

#endif
