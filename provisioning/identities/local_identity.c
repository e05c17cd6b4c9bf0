/* SPDX-License-Identifier: MIT */
#include "local_identity.h"

#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

#include "cert_request.h"
#include "certd/client.h"
#include "common/file.h"
#include "common/openssl_key.h"
#include "keyd/client.h"
#include "module_keys.h"

#define NAME_MAX_BYTES 64 /* RFC 5280 appendix A.1, ub-common-name */
#define HOST_NAME_SIZE 256
#define RSA_BITS 2048 /* as aziot's */

static void
x509_extensions_free(x509_extensions *extensions)
{
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}
DEFINE_CLEANUP(x509_extensions, x509_extensions, x509_extensions_free)

void
local_identity_done(struct local_identity *identity)
{
	secret_free(identity->private_key);
	free(identity->key_handle);
	free(identity->certificate);
	*identity = (struct local_identity){0};
}

/*
 * "<module>.<hostname>.<domain>", at most NAME_MAX_BYTES of it, and no part of
 * a character. The caller frees it; NULL: no memory.
 */
static char *
format_name(const char *module, const char *hostname, const char *domain)
{
	char *name = string_format("%s.%s.%s", module, hostname, domain);
	size_t end = NAME_MAX_BYTES;

	if (!name || strlen(name) <= NAME_MAX_BYTES)
		return name;
	/* What begins 10xxxxxx continues a character of UTF-8. */
	while (end > 0 && ((unsigned char)name[end] & 0xc0) == 0x80)
		end--;
	name[end] = '\0';
	return name;
}

static enum error_code
name_of(const struct config *config, const char *module, char **ret_name,
    struct error *err)
{
	char own[HOST_NAME_SIZE] = "";
	const char *hostname = config->hostname;

	if (!config->localid.domain)
		return error_set(err, ERROR_INVALID,
		    "there are no local identities here: localid has no "
		    "domain in the configuration");
	if (!hostname) {
		if (gethostname(own, sizeof(own) - 1) < 0)
			return error_set_errno(
			    err, ERROR_INTERNAL, "gethostname");
		hostname = own;
	}
	*ret_name = format_name(module, hostname, config->localid.domain);
	return *ret_name ? ERROR_NONE : error_no_memory(err);
}

/* ---- the request ---- */

static enum error_code
add_extension(
    x509_extensions *extensions, int nid, const char *value, struct error *err)
{
	CLEANUP(x509_extension)
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	if (!extension || !sk_X509_EXTENSION_push(extensions, extension))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "extension of a request");
	TAKE(extension);
	return ERROR_NONE;
}

/* What aziot asks for, and a DNS name, without which no client is content. */
static enum error_code
make_request(EVP_PKEY *key, const char *name, bool is_server, char **ret_pem,
    struct error *err)
{
	CLEANUP(x509_extensions)
	x509_extensions *extensions = sk_X509_EXTENSION_new_null();
	CLEANUP(string) char *dns = string_format("DNS:%s", name);

	if (!extensions || !dns)
		return error_no_memory(err);
	if (add_extension(
		extensions, NID_basic_constraints, "critical,CA:FALSE", err) ||
	    add_extension(extensions, NID_key_usage,
		"critical,digitalSignature,nonRepudiation,keyEncipherment",
		err) ||
	    add_extension(extensions, NID_ext_key_usage,
		is_server ? "critical,clientAuth,serverAuth"
			  : "critical,clientAuth",
		err) ||
	    (is_server &&
		add_extension(extensions, NID_subject_alt_name, dns, err)))
		return err->code;
	return cert_request_make(key, name, extensions, ret_pem, err);
}

/* ---- the key ---- */

/* It must not replace what the device proves itself with. */
static enum error_code
check_id(const char *module, struct error *err)
{
	if (strncmp(module, DEVICE_ID, strlen(DEVICE_ID)) == 0 ||
	    strcmp(module, MODULE_MASTER_KEY) == 0)
		return error_set(err, ERROR_INVALID,
		    "'%s' is the device's own: no module can be called so",
		    module);
	return ERROR_NONE;
}

/* What keyd or certd cannot do is not our own failure. */
static enum error_code
theirs(struct error *err)
{
	if (err->code == ERROR_INTERNAL)
		err->code = ERROR_UPSTREAM;
	return err->code;
}

static enum error_code
lend_key(const char *module, uid_t uid, EVP_PKEY **ret_key,
    struct local_identity *identity, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *own = NULL;

	if (keyd_client_create(0, &client, err) ||
	    keyd_create_key_pair(
		client, module, CERT_REQUEST_ALGORITHMS, &own, err) ||
	    keyd_delegate(client, own, uid, &identity->key_handle, err))
		return theirs(err);
	return openssl_key_load(module, ret_key, err);
}

static enum error_code
private_key_to_pem(EVP_PKEY *key, char **ret_pem, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_secmem());
	const char *data;
	long length;

	if (!bio ||
	    !PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "writing a private key");
	length = BIO_get_mem_data(bio, &data);
	*ret_pem = strndup(data, (size_t)length);
	return *ret_pem ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
make_key(EVP_PKEY **ret_key, struct local_identity *identity, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = EVP_RSA_gen(RSA_BITS);

	if (!key)
		return error_set_openssl(
		    err, ERROR_INTERNAL, "generating a key");
	if (private_key_to_pem(key, &identity->private_key, err))
		return err->code;
	*ret_key = TAKE(key);
	return ERROR_NONE;
}

/* ---- the certificate ---- */

static enum error_code
issue(const char *module, const char *request, struct local_identity *identity,
    struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;

	if (certd_client_create(0, &client, err) ||
	    certd_create(
		client, module, request, &identity->certificate, err) ||
	    certificates_from_pem(identity->certificate, &chain, err)) {
		(void)theirs(err);
		return error_wrap(err, "certificate '%s'", module);
	}
	return time_from_asn1(X509_get0_notAfter(sk_X509_value(chain, 0)),
	    &identity->expires, err);
}

enum error_code
local_identity_issue(const struct config *config, const char *module,
    bool is_server, uid_t uid, struct local_identity *ret_identity,
    struct error *err)
{
	CLEANUP_DONE(local_identity) struct local_identity identity = {0};
	CLEANUP(string) char *name = NULL;
	CLEANUP(string) char *request = NULL;
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	if (check_id(module, err) || name_of(config, module, &name, err))
		return err->code;
	if (config->localid.export_private_keys
		? make_key(&key, &identity, err)
		: lend_key(module, uid, &key, &identity, err))
		return error_wrap(err, "the key of '%s'", module);
	if (make_request(key, name, is_server, &request, err) ||
	    issue(module, request, &identity, err))
		return err->code;
	*ret_identity = TAKE_CONTENTS(identity);
	return ERROR_NONE;
}
