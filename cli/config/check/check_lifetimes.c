/* SPDX-License-Identifier: MIT */
#include "check_lifetimes.h"

#include <string.h>

#include "certd/limits.h"
#include "common/file.h"
#include "common/openssl.h"
#include "common/time.h"
#include "common/uri.h"

#define PEM_MAX ((size_t)1024 * 1024)
#define DAY_SECONDS 86400

/* A certificate that is issued for days, which stand at place. */
struct wish {
	const char *const *place;
	unsigned days;
	const char *ca; /* its id */
};

/* Until when the CA in a file is good. False if that is not known. */
static bool
end_of_file(const char *text, int64_t *ret_end)
{
	CLEANUP(uri) struct uri *uri = NULL;
	CLEANUP(string) char *pem = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error ignored;

	return !uri_parse(text, &uri, &ignored) && uri_kind(uri) == URI_FILE &&
	       !file_read(uri_file_path(uri), PEM_MAX, &pem, NULL, &ignored) &&
	       !certificates_from_pem(pem, &chain, &ignored) &&
	       !time_from_asn1(X509_get0_notAfter(sk_X509_value(chain, 0)),
		   ret_end, &ignored);
}

/* The file that has the certificate id, or NULL. Borrowed. */
static const char *
file_of(const struct super_config *config, const char *id)
{
	if (strcmp(id, ID_LOCAL_CA) == 0 && config->cert_issuance.local_ca.cert)
		return config->cert_issuance.local_ca.cert;
	return config_map_get(&config->preloaded_certs, id);
}

/* Nobody renews a CA that is a file. */
static void
check_by_file(
    const char *file, const struct wish *wish, struct findings *findings)
{
	int64_t end;
	int64_t left;

	if (!end_of_file(file, &end))
		return; /* check_files() says why */
	left = (end - time_now()) / DAY_SECONDS;
	if (left > 0 && wish->days > left)
		findings_warn(findings,
		    places_find(findings->root, wish->place),
		    "'expiry_days' is %u, but the certificate of CA '%s' ends "
		    "on %s, in %lld days, and what outlives its CA is not "
		    "issued; set at most %lld, or replace that of the CA",
		    wish->days, wish->ca, time_format(end).text,
		    (long long)left, (long long)left);
}

/* One that is renewed is never good for longer than on its first day. */
static void
check_by_issuance(const struct config_issuance *ca, const struct wish *wish,
    struct findings *findings)
{
	unsigned days =
	    ca->expiry_days ? ca->expiry_days : CERTD_EXPIRY_DAYS_DEFAULT;

	if (strcmp(ca->method, "est") != 0 && wish->days >= days)
		findings_warn(findings,
		    places_find(findings->root, wish->place),
		    "'expiry_days' is %u, but CA '%s' is issued for %u days "
		    "itself, and what outlives its CA is not issued; set fewer "
		    "here, or more for the CA",
		    wish->days, ca->id, days);
}

static void
check_wish(const struct super_config *config, const struct wish *wish,
    struct findings *findings)
{
	const struct config_issuance *ca =
	    super_config_issuance(config, wish->ca);
	const char *file = file_of(config, wish->ca);

	if (wish->days == 0)
		return; /* it ends with its CA */
	if (ca)
		check_by_issuance(ca, wish, findings);
	else if (file)
		check_by_file(file, wish, findings);
}

static const char *
ca_of(const struct config_issuance *issued)
{
	return issued && issued->issuer.cert ? issued->issuer.cert
					     : ID_LOCAL_CA;
}

/* What provisioning says of it counts, and stands there. */
static void
check_device(const struct super_config *config, struct findings *findings)
{
	const struct super_issuance device =
	    super_config_device_issuance(config);
	const char *section =
	    super_config_credential(config) == &config->provisioning.attestation
		? "attestation"
		: "authentication";
	const char *const *inner =
	    STEPS("provisioning", section, "identity_cert", "expiry_days");
	const struct wish wish = {
	    .place =
		places_has(findings->root, inner)
		    ? inner
		    : STEPS("cert_issuance", "certs", ID_DEVICE, "expiry_days"),
	    .days = device.expiry_days,
	    .ca = ca_of(super_config_issuance(config, ID_DEVICE)),
	};

	if (device.present && strcmp(device.method, "local_ca") == 0)
		check_wish(config, &wish, findings);
}

void
check_lifetimes(const struct super_config *config, struct findings *findings)
{
	const struct config_list *certs = &config->cert_issuance.certs;
	const struct config_issuance *issued = certs->items;

	/* As with aziot, it then ends with its CA. */
	if (config->compat && strcmp(config->compat, "aziot") == 0)
		return;
	check_device(config, findings);
	for (size_t i = 0; i < certs->count; i++) {
		const struct wish wish = {
		    .place = STEPS(
			"cert_issuance", "certs", issued[i].id, "expiry_days"),
		    .days = issued[i].expiry_days,
		    .ca = ca_of(&issued[i]),
		};

		if (strcmp(issued[i].id, ID_DEVICE) != 0 &&
		    strcmp(issued[i].method, "local_ca") == 0)
			check_wish(config, &wish, findings);
	}
}
