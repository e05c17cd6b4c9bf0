/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

enum error_code
name_text(const X509_NAME *name, char **ret_text, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_mem());
	/* UTF-8 as it is, control characters escaped. */
	unsigned long flags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
	char *data;
	long length;

	if (!bio || X509_NAME_print_ex(bio, name, 0, flags) < 0)
		return error_set_openssl(err, ERROR_INVALID, "name");
	length = BIO_get_mem_data(bio, &data);
	/* What stands in a name need not be text. */
	*ret_text = utf8_repair(data, (size_t)length);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

/* The first bytes of text that are whole characters of UTF-8. */
static int
whole_length(const char *text, size_t most)
{
	size_t length = strlen(text);

	if (length <= most)
		return (int)length;
	while (most > 0 && ((unsigned char)text[most] & 0xc0U) == 0x80)
		most--;
	return (int)most;
}

struct name_text
name_of_subject(const X509 *certificate)
{
	struct name_text short_text = {"a certificate"};
	CLEANUP(string) char *text = NULL;
	struct error err;

	if (!name_text(X509_get_subject_name(certificate), &text, &err))
		(void)snprintf(short_text.text, sizeof(short_text.text),
		    "'%.*s'", whole_length(text, NAME_TEXT_MAX - 3), text);
	return short_text;
}
