/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include <stdio.h>
#include <string.h>

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

static struct certd_settings
settings_of(const struct certd_config *config)
{
	const struct config_cert_issuance *issuing = &config->cert_issuance;

	return (struct certd_settings){.local_ca = &issuing->local_ca,
	    .est = &issuing->est,
	    .renewal = &issuing->renewal,
	    .certs = &issuing->certs,
	    .fixed_certs =
		config->manage_preloaded ? NULL : &config->preloaded_certs};
}

bool
policy_is_issuer(const struct certd_config *config, const char *id)
{
	const struct certd_settings settings = settings_of(config);

	return certd_settings_is_issuer(&settings, id);
}

static struct policy_renewal
renewal_of(
    const struct certd_config *config, const struct config_issuance *issuance)
{
	const struct config_renewal *general = &config->cert_issuance.renewal;
	const struct config_renewal *special = &issuance->renewal;
	const struct certd_settings settings = settings_of(config);
	bool is_wanted = general->present || special->present ||
			 method_of(issuance) == POLICY_EST;
	struct policy_renewal renewal = {.on_renewed = issuance->on_renewed};

	renewal.is_configured = certd_settings_is_renewed(&settings, issuance);
	renewal.automatic =
	    strcmp(first_of(special->automatic, general->automatic,
		       is_wanted ? "true" : "false"),
		"true") == 0;
	renewal.rotate_key = certd_settings_rotates_key(&settings, issuance);
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
	bool is_read_only = preloaded && !config->manage_preloaded;
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

/* Keeps the first mistake, behind the keys that lead to it. */
static void
keep_first(void *context, const char *const *keys, const struct error *mistake)
{
	struct error *first = context;
	char place[ERROR_MESSAGE_MAX];
	size_t used = 0;

	if (first->code)
		return;
	for (; *keys && used < sizeof(place); keys++)
		used += (size_t)snprintf(place + used, sizeof(place) - used,
		    "%s%s", used ? "." : "", *keys);
	*first = *mistake;
	(void)error_wrap(first, "%s", place);
}

enum error_code
policy_check(const struct certd_config *config, struct error *err)
{
	const struct certd_settings settings = settings_of(config);

	err->code = ERROR_NONE;
	certd_settings_check(&settings, keep_first, err);
	return err->code;
}
