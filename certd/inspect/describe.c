/* SPDX-License-Identifier: MIT */
#include "describe.h"

#include <string.h>

void
description_done(struct description *description)
{
	free(description->subject);
	free(description->issuer);
	free(description->serial);
	*description = (struct description){0};
}

static enum error_code
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
	*ret_text = strndup(data, (size_t)length);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
serial_text(const X509 *certificate, char **ret_text, struct error *err)
{
	CLEANUP(bignum)
	BIGNUM *number =
	    ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	char *hex = number ? BN_bn2hex(number) : NULL;

	if (!hex)
		return error_set_openssl(err, ERROR_INVALID, "serial number");
	*ret_text = strdup(hex);
	OPENSSL_free(hex);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

enum error_code
certificate_describe(const X509 *certificate,
    struct description *ret_description, struct error *err)
{
	CLEANUP_DONE(description)
	struct description description = {
	    .is_ca = certificate_is_ca(certificate)};

	if (name_text(X509_get_subject_name(certificate), &description.subject,
		err) ||
	    name_text(
		X509_get_issuer_name(certificate), &description.issuer, err) ||
	    serial_text(certificate, &description.serial, err) ||
	    time_from_asn1(X509_get0_notBefore(certificate),
		&description.not_before, err) ||
	    time_from_asn1(
		X509_get0_notAfter(certificate), &description.not_after, err))
		return err->code;
	*ret_description = TAKE_CONTENTS(description);
	return ERROR_NONE;
}
