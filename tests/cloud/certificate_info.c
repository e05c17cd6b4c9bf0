/* SPDX-License-Identifier: MIT */
#include "certificate_info.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/base64.h"
#include "common/time.h"

DEFINE_CLEANUP(openssl_string, char, OPENSSL_free)

struct name_text
name_text(const X509_NAME *name)
{
	struct name_text result = {""};
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_mem());
	int length;

	/* ONELINE escapes what is not ASCII, so a cut leaves no half letter. */
	if (!bio || X509_NAME_print_ex(
			bio, name, 0, XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ) < 0)
		return result;
	length = BIO_read(bio, result.text, sizeof(result.text) - 1);
	result.text[length > 0 ? length : 0] = '\0';
	return result;
}

enum error_code
thumbprint_create(const X509 *certificate, const EVP_MD *algorithm,
    struct thumbprint *ret_thumbprint, struct error *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length;

	if (!X509_digest(certificate, algorithm, digest, &length))
		return error_set_openssl(err, ERROR_INTERNAL, "thumbprint");
	for (unsigned i = 0; i < length && i < SHA256_DIGEST_LENGTH; i++)
		(void)snprintf(
		    ret_thumbprint->text + (size_t)2 * i, 3, "%02X", digest[i]);
	return ERROR_NONE;
}

static enum error_code
serial_text(const X509 *certificate, char **ret_text, struct error *err)
{
	CLEANUP(bignum)
	BIGNUM *number =
	    ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);

	*ret_text = number ? BN_bn2hex(number) : NULL;
	return *ret_text
		   ? ERROR_NONE
		   : error_set_openssl(err, ERROR_INVALID, "serial number");
}

enum error_code
certificate_info(const X509 *certificate, json_t **ret_info, struct error *err)
{
	CLEANUP(openssl_string) char *serial = NULL;
	struct name_text subject =
	    name_text(X509_get_subject_name(certificate));
	struct name_text issuer = name_text(X509_get_issuer_name(certificate));
	struct thumbprint sha1, sha256;
	int64_t begin, end;

	if (thumbprint_create(certificate, EVP_sha1(), &sha1, err) ||
	    thumbprint_create(certificate, EVP_sha256(), &sha256, err) ||
	    time_from_asn1(X509_get0_notBefore(certificate), &begin, err) ||
	    time_from_asn1(X509_get0_notAfter(certificate), &end, err) ||
	    serial_text(certificate, &serial, err))
		return err->code;

	*ret_info = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i}",
	    "subjectName", subject.text, "sha1Thumbprint", sha1.text,
	    "sha256Thumbprint", sha256.text, "issuerName", issuer.text,
	    "notBeforeUtc", time_format(begin).text, "notAfterUtc",
	    time_format(end).text, "serialNumber", serial, "version",
	    (int)X509_get_version(certificate) + 1);
	return *ret_info
		   ? ERROR_NONE
		   : error_set(err, ERROR_INVALID,
			 "the certificate's names cannot be shown as text");
}

enum error_code
certificate_from_der(
    const void *der, size_t length, X509 **ret_certificate, struct error *err)
{
	const unsigned char *at = der;
	CLEANUP(x509) X509 *certificate = NULL;

	if (length <= LONG_MAX)
		certificate = d2i_X509(NULL, &at, (long)length);
	if (!certificate)
		return error_set_openssl(
		    err, ERROR_INVALID, "not a DER certificate");
	if (at != (const unsigned char *)der + length)
		return error_set(
		    err, ERROR_INVALID, "there is more behind the certificate");
	*ret_certificate = TAKE(certificate);
	return ERROR_NONE;
}

static enum error_code
certificate_from_base64(
    const char *text, X509 **ret_certificate, struct error *err)
{
	CLEANUP(string) char *compact = strdup(text);
	CLEANUP(bytes) unsigned char *der = NULL;
	size_t length = 0;

	if (!compact)
		return error_no_memory(err);
	for (const char *c = text; *c; c++)
		if (!strchr(" \t\r\n", *c))
			compact[length++] = *c;
	compact[length] = '\0';
	if (base64_decode(compact, &der, &length, err))
		return error_set(err, ERROR_INVALID,
		    "the certificate is neither PEM nor base64 of DER");
	return certificate_from_der(der, length, ret_certificate, err);
}

enum error_code
certificate_from_text(
    const char *text, X509 **ret_certificate, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;

	if (!strstr(text, "-----BEGIN"))
		return certificate_from_base64(text, ret_certificate, err);
	if (certificates_from_pem(text, &chain, err))
		return err->code;
	*ret_certificate = sk_X509_shift(chain);
	return ERROR_NONE;
}

char *
certificate_text(const void *data, size_t length)
{
	return memmem(data, length, "-----BEGIN", 10)
		   ? strndup(data, length)
		   : base64_encode(data, length);
}

/* NIST's names where OpenSSL has older ones. */
static const char *
curve_name(const char *group)
{
	static const struct {
		const char *openssl;
		const char *nist;
	} names[] = {
	    {"prime256v1", "P-256"},
	    {"secp384r1",  "P-384"},
	    {"secp521r1",  "P-521"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i].openssl, group) == 0)
			return names[i].nist;
	return group;
}

struct key_text
key_text(const X509 *certificate)
{
	struct key_text result = {"unknown"};
	const EVP_PKEY *key = X509_get0_pubkey(certificate);
	char group[24];

	if (key && EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL))
		(void)snprintf(result.text, sizeof(result.text), "EC %s",
		    curve_name(group));
	else if (key)
		(void)snprintf(result.text, sizeof(result.text), "%s %d",
		    EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key));
	return result;
}
