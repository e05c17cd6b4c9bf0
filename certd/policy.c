/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "unit.h"

#define FINGERPRINT_DIGITS 64
#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_DAY 86400
#define PERCENT_MAX 99
/* More of a unit than this is a slip of the pen, and no overflow. */
#define AMOUNT_MAX 100000

static const char *const method_names[] = {
    [POLICY_UNMANAGED] = "none",
    [POLICY_SELF_SIGNED] = "self_signed",
    [POLICY_LOCAL_CA] = "local_ca",
    [POLICY_EST] = "est",
};

const char *
policy_method_name(enum policy_method method)
{
	return method_names[method];
}

static enum policy_method
method_of(const struct config_issuance *issuance)
{
	if (!issuance)
		return POLICY_UNMANAGED;
	for (enum policy_method i = POLICY_SELF_SIGNED; i < POLICY_EST; i++)
		if (strcmp(method_names[i], issuance->method) == 0)
			return i;
	return POLICY_EST;
}

enum error_code
policy_time_parse(
    const char *text, struct policy_time *ret_time, struct error *err)
{
	static const char *const units[] = {
	    [POLICY_PERCENT] = "%",
	    [POLICY_MINUTES] = "min",
	    [POLICY_DAYS] = "day",
	};
	unsigned long most = AMOUNT_MAX;
	char *end = NULL;
	unsigned long amount =
	    *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;

	for (unsigned i = 0; end && i < sizeof(units) / sizeof(units[0]); i++) {
		most = i == POLICY_PERCENT ? PERCENT_MAX : AMOUNT_MAX;
		if (strcmp(end, units[i]) != 0 || amount < 1 || amount > most)
			continue;
		ret_time->amount = (unsigned)amount;
		ret_time->unit = i;
		return ERROR_NONE;
	}
	return error_set(err, ERROR_INVALID,
	    "'%s' is none of 1%% to %d%%, 1min to %dmin, 1day to %dday", text,
	    PERCENT_MAX, AMOUNT_MAX, AMOUNT_MAX);
}

int64_t
policy_time_seconds(const struct policy_time *time, int64_t life)
{
	int64_t amount = time->amount;

	switch (time->unit) {
	case POLICY_PERCENT:
		/* In this order there is no overflow. */
		return life / 100 * amount + life % 100 * amount / 100;
	case POLICY_MINUTES:
		return amount * SECONDS_PER_MINUTE;
	case POLICY_DAYS:
		break;
	}
	return amount * SECONDS_PER_DAY;
}

/* --- the policy of a certificate ------------------------------------------ */

/* The text of the more special section, else of the other, else other. */
static const char *
first_of(const char *special, const char *general, const char *other)
{
	if (special)
		return special;
	return general ? general : other;
}

/* policy_check() has read text before. */
static struct policy_time
time_of(const char *text)
{
	struct policy_time time;
	struct error err;

	if (policy_time_parse(text, &time, &err))
		return (struct policy_time){0};
	return time;
}

static struct policy_renewal
renewal_of(
    const struct certd_config *config, const struct config_issuance *issuance)
{
	const struct config_renewal *general = &config->cert_issuance.renewal;
	const struct config_renewal *special = &issuance->renewal;
	bool is_wanted = general->present || special->present ||
			 method_of(issuance) == POLICY_EST;
	struct policy_renewal renewal = {.on_renewed = issuance->on_renewed};

	renewal.automatic =
	    strcmp(first_of(special->automatic, general->automatic,
		       is_wanted ? "true" : "false"),
		"true") == 0;
	renewal.rotate_key =
	    strcmp(first_of(special->rotate_key, general->rotate_key, "true"),
		"true") == 0;
	renewal.prove_by_user =
	    strcmp(first_of(special->prove, general->prove, "nobody"),
		"user") == 0;
	renewal.window = time_of(
	    first_of(special->window, general->window, POLICY_WINDOW_DEFAULT));
	renewal.retry = time_of(
	    first_of(special->retry, general->retry, POLICY_RETRY_DEFAULT));
	return renewal;
}

static struct profile
profile_of(
    const struct certd_config *config, const struct config_issuance *issuance)
{
	struct profile profile = {
	    .common_name = issuance->common_name,
	    .subject = &issuance->subject,
	    .expiry_days = issuance->expiry_days,
	    .path_length = (int)issuance->path_length,
	    .clip = config->compat != NULL,
	    .copy_extensions = config->compat != NULL && !issuance->profile,
	};
	struct error err;

	/* policy_check() has read both before. */
	if (profile_kind_parse(issuance->profile, &profile.kind, &err) ||
	    profile_accept_parse(
		&issuance->accept, profile.kind, &profile.accept, &err))
		return profile;
	if (issuance->digest)
		profile.digest = EVP_get_digestbyname(issuance->digest);
	return profile;
}

/* The first certificate that EST is asked for with identity id; or NULL. */
static const struct config_issuance *
user_of_identity(const struct certd_config *config, const char *id)
{
	const struct config_cert_issuance *issuing = &config->cert_issuance;
	const struct config_issuance *issuances = issuing->certs.items;

	for (size_t i = 0; i < issuing->certs.count; i++) {
		const char *identity = first_of(issuances[i].est.identity_cert,
		    issuing->est.identity_cert, NULL);

		if (identity && strcmp(identity, id) == 0 &&
		    method_of(&issuances[i]) == POLICY_EST)
			return &issuances[i];
	}
	return NULL;
}

/*
 * Unless it has a section of its own, an EST identity is issued by the same
 * server as what is asked for with it, for the same subject.
 */
static void
make_identity(struct policy *policy, const char *id)
{
	policy->id = id;
	policy->pk = policy->est.identity_pk;
	policy->profile.kind = PROFILE_CLIENT;
	policy->renewal.on_renewed = NULL;
	policy->renewal.automatic = true;
}

static struct policy
policy_from(const struct certd_config *config, const char *id,
    const struct config_issuance *found)
{
	static const struct config_issuance none;
	const struct config_issuance *issuance = found ? found : &none;
	const struct config_local_ca *issuer =
	    issuance->issuer.present ? &issuance->issuer
				     : &config->cert_issuance.local_ca;

	return (struct policy){
	    .id = id,
	    .section = found ? found->id : NULL,
	    .method = method_of(found),
	    .pk = issuance->pk ? issuance->pk : id,
	    .issuer_cert = issuer->cert,
	    .issuer_pk = issuer->pk,
	    .profile = profile_of(config, issuance),
	    .est = certd_est_merge(&config->cert_issuance.est, &issuance->est),
	    .renewal = found ? renewal_of(config, issuance)
			     : (struct policy_renewal){0},
	};
}

struct policy
policy_of(const struct certd_config *config, const char *id)
{
	const struct config_issuance *own = certd_config_issuance(config, id);
	const char *preloaded = config_map_get(&config->preloaded_certs, id);
	bool is_read_only =
	    preloaded && !config->manage_preloaded && !config->compat;
	/* A file that is not ours to write is nobody's to issue. */
	const struct config_issuance *user =
	    own || is_read_only ? NULL : user_of_identity(config, id);
	struct policy policy = policy_from(config, id, user ? user : own);

	if (user)
		make_identity(&policy, id);
	policy.preloaded = preloaded;
	policy.is_read_only = is_read_only;
	return policy;
}

/* --- what the table does not check ---------------------------------------- */

static enum error_code
check_time(const char *text, const char *key, struct error *err)
{
	struct policy_time time;

	if (text && policy_time_parse(text, &time, err))
		return error_wrap(err, "renewal.%s", key);
	return ERROR_NONE;
}

static enum error_code
check_renewal(const struct config_renewal *renewal, struct error *err)
{
	if (check_time(renewal->window, "window", err) ||
	    check_time(renewal->retry, "retry", err))
		return err->code;
	return ERROR_NONE;
}

static enum error_code
check_together(const char *one, const char *one_key, const char *other,
    const char *other_key, struct error *err)
{
	if (!one == !other)
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID, "est: '%s' needs '%s' with it",
	    one ? one_key : other_key, one ? other_key : one_key);
}

/* A SHA-256 in hexadecimal digits, which may have colons between them. */
static enum error_code
check_fingerprint(const char *fingerprint, struct error *err)
{
	size_t digits = 0;

	for (const char *c = fingerprint; c && *c; c++) {
		if (isxdigit((unsigned char)*c))
			digits++;
		else if (*c != ':')
			digits = FINGERPRINT_DIGITS + 1;
	}
	if (!fingerprint || digits == FINGERPRINT_DIGITS)
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "est.fingerprint is no SHA-256: %d hexadecimal digits",
	    FINGERPRINT_DIGITS);
}

static enum error_code
check_est(const struct config_est *est, struct error *err)
{
	if (check_fingerprint(est->fingerprint, err) ||
	    check_together(
		est->username, "username", est->password, "password", err) ||
	    check_together(est->identity_cert, "identity_cert",
		est->identity_pk, "identity_pk", err) ||
	    check_together(est->bootstrap_identity_cert,
		"bootstrap_identity_cert", est->bootstrap_identity_pk,
		"bootstrap_identity_pk", err))
		return err->code;
	return ERROR_NONE;
}

static enum error_code
check_method(const struct certd_config *config,
    const struct config_issuance *issuance, struct error *err)
{
	enum policy_method method = method_of(issuance);

	if (method == POLICY_LOCAL_CA && !issuance->issuer.present &&
	    !config->cert_issuance.local_ca.present)
		return error_set(err, ERROR_INVALID,
		    "method local_ca needs the section "
		    "cert_issuance.local_ca, or an issuer of its own");
	if (method == POLICY_EST && !issuance->est.url &&
	    !config->cert_issuance.est.url)
		return error_set(err, ERROR_INVALID,
		    "method est needs est.url, here or in cert_issuance.est");
	return ERROR_NONE;
}

static enum error_code
check_unit(const struct config_issuance *issuance, struct error *err)
{
	if (issuance->on_renewed && unit_check_name(issuance->on_renewed, err))
		return error_wrap(err, "on_renewed");
	return ERROR_NONE;
}

static enum error_code
check_profile(const struct config_issuance *issuance, struct error *err)
{
	enum profile_kind kind;
	unsigned accept;

	if (issuance->expiry_days > PROFILE_EXPIRY_DAYS_MAX)
		return error_set(err, ERROR_INVALID,
		    "expiry_days is %u, at most %d are possible",
		    issuance->expiry_days, PROFILE_EXPIRY_DAYS_MAX);
	if (issuance->common_name && issuance->subject.count > 0)
		return error_set(err, ERROR_INVALID,
		    "common_name and subject are two ways to say one thing");
	if (profile_kind_parse(issuance->profile, &kind, err) ||
	    profile_accept_parse(&issuance->accept, kind, &accept, err) ||
	    profile_subject_check(&issuance->subject, err))
		return err->code;
	if (issuance->path_length > 0 && kind != PROFILE_CA)
		return error_set(
		    err, ERROR_INVALID, "path_length is for profile ca only");
	if (issuance->path_length > PROFILE_PATH_LENGTH_MAX)
		return error_set(err, ERROR_INVALID,
		    "path_length is %u, at most %d are possible",
		    issuance->path_length, PROFILE_PATH_LENGTH_MAX);
	return ERROR_NONE;
}

enum error_code
policy_check(const struct certd_config *config, struct error *err)
{
	const struct config_cert_issuance *issuing = &config->cert_issuance;
	const struct config_issuance *issuances = issuing->certs.items;

	if (check_est(&issuing->est, err) ||
	    check_renewal(&issuing->renewal, err))
		return error_wrap(err, "cert_issuance");
	for (size_t i = 0; i < issuing->certs.count; i++)
		if (check_method(config, &issuances[i], err) ||
		    check_profile(&issuances[i], err) ||
		    check_est(&issuances[i].est, err) ||
		    check_renewal(&issuances[i].renewal, err) ||
		    check_unit(&issuances[i], err))
			return error_wrap(
			    err, "cert_issuance.certs.%s", issuances[i].id);
	return ERROR_NONE;
}
