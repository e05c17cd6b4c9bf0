/* SPDX-License-Identifier: MIT */
#include "pki.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <string.h>

#include "common/certificate.h"
#include "common/file.h"
#include "common/time.h"

#define SECONDS_PER_DAY INT64_C(86400)
#define LIFETIME_DAYS 3650
#define EST_CA_PATH_LENGTH 2 /* of the EST server's CA */

DEFINE_CLEANUP(general_names, GENERAL_NAMES, GENERAL_NAMES_free)

void
pki_done(struct pki *pki)
{
	free(pki->ca_certificate);
	secret_free(pki->ca_key);
	free(pki->server_certificate);
	secret_free(pki->server_key);
	free(pki->est_chain);
	secret_free(pki->est_key);
	*pki = (struct pki){0};
}

enum error_code
pki_create_key(EVP_PKEY **ret_key, struct error *err)
{
	*ret_key = EVP_EC_gen("P-256");
	return *ret_key ? ERROR_NONE
			: error_set_openssl(err, ERROR_INTERNAL, "EC key");
}

static enum error_code
key_to_pem(const EVP_PKEY *key, char **ret_pem, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_secmem());
	char *data;
	long length;

	if (!bio ||
	    !PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		return error_set_openssl(err, ERROR_INTERNAL, "private key");
	length = BIO_get_mem_data(bio, &data);
	*ret_pem = strndup(data, (size_t)length);
	return *ret_pem ? ERROR_NONE : error_no_memory(err);
}

static void
set_lifetime(struct certificate_plan *plan)
{
	plan->not_before = time_now() - SECONDS_PER_DAY;
	plan->not_after = time_now() + LIFETIME_DAYS * SECONDS_PER_DAY;
}

static enum error_code
create_certificate(struct certificate_plan *plan, const char *common_name,
    EVP_PKEY *signing_key, X509 **ret_certificate, struct error *err)
{
	CLEANUP(x509_name) X509_NAME *subject = NULL;

	if (name_from_common_name(common_name, &subject, err))
		return err->code;
	plan->subject = subject;
	if (!plan->not_after)
		set_lifetime(plan);
	return certificate_create(plan, signing_key, ret_certificate, err);
}

/* Ours, and those that Azure's own clients insist on. */
static const struct {
	int type;
	const char *text;
} server_names[] = {
    {GEN_DNS,   "localhost"                       },
    {GEN_IPADD, "127.0.0.1"                       },
    {GEN_IPADD, "::1"			     },
    {GEN_DNS,   "*.azure-devices-provisioning.net"},
    {GEN_DNS,   "*.azure-devices.net"             },
};

static enum error_code
add_name(GENERAL_NAMES *names, int type, const char *text, struct error *err)
{
	GENERAL_NAME *name = a2i_GENERAL_NAME(NULL, NULL, NULL, type, text, 0);

	if (!name || !sk_GENERAL_NAME_push(names, name)) {
		GENERAL_NAME_free(name);
		return error_set_openssl(
		    err, ERROR_INTERNAL, "alternative name");
	}
	return ERROR_NONE;
}

static enum error_code
add_server_names(GENERAL_NAMES *names, struct error *err)
{
	for (size_t i = 0; i < sizeof(server_names) / sizeof(server_names[0]);
	     i++)
		if (add_name(
			names, server_names[i].type, server_names[i].text, err))
			return err->code;
	return ERROR_NONE;
}

static enum error_code
create_server_certificate(EVP_PKEY *key, const X509 *ca, EVP_PKEY *ca_key,
    enum pki_flaw flaw, X509 **ret_certificate, struct error *err)
{
	const char *name =
	    flaw == PKI_WRONG_NAME ? "wrong.example" : "localhost";
	CLEANUP(general_names) GENERAL_NAMES *names = GENERAL_NAMES_new();
	struct certificate_plan plan = {.public_key = key,
	    .issuer = ca,
	    .for_server = true,
	    .path_length = CERTIFICATE_NO_PATH_LENGTH,
	    .alternative_names = names};

	if (!names)
		return error_no_memory(err);
	if (flaw == PKI_WRONG_NAME ? add_name(names, GEN_DNS, name, err)
				   : add_server_names(names, err))
		return err->code;
	if (flaw == PKI_EXPIRED) {
		plan.not_before = time_now() - 2 * SECONDS_PER_DAY;
		plan.not_after = time_now() - SECONDS_PER_DAY;
	}
	return create_certificate(&plan, name, ca_key, ret_certificate, err);
}

enum error_code
pki_create_flawed(const char *server_key, const char *ca_certificate,
    const char *ca_key, enum pki_flaw flaw, char **ret_certificate,
    struct error *err)
{
	CLEANUP(x509_stack) x509_stack *issuers = NULL;
	CLEANUP(pkey) EVP_PKEY *issuer_key = NULL;
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	CLEANUP(x509) X509 *certificate = NULL;

	if (certificates_from_pem(ca_certificate, &issuers, err) ||
	    private_key_from_pem(ca_key, &issuer_key, err) ||
	    private_key_from_pem(server_key, &key, err) ||
	    create_server_certificate(key, sk_X509_value(issuers, 0),
		issuer_key, flaw, &certificate, err))
		return err->code;
	return certificate_to_pem(certificate, ret_certificate, err);
}

enum error_code
pki_create_est_ca(EVP_PKEY *key, const char *ca_certificate, const char *ca_key,
    char **ret_chain, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *issuers = NULL;
	CLEANUP(pkey) EVP_PKEY *issuer_key = NULL;
	CLEANUP(x509) X509 *certificate = NULL;
	CLEANUP(string) char *pem = NULL;
	struct certificate_plan plan = {.public_key = key,
	    .is_ca = true,
	    .path_length = EST_CA_PATH_LENGTH,
	    .comment = "signet-cloud, for tests only"};

	if (certificates_from_pem(ca_certificate, &issuers, err) ||
	    private_key_from_pem(ca_key, &issuer_key, err))
		return err->code;
	plan.issuer = sk_X509_value(issuers, 0);
	if (create_certificate(
		&plan, "signet-cloud EST CA", issuer_key, &certificate, err) ||
	    certificate_to_pem(certificate, &pem, err))
		return err->code;
	*ret_chain = string_format("%s%s", pem, ca_certificate);
	return *ret_chain ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
add_est_ca(struct pki *pki, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	if (pki_create_key(&key, err) || key_to_pem(key, &pki->est_key, err))
		return err->code;
	return pki_create_est_ca(
	    key, pki->ca_certificate, pki->ca_key, &pki->est_chain, err);
}

enum error_code
pki_create(struct pki *ret_pki, struct error *err)
{
	CLEANUP_DONE(pki) struct pki pki = {0};
	CLEANUP(pkey) EVP_PKEY *ca_key = NULL;
	CLEANUP(pkey) EVP_PKEY *server_key = NULL;
	CLEANUP(x509) X509 *ca = NULL;
	CLEANUP(x509) X509 *server = NULL;
	struct certificate_plan plan = {.is_ca = true,
	    .path_length = EST_CA_PATH_LENGTH + 1,
	    .comment = "signet-cloud, for tests only"};

	if (pki_create_key(&ca_key, err) || pki_create_key(&server_key, err))
		return err->code;
	plan.public_key = ca_key;
	if (create_certificate(
		&plan, "signet-cloud test CA", ca_key, &ca, err) ||
	    create_server_certificate(
		server_key, ca, ca_key, PKI_NO_FLAW, &server, err) ||
	    certificate_to_pem(ca, &pki.ca_certificate, err) ||
	    key_to_pem(ca_key, &pki.ca_key, err) ||
	    certificate_to_pem(server, &pki.server_certificate, err) ||
	    key_to_pem(server_key, &pki.server_key, err) ||
	    add_est_ca(&pki, err))
		return error_wrap(err, "cannot make the server's certificate");

	*ret_pki = TAKE_CONTENTS(pki);
	return ERROR_NONE;
}
