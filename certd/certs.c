/* SPDX-License-Identifier: MIT */
#include "certs.h"

#include <string.h>

#include "common/file.h"
#include "common/time.h"
#include "csr.h"
#include "issue.h"
#include "keys.h"
#include "store.h"

#define PRIVATE_KEY_MARK "PRIVATE KEY-----"

struct certs {
	struct certd_config config;
	struct acl *acl;
	struct cert_store *store;
};

void
certs_close(struct certs *certs)
{
	if (!certs)
		return;
	cert_store_close(certs->store);
	acl_free(certs->acl);
	certd_config_done(&certs->config);
	free(certs);
}

enum error_code
certs_open(struct certd_config *config, const char *state_path,
    struct certs **ret_certs, struct error *err)
{
	CLEANUP(certs) struct certs *certs = calloc(1, sizeof(*certs));
	CLEANUP(string)
	char *directory = string_format("%s/certs", state_path);

	if (!certs || !directory)
		return error_no_memory(err);
	certs->config = TAKE_CONTENTS(*config);
	if (certd_config_acl(&certs->config, &certs->acl, err) ||
	    cert_store_open(
		directory, &certs->config.preloaded_certs, &certs->store, err))
		return err->code;
	*ret_certs = TAKE(certs);
	return ERROR_NONE;
}

bool
certs_knows(const struct certs *certs, uid_t uid)
{
	return acl_knows(certs->acl, uid);
}

/* Ids stand in file headers and log lines, so they stay on one line. */
static enum error_code
check_id(const char *id, struct error *err)
{
	size_t length = strlen(id);

	if (length == 0 || length > CERT_ID_MAX)
		return error_set(err, ERROR_INVALID,
		    "a certificate id has 1 to %d bytes", CERT_ID_MAX);
	for (const char *c = id; *c; c++)
		if ((unsigned char)*c < ' ' || *c == '\x7f')
			return error_set(err, ERROR_INVALID,
			    "a certificate id has no control characters");
	return ERROR_NONE;
}

static enum error_code
check_writer(
    const struct certs *certs, uid_t uid, const char *id, struct error *err)
{
	if (check_id(id, err))
		return err->code;
	if (!acl_rights(certs->acl, uid, id))
		return error_set(err, ERROR_DENIED,
		    "uid %u may not write certificate '%s'", uid, id);
	return ERROR_NONE;
}

/*
 * A key pair and a certificate of the same id belong together. If keyd shows
 * us no such key pair there is nothing to compare.
 */
static enum error_code
check_key_of(const char *id, const X509 *leaf, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	enum error_code code = keys_load(id, &key, err);

	if (code == ERROR_NOT_FOUND)
		return ERROR_NONE;
	if (code)
		return error_wrap(
		    err, "cannot compare the certificate with key '%s'", id);
	if (!certificate_matches_key(leaf, key))
		return error_set(err, ERROR_INVALID,
		    "the certificate is not for key '%s', which keyd has", id);
	return ERROR_NONE;
}

/* What every certificate passes before it replaces another. */
static enum error_code
check_pem(const char *id, const char *pem, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;

	if (strstr(pem, PRIVATE_KEY_MARK))
		return error_set(err, ERROR_INVALID,
		    "the text holds a private key; certificates are public");
	if (certificates_from_pem(pem, &chain, err))
		return err->code;
	return check_key_of(id, sk_X509_value(chain, 0), err);
}

static enum error_code
open_issuer(const struct certs *certs, const char *issuer_id,
    const char *key_id, struct issuer *ret_issuer, struct error *err)
{
	CLEANUP(string) char *pem = NULL;

	if (cert_store_read(certs->store, issuer_id, &pem, err) ||
	    issuer_open(pem, key_id, time_now(), ret_issuer, err))
		return error_wrap(err, "issuer '%s'", issuer_id);
	return ERROR_NONE;
}

static enum error_code
open_named_issuer(const struct certs *certs, const struct cert_order *order,
    struct issuer *ret_issuer, struct error *err)
{
	CLEANUP(string) char *key_id = NULL;

	if (keys_id_of_handle(order->issuer_key_handle, &key_id, err))
		return error_wrap(err, "the issuer's privateKeyHandle");
	return open_issuer(certs, order->issuer_id, key_id, ret_issuer, err);
}

static enum error_code
open_issuer_for(const struct certs *certs, const struct cert_order *order,
    const struct config_issuance *issuance, struct issuer *ret_issuer,
    struct error *err)
{
	const struct config_local_ca *local_ca =
	    &certs->config.cert_issuance.local_ca;

	if (order->issuer_id)
		return open_named_issuer(certs, order, ret_issuer, err);
	if (!issuance)
		return error_set(err, ERROR_INTERNAL,
		    "no issuance is configured for certificate '%s'; add "
		    "cert_issuance.certs.%s",
		    order->id, order->id);
	return open_issuer(
	    certs, local_ca->cert, local_ca->pk, ret_issuer, err);
}

static enum error_code
issue(const struct certs *certs, const struct cert_order *order, char **ret_pem,
    struct error *err)
{
	const struct config_issuance *issuance =
	    certd_config_issuance(&certs->config, order->id);
	struct profile profile = {
	    .common_name = issuance ? issuance->common_name : NULL,
	    .expiry_days = issuance ? issuance->expiry_days : 0};
	CLEANUP(x509_req) X509_REQ *request = NULL;
	CLEANUP_DONE(issuer) struct issuer issuer = {NULL, NULL};

	if (csr_read(order->csr_pem, &request, err) ||
	    open_issuer_for(certs, order, issuance, &issuer, err))
		return err->code;
	return issue_certificate(
	    &issuer, &profile, request, time_now(), ret_pem, err);
}

enum error_code
certs_issue(const struct certs *certs, const struct cert_order *order,
    char **ret_pem, struct error *err)
{
	CLEANUP(string) char *pem = NULL;

	if (check_writer(certs, order->uid, order->id, err))
		return err->code;
	if (issue(certs, order, &pem, err) || check_pem(order->id, pem, err) ||
	    cert_store_write(certs->store, order->id, pem, err))
		return error_wrap(
		    err, "cannot issue certificate '%s'", order->id);
	*ret_pem = TAKE(pem);
	return ERROR_NONE;
}

enum error_code
certs_get(const struct certs *certs, const char *id, char **ret_pem,
    struct error *err)
{
	if (check_id(id, err))
		return err->code;
	return cert_store_read(certs->store, id, ret_pem, err);
}

enum error_code
certs_import(const struct certs *certs, uid_t uid, const char *id,
    const char *pem, struct error *err)
{
	if (check_writer(certs, uid, id, err))
		return err->code;
	if (check_pem(id, pem, err) ||
	    cert_store_write(certs->store, id, pem, err))
		return error_wrap(err, "cannot import certificate '%s'", id);
	return ERROR_NONE;
}

enum error_code
certs_delete(
    const struct certs *certs, uid_t uid, const char *id, struct error *err)
{
	if (check_writer(certs, uid, id, err))
		return err->code;
	return cert_store_remove(certs->store, id, err);
}

void
cert_list_done(struct cert_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].id);
		free(list->items[i].location);
		description_done(&list->items[i].about);
	}
	free(list->items);
	*list = (struct cert_list){0, NULL};
}

static enum error_code
describe_file(const struct certs *certs, const char *id,
    struct description *ret_about, struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;

	if (cert_store_read(certs->store, id, &pem, err) ||
	    certificates_from_pem(pem, &chain, err))
		return err->code;
	return certificate_describe(sk_X509_value(chain, 0), ret_about, err);
}

/* A certificate that cannot be read is listed with the reason. */
static enum error_code
fill_item(const struct certs *certs, struct cert_file *file,
    struct cert_item *item, struct error *err)
{
	item->id = TAKE(file->id);
	item->location = string_format("file://%s", file->path);
	if (!item->location)
		return error_no_memory(err);
	item->problem.code = ERROR_NONE;
	(void)describe_file(certs, item->id, &item->about, &item->problem);
	return ERROR_NONE;
}

static enum error_code
fill_list(const struct certs *certs, struct cert_files *files,
    struct cert_list *list, struct error *err)
{
	list->items = calloc(files->count + 1, sizeof(*list->items));
	if (!list->items)
		return error_no_memory(err);
	for (size_t i = 0; i < files->count; i++) {
		list->count++;
		if (fill_item(certs, &files->items[i], &list->items[i], err))
			return err->code;
	}
	return ERROR_NONE;
}

enum error_code
certs_list(
    const struct certs *certs, struct cert_list *ret_list, struct error *err)
{
	CLEANUP_DONE(cert_files) struct cert_files files = {0, NULL};
	CLEANUP_DONE(cert_list) struct cert_list list = {0, NULL};

	if (cert_store_list(certs->store, &files, err) ||
	    fill_list(certs, &files, &list, err))
		return err->code;
	*ret_list = TAKE_CONTENTS(list);
	return ERROR_NONE;
}

enum error_code
certs_check(const struct certs *certs, struct error *err)
{
	const struct config_local_ca *local_ca =
	    &certs->config.cert_issuance.local_ca;
	CLEANUP(string) char *pem = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;

	if (!local_ca->present)
		return ERROR_NONE;
	if (cert_store_read(certs->store, local_ca->cert, &pem, err) ||
	    certificates_from_pem(pem, &chain, err) ||
	    issuer_check(sk_X509_value(chain, 0), time_now(), err))
		return error_wrap(err, "local CA '%s'", local_ca->cert);
	return ERROR_NONE;
}
