/* SPDX-License-Identifier: MIT */
#include "certs_state.h"

#include <string.h>

#include "common/file.h"

void
certs_close(struct certs *certs)
{
	if (!certs)
		return;
	cert_store_close(certs->store);
	writers_free(certs->writers);
	attempts_free(certs->attempts);
	issuers_free(certs->issuers);
	chains_free(certs->chains);
	est_servers_free(certs->est_servers);
	certd_config_done(&certs->config);
	free(certs);
}

static enum error_code
open_writers(struct certs *certs, struct error *err)
{
	CLEANUP(acl) struct acl *acl = NULL;

	if (certd_config_acl(&certs->config, &acl, err) ||
	    writers_create(acl, &certs->writers, err))
		return err->code;
	(void)TAKE(acl);
	return ERROR_NONE;
}

static enum error_code
open_est_servers(struct certs *certs, struct error *err)
{
	const struct config_list *issued = &certs->config.cert_issuance.certs;
	const struct config_issuance *issuances = issued->items;

	if (est_servers_create(&certs->est_servers, err))
		return err->code;
	for (size_t i = 0; i < issued->count; i++) {
		const struct policy policy =
		    certs_policy(certs, issuances[i].id);

		if (policy.method == POLICY_EST &&
		    est_servers_add(certs->est_servers, policy.est.url, err))
			return err->code;
	}
	return ERROR_NONE;
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
	if (open_writers(certs, err) ||
	    attempts_create(&certs->attempts, err) ||
	    issuers_create(&certs->issuers, err) ||
	    chains_create(&certs->chains, err) ||
	    open_est_servers(certs, err) ||
	    cert_store_open(
		directory, &certs->config.preloaded_certs, &certs->store, err))
		return err->code;
	*ret_certs = TAKE(certs);
	return ERROR_NONE;
}

size_t
certs_est_servers(const struct certs *certs)
{
	return est_servers_count(certs->est_servers);
}

size_t
certs_est_server(const struct certs *certs, const struct policy *policy)
{
	return est_servers_find(certs->est_servers, policy->est.url);
}

bool
certs_knows(const struct certs *certs, uid_t uid)
{
	return writers_know(certs->writers, uid);
}

enum error_code
certs_reload(
    const struct certs *certs, const char *config_path, struct error *err)
{
	CLEANUP_DONE(certd_config) struct certd_config config = {0};
	struct acl *acl;

	if (certd_config_load(config_path, &config, err) ||
	    certd_config_acl(&config, &acl, err)) {
		(void)error_wrap(err, "the principals stay as they were");
		writers_set_trouble(certs->writers, err);
		return err->code;
	}
	writers_set(certs->writers, acl);
	return ERROR_NONE;
}

/* Ids stand in file headers and log lines, so they stay on one line. */
enum error_code
certs_check_id(const char *id, struct error *err)
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

/* A file that the configuration names is the administrator's. */
static enum error_code
check_writable(const struct certs *certs, const char *id, struct error *err)
{
	if (cert_store_is_list(certs->store, id))
		return error_set(err, ERROR_INVALID,
		    "'%s' is a list of other certificates (preloaded_certs); "
		    "change those",
		    id);
	if (certs_policy(certs, id).is_read_only)
		return error_set(err, ERROR_INVALID,
		    "certificate '%s' is a file that the configuration names "
		    "(preloaded_certs), which is not written or removed unless "
		    "'manage_preloaded: true'",
		    id);
	return ERROR_NONE;
}

enum error_code
certs_check_writer(
    const struct certs *certs, uid_t uid, const char *id, struct error *err)
{
	if (certs_check_id(id, err))
		return err->code;
	if (!writers_may(certs->writers, uid, id))
		return error_set(err, ERROR_DENIED,
		    "uid %u may not write certificate '%s'", uid, id);
	return check_writable(certs, id, err);
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
	cert_store_overlay(certs->store, watcher->shown, watcher->context);
}

void
certs_each_list_with(const struct certs *certs, const char *id,
    void (*tell)(void *context, const char *list), void *context)
{
	cert_store_each_list_with(certs->store, id, tell, context);
}

static void
tell(const struct certs *certs, const char *id)
{
	if (certs->watcher.changed)
		certs->watcher.changed(certs->watcher.context, id);
}

struct attempts *
certs_attempts(const struct certs *certs)
{
	return certs->attempts;
}

/* Stores pem, which has been checked. */
static enum error_code
put(const struct certs *certs, const char *id, const char *pem,
    struct error *err)
{
	if (cert_store_write(certs->store, id, pem, err))
		return err->code;
	tell(certs, id);
	return ERROR_NONE;
}

enum error_code
certs_check_candidate(const struct certs *certs, const char *id,
    const char *key_id, const char *pem, char **ret_pem, struct error *err)
{
	if (check_writable(certs, id, err) ||
	    certs_check_pem(certs, id, key_id, pem, ret_pem, err))
		return err->code;
	return ERROR_NONE;
}

enum error_code
certs_try_place(const struct certs *certs, const char *id, const char *pem,
    struct error *err)
{
	return cert_store_try_place(certs->store, id, pem, err);
}

static enum error_code
replace(const struct certs *certs, const char *id, const char *pem,
    char **ret_stored, struct error *err)
{
	const struct policy policy = certs_policy(certs, id);
	CLEANUP(string) char *checked = NULL;

	if (certs_check_candidate(certs, id, policy.pk, pem, &checked, err) ||
	    put(certs, id, checked, err))
		return err->code;
	*ret_stored = TAKE(checked);
	return ERROR_NONE;
}

enum error_code
certs_replace(const struct certs *certs, const char *id, const char *pem,
    struct error *err)
{
	CLEANUP(string) char *stored = NULL;

	return replace(certs, id, pem, &stored, err);
}

enum error_code
certs_store_issued(const struct certs *certs, const char *id, x509_stack *chain,
    char **ret_pem, struct error *err)
{
	CLEANUP(string) char *pem = NULL;

	if (check_writable(certs, id, err) ||
	    certs_check_issued(certs, id, chain, &pem, err) ||
	    put(certs, id, pem, err))
		return err->code;
	*ret_pem = TAKE(pem);
	return ERROR_NONE;
}

enum error_code
certs_get(const struct certs *certs, const char *id, char **ret_pem,
    struct error *err)
{
	if (certs_check_id(id, err))
		return err->code;
	return cert_store_read(certs->store, id, ret_pem, err);
}

enum error_code
certs_trust_bundle(const struct certs *certs, char **ret_pem, struct error *err)
{
	const char *id = certs->config.trust_bundle;

	return certs_get(certs, id ? id : TRUST_BUNDLE_DEFAULT, ret_pem, err);
}

enum error_code
certs_import(const struct certs *certs, uid_t uid, const char *id,
    const char *pem, char **ret_stored, struct error *err)
{
	if (certs_check_writer(certs, uid, id, err))
		return err->code;
	if (replace(certs, id, pem, ret_stored, err))
		return error_wrap(err, "cannot import certificate '%s'", id);
	return ERROR_NONE;
}

enum error_code
certs_delete(
    const struct certs *certs, uid_t uid, const char *id, struct error *err)
{
	if (certs_check_writer(certs, uid, id, err) ||
	    cert_store_remove(certs->store, id, err))
		return err->code;
	tell(certs, id);
	return ERROR_NONE;
}
