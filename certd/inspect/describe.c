/* SPDX-License-Identifier: MIT */
#include "describe.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "common/public_key.h"
#include "common/utf8.h"
#include "names.h"

void
description_done(struct description *description)
{
	free(description->subject);
	free(description->issuer);
	free(description->serial);
	free(description->names);
	free(description->key_usage);
	free(description->extended_key_usage);
	*description = (struct description){0};
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

static void
hex_of(const unsigned char *bytes, size_t length, char *ret_hex)
{
	for (size_t i = 0; i < length; i++)
		(void)snprintf(ret_hex + 2 * i, 3, "%02x", bytes[i]);
}

static enum error_code
set_digests(
    const X509 *certificate, struct description *description, struct error *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length;

	if (!X509_pubkey_digest(certificate, EVP_sha1(), digest, &length))
		return error_set_openssl(err, ERROR_INVALID, "public key");
	hex_of(digest, SHA_DIGEST_LENGTH, description->key_id);
	return certificate_digest(certificate, description->fingerprint, err);
}

/* "EC P-256"; a key that OpenSSL does not know is "unknown". */
static void
set_key(const X509 *certificate, struct description *description)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	char group[16] = "";
	struct error ignored;
	size_t length;

	if (public_key_of(certificate, &key, &ignored))
		key = NULL;
	if (key && EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_utf8_string_param(
		key, "group", group, sizeof(group), &length)) {
		const char *name = EC_curve_nid2nist(OBJ_sn2nid(group));

		(void)snprintf(description->key, DESCRIPTION_KEY_MAX, "EC %s",
		    name ? name : group);
	} else if (key && EVP_PKEY_is_a(key, "RSA")) {
		(void)snprintf(description->key, DESCRIPTION_KEY_MAX, "RSA %d",
		    EVP_PKEY_get_bits(key));
	} else {
		const char *name = key ? EVP_PKEY_get0_type_name(key) : NULL;

		(void)snprintf(description->key, DESCRIPTION_KEY_MAX, "%s",
		    name ? name : "unknown");
	}
	ERR_clear_error();
}

/*
 * The extension nid in OpenSSL's words. *ret_text stays NULL, which is
 * success, if there is none.
 */
static enum error_code
extension_text(
    const X509 *certificate, int nid, char **ret_text, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_mem());
	int position = X509_get_ext_by_NID(certificate, nid, -1);
	char *data;
	long length;

	if (!bio)
		return error_no_memory(err);
	if (position < 0)
		return ERROR_NONE;
	if (!X509V3_EXT_print(bio, X509_get_ext(certificate, position), 0, 0))
		return error_set_openssl(err, ERROR_INVALID, OBJ_nid2ln(nid));
	length = BIO_get_mem_data(bio, &data);
	*ret_text = utf8_repair(data, (size_t)length);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
set_extensions(
    const X509 *certificate, struct description *description, struct error *err)
{
	if (extension_text(
		certificate, NID_subject_alt_name, &description->names, err) ||
	    extension_text(
		certificate, NID_key_usage, &description->key_usage, err) ||
	    extension_text(certificate, NID_ext_key_usage,
		&description->extended_key_usage, err))
		return err->code;
	return ERROR_NONE;
}

enum error_code
certificate_describe(const X509 *certificate,
    struct description *ret_description, struct error *err)
{
	CLEANUP_DONE(description)
	struct description description = {
	    .is_ca = certificate_is_ca(certificate),
	    .path_length = certificate_path_length(certificate)};

	if (name_text(X509_get_subject_name(certificate), &description.subject,
		err) ||
	    name_text(
		X509_get_issuer_name(certificate), &description.issuer, err) ||
	    serial_text(certificate, &description.serial, err) ||
	    time_from_asn1(X509_get0_notBefore(certificate),
		&description.not_before, err) ||
	    time_from_asn1(
		X509_get0_notAfter(certificate), &description.not_after, err) ||
	    set_digests(certificate, &description, err) ||
	    set_extensions(certificate, &description, err))
		return err->code;
	set_key(certificate, &description);
	*ret_description = TAKE_CONTENTS(description);
	return ERROR_NONE;
}
