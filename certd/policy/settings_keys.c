/* SPDX-License-Identifier: MIT */
/*
 * Keys that change when a certificate is renewed: nobody else may need them,
 * nor the name under which the next one is made.
 */
#include <string.h>

#include "profile.h"
#include "renewals.h"
#include "settings_inside.h"

/* A key that a certificate has, and where that is said. */
struct key_use {
	const char *key;
	const char *cert;
	const char *id; /* of the section in certs; NULL: for all */
	const char *section;
	const char *name;
};

/* A key that is replaced when its certificate is renewed. */
struct rotation {
	const struct inquiry *inquiry;
	const char *key;
	const char *cert;
};

/* ---- the certificates ---- */

static size_t
count_of(const struct certd_settings *settings)
{
	return settings->certs->count + (settings->device ? 1 : 0);
}

/* NULL: what is said elsewhere counts. */
static const struct config_issuance *
issuance_at(const struct certd_settings *settings, size_t number)
{
	const struct config_issuance *issuances = settings->certs->items;
	const struct config_issuance *device = settings->device;

	if (number == settings->certs->count)
		return device;
	return device && strcmp(issuances[number].id, device->id) == 0
		   ? NULL
		   : &issuances[number];
}

static bool
has_section(const struct certd_settings *settings, const char *id)
{
	for (size_t i = 0; i < count_of(settings); i++) {
		const struct config_issuance *issuance =
		    issuance_at(settings, i);

		if (issuance && strcmp(issuance->id, id) == 0)
			return true;
	}
	return false;
}

static bool
is_est(const struct config_issuance *issuance)
{
	return strcmp(issuance->method, "est") == 0;
}

bool
certd_settings_is_issuer(const struct certd_settings *settings, const char *id)
{
	const struct config_issuance *issuances = settings->certs->items;

	if (settings->local_ca->present &&
	    strcmp(settings->local_ca->cert, id) == 0)
		return true;
	for (size_t i = 0; i < settings->certs->count; i++)
		if (issuances[i].issuer.present &&
		    strcmp(issuances[i].issuer.cert, id) == 0)
			return true;
	return false;
}

bool
certd_settings_is_renewed(const struct certd_settings *settings,
    const struct config_issuance *issuance)
{
	return settings->renewal->present || issuance->renewal.present ||
	       issuance->on_renewed || is_est(issuance);
}

/* What a CA has issued ends with its key, and nobody issues it anew. */
static bool
is_ca(const struct certd_settings *settings,
    const struct config_issuance *issuance)
{
	enum profile_kind kind;
	struct error ignored;

	return (!profile_kind_parse(issuance->profile, &kind, &ignored) &&
		   kind == PROFILE_CA) ||
	       certd_settings_is_issuer(settings, issuance->id);
}

bool
certd_settings_rotates_key(const struct certd_settings *settings,
    const struct config_issuance *issuance)
{
	const char *said = issuance->renewal.rotate_key
			       ? issuance->renewal.rotate_key
			       : settings->renewal->rotate_key;

	return said ? strcmp(said, "true") == 0 : !is_ca(settings, issuance);
}

/* ---- one key that changes ---- */

static void
tell(const struct rotation *rotation, const struct key_use *use,
    const struct error *mistake)
{
	struct inquiry inquiry = *rotation->inquiry;

	inquiry.id = use->id;
	settings_tell(&inquiry, use->section, use->name, mistake);
}

static bool
is_next(const char *key, const char *of)
{
	static const char suffix[] = RENEWAL_KEY_SUFFIX;
	size_t length = strlen(of);
	const char *rest;

	if (strncmp(key, of, length) != 0 ||
	    strncmp(key + length, suffix, strlen(suffix)) != 0)
		return false;
	rest = key + length + strlen(suffix);
	return !*rest ||
	       (rest[0] == '-' && rest[1] >= '2' && rest[1] <= '9' && !rest[2]);
}

static void
check_use(const struct rotation *rotation, const struct key_use *use)
{
	struct error err;

	if (strcmp(use->key, rotation->key) == 0 &&
	    strcmp(use->cert, rotation->cert) != 0) {
		(void)error_set(&err, ERROR_INVALID,
		    "key '%s' is replaced when certificate '%s' is renewed, "
		    "and lost for '%s' then; give each a 'pk' of its own, or "
		    "say 'rotate_key: false' there",
		    use->key, rotation->cert, use->cert);
		tell(rotation, use, &err);
	}
	if (is_next(use->key, rotation->key)) {
		(void)error_set(&err, ERROR_INVALID,
		    "key '%s' is where the next key of certificate '%s' is "
		    "made; take another name",
		    use->key, rotation->cert);
		tell(rotation, use, &err);
	}
}

static void
check_est_uses(const struct rotation *rotation, const char *id,
    const struct config_est *est)
{
	if (est->identity_cert && est->identity_pk)
		check_use(rotation,
		    &(struct key_use){est->identity_pk, est->identity_cert, id,
			"est", "identity_pk"});
	if (est->bootstrap_identity_cert && est->bootstrap_identity_pk)
		check_use(
		    rotation, &(struct key_use){est->bootstrap_identity_pk,
				  est->bootstrap_identity_cert, id, "est",
				  "bootstrap_identity_pk"});
}

static void
check_uses_of(
    const struct rotation *rotation, const struct config_issuance *issuance)
{
	const char *id = issuance->id;

	check_use(rotation, &(struct key_use){issuance->pk ? issuance->pk : id,
				id, id, NULL, "pk"});
	if (issuance->issuer.present)
		check_use(
		    rotation, &(struct key_use){issuance->issuer.pk,
				  issuance->issuer.cert, id, "issuer", "pk"});
	check_est_uses(rotation, id, &issuance->est);
}

/* One that keyd loads from elsewhere stays there. */
static void
check_place(const struct rotation *rotation, const struct key_use *use)
{
	const struct config_map *fixed =
	    rotation->inquiry->settings->preloaded_keys;
	struct error err;

	if (!fixed || !config_map_get(fixed, rotation->key))
		return;
	(void)error_set(&err, ERROR_INVALID,
	    "key '%s' is loaded from elsewhere (preloaded_keys), and no other "
	    "can take its place when certificate '%s' is renewed; say "
	    "'rotate_key: false' there",
	    rotation->key, rotation->cert);
	tell(rotation, use, &err);
}

/* use is what is said of the key that changes. */
static void
check_rotation(const struct inquiry *inquiry, const struct key_use *use)
{
	const struct certd_settings *settings = inquiry->settings;
	const struct config_local_ca *ca = settings->local_ca;
	struct rotation rotation = {inquiry, use->key, use->cert};

	check_place(&rotation, use);
	if (ca->present)
		check_use(&rotation, &(struct key_use){ca->pk, ca->cert, NULL,
					 "local_ca", "pk"});
	check_est_uses(&rotation, NULL, settings->est);
	for (size_t i = 0; i < count_of(settings); i++) {
		const struct config_issuance *issuance =
		    issuance_at(settings, i);

		if (issuance)
			check_uses_of(&rotation, issuance);
	}
}

/* ---- all of them ---- */

/* A file that is not ours to write is not renewed. */
static bool
is_fixed(const struct certd_settings *settings, const char *cert)
{
	return settings->fixed_certs &&
	       config_map_get(settings->fixed_certs, cert);
}

/* True if none of the certificates before number is asked for with cert. */
static bool
is_first_with(
    const struct certd_settings *settings, size_t number, const char *cert)
{
	for (size_t i = 0; i < number; i++) {
		const struct config_issuance *issuance =
		    issuance_at(settings, i);
		struct config_est est;

		if (!issuance || !is_est(issuance))
			continue;
		est = certd_est_merge(settings->est, &issuance->est);
		if (est.identity_cert && strcmp(est.identity_cert, cert) == 0)
			return false;
	}
	return true;
}

/* An identity without a section is renewed as what is asked for with it. */
static void
check_identity(const struct inquiry *inquiry, size_t number,
    const struct config_issuance *issuance)
{
	const struct certd_settings *settings = inquiry->settings;
	const struct config_est est =
	    certd_est_merge(settings->est, &issuance->est);
	const char *own = issuance->est.identity_cert ? issuance->id : NULL;

	if (!is_est(issuance) || !est.identity_cert || !est.identity_pk ||
	    has_section(settings, est.identity_cert) ||
	    is_fixed(settings, est.identity_cert) ||
	    !is_first_with(settings, number, est.identity_cert))
		return;
	check_rotation(
	    inquiry, &(struct key_use){est.identity_pk, est.identity_cert, own,
			 "est", "identity_pk"});
}

static void
check_issuance(const struct inquiry *inquiry, size_t number,
    const struct config_issuance *issuance)
{
	const struct certd_settings *settings = inquiry->settings;
	const char *id = issuance->id;

	if (!certd_settings_is_renewed(settings, issuance) ||
	    !certd_settings_rotates_key(settings, issuance))
		return;
	if (!is_fixed(settings, id))
		check_rotation(
		    inquiry, &(struct key_use){issuance->pk ? issuance->pk : id,
				 id, id, NULL, "pk"});
	check_identity(inquiry, number, issuance);
}

void
settings_check_keys(const struct inquiry *inquiry)
{
	const struct certd_settings *settings = inquiry->settings;

	for (size_t i = 0; i < count_of(settings); i++) {
		const struct config_issuance *issuance =
		    issuance_at(settings, i);

		if (issuance)
			check_issuance(inquiry, i, issuance);
	}
}
