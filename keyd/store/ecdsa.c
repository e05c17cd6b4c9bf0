/* SPDX-License-Identifier: MIT */
#include "ecdsa.h"

#include <openssl/ecdsa.h>

DEFINE_CLEANUP(ecdsa_sig, ECDSA_SIG, ECDSA_SIG_free)

enum error_code
ecdsa_to_der(const struct key_signature *raw, struct key_signature *ret_der,
    struct error *err)
{
	CLEANUP(ecdsa_sig) ECDSA_SIG *signature = ECDSA_SIG_new();
	int half = (int)(raw->length / 2);
	CLEANUP(bignum) BIGNUM *r = BN_bin2bn(raw->data, half, NULL);
	CLEANUP(bignum) BIGNUM *s = BN_bin2bn(raw->data + half, half, NULL);
	unsigned char *position = ret_der->data;
	int length;

	if (!signature || !r || !s || !ECDSA_SIG_set0(signature, r, s))
		return error_set_openssl(err, ERROR_INTERNAL, "ECDSA_SIG_set0");
	(void)TAKE(r);
	(void)TAKE(s);
	/* At most 139 bytes (P-521), so it fits. */
	length = i2d_ECDSA_SIG(signature, &position);
	if (length <= 0)
		return error_set_openssl(err, ERROR_INTERNAL, "i2d_ECDSA_SIG");
	ret_der->length = (size_t)length;
	return ERROR_NONE;
}

enum error_code
ecdsa_from_der(const struct key_signature *der, size_t size,
    struct key_signature *ret_raw, struct error *err)
{
	const unsigned char *position = der->data;
	CLEANUP(ecdsa_sig)
	ECDSA_SIG *signature =
	    d2i_ECDSA_SIG(NULL, &position, (long)der->length);

	if (!signature ||
	    BN_bn2binpad(
		ECDSA_SIG_get0_r(signature), ret_raw->data, (int)size) < 0 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(signature), ret_raw->data + size,
		(int)size) < 0)
		return error_set_openssl(
		    err, ERROR_INTERNAL, "ECDSA-Sig-Value");
	ret_raw->length = 2 * size;
	return ERROR_NONE;
}
