/* SPDX-License-Identifier: MIT */
#include "est_body.h"

#include <ctype.h>
#include <openssl/pkcs7.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"

#define LINE_LENGTH 64

DEFINE_CLEANUP(pkcs7, PKCS7, PKCS7_free)

/* Where the base64 begins: behind a line "-----BEGIN ...", if there is one. */
static const char *
skip_armour(const char *text)
{
	text += strspn(text, " \t\r\n");
	if (strncmp(text, "-----BEGIN", strlen("-----BEGIN")) != 0)
		return text;
	return text + strcspn(text, "\n");
}

enum error_code
est_body_decode(const char *text, unsigned char **ret_data, size_t *ret_length,
    struct error *err)
{
	CLEANUP(string) char *joined = malloc(strlen(text) + 1);
	size_t used = 0;

	if (!joined)
		return error_no_memory(err);
	for (const char *c = skip_armour(text); *c && *c != '-'; c++)
		if (!isspace((unsigned char)*c))
			joined[used++] = *c;
	joined[used] = '\0';
	if (base64_decode(joined, ret_data, ret_length, err))
		return error_set(err, ERROR_UPSTREAM,
		    "the answer is not base64, as RFC 7030 wants it");
	return ERROR_NONE;
}

char *
est_body_encode(const void *data, size_t length)
{
	CLEANUP(string) char *text = base64_encode(data, length);
	size_t rest = text ? strlen(text) : 0;
	char *lines = text ? malloc(rest + rest / LINE_LENGTH + 2) : NULL;
	char *end = lines;

	if (!lines)
		return NULL;
	for (const char *from = text; rest > 0;) {
		size_t part = rest < LINE_LENGTH ? rest : LINE_LENGTH;

		memcpy(end, from, part);
		end += part;
		*end++ = '\n';
		from += part;
		rest -= part;
	}
	*end = '\0';
	return lines;
}

static enum error_code
decode_pkcs7(const unsigned char *data, size_t length, PKCS7 **ret_message,
    struct error *err)
{
	const unsigned char *position = data;
	CLEANUP(pkcs7)
	PKCS7 *message = d2i_PKCS7(NULL, &position, (long)length);

	if (!message)
		return error_set_openssl(
		    err, ERROR_UPSTREAM, "the answer is no PKCS#7");
	if (position != data + length)
		return error_set(err, ERROR_UPSTREAM,
		    "the answer has more than a PKCS#7 in it");
	if (!PKCS7_type_is_signed(message) || !message->d.sign ||
	    sk_X509_num(message->d.sign->cert) < 1)
		return error_set(err, ERROR_UPSTREAM,
		    "the PKCS#7 of the answer holds no certificate");
	*ret_message = TAKE(message);
	return ERROR_NONE;
}

enum error_code
est_certificates(
    const char *text, x509_stack **ret_certificates, struct error *err)
{
	CLEANUP(bytes) unsigned char *data = NULL;
	CLEANUP(pkcs7) PKCS7 *message = NULL;
	size_t length;

	if (est_body_decode(text, &data, &length, err) ||
	    decode_pkcs7(data, length, &message, err))
		return err->code;
	if (sk_X509_num(message->d.sign->cert) > EST_CERTIFICATES_MAX)
		return error_set(err, ERROR_UPSTREAM,
		    "the answer holds more than %d certificates",
		    EST_CERTIFICATES_MAX);
	*ret_certificates = X509_chain_up_ref(message->d.sign->cert);
	return *ret_certificates ? ERROR_NONE : error_no_memory(err);
}
