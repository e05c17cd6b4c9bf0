/* SPDX-License-Identifier: MIT */
/* Which issuer signs what, and with which policy. */
#include "certs_state.h"

#include "common/public_key.h"
#include "common/time.h"
#include "csr.h"
#include "enroll.h"
#include "issue.h"
#include "keys.h"
#include "request.h"

#define SECONDS_PER_DAY INT64_C(86400)

static enum error_code
open_issuer(const struct certs *certs, const char *issuer_id,
    const char *key_id, struct issuer *ret_issuer, struct error *err)
{
	CLEANUP(string) char *pem = NULL;

	if (certs_get(certs, issuer_id, &pem, err) ||
	    issuer_open(
		pem, certs->issuers, key_id, time_now(), ret_issuer, err))
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
open_configured_issuer(const struct certs *certs, const struct policy *policy,
    const char *key_id, struct issuer *ret_issuer, struct error *err)
{
	switch (policy->method) {
	case POLICY_SELF_SIGNED:
		return issuer_open_self(key_id, ret_issuer, err);
	case POLICY_LOCAL_CA:
		return open_issuer(certs, policy->issuer_cert,
		    policy->issuer_pk, ret_issuer, err);
	case POLICY_EST:
		return error_set(err, ERROR_INTERNAL,
		    "certificate '%s' is issued by EST, not here", policy->id);
	case POLICY_UNMANAGED:
		break;
	}
	return error_set(err, ERROR_INTERNAL,
	    "no issuance is configured for certificate '%s'; add "
	    "cert_issuance.certs.%s",
	    policy->id, policy->id);
}

/* Who gets less than he could is told, unless he is refused it. */
static void
note_short_life(const struct certs *certs, const struct policy *policy,
    const struct issuer *issuer)
{
	int64_t days = policy->profile.expiry_days;
	int64_t wanted = days ? days : CERTD_EXPIRY_DAYS_DEFAULT;
	int64_t until;
	struct error ignored;

	if (!issuer->chain || (days && !policy->profile.clip) ||
	    time_from_asn1(X509_get0_notAfter(sk_X509_value(issuer->chain, 0)),
		&until, &ignored) ||
	    until >= time_now() + wanted * SECONDS_PER_DAY)
		return;
	certs_note(certs, policy->id,
	    days ? "it ends with its issuer, before its expiry_days are over "
		   "(compat: aziot)"
		 : "it ends with its issuer, sooner than it would otherwise; "
		   "renew the issuer first");
}

/* What aziot-certd lets pass is let pass for who comes from there, and told. */
static void
note_leniency(
    const struct certs *certs, const struct policy *policy, X509_REQ *request)
{
	if (policy->profile.copy_extensions &&
	    X509_REQ_get_attr_by_NID(request, NID_ext_req, -1) >= 0)
		certs_note(certs, policy->id,
		    "the extensions of its request are copied as they are "
		    "(compat: aziot); a profile would decide them");
}

/*
 * Whether issue_certificate() has failed since issuer ends too early: then who
 * keeps that fresh may do so first, and says so.
 */
static enum error_code
judge(const struct certs *certs, const char *issuer,
    const struct profile *profile, enum error_code code, bool *ret_is_too_old,
    struct error *err)
{
	const struct certs_watcher *watcher = &certs->watcher;

	*ret_is_too_old = code == ERROR_TIMEOUT;
	if (!*ret_is_too_old)
		return code;
	err->code = ERROR_INVALID;
	if (watcher->outlived)
		watcher->outlived(
		    watcher->context, issuer, profile->expiry_days, err);
	return err->code;
}

/* Opens the issuer of order, which is not EST's, and lets it sign. */
static enum error_code
issue_once(const struct certs *certs, const struct cert_order *order,
    const struct policy *policy, X509_REQ *request, x509_stack **ret_chain,
    bool *ret_is_too_old, struct error *err)
{
	CLEANUP_DONE(issuer) struct issuer issuer = {NULL, NULL};
	enum error_code code;

	*ret_is_too_old = false;
	if (order->issuer_id ? open_named_issuer(certs, order, &issuer, err)
			     : open_configured_issuer(
				   certs, policy, policy->pk, &issuer, err))
		return err->code;
	note_leniency(certs, policy, request);
	note_short_life(certs, policy, &issuer);
	code = issue_certificate(
	    &issuer, &policy->profile, request, time_now(), ret_chain, err);
	return judge(certs,
	    order->issuer_id ? order->issuer_id : policy->issuer_cert,
	    &policy->profile, code, ret_is_too_old, err);
}

/* A key that we know may have been replaced: it is loaded anew, once. */
static enum error_code
issue(const struct certs *certs, const struct cert_order *order,
    const struct policy *policy, X509_REQ *request, char **ret_pem,
    struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	bool is_too_old;
	enum error_code code =
	    issue_once(certs, order, policy, request, &chain, &is_too_old, err);

	if (code && !is_too_old && issuers_forget(certs->issuers))
		code = issue_once(
		    certs, order, policy, request, &chain, &is_too_old, err);
	if (code || certs_store_issued(certs, order->id, chain, ret_pem, err))
		return err->code;
	return ERROR_NONE;
}

static enum error_code
enroll(const struct certs *certs, const struct cert_order *order,
    const struct policy *policy, X509_REQ *request, char **ret_pem,
    struct error *err)
{
	CLEANUP(string) char *pem = NULL;

	if (enroll_request(
		&(struct enroll){
		    .certs = certs, .policy = policy, .now = time_now()},
		request, &pem, err) ||
	    certs_replace(certs, order->id, pem, err))
		return err->code;
	*ret_pem = TAKE(pem);
	return ERROR_NONE;
}

/* Remembers how it went. Returns code. */
static enum error_code
note(const struct certs *certs, const char *id, enum error_code code,
    const struct error *err)
{
	attempts_note(certs->attempts, id, time_now(), code ? err : NULL);
	return code;
}

static enum error_code
issue_and_store(const struct certs *certs, const struct cert_order *order,
    char **ret_pem, struct error *err)
{
	const struct policy policy = certs_policy(certs, order->id);
	bool is_for_est = !order->issuer_id && policy.method == POLICY_EST;
	CLEANUP(x509_req) X509_REQ *request = NULL;

	if (csr_read(order->csr_pem, &request, err) ||
	    (is_for_est ? enroll : issue)(
		certs, order, &policy, request, ret_pem, err))
		return error_wrap(
		    err, "cannot issue certificate '%s'", order->id);
	return ERROR_NONE;
}

enum error_code
certs_issue(const struct certs *certs, const struct cert_order *order,
    char **ret_pem, struct error *err)
{
	if (certs_check_writer(certs, order->uid, order->id, err))
		return err->code;
	return note(
	    certs, order->id, issue_and_store(certs, order, ret_pem, err), err);
}

static enum error_code
obtain_once(const struct certs *certs, const struct policy *policy,
    const char *key_id, const X509 *present, x509_stack **ret_chain,
    bool *ret_is_too_old, struct error *err)
{
	CLEANUP(x509_req) X509_REQ *request = NULL;
	CLEANUP_DONE(issuer) struct issuer issuer = {NULL, NULL};
	enum error_code code;

	*ret_is_too_old = false;
	if (open_configured_issuer(certs, policy, key_id, &issuer, err) ||
	    request_create(&policy->profile, present, key_id, &request, err))
		return err->code;
	note_short_life(certs, policy, &issuer);
	code = issue_certificate(
	    &issuer, &policy->profile, request, time_now(), ret_chain, err);
	return judge(certs, policy->issuer_cert, &policy->profile, code,
	    ret_is_too_old, err);
}

enum error_code
certs_obtain(const struct certs *certs, const struct policy *policy,
    const char *key_id, char **ret_pem, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(x509) X509 *present = NULL;
	CLEANUP(string) char *pem = NULL;
	bool is_too_old;
	enum error_code code =
	    cert_store_read(certs->store, policy->id, &pem, err);

	if (code && code != ERROR_NOT_FOUND)
		return code;
	if (!code && certificate_from_pem_without_key(pem, &present, err))
		return err->code;
	code = obtain_once(
	    certs, policy, key_id, present, &chain, &is_too_old, err);
	if (code && !is_too_old && issuers_forget(certs->issuers))
		code = obtain_once(
		    certs, policy, key_id, present, &chain, &is_too_old, err);
	return code ? code : certificates_to_pem(chain, ret_pem, err);
}

static enum error_code
renew(const struct certs *certs, const char *id, char **ret_pem,
    struct error *err)
{
	const struct policy policy = certs_policy(certs, id);
	CLEANUP(string) char *pem = NULL;

	if (certs_obtain(certs, &policy, policy.pk, &pem, err) ||
	    certs_replace(certs, id, pem, err))
		return error_wrap(err, "cannot renew certificate '%s'", id);
	*ret_pem = TAKE(pem);
	return ERROR_NONE;
}

enum error_code
certs_renew(const struct certs *certs, uid_t uid, const char *id,
    char **ret_pem, struct error *err)
{
	if (certs_check_writer(certs, uid, id, err))
		return err->code;
	return note(certs, id, renew(certs, id, ret_pem, err), err);
}
