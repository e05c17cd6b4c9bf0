/* SPDX-License-Identifier: MIT */
#include "common/public_key.h"

#include <openssl/asn1t.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <string.h>

static void
der_free(unsigned char *der)
{
	OPENSSL_free(der);
}

DEFINE_CLEANUP(der, unsigned char, der_free)

/* So that OpenSSL does not ask for one on the terminal. */
static const char no_passphrase[] = "";

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A library context that can do nothing, and so decodes no keys. */
static OSSL_LIB_CTX *barren;

static void
make_barren(void)
{
	OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();

	/* Without it the default provider would come in unasked. */
	if (context && !OSSL_PROVIDER_load(context, "null")) {
		OSSL_LIB_CTX_free(context);
		context = NULL;
	}
	barren = context;
}

/* The first PEM block called name. The caller frees *ret_der. */
static enum error_code
read_block(const char *pem, const char *name, const char *what,
    unsigned char **ret_der, long *ret_length, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new_mem_buf(pem, -1);

	if (!bio)
		return error_no_memory(err);
	if (PEM_bytes_read_bio(ret_der, ret_length, NULL, name, bio, NULL,
		(void *)(uintptr_t)no_passphrase) != 1)
		return error_set_openssl(err, ERROR_INVALID, what);
	return ERROR_NONE;
}

/* *ret_item, of type, is the caller's. */
static enum error_code
read_item(const char *pem, const char *name, const ASN1_ITEM *type,
    const char *what, void **ret_item, struct error *err)
{
	CLEANUP(der) unsigned char *der = NULL;
	const unsigned char *at;
	long length;
	void *item;

	(void)pthread_once(&once, make_barren);
	if (!barren)
		return error_no_memory(err);
	if (read_block(pem, name, what, &der, &length, err))
		return err->code;
	at = der;
	item = ASN1_item_d2i_ex(NULL, &at, length, type, barren, NULL);
	if (!item)
		return error_set_openssl(err, ERROR_INVALID, what);
	*ret_item = item;
	return ERROR_NONE;
}

enum error_code
request_from_pem_without_key(
    const char *pem, X509_REQ **ret_request, struct error *err)
{
	void *item;

	if (read_item(pem, PEM_STRING_X509_REQ, ASN1_ITEM_rptr(X509_REQ),
		"not a PEM certification request", &item, err))
		return err->code;
	*ret_request = item;
	return ERROR_NONE;
}

enum error_code
certificate_from_pem_without_key(
    const char *pem, X509 **ret_certificate, struct error *err)
{
	void *item;

	if (read_item(pem, PEM_STRING_X509, ASN1_ITEM_rptr(X509),
		"certificate 1", &item, err))
		return err->code;
	*ret_certificate = item;
	return ERROR_NONE;
}

enum error_code
certificates_from_pem_without_keys(
    const char *pem, x509_stack **ret_chain, struct error *err)
{
	(void)pthread_once(&once, make_barren);
	if (!barren)
		return error_no_memory(err);
	return certificates_from_pem_in(barren, pem, ret_chain, err);
}

/* The NIST curve that public_key says it is on, or NULL. */
static const char *
curve_of(const ASN1_OBJECT *type, const X509_ALGOR *algorithm)
{
	const void *value;
	int value_type;

	X509_ALGOR_get0(NULL, &value_type, &value, algorithm);
	if (OBJ_obj2nid(type) != NID_X9_62_id_ecPublicKey ||
	    value_type != V_ASN1_OBJECT)
		return NULL;
	switch (OBJ_obj2nid(value)) {
	case NID_X9_62_prime256v1:
		return SN_X9_62_prime256v1;
	case NID_secp384r1:
		return SN_secp384r1;
	case NID_secp521r1:
		return SN_secp521r1;
	default:
		return NULL;
	}
}

/* What most keys are, in a fourth of the time. */
static EVP_PKEY *
make_curve_key(const char *curve, const unsigned char *point, int length)
{
	CLEANUP(pkey_ctx)
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM parameters[] = {
	    OSSL_PARAM_construct_utf8_string(
		OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)curve, 0),
	    OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
		(void *)(uintptr_t)point, (size_t)length),
	    OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *key = NULL;

	if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) !=
		1)
		return NULL;
	return key;
}

static EVP_PKEY *
decode(const X509_PUBKEY *public_key)
{
	CLEANUP(der) unsigned char *der = NULL;
	int length = i2d_X509_PUBKEY(public_key, &der);
	const unsigned char *at = der;

	return length < 0 ? NULL : d2i_PUBKEY(NULL, &at, length);
}

enum error_code
public_key_read(
    const X509_PUBKEY *public_key, EVP_PKEY **ret_key, struct error *err)
{
	const unsigned char *bits;
	X509_ALGOR *algorithm;
	ASN1_OBJECT *type;
	const char *curve;
	EVP_PKEY *key;
	int length;

	if (!X509_PUBKEY_get0_param(
		&type, &bits, &length, &algorithm, public_key))
		return error_set_openssl(err, ERROR_INVALID, "a public key");
	curve = curve_of(type, algorithm);
	key = curve ? make_curve_key(curve, bits, length) : decode(public_key);
	if (!key)
		return error_set_openssl(err, ERROR_INVALID, "a public key");
	*ret_key = key;
	return ERROR_NONE;
}

enum error_code
public_key_of(const X509 *certificate, EVP_PKEY **ret_key, struct error *err)
{
	EVP_PKEY *key = X509_get0_pubkey(certificate);

	if (!key)
		return public_key_read(
		    X509_get_X509_PUBKEY(certificate), ret_key, err);
	(void)EVP_PKEY_up_ref(key);
	*ret_key = key;
	return ERROR_NONE;
}

enum error_code
public_key_copy(const X509_PUBKEY *from, X509_PUBKEY *to, struct error *err)
{
	X509_ALGOR *algorithm, *copied;
	const unsigned char *bits;
	unsigned char *own_bits;
	ASN1_OBJECT *type;
	int length;

	if (!X509_PUBKEY_get0_param(&type, &bits, &length, &algorithm, from))
		return error_set_openssl(err, ERROR_INTERNAL, "a public key");
	own_bits = OPENSSL_memdup(bits, (size_t)length);
	if (!own_bits)
		return error_no_memory(err);
	if (!X509_PUBKEY_set0_param(
		to, OBJ_dup(type), V_ASN1_UNDEF, NULL, own_bits, length)) {
		OPENSSL_free(own_bits);
		return error_no_memory(err);
	}
	if (!X509_PUBKEY_get0_param(NULL, NULL, NULL, &copied, to) ||
	    !X509_ALGOR_copy(copied, algorithm))
		return error_no_memory(err);
	return ERROR_NONE;
}

enum error_code
public_key_digest(const X509_PUBKEY *public_key, char ret_digest[static 65],
    struct error *err)
{
	CLEANUP(der) unsigned char *der = NULL;
	int length = i2d_X509_PUBKEY(public_key, &der);

	if (length < 0)
		return error_set_openssl(err, ERROR_INTERNAL, "a public key");
	return sha256_hex(der, (size_t)length, ret_digest, err);
}

enum error_code
public_key_pem_digest(
    const char *pem, char ret_digest[static 65], struct error *err)
{
	CLEANUP(der) unsigned char *der = NULL;
	long length;

	if (read_block(pem, PEM_STRING_PUBLIC, "not a PEM public key", &der,
		&length, err))
		return err->code;
	return sha256_hex(der, (size_t)length, ret_digest, err);
}

static bool
is_same_text(const X509_PUBKEY *one, const X509_PUBKEY *other)
{
	CLEANUP(der) unsigned char *der = NULL;
	CLEANUP(der) unsigned char *other_der = NULL;
	int length = i2d_X509_PUBKEY(one, &der);

	return length > 0 && i2d_X509_PUBKEY(other, &other_der) == length &&
	       memcmp(der, other_der, (size_t)length) == 0;
}

bool
public_key_equal(const X509_PUBKEY *one, const X509_PUBKEY *other)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	CLEANUP(pkey) EVP_PKEY *other_key = NULL;
	struct error ignored;
	bool is_equal;

	if (is_same_text(one, other))
		return true;
	is_equal = !public_key_read(one, &key, &ignored) &&
		   !public_key_read(other, &other_key, &ignored) &&
		   EVP_PKEY_eq(key, other_key) == 1;
	ERR_clear_error();
	return is_equal;
}
