/* SPDX-License-Identifier: MIT */
#include "certs_state.h"

#include <string.h>

#include "common/file.h"
#include "common/time.h"
#include "issue.h"
#include "keys.h"

#define PRIVATE_KEY_MARK "PRIVATE KEY-----"

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

enum error_code
certs_check_writer(
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

struct policy
certs_policy(const struct certs *certs, const char *id)
{
	return policy_of(&certs->config, id);
}

void
certs_watch(struct certs *certs, const struct certs_watcher *watcher)
{
	certs->watcher = *watcher;
}

static void
tell(const struct certs *certs, const char *id)
{
	if (certs->watcher.changed)
		certs->watcher.changed(certs->watcher.context, id);
}

enum error_code
certs_store(const struct certs *certs, const char *id, const char *pem,
    struct error *err)
{
	if (cert_store_write(certs->store, id, pem, err))
		return err->code;
	tell(certs, id);
	return ERROR_NONE;
}

enum error_code
certs_replace(const struct certs *certs, const char *id, const char *pem,
    struct error *err)
{
	if (check_pem(id, pem, err))
		return err->code;
	return certs_store(certs, id, pem, err);
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
	if (certs_check_writer(certs, uid, id, err))
		return err->code;
	if (certs_replace(certs, id, pem, err))
		return error_wrap(err, "cannot import certificate '%s'", id);
	return ERROR_NONE;
}

enum error_code
certs_delete(
    const struct certs *certs, uid_t uid, const char *id, struct error *err)
{
	if (certs_check_writer(certs, uid, id, err))
		return err->code;
	if (cert_store_remove(certs->store, id, err))
		return err->code;
	tell(certs, id);
	return ERROR_NONE;
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
