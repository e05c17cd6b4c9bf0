/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <string.h>

#include "common/file.h"

#define HIDDEN "(not shown)"

struct explainer {
	const struct certd_config *config;
	const struct policy *policy;
	struct explanation *explanation;
};

void
explanation_done(struct explanation *explanation)
{
	for (size_t i = 0; i < explanation->count; i++)
		free(explanation->items[i].value);
	free(explanation->items);
	*explanation = (struct explanation){0, NULL};
}

/* Takes over value, which may be NULL: no memory. */
static enum error_code
add(const struct explainer *explainer, const char *key, char *value,
    const char *origin, struct error *err)
{
	struct explanation *explanation = explainer->explanation;
	struct explained *grown = reallocarray(
	    explanation->items, explanation->count + 1, sizeof(*grown));

	if (grown)
		explanation->items = grown;
	if (!grown || !value) {
		free(value);
		return error_no_memory(err);
	}
	grown[explanation->count++] = (struct explained){key, value, origin};
	return ERROR_NONE;
}

/*
 * Where key of the certificate was set, else that of the section general, which
 * may be NULL. A mapping is where its first value is.
 */
static enum error_code
find_origin(const struct explainer *explainer, const char *key,
    const char *general, const char **ret_origin, struct error *err)
{
	const struct config_origins *origins = &explainer->config->origins;
	const char *section = explainer->policy->section;
	CLEANUP(string)
	char *special = string_format("cert_issuance.certs.%s.%s",
	    section ? section : explainer->policy->id, key);
	const char *origin;

	if (!special)
		return error_no_memory(err);
	origin = config_origin(origins, special);
	if (!origin && general)
		origin = config_origin(origins, general);
	*ret_origin = origin;
	return ERROR_NONE;
}

#define IDENTITY "est.identity_cert"

/* An EST identity without a section is what it is by being named as one. */
static bool
follows_from_being_identity(const struct policy *policy, const char *key)
{
	static const char *const keys[] = {
	    "method", "pk", "profile", "renewal.automatic"};

	if (!policy->section || strcmp(policy->section, policy->id) == 0)
		return false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

/* A text; NULL is left out. */
static enum error_code
tell(const struct explainer *explainer, const char *key, const char *general,
    const char *value, struct error *err)
{
	const char *origin;

	if (!value)
		return ERROR_NONE;
	if (follows_from_being_identity(explainer->policy, key)
		? find_origin(explainer, IDENTITY, "cert_issuance." IDENTITY,
		      &origin, err)
		: find_origin(explainer, key, general, &origin, err))
		return err->code;
	return add(explainer, key, strdup(value), origin, err);
}

/* Texts as "one, other"; none is left out. */
static char *
join(const struct config_strings *strings)
{
	CLEANUP(string) char *all = strdup("");

	for (size_t i = 0; all && i < strings->count; i++) {
		char *longer = string_format(
		    "%s%s%s", all, i > 0 ? ", " : "", strings->items[i]);

		free(all);
		all = longer;
	}
	return TAKE(all);
}

static enum error_code
tell_strings(const struct explainer *explainer, const char *key,
    const char *general, const struct config_strings *strings,
    struct error *err)
{
	CLEANUP(string) char *all = join(strings);

	if (strings->count == 0)
		return ERROR_NONE;
	if (!all)
		return error_no_memory(err);
	return tell(explainer, key, general, all, err);
}

static enum error_code
tell_number(const struct explainer *explainer, const char *key, unsigned number,
    struct error *err)
{
	CLEANUP(string) char *text = string_format("%u", number);

	return text ? tell(explainer, key, NULL, text, err)
		    : error_no_memory(err);
}

static enum error_code
tell_time(const struct explainer *explainer, const char *key,
    const char *general, const struct policy_time *time, struct error *err)
{
	static const char *const units[] = {
	    [POLICY_PERCENT] = "%",
	    [POLICY_MINUTES] = "min",
	    [POLICY_DAYS] = "day",
	};
	CLEANUP(string)
	char *text = string_format("%u%s", time->amount, units[time->unit]);

	return text ? tell(explainer, key, general, text, err)
		    : error_no_memory(err);
}

static const char *
truth(bool value)
{
	return value ? "true" : "false";
}

/* The parts of a request that are let in, by name. */
static enum error_code
tell_accept(const struct explainer *explainer, struct error *err)
{
	unsigned accept = explainer->policy->profile.accept;
	bool has_subject = profile_accepts(accept, 0);
	CLEANUP(string) char *all = strdup("");

	for (unsigned i = 0; all && profile_part_name(i); i++) {
		char *longer;

		if (!profile_accepts(accept, i) ||
		    (has_subject && profile_part_is_of_subject(i)))
			continue;
		longer = string_format(
		    "%s%s%s", all, *all ? ", " : "", profile_part_name(i));
		free(all);
		all = longer;
	}
	return all ? tell(explainer, "accept", NULL, all, err)
		   : error_no_memory(err);
}

static enum error_code
tell_subject(const struct explainer *explainer, struct error *err)
{
	const struct config_map *subject = explainer->policy->profile.subject;

	for (size_t i = 0; i < subject->count; i++) {
		CLEANUP(string)
		char *key = string_format("subject.%s", subject->items[i].key);
		CLEANUP(string)
		char *text = string_format(
		    "%s=%s", subject->items[i].key, subject->items[i].value);
		const char *origin;

		if (!key || !text)
			return error_no_memory(err);
		if (find_origin(explainer, key, NULL, &origin, err) ||
		    add(explainer, "subject", TAKE(text), origin, err))
			return err->code;
	}
	return tell(explainer, "common_name", NULL,
	    explainer->policy->profile.common_name, err);
}

static enum error_code
tell_profile(const struct explainer *explainer, struct error *err)
{
	const struct profile *profile = &explainer->policy->profile;
	unsigned days = profile->expiry_days ? profile->expiry_days
					     : CERTD_EXPIRY_DAYS_DEFAULT;
	/* An EST server is given the request as it is, and sets the dates. */
	bool is_est = explainer->policy->method == POLICY_EST;

	if (tell(explainer, "profile", NULL, profile_kind_name(profile->kind),
		err) ||
	    (!is_est && tell_accept(explainer, err)) ||
	    tell_subject(explainer, err) ||
	    (!is_est && tell_number(explainer, "expiry_days", days, err)))
		return err->code;
	if (profile->kind == PROFILE_CA &&
	    tell_number(
		explainer, "path_length", (unsigned)profile->path_length, err))
		return err->code;
	return tell(explainer, "digest", NULL,
	    profile->digest ? EVP_MD_get0_name(profile->digest) : NULL, err);
}

#define EST "cert_issuance.est."

static enum error_code
tell_est(const struct explainer *explainer, struct error *err)
{
	const struct config_est *est = &explainer->policy->est;
	const struct config_issuance *issuance = certd_config_issuance(
	    explainer->config, explainer->policy->section);
	/* A URL of its own comes with its own allow_http, or none. */
	const char *allow_http =
	    issuance && issuance->est.url ? NULL : EST "allow_http";
	const struct {
		const char *key;
		const char *general;
		const char *value;
	} rows[] = {
	    {"est.url",                     EST "url",                     est->url                     },
	    {"est.fingerprint",             EST "fingerprint",             est->fingerprint             },
	    {"est.username",                EST "username",                est->username                },
	    {"est.password",                EST "password",                est->password ? HIDDEN : NULL},
	    {"est.identity_cert",           EST "identity_cert",           est->identity_cert           },
	    {"est.identity_pk",             EST "identity_pk",             est->identity_pk             },
	    {"est.bootstrap_identity_cert", EST "bootstrap_identity_cert",
             est->bootstrap_identity_cert							       },
	    {"est.bootstrap_identity_pk",   EST "bootstrap_identity_pk",
             est->bootstrap_identity_pk								 },
	    {"est.allow_http",              allow_http,                    truth(est->allow_http)       },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (tell(explainer, rows[i].key, rows[i].general, rows[i].value,
			err))
			return err->code;
	return tell_strings(explainer, "est.trusted_certs", EST "trusted_certs",
	    &est->trusted_certs, err);
}

static enum error_code
tell_issuer(const struct explainer *explainer, struct error *err)
{
	const struct policy *policy = explainer->policy;

	switch (policy->method) {
	case POLICY_LOCAL_CA:
		if (tell(explainer, "issuer.cert",
			"cert_issuance.local_ca.cert", policy->issuer_cert,
			err))
			return err->code;
		return tell(explainer, "issuer.pk", "cert_issuance.local_ca.pk",
		    policy->issuer_pk, err);
	case POLICY_EST:
		return tell_est(explainer, err);
	case POLICY_SELF_SIGNED:
	case POLICY_UNMANAGED:
		break;
	}
	return ERROR_NONE;
}

#define RENEWAL "cert_issuance.renewal."

static enum error_code
tell_renewal(const struct explainer *explainer, struct error *err)
{
	const struct policy_renewal *renewal = &explainer->policy->renewal;

	if (tell(explainer, "renewal.automatic", RENEWAL "automatic",
		truth(renewal->automatic), err) ||
	    tell_time(explainer, "renewal.window", RENEWAL "window",
		&renewal->window, err) ||
	    tell_time(explainer, "renewal.retry", RENEWAL "retry",
		&renewal->retry, err) ||
	    tell(explainer, "renewal.rotate_key", RENEWAL "rotate_key",
		truth(renewal->rotate_key), err) ||
	    tell(explainer, "renewal.prove", RENEWAL "prove",
		renewal->prove_by_user ? "user" : "nobody", err))
		return err->code;
	return tell(explainer, "on_renewed", NULL, renewal->on_renewed, err);
}

/* What is set for the whole of certd. */
static enum error_code
tell_file(const struct explainer *explainer, struct error *err)
{
	const struct policy *policy = explainer->policy;
	const struct config_origins *origins = &explainer->config->origins;
	CLEANUP(string)
	char *key = string_format("preloaded_certs.%s", policy->id);

	if (!key)
		return error_no_memory(err);
	if (policy->preloaded &&
	    (add(explainer, "preloaded_certs", strdup(policy->preloaded),
		 config_origin(origins, key), err) ||
		add(explainer, "manage_preloaded",
		    strdup(truth(!policy->is_read_only)),
		    config_origin(origins, "manage_preloaded"), err)))
		return err->code;
	if (!explainer->config->compat)
		return ERROR_NONE;
	return add(explainer, "compat", strdup(explainer->config->compat),
	    config_origin(origins, "compat"), err);
}

static enum error_code
tell_all(const struct explainer *explainer, struct error *err)
{
	const struct policy *policy = explainer->policy;

	if (tell(explainer, "method", NULL, policy_method_name(policy->method),
		err) ||
	    tell_file(explainer, err))
		return err->code;
	if (policy->method == POLICY_UNMANAGED)
		return ERROR_NONE;
	if (tell(explainer, "pk", NULL, policy->pk, err) ||
	    tell_issuer(explainer, err) || tell_profile(explainer, err))
		return err->code;
	return tell_renewal(explainer, err);
}

enum error_code
explain(const struct certd_config *config, const char *id,
    struct explanation *ret_explanation, struct error *err)
{
	const struct policy policy = policy_of(config, id);
	CLEANUP_DONE(explanation) struct explanation explanation = {0, NULL};
	const struct explainer explainer = {config, &policy, &explanation};

	if (tell_all(&explainer, err))
		return err->code;
	*ret_explanation = TAKE_CONTENTS(explanation);
	return ERROR_NONE;
}
