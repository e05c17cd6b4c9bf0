/* SPDX-License-Identifier: MIT */
#include "common/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/public_key.h"

#define SECONDS_PER_DAY 86400
#define FIRST_SECOND_OF_1900 INT64_C(-2208988800)
#define LAST_SECOND_OF_9999 INT64_C(253402300799)

void
x509_stack_free(x509_stack *chain)
{
	sk_X509_pop_free(chain, X509_free);
}

enum error_code
error_set_openssl(struct error *err, enum error_code code, const char *doing)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	ERR_clear_error();
	return error_set(err, code, "%s: %s", doing,
	    reason ? reason : "OpenSSL gives no reason");
}

/* Without it, OpenSSL would ask for a passphrase on the terminal. */
static int
refuse_passphrase(char *buffer, int size, int for_writing, void *context)
{
	*buffer = '\0';
	(void)size;
	(void)for_writing;
	(void)context;
	return -1;
}

static bool
is_last_error(int library, int reason)
{
	unsigned long last = ERR_peek_last_error();

	return ERR_GET_LIB(last) == library && ERR_GET_REASON(last) == reason;
}

/* A BIO that reads pem, which it borrows. */
static enum error_code
open_text(const char *pem, BIO **ret_bio, struct error *err)
{
	*ret_bio = BIO_new_mem_buf(pem, -1);
	return *ret_bio ? ERROR_NONE : error_no_memory(err);
}

/* Appends the certificates of bio to chain until there are no more. */
static enum error_code
read_certificates(
    BIO *bio, OSSL_LIB_CTX *context, x509_stack *chain, struct error *err)
{
	char doing[32];

	for (;;) {
		CLEANUP(x509) X509 *certificate = X509_new_ex(context, NULL);

		if (!certificate)
			return error_no_memory(err);
		if (!PEM_read_bio_X509(
			bio, &certificate, refuse_passphrase, NULL))
			break;
		if (!sk_X509_push(chain, certificate))
			return error_no_memory(err);
		(void)TAKE(certificate);
	}
	if (is_last_error(ERR_LIB_PEM, PEM_R_NO_START_LINE)) {
		ERR_clear_error();
		return ERROR_NONE;
	}
	(void)snprintf(
	    doing, sizeof(doing), "certificate %d", sk_X509_num(chain) + 1);
	return error_set_openssl(err, ERROR_INVALID, doing);
}

enum error_code
certificates_from_pem(
    const char *pem, x509_stack **ret_chain, struct error *err)
{
	return certificates_from_pem_in(NULL, pem, ret_chain, err);
}

enum error_code
certificates_from_pem_in(OSSL_LIB_CTX *context, const char *pem,
    x509_stack **ret_chain, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = sk_X509_new_null();
	CLEANUP(bio) BIO *bio = NULL;

	if (!chain)
		return error_no_memory(err);
	if (open_text(pem, &bio, err) ||
	    read_certificates(bio, context, chain, err))
		return err->code;
	if (sk_X509_num(chain) == 0)
		return error_set(
		    err, ERROR_INVALID, "there is no PEM certificate");
	*ret_chain = TAKE(chain);
	return ERROR_NONE;
}

/* What was written to bio, as a string. The caller frees it. */
static enum error_code
take_text(BIO *bio, char **ret_text, struct error *err)
{
	char *data;
	long length = BIO_get_mem_data(bio, &data);
	char *text = strndup(data, (size_t)length);

	if (!text)
		return error_no_memory(err);
	*ret_text = text;
	return ERROR_NONE;
}

enum error_code
certificates_to_pem(const x509_stack *chain, char **ret_pem, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_mem());

	if (!bio)
		return error_no_memory(err);
	for (int i = 0; i < sk_X509_num(chain); i++)
		if (!PEM_write_bio_X509(bio, sk_X509_value(chain, i)))
			return error_set_openssl(
			    err, ERROR_INTERNAL, "writing a certificate");
	return take_text(bio, ret_pem, err);
}

enum error_code
certificate_to_pem(const X509 *certificate, char **ret_pem, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_mem());

	if (!bio || !PEM_write_bio_X509(bio, certificate))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "writing a certificate");
	return take_text(bio, ret_pem, err);
}

enum error_code
request_to_pem(const X509_REQ *request, char **ret_pem, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_mem());

	if (!bio || !PEM_write_bio_X509_REQ(bio, request))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "writing a certification request");
	return take_text(bio, ret_pem, err);
}

enum error_code
public_key_to_pem(const EVP_PKEY *key, char **ret_pem, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_mem());

	if (!bio || !PEM_write_bio_PUBKEY(bio, key))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "writing a public key");
	return take_text(bio, ret_pem, err);
}

enum error_code
private_key_from_pem(const char *pem, EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(bio) BIO *bio = NULL;
	EVP_PKEY *key;

	if (open_text(pem, &bio, err))
		return err->code;
	key = PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, NULL);
	if (!key)
		return error_set_openssl(
		    err, ERROR_INVALID, "not an unencrypted PEM private key");
	*ret_key = key;
	return ERROR_NONE;
}

static const ASN1_STRING *
last_common_name(const X509_NAME *name)
{
	const ASN1_STRING *found = NULL;
	int at = -1;

	while ((at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0)
		found = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	return found;
}

enum error_code
name_common_name(const X509_NAME *name, char **ret_text, struct error *err)
{
	const ASN1_STRING *value = last_common_name(name);
	unsigned char *utf8 = NULL;
	int length;
	char *text;

	if (!value)
		return error_set(err, ERROR_INVALID, "the name has no CN");
	length = ASN1_STRING_to_UTF8(&utf8, value);
	if (length < 0)
		return error_set_openssl(
		    err, ERROR_INVALID, "the CN is not readable");

	text = strndup((const char *)utf8, (size_t)length);
	OPENSSL_free(utf8);
	if (!text)
		return error_no_memory(err);
	if (length == 0 || strlen(text) != (size_t)length) {
		free(text);
		return error_set(err, ERROR_INVALID,
		    length == 0 ? "the CN is empty" : "the CN has a NUL in it");
	}
	*ret_text = text;
	return ERROR_NONE;
}

enum error_code
name_from_common_name(
    const char *common_name, X509_NAME **ret_name, struct error *err)
{
	CLEANUP(x509_name) X509_NAME *name = X509_NAME_new();

	if (!name)
		return error_no_memory(err);
	/* OpenSSL's string table has the bounds 1 and 64. */
	if (!X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
		(const unsigned char *)common_name, -1, -1, 0))
		return error_set_openssl(
		    err, ERROR_INVALID, "a CN has 1 to 64 characters of UTF-8");
	*ret_name = TAKE(name);
	return ERROR_NONE;
}

enum error_code
time_from_asn1(const ASN1_TIME *time, int64_t *ret_when, struct error *err)
{
	struct tm parts;

	if (!ASN1_TIME_to_tm(time, &parts))
		return error_set_openssl(
		    err, ERROR_INVALID, "not a UTCTime or GeneralizedTime");
	*ret_when = (int64_t)timegm(&parts);
	return ERROR_NONE;
}

enum error_code
time_to_asn1(int64_t when, ASN1_TIME *time, struct error *err)
{
	if (when < FIRST_SECOND_OF_1900 || when > LAST_SECOND_OF_9999)
		return error_set(err, ERROR_INVALID,
		    "a certificate cannot hold a time outside 1900 to 9999");
	/* In days, since OpenSSL's time_t has 32 bits on some machines. */
	if (!ASN1_TIME_adj(time, 0, (int)(when / SECONDS_PER_DAY),
		(long)(when % SECONDS_PER_DAY)))
		return error_set_openssl(err, ERROR_INTERNAL, "ASN1_TIME_adj");
	return ERROR_NONE;
}

bool
certificate_matches_key(const X509 *certificate, const EVP_PKEY *key)
{
	CLEANUP(pkey) EVP_PKEY *public_key = NULL;
	struct error ignored;
	bool matches = !public_key_of(certificate, &public_key, &ignored) &&
		       EVP_PKEY_eq(public_key, key) == 1;

	ERR_clear_error();
	return matches;
}

bool
certificate_is_ca(const X509 *certificate)
{
	BASIC_CONSTRAINTS *constraints =
	    X509_get_ext_d2i(certificate, NID_basic_constraints, NULL, NULL);
	bool is_ca = constraints && constraints->ca;

	BASIC_CONSTRAINTS_free(constraints);
	ERR_clear_error();
	return is_ca;
}

long
certificate_path_length(const X509 *certificate)
{
	BASIC_CONSTRAINTS *constraints =
	    X509_get_ext_d2i(certificate, NID_basic_constraints, NULL, NULL);
	long length = CERTIFICATE_NO_PATH_LENGTH;

	if (constraints && constraints->pathlen)
		length = ASN1_INTEGER_get(constraints->pathlen);
	BASIC_CONSTRAINTS_free(constraints);
	ERR_clear_error();
	return length;
}

enum error_code
sha256_hex(
    const void *data, size_t length, char ret_hex[static 65], struct error *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size;

	if (!EVP_Digest(data, length, digest, &size, EVP_sha256(), NULL))
		return error_set_openssl(err, ERROR_INTERNAL, "SHA-256");
	for (unsigned i = 0; i < size; i++)
		(void)snprintf(ret_hex + (size_t)2 * i, 3, "%02x", digest[i]);
	return ERROR_NONE;
}

enum error_code
certificate_digest(
    const X509 *certificate, char ret_hex[static 65], struct error *err)
{
	unsigned char *der = NULL;
	int length = i2d_X509(certificate, &der);
	enum error_code code;

	if (length < 0)
		return error_set_openssl(
		    err, ERROR_INVALID, "writing a certificate");
	code = sha256_hex(der, (size_t)length, ret_hex, err);
	OPENSSL_free(der);
	return code;
}
