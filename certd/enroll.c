/* SPDX-License-Identifier: MIT */
#include "enroll.h"

#include <string.h>
#include <strings.h>

#include "certs_state.h"
#include "common/file.h"
#include "common/time.h"
#include "est_answer.h"
#include "est_client.h"
#include "keys.h"
#include "request.h"

#define WAIT_SLICE_MS 100
#define IDENTITY_MS 15000

/* A server, and as whom we ask it. */
struct asking {
	struct est_server server;
	const char *operation;
	char *ca_pem;
	EVP_PKEY *key;
	x509_stack *chain;
	bool
	    is_ours; /* they are what EST gave us, not what we were born with */
};

static void
asking_done(struct asking *asking)
{
	free(asking->ca_pem);
	EVP_PKEY_free(asking->key);
	x509_stack_free(asking->chain);
}

static bool
wait_unless_stopped(
    void *context, int64_t milliseconds, const struct error *why)
{
	const atomic_bool *stops = context;
	int64_t end = time_monotonic_ms() + milliseconds;

	(void)why;
	while (time_monotonic_ms() < end) {
		if (stops && atomic_load(stops))
			return false;
		time_sleep_ms(WAIT_SLICE_MS);
	}
	return true;
}

/* ---- whom to trust ---- */

static enum error_code
add_anchor(
    const struct certs *certs, const char *id, char **pem, struct error *err)
{
	CLEANUP(string) char *more = NULL;
	char *both;

	if (certs_get(certs, id, &more, err))
		return error_wrap(err, "est.trusted_certs");
	both = string_format("%s%s", *pem ? *pem : "", more);
	if (!both)
		return error_no_memory(err);
	free(*pem);
	*pem = both;
	return ERROR_NONE;
}

static bool
is_http(const char *url)
{
	return strncasecmp(url, "http://", strlen("http://")) == 0;
}

/* What aziot-certd lets pass is let pass for who comes from there, and told. */
static void
note_leniency(const struct enroll *enroll)
{
	const struct policy *policy = enroll->policy;
	const struct config_est *est = &policy->est;

	if (is_http(est->url))
		certs_note(enroll->certs, policy->id,
		    "its EST server is asked by http: anybody between may "
		    "answer in its place, and learns the password");
	else if (enroll->certs->config.compat && !est->fingerprint)
		certs_note(enroll->certs, policy->id,
		    "its EST server may be whoever the system's roots vouch "
		    "for, as with aziot-certd (compat: aziot)");
}

static enum error_code
set_trust(const struct enroll *enroll, struct asking *asking, struct error *err)
{
	const struct config_est *est = &enroll->policy->est;
	bool is_lenient = enroll->certs->config.compat != NULL;
	const char *key;

	if (certd_est_check(est, is_lenient, &key, err))
		return error_wrap(err, "est");
	for (size_t i = 0; i < est->trusted_certs.count; i++)
		if (add_anchor(enroll->certs, est->trusted_certs.items[i],
			&asking->ca_pem, err))
			return err->code;
	note_leniency(enroll);
	asking->server.ca_pem = asking->ca_pem;
	asking->server.fingerprint = est->fingerprint;
	asking->server.system_roots_too = is_lenient && !est->fingerprint;
	return ERROR_NONE;
}

/* ---- as whom ---- */

/* Fails with ERROR_NOT_FOUND. */
static enum error_code
check_valid(const X509 *certificate, int64_t now, struct error *err)
{
	int64_t from, until;

	if (time_from_asn1(X509_get0_notBefore(certificate), &from, err) ||
	    time_from_asn1(X509_get0_notAfter(certificate), &until, err))
		return error_set(
		    err, ERROR_NOT_FOUND, "its dates cannot be read");
	if (now < from)
		return error_set(err, ERROR_NOT_FOUND, "it begins on %s only",
		    time_format(from).text);
	if (now >= until)
		return error_set(err, ERROR_NOT_FOUND, "it expired on %s",
		    time_format(until).text);
	return ERROR_NONE;
}

/*
 * Takes the pair if it is there, whole and valid. Fails with ERROR_NOT_FOUND,
 * saying which of these it is not, and otherwise if that cannot be told.
 */
static enum error_code
take_pair(const struct enroll *enroll, const char *cert_id, const char *key_id,
    struct asking *asking, struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	if (certs_get(enroll->certs, cert_id, &pem, err))
		return err->code == ERROR_NOT_FOUND
			   ? error_set(err, ERROR_NOT_FOUND,
				 "there is no certificate yet")
			   : err->code;
	if (certificates_from_pem(pem, &chain, err))
		return error_wrap(err, "certificate '%s'", cert_id);
	if (check_valid(sk_X509_value(chain, 0), enroll->now, err))
		return err->code;
	if (keys_load(key_id, &key, err))
		return err->code == ERROR_NOT_FOUND
			   ? error_set(err, ERROR_NOT_FOUND,
				 "keyd does not have its key '%s'", key_id)
			   : err->code;
	if (!certificate_matches_key(sk_X509_value(chain, 0), key))
		return error_set(err, ERROR_NOT_FOUND,
		    "it is not for key '%s', which keyd has", key_id);
	asking->chain = TAKE(chain);
	asking->key = TAKE(key);
	return ERROR_NONE;
}

static bool
is_identity(const struct policy *policy)
{
	const char *identity = policy->est.identity_cert;

	return !identity || strcmp(identity, policy->id) == 0;
}

static enum error_code
take_bootstrap(
    const struct enroll *enroll, struct asking *asking, struct error *err)
{
	const struct config_est *est = &enroll->policy->est;

	if (est->bootstrap_identity_cert) {
		if (!take_pair(enroll, est->bootstrap_identity_cert,
			est->bootstrap_identity_pk, asking, err))
			return ERROR_NONE;
		if (err->code != ERROR_NOT_FOUND)
			return error_wrap(err, "the bootstrap identity");
	}
	if (est->username)
		return ERROR_NONE;
	if (est->bootstrap_identity_cert) {
		err->code = ERROR_INVALID;
		return error_wrap(err,
		    "the bootstrap identity '%s' cannot be used",
		    est->bootstrap_identity_cert);
	}
	return error_set(err, ERROR_INVALID,
	    "there is nothing valid to prove ourselves with to EST server "
	    "'%s'; configure est.bootstrap_identity_cert, or est.username",
	    est->url);
}

static enum error_code
take_identity(
    const struct enroll *enroll, struct asking *asking, struct error *err)
{
	const struct config_est *est = &enroll->policy->est;

	if (!take_pair(
		enroll, est->identity_cert, est->identity_pk, asking, err)) {
		asking->is_ours = true;
		return ERROR_NONE;
	}
	if (err->code != ERROR_NOT_FOUND)
		return err->code;
	err->code = ERROR_UNAVAILABLE;
	return error_wrap(
	    err, "the EST identity '%s' cannot be used", est->identity_cert);
}

/* renews: the certificate of policy itself is to be replaced. */
static enum error_code
take_credentials(const struct enroll *enroll, bool renews,
    struct asking *asking, struct error *err)
{
	const struct policy *policy = enroll->policy;

	asking->operation = EST_ENROLL;
	if (!is_identity(policy))
		return take_identity(enroll, asking, err);
	if (!renews)
		return take_bootstrap(enroll, asking, err);
	if (!take_pair(enroll, policy->id, policy->pk, asking, err)) {
		asking->is_ours = true;
		asking->operation = EST_REENROLL;
		return ERROR_NONE;
	}
	return err->code == ERROR_NOT_FOUND
		   ? take_bootstrap(enroll, asking, err)
		   : err->code;
}

/* Fills asking with the server alone. */
static enum error_code
prepare(const struct enroll *enroll, struct asking *asking, struct error *err)
{
	const struct config_est *est = &enroll->policy->est;

	asking->server = (struct est_server){.url = est->url,
	    .allow_http =
		est->allow_http || enroll->certs->config.compat != NULL,
	    .user = est->username,
	    .password = est->password,
	    .wait = wait_unless_stopped,
	    .context = enroll->stops};
	return set_trust(enroll, asking, err);
}

static enum error_code
open_session(const struct enroll *enroll, bool renews, struct asking *asking,
    struct est_session **ret_session, struct error *err)
{
	err->code = ERROR_NONE;
	if (prepare(enroll, asking, err) ||
	    take_credentials(enroll, renews, asking, err))
		return err->code;
	asking->server.key = asking->key;
	asking->server.chain = asking->chain;
	/* A password is for who has nothing better; aziot sends it always. */
	if (asking->is_ours && !enroll->certs->config.compat)
		asking->server.user = NULL;
	return est_session_open(&asking->server, ret_session, err);
}

/* ---- asking ---- */

/*
 * A device that is new has no EST identity yet, and certd is about to enroll
 * it, as it does when the identity's key is lost: whoever asks in these moments
 * waits.
 */
static void
await_identity(const struct enroll *enroll)
{
	const struct policy *policy = enroll->policy;
	const struct certs_watcher *watcher = &enroll->certs->watcher;
	int64_t end = time_monotonic_ms() + IDENTITY_MS;
	bool has_told = false;

	while (!is_identity(policy) && time_monotonic_ms() < end) {
		CLEANUP_DONE(asking) struct asking asking = {.key = NULL};
		struct error why;

		if (take_pair(enroll, policy->est.identity_cert,
			policy->est.identity_pk, &asking,
			&why) != ERROR_NOT_FOUND)
			return;
		if (!has_told && watcher->missed)
			watcher->missed(
			    watcher->context, policy->est.identity_cert);
		has_told = true;
		if (!wait_unless_stopped(enroll->stops, WAIT_SLICE_MS, &why))
			return;
	}
}

/* The part that profile gives the certificate is expected in any case. */
static enum error_code
enroll_now(const struct enroll *enroll, const struct asking *asking,
    struct est_session *session, X509_REQ *request, x509_stack **ret_chain,
    struct error *err)
{
	static const int usages[] = {
	    [PROFILE_BY_REQUEST] = NID_undef,
	    [PROFILE_DEVICE_IDENTITY] = NID_client_auth,
	    [PROFILE_SERVER] = NID_server_auth,
	    [PROFILE_CLIENT] = NID_client_auth,
	    [PROFILE_CA] = NID_undef,
	};
	enum profile_kind kind = enroll->policy->profile.kind;
	const struct est_order order = {.operation = asking->operation,
	    .request = request,
	    .now = enroll->now,
	    .usage = usages[kind],
	    .is_ca = kind == PROFILE_CA};

	return est_enroll(session, &order, ret_chain, err);
}

enum error_code
enroll_request(const struct enroll *enroll, X509_REQ *request, char **ret_pem,
    struct error *err)
{
	CLEANUP_DONE(asking) struct asking asking = {.key = NULL};
	CLEANUP(est_session) struct est_session *session = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(x509_req) X509_REQ *renamed = NULL;

	await_identity(enroll);
	if (request_rename(&enroll->policy->profile, request,
		enroll->policy->pk, &renamed, err) ||
	    open_session(enroll, false, &asking, &session, err) ||
	    enroll_now(enroll, &asking, session, renamed ? renamed : request,
		&chain, err))
		return err->code;
	return certificates_to_pem(chain, ret_pem, err);
}

enum error_code
enroll_wishes(const struct enroll *enroll, struct est_wishes *ret_wishes,
    struct error *err)
{
	CLEANUP_DONE(asking) struct asking asking = {.key = NULL};
	CLEANUP(est_session) struct est_session *session = NULL;

	if (open_session(enroll, true, &asking, &session, err))
		return err->code;
	return est_ask_wishes(session, ret_wishes, err);
}

/* The certificate whose names the new one is to have; NULL: none. */
static enum error_code
model_of(const struct enroll *enroll, x509_stack **ret_chain, struct error *err)
{
	const struct policy *policy = enroll->policy;
	const char *const ids[] = {
	    policy->id, policy->est.bootstrap_identity_cert};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		CLEANUP(string) char *pem = NULL;

		if (!ids[i])
			continue;
		if (certs_get(enroll->certs, ids[i], &pem, err) == ERROR_NONE)
			return certificates_from_pem(pem, ret_chain, err);
		if (err->code != ERROR_NOT_FOUND)
			return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
make_request(const struct enroll *enroll, const struct est_wishes *wishes,
    const char *key_id, X509_REQ **ret_request, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *model = NULL;
	struct profile profile = enroll->policy->profile;

	if (!profile.digest)
		profile.digest = wishes->hash;
	profile.ask_usage = wishes->usage || profile.kind != PROFILE_BY_REQUEST;
	if (model_of(enroll, &model, err))
		return err->code;
	return request_create(&profile, model ? sk_X509_value(model, 0) : NULL,
	    key_id, ret_request, err);
}

/* There are no other names than those that the last certificate has. */
static bool
has_names(X509_REQ *request)
{
	STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(request);
	bool has =
	    X509v3_get_ext_by_NID(extensions, NID_subject_alt_name, -1) >= 0;

	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	return has;
}

static enum error_code
ask(const struct enroll *enroll, const struct asking *asking,
    struct est_session *session, const char *key_id, char **ret_pem,
    struct error *err)
{
	CLEANUP(x509_req) X509_REQ *request = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct est_wishes wishes;

	if (est_ask_wishes(session, &wishes, err) ||
	    make_request(enroll, &wishes, key_id, &request, err))
		return err->code;
	if (wishes.names && !has_names(request))
		est_wishes_miss(&wishes, LN_subject_alt_name);
	if (!est_wishes_allow(&wishes, X509_REQ_get0_pubkey(request)))
		est_wishes_miss(&wishes, wishes.key_kind);
	if (enroll_now(enroll, asking, session, request, &chain, err))
		return *wishes.missing
			   ? error_wrap(err,
				 "(the server wants what is not in the "
				 "request: %s)",
				 wishes.missing)
			   : err->code;
	return certificates_to_pem(chain, ret_pem, err);
}

enum error_code
enroll_key(const struct enroll *enroll, const char *key_id, char **ret_pem,
    int64_t *ret_wait_seconds, struct error *err)
{
	CLEANUP_DONE(asking) struct asking asking = {.key = NULL};
	CLEANUP(est_session) struct est_session *session = NULL;
	enum error_code code;

	*ret_wait_seconds = 0;
	if (open_session(enroll, true, &asking, &session, err))
		return err->code;
	code = ask(enroll, &asking, session, key_id, ret_pem, err);
	*ret_wait_seconds = est_session_wait_seconds(session);
	return code;
}

enum error_code
enroll_prove(const struct enroll *enroll, const char *key_id, const char *pem,
    struct error *err)
{
	CLEANUP_DONE(asking) struct asking asking = {.key = NULL};

	if (prepare(enroll, &asking, err) ||
	    keys_load(key_id, &asking.key, err) ||
	    certificates_from_pem(pem, &asking.chain, err))
		return err->code;
	/* The certificate has to do without the password's help. */
	asking.server.user = NULL;
	asking.server.key = asking.key;
	asking.server.chain = asking.chain;
	return est_prove(&asking.server, err);
}
