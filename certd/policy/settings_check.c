/* SPDX-License-Identifier: MIT */
/* The rules among settings, which the tables do not know. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "common/https_client.h"
#include "policy_time.h"
#include "profile.h"
#include "settings_inside.h"
#include "unit.h"

#define FINGERPRINT_DIGITS 64
#define KEYS_MAX 6

void
settings_tell(const struct inquiry *inquiry, const char *section,
    const char *key, const struct error *mistake)
{
	const char *keys[KEYS_MAX] = {"cert_issuance"};
	size_t count = 1;

	if (inquiry->id) {
		keys[count++] = "certs";
		keys[count++] = inquiry->id;
	}
	if (section)
		keys[count++] = section;
	if (key)
		keys[count++] = key;
	inquiry->tell(inquiry->context, keys, mistake);
}

/* ---- renewal ---- */

static void
check_time(const struct inquiry *inquiry, const char *key, const char *text)
{
	struct policy_time time;
	struct error err;

	if (text && policy_time_parse(text, &time, &err))
		settings_tell(inquiry, "renewal", key, &err);
}

static void
check_renewal(
    const struct inquiry *inquiry, const struct config_renewal *renewal)
{
	check_time(inquiry, "window", renewal->window);
	check_time(inquiry, "retry", renewal->retry);
}

/* ---- EST ---- */

static void
check_together(const struct inquiry *inquiry, const char *one,
    const char *one_key, const char *other, const char *other_key)
{
	const char *there = one ? one_key : other_key;
	struct error err;

	if (!one == !other)
		return;
	(void)error_set(&err, ERROR_INVALID, "'%s' needs '%s' with it", there,
	    one ? other_key : one_key);
	settings_tell(inquiry, "est", there, &err);
}

/* A SHA-256 in hexadecimal digits, which may have colons between them. */
static bool
is_fingerprint(const char *fingerprint)
{
	size_t digits = 0;

	for (const char *c = fingerprint; *c; c++) {
		if (isxdigit((unsigned char)*c))
			digits++;
		else if (*c != ':')
			return false;
	}
	return digits == FINGERPRINT_DIGITS;
}

static void
check_est(const struct inquiry *inquiry, const struct config_est *est)
{
	struct error err;

	if (est->fingerprint && !is_fingerprint(est->fingerprint)) {
		(void)error_set(&err, ERROR_INVALID,
		    "'fingerprint' is no SHA-256: %d hexadecimal digits",
		    FINGERPRINT_DIGITS);
		settings_tell(inquiry, "est", "fingerprint", &err);
	}
	if (est->fingerprint && est->trusted_certs.count > 0) {
		(void)error_set(&err, ERROR_INVALID,
		    "'fingerprint' and 'trusted_certs' are two ways to say "
		    "whom to trust, and only one of them can count");
		settings_tell(inquiry, "est", "fingerprint", &err);
	}
	if (est->allow_http && !est->url) {
		(void)error_set(&err, ERROR_INVALID,
		    "'allow_http' is for the 'url' beside it, and there is "
		    "none");
		settings_tell(inquiry, "est", "allow_http", &err);
	}
	check_together(
	    inquiry, est->username, "username", est->password, "password");
	check_together(inquiry, est->identity_cert, "identity_cert",
	    est->identity_pk, "identity_pk");
	check_together(inquiry, est->bootstrap_identity_cert,
	    "bootstrap_identity_cert", est->bootstrap_identity_pk,
	    "bootstrap_identity_pk");
}

static bool
has_user(const char *url)
{
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	return memchr(host, '@', strcspn(host, "/?#")) != NULL;
}

static enum error_code
check_url(const struct config_est *est, bool is_lenient, struct error *err)
{
	char authority[HTTPS_AUTHORITY_MAX];

	if (has_user(est->url))
		return error_set(err, ERROR_INVALID,
		    "'url' has a user in it; say 'username' and 'password'");
	if (https_authority(est->url, true, authority, err))
		return error_set(err, ERROR_INVALID,
		    "'url' is not that of an EST server: "
		    "https://host/.well-known/est");
	if (strncasecmp(est->url, "http:", strlen("http:")) == 0 &&
	    !est->allow_http && !is_lenient)
		return error_set(err, ERROR_INVALID,
		    "'url' is http, so anybody between may answer in the "
		    "server's place; use https, or say 'allow_http: true'");
	return ERROR_NONE;
}

enum error_code
certd_est_check(const struct config_est *est, bool is_lenient,
    const char **ret_key, struct error *err)
{
	if (check_url(est, is_lenient, err)) {
		*ret_key = "url";
		return err->code;
	}
	if (est->trusted_certs.count > 0 || est->fingerprint || is_lenient ||
	    strncasecmp(est->url, "http:", strlen("http:")) == 0)
		return ERROR_NONE;
	*ret_key = NULL;
	return error_set(err, ERROR_INVALID,
	    "nothing says who may be EST server '%.*s'; name its CA in "
	    "est.trusted_certs or est.fingerprint",
	    (int)strcspn(est->url, "?#"), est->url);
}

/* ---- one certificate ---- */

static void
check_method(
    const struct inquiry *inquiry, const struct config_issuance *issuance)
{
	struct error err = {.code = ERROR_NONE};

	if (strcmp(issuance->method, "local_ca") == 0 &&
	    !issuance->issuer.present && !inquiry->settings->local_ca->present)
		(void)error_set(&err, ERROR_INVALID,
		    "method 'local_ca' needs the section "
		    "'cert_issuance.local_ca', or an issuer of its own");
	if (strcmp(issuance->method, "est") == 0 && !issuance->est.url &&
	    !inquiry->settings->est->url)
		(void)error_set(&err, ERROR_INVALID,
		    "method 'est' needs 'est.url', here or in "
		    "cert_issuance.est");
	if (err.code)
		settings_tell(inquiry, NULL, "method", &err);
}

static void
check_path_length(const struct inquiry *inquiry,
    const struct config_issuance *issuance, enum profile_kind kind)
{
	struct error err = {.code = ERROR_NONE};

	if (issuance->path_length > 0 && kind != PROFILE_CA)
		(void)error_set(&err, ERROR_INVALID,
		    "'path_length' is for profile ca only");
	else if (issuance->path_length > PROFILE_PATH_LENGTH_MAX)
		(void)error_set(&err, ERROR_INVALID,
		    "'path_length' is %u, at most %d are possible",
		    issuance->path_length, PROFILE_PATH_LENGTH_MAX);
	if (err.code)
		settings_tell(inquiry, NULL, "path_length", &err);
}

static void
check_subject(
    const struct inquiry *inquiry, const struct config_issuance *issuance)
{
	struct error err;

	if (issuance->common_name && issuance->subject.count > 0) {
		(void)error_set(&err, ERROR_INVALID,
		    "'common_name' and 'subject' are two ways to say one "
		    "thing");
		settings_tell(inquiry, NULL, "common_name", &err);
	}
	if (profile_subject_check(&issuance->subject, &err))
		settings_tell(inquiry, NULL, "subject", &err);
}

static void
check_profile(
    const struct inquiry *inquiry, const struct config_issuance *issuance)
{
	enum profile_kind kind;
	unsigned accept;
	struct error err;

	if (issuance->expiry_days > CERTD_EXPIRY_DAYS_MAX) {
		(void)error_set(&err, ERROR_INVALID,
		    "'expiry_days' is %u, at most %d are possible",
		    issuance->expiry_days, CERTD_EXPIRY_DAYS_MAX);
		settings_tell(inquiry, NULL, "expiry_days", &err);
	}
	if (profile_kind_parse(issuance->profile, &kind, &err)) {
		settings_tell(inquiry, NULL, "profile", &err);
		return;
	}
	if (profile_accept_parse(&issuance->accept, kind, &accept, &err))
		settings_tell(inquiry, NULL, "accept", &err);
	check_path_length(inquiry, issuance, kind);
}

static void
check_issuance(
    const struct inquiry *inquiry, const struct config_issuance *issuance)
{
	struct error err;

	check_method(inquiry, issuance);
	check_profile(inquiry, issuance);
	check_subject(inquiry, issuance);
	check_est(inquiry, &issuance->est);
	check_renewal(inquiry, &issuance->renewal);
	if (issuance->on_renewed && unit_check_name(issuance->on_renewed, &err))
		settings_tell(inquiry, NULL, "on_renewed", &err);
}

void
certd_settings_check(const struct certd_settings *settings,
    certd_settings_mistake *tell_mistake, void *context)
{
	const struct config_issuance *issuances = settings->certs->items;
	struct inquiry inquiry = {settings, NULL, tell_mistake, context};

	check_est(&inquiry, settings->est);
	check_renewal(&inquiry, settings->renewal);
	for (size_t i = 0; i < settings->certs->count; i++) {
		inquiry.id = issuances[i].id;
		check_issuance(&inquiry, &issuances[i]);
	}
	inquiry.id = NULL;
	settings_check_keys(&inquiry);
}
