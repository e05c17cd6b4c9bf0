/* SPDX-License-Identifier: MIT */
/* What is known of a certificate, read only. */
#include "certs_state.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "common/file.h"
#include "common/public_key.h"
#include "common/time.h"
#include "issue.h"
#include "schedule.h"

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

	if (certs_get(certs, id, &pem, err) ||
	    certificates_from_pem_without_keys(pem, &chain, err))
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
	CLEANUP_DONE(cert_files) struct cert_files files = {.items = NULL};
	CLEANUP_DONE(cert_list) struct cert_list list = {0, NULL};

	if (cert_store_list(certs->store, &files, err) ||
	    fill_list(certs, &files, &list, err))
		return err->code;
	*ret_list = TAKE_CONTENTS(list);
	return ERROR_NONE;
}

enum error_code
certs_each(const struct certs *certs,
    enum error_code (*tell)(void *context, const char *id,
	const X509 *certificate, struct error *err),
    void *context, struct error *err)
{
	CLEANUP_DONE(cert_files) struct cert_files files = {.items = NULL};

	if (cert_store_list(certs->store, &files, err))
		return err->code;
	for (size_t i = 0; i < files.count; i++) {
		const char *id = files.items[i].id;
		CLEANUP(string) char *pem = NULL;
		CLEANUP(x509_stack) x509_stack *chain = NULL;

		if (certs_get(certs, id, &pem, err) ||
		    certificates_from_pem_without_keys(pem, &chain, err))
			continue;
		if (tell(context, id, sk_X509_value(chain, 0), err))
			return err->code;
	}
	return ERROR_NONE;
}

void
inspection_done(struct inspection *inspection)
{
	free(inspection->pem);
	for (size_t i = 0; i < inspection->count; i++)
		description_done(&inspection->chain[i]);
	free(inspection->chain);
	lint_notes_done(&inspection->notes);
	*inspection = (struct inspection){.pem = NULL};
}

static enum error_code
describe_chain(
    const x509_stack *chain, struct inspection *inspection, struct error *err)
{
	size_t count = (size_t)sk_X509_num(chain);

	inspection->chain = calloc(count, sizeof(*inspection->chain));
	if (!inspection->chain)
		return error_no_memory(err);
	for (; inspection->count < count; inspection->count++)
		if (certificate_describe(
			sk_X509_value(chain, (int)inspection->count),
			&inspection->chain[inspection->count], err))
			return err->code;
	return ERROR_NONE;
}

/* A window that the certificate that came does not have room for. */
static enum error_code
note_window(const struct certs *certs, const char *id, const X509 *leaf,
    struct lint_notes *notes, struct error *err)
{
	const struct policy policy = certs_policy(certs, id);
	struct schedule_life life;

	if (!policy.renewal.automatic)
		return ERROR_NONE;
	if (time_from_asn1(X509_get0_notBefore(leaf), &life.since, err) ||
	    time_from_asn1(X509_get0_notAfter(leaf), &life.until, err))
		return err->code;
	if (!schedule_is_cut(&policy.renewal, &life))
		return ERROR_NONE;
	return lint_note(notes, err,
	    "renewal.window is over half of its life; it is renewed after half "
	    "of it");
}

/* Of leaf by its issuer as that is now. */
static enum error_code
note_by_issuer(const char *issuer_id, X509 *issuer, X509 *leaf,
    struct lint_notes *notes, struct error *err)
{
	/* A CA with a new key leaves behind what the old one has signed. */
	if (X509_check_issued(issuer, leaf) != X509_V_OK ||
	    X509_verify(leaf, X509_get0_pubkey(issuer)) != 1) {
		ERR_clear_error();
		return lint_note(notes, err,
		    "it is not of CA '%s' as that is now: who trusts that one "
		    "alone refuses it; renew it",
		    issuer_id);
	}
	if (ASN1_TIME_compare(
		X509_get0_notAfter(leaf), X509_get0_notAfter(issuer)) == 0)
		return lint_note(notes, err,
		    "it ends with CA '%s', so each new one would be shorter; "
		    "renew the CA first",
		    issuer_id);
	return ERROR_NONE;
}

/* False: there is none, which is found elsewhere. */
static bool
read_issuer(const struct certs *certs, const char *id, x509_stack **ret_chain)
{
	CLEANUP(string) char *pem = NULL;
	CLEANUP_DONE(lint_notes) struct lint_notes links = {0, NULL};
	struct error ignored;

	return !certs_get(certs, id, &pem, &ignored) &&
	       !chains_read(certs->chains, pem, ret_chain, &links, &ignored);
}

/*
 * Of a CA as it stands in a certificate's chain, by that CA's issuer as that is
 * now: renewed it may be itself, and the chain still have it as it was.
 */
static enum error_code
note_by_ancestor(const char *ca_id, X509 *ca, const char *issuer_id,
    X509 *issuer, struct lint_notes *notes, struct error *err)
{
	if (X509_check_issued(issuer, ca) == X509_V_OK &&
	    X509_verify(ca, X509_get0_pubkey(issuer)) == 1)
		return ERROR_NONE;
	ERR_clear_error();
	return lint_note(notes, err,
	    "CA '%s', as its chain has it, is not of CA '%s' as that is now: "
	    "who trusts that one alone refuses it; renew first the one, then "
	    "the other",
	    ca_id, issuer_id);
}

/* By each CA above it that is issued here. */
static enum error_code
lint_by_issuers(const struct certs *certs, const char *id,
    const x509_stack *chain, struct lint_notes *notes, struct error *err)
{
	struct policy policy = certs_policy(certs, id);

	for (int i = 0; i < sk_X509_num(chain); i++) {
		CLEANUP(x509_stack) x509_stack *above = NULL;
		X509 *link = sk_X509_value(chain, i);

		if (policy.method != POLICY_LOCAL_CA ||
		    !read_issuer(certs, policy.issuer_cert, &above))
			return ERROR_NONE;
		if (i == 0
			? note_by_issuer(policy.issuer_cert,
			      sk_X509_value(above, 0), link, notes, err)
			: note_by_ancestor(policy.id, link, policy.issuer_cert,
			      sk_X509_value(above, 0), notes, err))
			return err->code;
		policy = certs_policy(certs, policy.issuer_cert);
	}
	return ERROR_NONE;
}

/* For what it is used, with which key, by whom it is. */
static enum error_code
lint_use(const struct certs *certs, const char *id, const x509_stack *chain,
    int64_t now, struct lint_notes *notes, struct error *err)
{
	X509 *leaf = sk_X509_value(chain, 0);
	struct error problem;

	if (lint_role_check(leaf, certs_role(certs, id), now, &problem) &&
	    lint_note(notes, err, "%s", problem.message))
		return err->code;
	if (certs_glance_at_key(certs, id, leaf, &problem) == ERROR_INVALID &&
	    lint_note(notes, err, "%s", problem.message))
		return err->code;
	return lint_by_issuers(certs, id, chain, notes, err);
}

/* Beside the notes on the chain, what would be a reason to refuse it. */
static enum error_code
lint_all(const struct certs *certs, const char *id, const x509_stack *chain,
    const struct lint_notes *links, struct lint_notes *notes, struct error *err)
{
	X509 *leaf = sk_X509_value(chain, 0);
	int64_t now = time_now();

	if (!cert_store_is_list(certs->store, id) &&
	    lint_use(certs, id, chain, now, notes, err))
		return err->code;
	if (note_window(certs, id, leaf, notes, err) ||
	    lint_lives(chain, now, notes, err))
		return err->code;
	for (size_t i = 0; i < links->count; i++)
		if (lint_note(notes, err, "%s", links->items[i]))
			return err->code;
	return ERROR_NONE;
}

static enum error_code
look_into(const struct certs *certs, const char *id,
    struct inspection *inspection, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP_DONE(lint_notes) struct lint_notes links = {0, NULL};

	if (chains_read(certs->chains, inspection->pem, &chain, &links, err) ||
	    describe_chain(chain, inspection, err))
		return err->code;
	return lint_all(certs, id, chain, &links, &inspection->notes, err);
}

enum error_code
certs_inspect(const struct certs *certs, const char *id,
    struct inspection *ret_inspection, struct error *err)
{
	CLEANUP_DONE(inspection)
	struct inspection inspection = {.problem.code = ERROR_NONE};

	if (certs_get(certs, id, &inspection.pem, err) ||
	    certs_etag(inspection.pem, inspection.etag, err))
		return err->code;
	if (look_into(certs, id, &inspection, &inspection.problem) ==
	    ERROR_INTERNAL) {
		*err = inspection.problem;
		return err->code;
	}
	inspection.attempts = attempts_of(certs->attempts, id);
	*ret_inspection = TAKE_CONTENTS(inspection);
	return ERROR_NONE;
}

enum error_code
certs_etag(
    const char *pem, char ret_etag[static CERT_ETAG_MAX], struct error *err)
{
	return sha256_hex(pem, strlen(pem), ret_etag, err);
}

enum error_code
certs_explain(const struct certs *certs, const char *id,
    struct explanation *ret_explanation, struct error *err)
{
	if (certs_check_id(id, err))
		return err->code;
	return explain(&certs->config, id, ret_explanation, err);
}

/* --- health --------------------------------------------------------------- */

static enum error_code
check_local_ca(const struct certs *certs, struct error *err)
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

/* One that is there and cannot do what it is for. */
static enum error_code
check_certificate(const struct certs *certs, const char *id, struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	enum error_code code = cert_store_read(certs->store, id, &pem, err);

	if (code == ERROR_NOT_FOUND)
		return ERROR_NONE;
	if (code || certificates_from_pem(pem, &chain, err) ||
	    lint_role_check(sk_X509_value(chain, 0), certs_role(certs, id),
		time_now(), err))
		return error_wrap(err, "certificate '%s'", id);
	return ERROR_NONE;
}

/* What is asked for with a certificate that nobody renews ends with it. */
static enum error_code
check_end(const struct certs *certs, const char *id, struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	CLEANUP(x509) X509 *identity = NULL;

	if (!certs_policy(certs, id).is_read_only ||
	    cert_store_read(certs->store, id, &pem, err) == ERROR_NOT_FOUND)
		return ERROR_NONE;
	if (pem && !certificate_from_pem_without_key(pem, &identity, err) &&
	    !lint_end_check(identity, time_now(), err))
		return ERROR_NONE;
	err->code = ERROR_TIMEOUT;
	return error_wrap(err,
	    "certificate '%s', with which EST is asked, is a file that is not "
	    "renewed here; replace it in time",
	    id);
}

/* That a server can be asked is not to come out when it is. */
static enum error_code
check_est(
    const struct certs *certs, const struct config_est *est, struct error *err)
{
	const char *key;

	if (certd_est_check(est, certs->config.compat != NULL, &key, err))
		return error_wrap(err, "est");
	for (size_t i = 0; i < est->trusted_certs.count; i++) {
		CLEANUP(string) char *pem = NULL;

		if (certs_get(certs, est->trusted_certs.items[i], &pem, err))
			return error_wrap(err, "est.trusted_certs");
	}
	return ERROR_NONE;
}

/* What EST is asked with is as important as what it is asked for. */
static enum error_code
check_managed(const struct certs *certs, const char *id, struct error *err)
{
	const struct policy policy = certs_policy(certs, id);

	if (policy.method == POLICY_EST && check_est(certs, &policy.est, err))
		return error_wrap(err, "certificate '%s'", id);
	if (policy.method == POLICY_EST && policy.est.identity_cert &&
	    check_certificate(certs, policy.est.identity_cert, err))
		return err->code;
	/* A renewal that cannot be stored is better known before. */
	if (!policy.is_read_only &&
	    cert_store_check_place(certs->store, id, err))
		return err->code;
	return check_certificate(certs, id, err);
}

/* What is in no list is seen by nobody. */
static enum error_code
check_files(const struct certs *certs, struct error *err)
{
	CLEANUP_DONE(cert_files) struct cert_files files = {.items = NULL};

	if (cert_store_list(certs->store, &files, err))
		return err->code;
	if (files.problem.code)
		*err = files.problem;
	return files.problem.code;
}

enum error_code
certs_check(const struct certs *certs, struct error *err)
{
	const struct config_list *managed = &certs->config.cert_issuance.certs;
	const struct config_issuance *issuances = managed->items;
	const struct config_map *preloaded = &certs->config.preloaded_certs;

	if (writers_check(certs->writers, err) || check_local_ca(certs, err))
		return err->code;
	for (size_t i = 0; i < managed->count; i++)
		if (check_managed(certs, issuances[i].id, err))
			return err->code;
	for (size_t i = 0; i < preloaded->count; i++)
		if (preloaded->items[i].value &&
		    check_certificate(certs, preloaded->items[i].key, err))
			return err->code;
	if (certs_check_keys(certs, false, err))
		return err->code;
	return check_files(certs, err);
}

enum error_code
certs_check_ends(const struct certs *certs, struct error *err)
{
	const struct config_list *managed = &certs->config.cert_issuance.certs;
	const struct config_issuance *issuances = managed->items;

	for (size_t i = 0; i < managed->count; i++) {
		const struct policy policy =
		    certs_policy(certs, issuances[i].id);

		if (policy.method == POLICY_EST && policy.est.identity_cert &&
		    check_end(certs, policy.est.identity_cert, err))
			return err->code;
	}
	if (!certs_check_keys(certs, true, err))
		return ERROR_NONE;
	err->code = ERROR_TIMEOUT;
	return err->code;
}
