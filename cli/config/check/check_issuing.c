/* SPDX-License-Identifier: MIT */
#include "check_issuing.h"

#include <string.h>

#include "key_uri.h"
#include "known_ids.h"
#include "render_shared.h"

static bool
is_as_lenient_as_aziot(const struct super_config *config)
{
	return config->compat && strcmp(config->compat, "aziot") == 0;
}

/* --- what certd's own rules find ------------------------------------------ */

/* keys lead to the mistake, NULL behind the last. */
static void
note_mistake(
    void *context, const char *const *keys, const struct error *mistake)
{
	struct findings *findings = context;

	findings_error(findings, places_find(findings->root, keys), "%s",
	    mistake->message);
}

/* As it is written for certd: unless told it is kept fresh, with a new key. */
static void
check_settings(const struct super_config *config, struct findings *findings)
{
	const struct super_cert_issuance *issuance = &config->cert_issuance;
	const struct super_issuance given =
	    super_config_device_issuance(config);
	const struct config_issuance *own =
	    super_config_issuance(config, ID_DEVICE);
	struct config_issuance device =
	    own ? *own : (struct config_issuance){0};
	char local_ca[] = ID_LOCAL_CA;
	char id[] = ID_DEVICE;
	char no[] = "false";
	const struct config_local_ca ca = {
	    issuance->local_ca.present, local_ca, local_ca};
	const struct certd_settings settings = {.local_ca = &ca,
	    .est = &issuance->est,
	    .renewal = &issuance->renewal,
	    .certs = &issuance->certs,
	    .device = given.present ? &device : NULL,
	    .preloaded_keys = &config->preloaded_keys,
	    .fixed_certs =
		config->manage_preloaded ? NULL : &config->preloaded_certs};

	device.id = id;
	device.method = given.method;
	device.renewal.present = true;
	if (!device.renewal.rotate_key && !render_is_key_rotated(config))
		device.renewal.rotate_key = no;
	certd_settings_check(&settings, note_mistake, findings);
}

/* --- EST ------------------------------------------------------------------ */

/* The certificates that EST servers are asked for, one by one. */
struct est_inquiry {
	const struct super_config *config;
	struct findings *findings;
	bool is_told; /* what is wrong for all of them */
};

/* Where the key of est is, for the certificate id; key may be NULL. */
static char *
find_est(const struct est_inquiry *inquiry, const char *id, const char *key,
    bool is_own)
{
	return is_own ? PLACE(inquiry->findings, "cert_issuance", "certs", id,
			    "est", key)
		      : PLACE(inquiry->findings, "cert_issuance", "est", key);
}

/* The first certificate is proved by something, later ones by the first. */
static bool
has_beginning(const struct super_config *config, const struct config_est *est)
{
	return est->username || est->bootstrap_identity_cert ||
	       (est->identity_cert &&
		   known_ids_is_preloaded_cert(config, est->identity_cert));
}

/* A file that certd does not write is nobody's to renew. */
static bool
is_identity_fixed(
    const struct super_config *config, const struct config_est *est)
{
	return !config->manage_preloaded && est->identity_cert &&
	       known_ids_is_preloaded_cert(config, est->identity_cert);
}

/*
 * Whose identity it is may be said for this certificate alone, or for all. With
 * aziot's file nobody has made a mistake: there certd would write over it.
 */
static void
tell_of_identity(const struct est_inquiry *inquiry, const char *id,
    const struct config_est *own, const struct config_est *est)
{
	char *place =
	    find_est(inquiry, id, "identity_cert", own->identity_cert != NULL);

	(is_as_lenient_as_aziot(inquiry->config)
		? findings_note
		: findings_warn)(inquiry->findings, place,
	    "'%s', with which EST is asked, is a file that certd only reads: "
	    "it is not renewed, and once it has ended nothing is; "
	    "'manage_preloaded: true' lets certd replace it, or give it as "
	    "'bootstrap_identity_cert', with which one is asked for that certd "
	    "keeps",
	    est->identity_cert);
}

/* own is what the certificate says itself. */
static void
check_est_of(
    struct est_inquiry *inquiry, const char *id, const struct config_est *own)
{
	const struct super_config *config = inquiry->config;
	const struct config_est *general = &config->cert_issuance.est;
	const struct config_est est = certd_est_merge(general, own);
	bool is_lenient = is_as_lenient_as_aziot(config);
	bool is_own = own->url != NULL;
	const char *key;
	struct error err;

	if (!est.url || (!is_own && inquiry->is_told))
		return;
	if (certd_est_check(&est, is_lenient, &key, &err)) {
		findings_error(inquiry->findings,
		    find_est(inquiry, id, key, is_own), "%s", err.message);
		inquiry->is_told |= !is_own;
	} else if (!has_beginning(config, &est)) {
		findings_warn(inquiry->findings,
		    find_est(inquiry, id, NULL, is_own),
		    "there is neither 'username' nor "
		    "'bootstrap_identity_cert' to ask EST with the first time; "
		    "certificates that it has issued must be imported");
		inquiry->is_told |= !is_own;
	}
	if (is_identity_fixed(config, &est))
		tell_of_identity(inquiry, id, own, &est);
}

/* Whoever vouches for a server is there from the beginning. */
static void
check_anchors(const struct est_inquiry *inquiry, const char *id,
    const struct config_est *est)
{
	for (size_t i = 0; i < est->trusted_certs.count; i++)
		if (!known_ids_has_cert(
			inquiry->config, est->trusted_certs.items[i]))
			findings_error(inquiry->findings,
			    find_est(inquiry, id, "trusted_certs", id != NULL),
			    "there is no certificate '%s'; name its file in "
			    "'preloaded_certs'",
			    est->trusted_certs.items[i]);
}

/* How the device's certificate is issued stands in provisioning. */
static void
check_est(const struct super_config *config, struct findings *findings)
{
	static const struct config_est none;
	const struct super_cert_issuance *issuance = &config->cert_issuance;
	const struct config_issuance *issued = issuance->certs.items;
	const struct super_issuance device =
	    super_config_device_issuance(config);
	const struct config_issuance *own =
	    super_config_issuance(config, ID_DEVICE);
	struct est_inquiry inquiry = {config, findings, false};

	check_anchors(&inquiry, NULL, &issuance->est);
	for (size_t i = 0; i < issuance->certs.count; i++) {
		check_anchors(&inquiry, issued[i].id, &issued[i].est);
		if (strcmp(issued[i].method, "est") == 0 &&
		    !(device.present && &issued[i] == own))
			check_est_of(&inquiry, issued[i].id, &issued[i].est);
	}
	if (device.present && strcmp(device.method, "est") == 0)
		check_est_of(&inquiry, ID_DEVICE, own ? &own->est : &none);
}

/* --- who issues ----------------------------------------------------------- */

/* It is given, both halves, or it is issued. */
static void
check_local_ca(
    const struct super_cert_issuance *issuance, struct findings *findings)
{
	const struct super_local_ca *local_ca = &issuance->local_ca;
	const struct config_issuance *issued = issuance->certs.items;
	bool is_issued = false;

	for (size_t i = 0; i < issuance->certs.count; i++)
		if (strcmp(issued[i].id, ID_LOCAL_CA) == 0)
			is_issued = true;
	if (!local_ca->present || is_issued)
		return;
	if (!local_ca->cert || !local_ca->pk)
		findings_error(findings,
		    PLACE(findings, "cert_issuance", "local_ca"),
		    "'%s' is missing in cert_issuance.local_ca",
		    local_ca->cert ? "pk" : "cert");
}

/* What an EST server decides, and aziot lets stand there. */
static void
check_decided_by_est(const char *const *keys, struct findings *findings)
{
	const char *last = NULL;

	if (!places_has(findings->root, keys))
		return;
	for (size_t i = 0; keys[i]; i++)
		last = keys[i];
	findings_warn(findings, places_find(findings->root, keys),
	    "'%s' means nothing with method 'est', where the server decides "
	    "it; remove it here",
	    last);
}

static void
check_unused(const struct super_config *config, struct findings *findings)
{
	const struct super_issuance device =
	    super_config_device_issuance(config);
	const struct config_issuance *issued =
	    config->cert_issuance.certs.items;

	if (is_as_lenient_as_aziot(config))
		return;
	if (device.present && strcmp(device.method, "est") == 0) {
		check_decided_by_est(STEPS("provisioning", "attestation",
					 "identity_cert", "expiry_days"),
		    findings);
		check_decided_by_est(STEPS("provisioning", "authentication",
					 "identity_cert", "expiry_days"),
		    findings);
	}
	for (size_t i = 0; i < config->cert_issuance.certs.count; i++) {
		if (strcmp(issued[i].method, "est") != 0)
			continue;
		check_decided_by_est(
		    STEPS("cert_issuance", "certs", issued[i].id, "accept"),
		    findings);
		check_decided_by_est(STEPS("cert_issuance", "certs",
					 issued[i].id, "expiry_days"),
		    findings);
	}
}

static void
check_issued(const struct super_config *config,
    const struct config_issuance *issued, struct findings *findings)
{
	if (issued->expiry_days == 0 &&
	    places_has(findings->root,
		STEPS("cert_issuance", "certs", issued->id, "expiry_days")))
		findings_error(findings,
		    PLACE(findings, "cert_issuance", "certs", issued->id,
			"expiry_days"),
		    "'expiry_days' must be at least 1");
	if (known_ids_is_preloaded_cert(config, issued->id) ||
	    (strcmp(issued->id, ID_DEVICE) == 0 &&
		super_config_credential(config)->identity_cert))
		findings_error(findings,
		    PLACE(findings, "cert_issuance", "certs", issued->id),
		    "the certificate '%s' is both issued and given as a file",
		    issued->id);
}

void
check_issuing(const struct super_config *config, struct findings *findings)
{
	const struct super_cert_issuance *issuance = &config->cert_issuance;
	const struct config_issuance *issued = issuance->certs.items;

	check_local_ca(issuance, findings);
	if (issuance->local_ca.cert &&
	    !key_uri_is(issuance->local_ca.cert, URI_FILE))
		findings_error(findings,
		    PLACE(findings, "cert_issuance", "local_ca", "cert"),
		    "'cert' must be a file URI: file:///path");
	check_settings(config, findings);
	check_est(config, findings);
	check_unused(config, findings);
	for (size_t i = 0; i < issuance->certs.count; i++)
		check_issued(config, &issued[i], findings);
	if (config->trust_bundle_cert &&
	    !key_uri_is(config->trust_bundle_cert, URI_FILE))
		findings_error(findings, PLACE(findings, "trust_bundle_cert"),
		    "'trust_bundle_cert' must be a file URI: file:///path");
}
