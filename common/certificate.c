/* SPDX-License-Identifier: MIT */
#include "common/certificate.h"

#include <string.h>

#include "common/public_key.h"

#define ASN1_TRUE 0xff
#define SERIAL_BITS 128
#define P256_BITS 256
#define P384_BITS 384

/* Positions in the KeyUsage bit string, RFC 5280 section 4.2.1.3. */
enum key_usage_bit {
	DIGITAL_SIGNATURE = 0,
	KEY_ENCIPHERMENT = 2,
	KEY_CERT_SIGN = 5,
	CRL_SIGN = 6,
};

DEFINE_CLEANUP(authority_key_id, AUTHORITY_KEYID, AUTHORITY_KEYID_free)
DEFINE_CLEANUP(basic_constraints, BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free)
DEFINE_CLEANUP(bit_string, ASN1_BIT_STRING, ASN1_BIT_STRING_free)
DEFINE_CLEANUP(ia5_string, ASN1_IA5STRING, ASN1_IA5STRING_free)
DEFINE_CLEANUP(key_usages, EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free)
DEFINE_CLEANUP(octet_string, ASN1_OCTET_STRING, ASN1_OCTET_STRING_free)

static enum error_code
add_extension(
    X509 *certificate, int nid, void *value, bool critical, struct error *err)
{
	if (X509_add1_ext_i2d(certificate, nid, value, critical, 0) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, OBJ_nid2ln(nid));
	return ERROR_NONE;
}

static enum error_code
add_basic_constraints(
    X509 *certificate, const struct certificate_plan *plan, struct error *err)
{
	CLEANUP(basic_constraints)
	BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();

	if (!constraints)
		return error_no_memory(err);
	constraints->ca = plan->is_ca ? ASN1_TRUE : 0;
	if (plan->is_ca && plan->path_length != CERTIFICATE_NO_PATH_LENGTH) {
		constraints->pathlen = ASN1_INTEGER_new();
		if (!constraints->pathlen ||
		    !ASN1_INTEGER_set(constraints->pathlen, plan->path_length))
			return error_no_memory(err);
	}
	return add_extension(
	    certificate, NID_basic_constraints, constraints, true, err);
}

static bool
set_usage(ASN1_BIT_STRING *usage, enum key_usage_bit bit, bool value)
{
	return !value || ASN1_BIT_STRING_set_bit(usage, (int)bit, 1);
}

/* For any padding, not for RSA-PSS alone. */
static bool
is_for_rsa(const X509 *certificate)
{
	ASN1_OBJECT *type;

	return X509_PUBKEY_get0_param(&type, NULL, NULL, NULL,
		   X509_get_X509_PUBKEY(certificate)) &&
	       OBJ_obj2nid(type) == NID_rsaEncryption;
}

static enum error_code
add_key_usage(
    X509 *certificate, const struct certificate_plan *plan, struct error *err)
{
	CLEANUP(bit_string) ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();
	bool is_rsa = is_for_rsa(certificate);

	if (!usage || !set_usage(usage, DIGITAL_SIGNATURE, true) ||
	    !set_usage(usage, KEY_ENCIPHERMENT, !plan->is_ca && is_rsa) ||
	    !set_usage(usage, KEY_CERT_SIGN, plan->is_ca) ||
	    !set_usage(usage, CRL_SIGN, plan->is_ca))
		return error_no_memory(err);
	return add_extension(certificate, NID_key_usage, usage, true, err);
}

static bool
push_usage(EXTENDED_KEY_USAGE *usages, int nid, bool wanted)
{
	return !wanted || sk_ASN1_OBJECT_push(usages, OBJ_nid2obj(nid)) > 0;
}

static enum error_code
add_extended_key_usage(
    X509 *certificate, const struct certificate_plan *plan, struct error *err)
{
	CLEANUP(key_usages)
	EXTENDED_KEY_USAGE *usages = EXTENDED_KEY_USAGE_new();

	if (!plan->for_client && !plan->for_server)
		return ERROR_NONE;
	if (!usages || !push_usage(usages, NID_client_auth, plan->for_client) ||
	    !push_usage(usages, NID_server_auth, plan->for_server))
		return error_no_memory(err);
	return add_extension(
	    certificate, NID_ext_key_usage, usages, false, err);
}

/* SHA-1 of the public key, RFC 5280 section 4.2.1.2 (1): a name, no proof. */
static enum error_code
key_id_of(
    const X509 *certificate, ASN1_OCTET_STRING **ret_id, struct error *err)
{
	CLEANUP(octet_string) ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length;

	if (!id ||
	    !X509_pubkey_digest(certificate, EVP_sha1(), digest, &length) ||
	    !ASN1_OCTET_STRING_set(id, digest, (int)length))
		return error_set_openssl(err, ERROR_INTERNAL, "key identifier");
	*ret_id = TAKE(id);
	return ERROR_NONE;
}

static enum error_code
add_subject_key_id(X509 *certificate, struct error *err)
{
	CLEANUP(octet_string) ASN1_OCTET_STRING *id = NULL;

	if (key_id_of(certificate, &id, err))
		return err->code;
	return add_extension(
	    certificate, NID_subject_key_identifier, id, false, err);
}

/* An issuer without a subject key id of its own gets the one it would have. */
static enum error_code
add_authority_key_id(X509 *certificate, const X509 *issuer, struct error *err)
{
	CLEANUP(authority_key_id)
	AUTHORITY_KEYID *authority = AUTHORITY_KEYID_new();

	if (!authority)
		return error_no_memory(err);
	authority->keyid =
	    X509_get_ext_d2i(issuer, NID_subject_key_identifier, NULL, NULL);
	if (!authority->keyid && key_id_of(issuer, &authority->keyid, err))
		return err->code;
	return add_extension(
	    certificate, NID_authority_key_identifier, authority, false, err);
}

static enum error_code
add_alternative_names(
    X509 *certificate, const struct certificate_plan *plan, struct error *err)
{
	if (!plan->alternative_names)
		return ERROR_NONE;
	return add_extension(certificate, NID_subject_alt_name,
	    plan->alternative_names, false, err);
}

static enum error_code
add_comment(X509 *certificate, const char *comment, struct error *err)
{
	CLEANUP(ia5_string) ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	if (!comment)
		return ERROR_NONE;
	if (!text || !ASN1_STRING_set(text, comment, -1))
		return error_no_memory(err);
	return add_extension(
	    certificate, NID_netscape_comment, text, false, err);
}

static enum error_code
add_key_ids(
    X509 *certificate, const struct certificate_plan *plan, struct error *err)
{
	if (X509_get_ext_by_NID(certificate, NID_subject_key_identifier, -1) <
		0 &&
	    add_subject_key_id(certificate, err))
		return err->code;
	if (plan->issuer &&
	    X509_get_ext_by_NID(certificate, NID_authority_key_identifier, -1) <
		0 &&
	    add_authority_key_id(certificate, plan->issuer, err))
		return err->code;
	return ERROR_NONE;
}

/* Word for word what somebody else has decided. */
static enum error_code
copy_extensions(
    X509 *certificate, const struct certificate_plan *plan, struct error *err)
{
	for (int i = 0; i < sk_X509_EXTENSION_num(plan->extensions); i++)
		if (!X509_add_ext(certificate,
			sk_X509_EXTENSION_value(plan->extensions, i), -1))
			return error_set_openssl(
			    err, ERROR_INTERNAL, "copying an extension");
	return add_key_ids(certificate, plan, err);
}

static enum error_code
add_extensions(
    X509 *certificate, const struct certificate_plan *plan, struct error *err)
{
	if (plan->extensions)
		return copy_extensions(certificate, plan, err);
	if (add_basic_constraints(certificate, plan, err) ||
	    add_key_usage(certificate, plan, err) ||
	    add_extended_key_usage(certificate, plan, err) ||
	    add_key_ids(certificate, plan, err) ||
	    add_alternative_names(certificate, plan, err))
		return err->code;
	return add_comment(certificate, plan->comment, err);
}

/* RFC 5280 section 4.1.2.2: positive, unique, at most 20 octets. */
static enum error_code
set_serial(X509 *certificate, struct error *err)
{
	CLEANUP(bignum) BIGNUM *number = BN_new();

	if (!number ||
	    !BN_rand(
		number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) ||
	    !BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)))
		return error_set_openssl(err, ERROR_INTERNAL, "serial number");
	return ERROR_NONE;
}

static enum error_code
set_dates(
    X509 *certificate, const struct certificate_plan *plan, struct error *err)
{
	if (time_to_asn1(
		plan->not_before, X509_getm_notBefore(certificate), err) ||
	    time_to_asn1(plan->not_after, X509_getm_notAfter(certificate), err))
		return error_wrap(err, "validity of the certificate");
	return ERROR_NONE;
}

/* What a request brings is not decoded to be encoded again. */
static enum error_code
set_key(
    X509 *certificate, const struct certificate_plan *plan, struct error *err)
{
	if (plan->request_key)
		return public_key_copy(
		    plan->request_key, X509_get_X509_PUBKEY(certificate), err);
	if (!X509_set_pubkey(certificate, plan->public_key))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "the key of the certificate");
	return ERROR_NONE;
}

static enum error_code
set_names(
    X509 *certificate, const struct certificate_plan *plan, struct error *err)
{
	const X509_NAME *issuer =
	    plan->issuer ? X509_get_subject_name(plan->issuer) : plan->subject;

	if (!X509_set_version(certificate, X509_VERSION_3) ||
	    !X509_set_subject_name(certificate, plan->subject) ||
	    !X509_set_issuer_name(certificate, issuer))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "building the certificate");
	return ERROR_NONE;
}

static const EVP_MD *
choose_digest(const EVP_PKEY *key, const EVP_MD *wanted)
{
	int bits = EVP_PKEY_get_bits(key);

	if (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448"))
		return NULL; /* hashes by itself */
	if (wanted)
		return wanted;
	if (!EVP_PKEY_is_a(key, "EC") || bits <= P256_BITS)
		return EVP_sha256();
	return bits <= P384_BITS ? EVP_sha384() : EVP_sha512();
}

enum error_code
certificate_create(const struct certificate_plan *plan, EVP_PKEY *signing_key,
    X509 **ret_certificate, struct error *err)
{
	CLEANUP(x509) X509 *certificate = X509_new();

	if (!certificate)
		return error_no_memory(err);
	if (set_names(certificate, plan, err) ||
	    set_key(certificate, plan, err) || set_serial(certificate, err) ||
	    set_dates(certificate, plan, err) ||
	    add_extensions(certificate, plan, err))
		return err->code;
	if (!X509_sign(certificate, signing_key,
		choose_digest(signing_key, plan->digest)))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "signing the certificate");
	*ret_certificate = TAKE(certificate);
	return ERROR_NONE;
}
