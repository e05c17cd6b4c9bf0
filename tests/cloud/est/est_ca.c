/* SPDX-License-Identifier: MIT */
#include "est_ca.h"

#include <openssl/pkcs7.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/openssl_key.h"
#include "pki.h"
#include "settings.h"

DEFINE_CLEANUP(pkcs7, PKCS7, PKCS7_free)
DEFINE_CLEANUP(der, unsigned char, OPENSSL_free)

void
est_ca_close(struct est_ca *ca)
{
	if (!ca)
		return;
	x509_stack_free(ca->chain);
	EVP_PKEY_free(ca->key);
	free(ca);
}

static enum error_code
open_key(struct database *database, EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(secret) char *key = NULL;
	CLEANUP(string) char *module = NULL;

	if (setting_get(database, SETTING_EST_KEY, &key, err))
		return err->code;
	if (strncmp(key, "pkcs11:", strlen("pkcs11:")) != 0)
		return private_key_from_pem(key, ret_key, err);
	if (setting_get(database, SETTING_EST_MODULE, &module, err))
		return err->code;
	return openssl_key_load_uri(key, module, ret_key, err);
}

enum error_code
est_ca_open(
    struct database *database, struct est_ca **ret_ca, struct error *err)
{
	CLEANUP(est_ca) struct est_ca *ca = calloc(1, sizeof(*ca));
	CLEANUP(string) char *chain = NULL;

	if (!ca)
		return error_no_memory(err);
	if (setting_get(database, SETTING_EST_CHAIN, &chain, err) ||
	    certificates_from_pem(chain, &ca->chain, err) ||
	    open_key(database, &ca->key, err))
		return error_wrap(err, "the EST server's CA");
	if (!certificate_matches_key(sk_X509_value(ca->chain, 0), ca->key))
		return error_set(err, ERROR_INVALID,
		    "the EST server's CA certificate is for another key");
	*ret_ca = TAKE(ca);
	return ERROR_NONE;
}

enum error_code
est_ca_use_token(struct database *database, const char *uri, const char *module,
    struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	CLEANUP(string) char *ca = NULL;
	CLEANUP(secret) char *ca_key = NULL;
	CLEANUP(string) char *chain = NULL;

	if (openssl_key_load_uri(uri, module, &key, err) ||
	    setting_get(database, SETTING_CA_CERTIFICATE, &ca, err) ||
	    setting_get(database, SETTING_CA_KEY, &ca_key, err) ||
	    pki_create_est_ca(key, ca, ca_key, &chain, err) ||
	    setting_put(database, SETTING_EST_KEY, uri, err) ||
	    setting_put(database, SETTING_EST_MODULE, module, err))
		return err->code;
	return setting_put(database, SETTING_EST_CHAIN, chain, err);
}

enum error_code
est_certificates_only(
    const x509_stack *certificates, char **ret_text, struct error *err)
{
	CLEANUP(pkcs7) PKCS7 *message = PKCS7_new();
	CLEANUP(der) unsigned char *der = NULL;
	int length;

	if (!message || !PKCS7_set_type(message, NID_pkcs7_signed) ||
	    !PKCS7_content_new(message, NID_pkcs7_data) ||
	    !PKCS7_set_detached(message, 1))
		return error_set_openssl(err, ERROR_INTERNAL, "PKCS#7");
	for (int i = 0; i < sk_X509_num(certificates); i++)
		if (!PKCS7_add_certificate(
			message, sk_X509_value(certificates, i)))
			return error_set_openssl(err, ERROR_INTERNAL, "PKCS#7");
	length = i2d_PKCS7(message, &der);
	if (length < 0)
		return error_set_openssl(err, ERROR_INTERNAL, "PKCS#7");
	*ret_text = base64_encode(der, (size_t)length);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}
