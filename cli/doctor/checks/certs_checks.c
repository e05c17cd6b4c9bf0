/* SPDX-License-Identifier: MIT */
/* The doctor's checks of certificates. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "certd/client.h"
#include "chain.h"
#include "common/file.h"
#include "common/openssl.h"
#include "common/time.h"
#include "common/uri.h"
#include "doctor.h"
#include "listed.h"
#include "lookup.h"
#include "output.h"

#define PEM_MAX (1024 * 1024)
#define GET_MS 30000
#define SOON_SECONDS INT64_C(604800) /* a week */
#define LIFE_PART 5                  /* ... or this part of its life, if less */

/* --- dates ---------------------------------------------------------------- */

#define ADVICE_LISTED                                                          \
	"have it issued anew ('signetctl cert renew'), or install a new one"
#define ADVICE_FILE "put a new one in its place"

/* object is what has expired, advice what to do about that. */
static void
report_dates(const char *object, const char *advice, int64_t from, int64_t to,
    int64_t now, struct report *report)
{
	CLEANUP(string) char *reason = NULL;

	if (from > now) {
		reason = string_format(
		    "it is not valid before %s", time_format(from).text);
		report_error(report,
		    FINDING(object, reason ? reason : "it is not valid yet",
			"is the clock right? see the check clock"));
	} else if (to < now) {
		reason =
		    string_format("it expired on %s", time_format(to).text);
		report_error(report,
		    FINDING(object, reason ? reason : "it expired", advice));
	} else if (to - now < SOON_SECONDS &&
		   to - now < (to - from) / LIFE_PART) {
		reason =
		    string_format("it expires on %s", time_format(to).text);
		report_warning(
		    report, FINDING(object, reason ? reason : "it expires soon",
				"'signetctl cert show' says whether it is kept "
				"fresh"));
	}
}

bool
check_listed(const struct doctor *doctor, const char *id, struct report *report)
{
	const json_t *certificate = lookup_id(doctor->certificates, id);
	struct error err;
	int64_t from;
	int64_t to;

	if (!certificate) {
		report_error(report,
		    FINDING(id, "certd has no certificate of this id",
			"is it issued yet? 'signetctl cert explain' says "
			"how"));
		return false;
	}
	if (time_parse(output_member(certificate, "notBefore"), &from, &err) ||
	    time_parse(output_member(certificate, "notAfter"), &to, &err)) {
		report_error(
		    report, FINDING(id, output_member(certificate, "error"),
				"install one that can be read"));
		return false;
	}
	report_dates(id, ADVICE_LISTED, from, to, doctor->now, report);
	return true;
}

bool
can_list(const struct doctor *doctor, struct report *report)
{
	if (!doctor->certificates)
		report_skip(report, doctor->certificates_error.message);
	return doctor->certificates;
}

/* The device's, by X.509; NULL: the report says that there is none. */
static const char *
identity_id(const struct doctor *doctor, struct report *report)
{
	const char *id =
	    doctor->config.provisiond.provisioning.attestation.identity_cert;

	if (report_unread(doctor, EFFECTIVE_PROVISIOND, report))
		return NULL;
	if (!id)
		report_ignore(
		    report, "the device does not prove itself by X.509");
	return id;
}

void
check_identity_certificate(const struct doctor *doctor, struct report *report)
{
	const char *id = identity_id(doctor, report);

	if (id && can_list(doctor, report))
		(void)check_listed(doctor, id, report);
}

void
check_local_ca(const struct doctor *doctor, struct report *report)
{
	const char *id = doctor->config.certd.cert_issuance.local_ca.cert;

	if (report_unread(doctor, EFFECTIVE_CERTD, report))
		return;
	if (!id) {
		report_ignore(report, "there is no local CA");
		return;
	}
	if (can_list(doctor, report) && check_listed(doctor, id, report) &&
	    !json_is_true(
		json_object_get(lookup_id(doctor->certificates, id), "ca")))
		report_error(
		    report, FINDING(id, "it is not one of a CA",
				"'cert_issuance.local_ca' must name a CA's"));
}

/* certd tells what keeps a renewal from coming further. */
void
check_renewals(const struct doctor *doctor, struct report *report)
{
	if (!can_list(doctor, report))
		return;
	for (size_t i = 0; i < json_array_size(doctor->certificates); i++) {
		const json_t *certificate =
		    json_array_get(doctor->certificates, i);
		const json_t *renewal = json_object_get(certificate, "renewal");
		const char *id = output_member(certificate, "id");

		if (!json_object_get(renewal, "trouble"))
			continue;
		(json_is_true(json_object_get(renewal, "late"))
			? report_error
			: report_warning)(
		    report, FINDING(id, output_member(renewal, "trouble"),
				"put right what it says, and 'signetctl cert "
				"renew' tries at once; the program that is to "
				"prove a new certificate (for the device "
				"provisiond) says in its log what keeps it"));
	}
}

/* --- files ---------------------------------------------------------------- */

static void
check_file(const struct doctor *doctor, const char *path, struct report *report)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(string) char *pem = NULL;
	struct error err;
	int64_t from;
	int64_t to;

	if (file_read(path, PEM_MAX, &pem, NULL, &err)) {
		report_error(
		    report, FINDING(path, err.message, "see the check paths"));
		return;
	}
	if (certificates_from_pem(pem, &chain, &err)) {
		report_error(report,
		    FINDING(path, err.message,
			"it must hold PEM certificates, the leaf first"));
		return;
	}
	for (int i = 0; i < sk_X509_num(chain); i++) {
		const X509 *each = sk_X509_value(chain, i);

		if (time_from_asn1(X509_get0_notBefore(each), &from, &err) ||
		    time_from_asn1(X509_get0_notAfter(each), &to, &err))
			report_error(
			    report, FINDING(path, err.message,
					"install one that can be read"));
		else
			report_dates(
			    path, ADVICE_FILE, from, to, doctor->now, report);
	}
}

/* The roots for DPS and hub, which may have any age. */
static void
check_bundle(const struct doctor *doctor, struct report *report)
{
	const char *text = doctor->config.provisiond.trust_bundle_cert;
	CLEANUP(uri) struct uri *uri = NULL;
	CLEANUP(x509_stack) x509_stack *roots = NULL;
	CLEANUP(string) char *pem = NULL;
	struct error err;

	if (report_unread(doctor, EFFECTIVE_PROVISIOND, report) || !text ||
	    uri_parse(text, &uri, &err) || uri_kind(uri) != URI_FILE)
		return;
	if (file_read(uri_file_path(uri), PEM_MAX, &pem, NULL, &err) ||
	    certificates_from_pem(pem, &roots, &err))
		report_error(
		    report, FINDING(uri_file_path(uri), err.message,
				"'trust_bundle_cert' must name a file of PEM "
				"certificates: the roots of DPS and hub"));
}

void
check_certs_preloaded(const struct doctor *doctor, struct report *report)
{
	const struct config_map *certs = &doctor->config.certd.preloaded_certs;

	check_bundle(doctor, report);
	if (report_unread(doctor, EFFECTIVE_CERTD, report))
		return;
	for (size_t i = 0; i < certs->count; i++) {
		CLEANUP(uri) struct uri *uri = NULL;
		struct error err;

		if (!certs->items[i].value)
			continue; /* a list of other ids */
		if (uri_parse(certs->items[i].value, &uri, &err) ||
		    uri_kind(uri) != URI_FILE)
			report_error(report,
			    FINDING(certs->items[i].key,
				"it must be a file URI", "file:///path"));
		else
			check_file(doctor, uri_file_path(uri), report);
	}
}

void
check_certs_read(const struct doctor *doctor, struct report *report)
{
	const struct config_map *certs = &doctor->config.certd.preloaded_certs;

	if (report_unread(doctor, EFFECTIVE_CERTD, report) ||
	    !can_list(doctor, report))
		return;
	for (size_t i = 0; i < certs->count; i++) {
		const char *id = certs->items[i].key;
		const json_t *certificate = lookup_id(doctor->certificates, id);

		if (!certs->items[i].value)
			continue;
		if (!certificate)
			report_error(report,
			    FINDING(id, "certd does not give it",
				"'signetctl system restart', if it was added "
				"just now; see the check paths"));
		else if (json_object_get(certificate, "error"))
			report_error(report,
			    FINDING(id, output_member(certificate, "error"),
				"see the checks paths and certs-preloaded"));
	}
}

/* --- the device's chain --------------------------------------------------- */

/* As certd gives it; NULL: the report says why not. */
static x509_stack *
identity_chain(const struct doctor *doctor, struct report *report)
{
	const char *id = identity_id(doctor, report);
	CLEANUP(unix_http) struct unix_http *certd = NULL;
	CLEANUP(string) char *pem = NULL;
	x509_stack *chain = NULL;
	struct error err;

	if (!id || !can_list(doctor, report))
		return NULL;
	if (certd_client_create(GET_MS, &certd, &err) ||
	    certd_get(certd, id, &pem, &err) ||
	    certificates_from_pem(pem, &chain, &err))
		report_skip(report, err.message);
	return chain;
}

void
check_chain(const struct doctor *doctor, struct report *report)
{
	CLEANUP(x509_stack) x509_stack *chain = identity_chain(doctor, report);
	const char *id =
	    doctor->config.provisiond.provisioning.attestation.identity_cert;
	struct error err;

	if (chain && chain_check(chain, &err))
		report_error(report,
		    FINDING(id, err.message,
			"put the leaf first and each issuer behind the one "
			"that it issued"));
}

void
check_registration_id(const struct doctor *doctor, struct report *report)
{
	const char *wanted =
	    doctor->config.provisiond.provisioning.attestation.registration_id;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(string) char *name = NULL;
	CLEANUP(string) char *reason = NULL;
	struct error err;

	if (report_unread(doctor, EFFECTIVE_PROVISIOND, report))
		return;
	if (!wanted) {
		report_ignore(report, "the common name is the registration id, "
				      "or there is none");
		return;
	}
	chain = identity_chain(doctor, report);
	if (!chain)
		return;
	if (name_common_name(
		X509_get_subject_name(sk_X509_value(chain, 0)), &name, &err))
		reason = strdup(err.message);
	else if (strcasecmp(name, wanted) != 0)
		reason = string_format("the registration id is '%s', and the "
				       "certificate's common name is '%s'",
		    wanted, name);
	if (reason)
		report_error(report,
		    FINDING(wanted, reason,
			"leave 'registration_id' out, or have a certificate "
			"issued for it: DPS demands that they are the same"));
}
