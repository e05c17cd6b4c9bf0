/* SPDX-License-Identifier: MIT */
#include "https_tls.h"

#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int tls_index = -1;

static void
reserve_index(void)
{
	tls_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

/* Alerts with which a server says that it does not like the certificate. */
static bool
is_about_certificate(int description)
{
	switch (description) {
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
	case SSL_AD_CERTIFICATE_REVOKED:
	case SSL_AD_CERTIFICATE_EXPIRED:
	case SSL_AD_CERTIFICATE_UNKNOWN:
	case SSL_AD_UNKNOWN_CA:
	case SSL_AD_ACCESS_DENIED:
	case SSL_AD_DECRYPT_ERROR:
	case SSL_AD_CERTIFICATE_REQUIRED:
		return true;
	default:
		return false;
	}
}

/* Under TLS 1.3 the alert comes after our handshake is done, with a read. */
static void
record_alert(const SSL *ssl, int where, int value)
{
	struct https_tls *tls =
	    SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), tls_index);
	int description = value & 0xff;

	if (where != SSL_CB_READ_ALERT || !tls ||
	    description == SSL_AD_CLOSE_NOTIFY)
		return;
	tls->alert = description == SSL_AD_CERTIFICATE_REQUIRED
			 ? "certificate required" /* OpenSSL has no text */
			 : SSL_alert_desc_string_long(value);
	tls->alert_on_us = is_about_certificate(description);
}

static enum error_code
use_chain(const x509_stack *chain, SSL_CTX *context, struct error *err)
{
	if (sk_X509_num(chain) < 1)
		return error_set(
		    err, ERROR_INVALID, "there is no certificate for the key");
	if (!SSL_CTX_use_certificate(context, sk_X509_value(chain, 0)))
		return error_set_openssl(
		    err, ERROR_INVALID, "our certificate cannot be used");
	for (int i = 1; i < sk_X509_num(chain); i++)
		if (!SSL_CTX_add1_chain_cert(context, sk_X509_value(chain, i)))
			return error_set_openssl(err, ERROR_INVALID,
			    "our certificate chain cannot be used");
	return ERROR_NONE;
}

enum error_code
https_tls_prepare(struct https_tls *tls, SSL_CTX *context, struct error *err)
{
	(void)pthread_once(&once, reserve_index);
	if (!SSL_CTX_set_ex_data(context, tls_index, tls))
		return error_set_openssl(err, ERROR_INTERNAL, "TLS");
	SSL_CTX_set_info_callback(context, record_alert);
	if (!tls->key)
		return ERROR_NONE;

	if (use_chain(tls->chain, context, err))
		return err->code;
	if (!SSL_CTX_use_PrivateKey(context, tls->key) ||
	    !SSL_CTX_check_private_key(context))
		return error_set_openssl(err, ERROR_INVALID,
		    "our certificate and our key do not belong together");
	return ERROR_NONE;
}
