/* SPDX-License-Identifier: MIT */
#include "csr.h"

#include "common/public_key.h"

static enum error_code
check_key(const EVP_PKEY *key, struct error *err)
{
	int bits = EVP_PKEY_get_security_bits(key);

	if (bits < CSR_SECURITY_BITS_MIN)
		return error_set(err, ERROR_INVALID,
		    "the request's key has %d bits of security, %d are "
		    "needed (RSA from 2048 bits on, EC from P-224 on)",
		    bits, CSR_SECURITY_BITS_MIN);
	return ERROR_NONE;
}

enum error_code
csr_read(const char *pem, X509_REQ **ret_request, struct error *err)
{
	CLEANUP(x509_req) X509_REQ *request = NULL;
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	if (request_from_pem_without_key(pem, &request, err))
		return err->code;
	if (public_key_read(X509_REQ_get_X509_PUBKEY(request), &key, err))
		return error_wrap(err, "the request's key is not readable");
	if (check_key(key, err))
		return err->code;
	if (X509_REQ_verify(request, key) != 1)
		return error_set_openssl(err, ERROR_INVALID,
		    "the request is not signed by the key in it");
	*ret_request = TAKE(request);
	return ERROR_NONE;
}
