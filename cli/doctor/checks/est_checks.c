/* SPDX-License-Identifier: MIT */
/* The doctor's checks of EST servers, and of what certd shows them. */
#include <string.h>
#include <strings.h>

#include "certd/client.h"
#include "common/file.h"
#include "environment.h"
#include "est_ways.h"
#include "listed.h"
#include "lookup.h"
#include "network.h"

#define GET_MS 30000
#define PORT_HTTPS "443"

/* False: no EST server is asked, or it is not known, as the report says. */
static bool
is_asked(const struct doctor *doctor, struct report *report)
{
	struct est_way way;
	size_t place = 0;

	if (report_unread(doctor, EFFECTIVE_CERTD, report))
		return false;
	if (est_next(doctor, &place, &way))
		return true;
	report_ignore(report, "no EST server is asked");
	return false;
}

static bool
is_plain(const char *url)
{
	static const char plain[] = "http:";

	return strncasecmp(url, plain, strlen(plain)) == 0;
}

void
check_est_https(const struct doctor *doctor, struct report *report)
{
	CLEANUP(json) json_t *seen = json_object();
	struct est_way way;
	size_t place = 0;

	if (!is_asked(doctor, report))
		return;
	while (est_next(doctor, &place, &way))
		if (is_plain(way.est.url) && is_first(seen, way.est.url))
			report_warning(report,
			    FINDING(way.est.url,
				"whoever is in between can have certificates "
				"issued",
				"use an https URL"));
}

/* --- certificates --------------------------------------------------------- */

static void
check_once(const struct doctor *doctor, const char *id, json_t *seen,
    struct report *report)
{
	if (is_first(seen, id))
		(void)check_listed(doctor, id, report);
}

/* Without any of it the first certificate cannot be had. */
static bool
can_begin(const struct doctor *doctor, const struct est_way *way)
{
	return way->est.username || way->est.bootstrap_identity_cert ||
	       (way->est.identity_cert &&
		   lookup_id(doctor->certificates, way->est.identity_cert)) ||
	       lookup_id(doctor->certificates, way->id);
}

static void
check_way(const struct doctor *doctor, const struct est_way *way, json_t *seen,
    struct report *report)
{
	const struct config_est *est = &way->est;

	for (size_t i = 0; i < est->trusted_certs.count; i++)
		check_once(doctor, est->trusted_certs.items[i], seen, report);
	if (est->bootstrap_identity_cert)
		check_once(doctor, est->bootstrap_identity_cert, seen, report);
	/* The EST identity may be yet to be made, by means of the former. */
	if (est->identity_cert &&
	    lookup_id(doctor->certificates, est->identity_cert))
		check_once(doctor, est->identity_cert, seen, report);
	if (way->id && !can_begin(doctor, way))
		report_error(report,
		    FINDING(way->id,
			"it is to be issued by EST, and there is nothing to "
			"ask the server with",
			"give the section est a 'username' and a 'password', "
			"or a 'bootstrap_identity_cert'"));
}

void
check_est_certificates(const struct doctor *doctor, struct report *report)
{
	CLEANUP(json) json_t *seen = json_object();
	struct est_way way;
	size_t place = 0;

	if (!is_asked(doctor, report) || !can_list(doctor, report))
		return;
	while (est_next(doctor, &place, &way))
		check_way(doctor, &way, seen, report);
}

/* --- TLS ------------------------------------------------------------------ */

/*
 * The certificates that est trusts, as one PEM text; "" if there are none.
 * NULL: one cannot be had, as the report says.
 */
static char *
anchors(const struct config_est *est, struct report *report)
{
	CLEANUP(unix_http) struct unix_http *certd = NULL;
	CLEANUP(string) char *all = strdup("");
	struct error err;

	if (est->trusted_certs.count > 0 &&
	    certd_client_create(GET_MS, &certd, &err)) {
		report_skip(report, err.message);
		return NULL;
	}
	for (size_t i = 0; all && i < est->trusted_certs.count; i++) {
		CLEANUP(string) char *pem = NULL;
		char *longer;

		if (certd_get(certd, est->trusted_certs.items[i], &pem, &err)) {
			report_error(report,
			    FINDING(est->trusted_certs.items[i], err.message,
				"'est.trusted_certs' must name certificates "
				"that certd has"));
			return NULL;
		}
		longer = string_format("%s%s\n", all, pem);
		free(all);
		all = longer;
	}
	return TAKE(all);
}

/* What distinguishes servers for TLS: where they are, and by whom. */
static bool
is_new(const struct config_est *est, json_t *seen)
{
	CLEANUP(string) char *key = strdup(est->url);

	for (size_t i = 0; key && i < est->trusted_certs.count; i++) {
		char *longer =
		    string_format("%s %s", key, est->trusted_certs.items[i]);

		free(key);
		key = longer;
	}
	return key && is_first(seen, key);
}

/*
 * Certd's own trust. By a fingerprint it is decided over cacerts, which is not
 * asked here.
 */
static void
check_server(const struct doctor *doctor, const struct config_est *est,
    const struct endpoint *server, struct report *report)
{
	bool is_lenient = doctor->config.certd.compat && !est->fingerprint;
	CLEANUP(string) char *pem = anchors(est, report);
	CLEANUP(string)
	char *object = string_format("%s:%s", server->host, server->port);
	CLEANUP(string)
	char *ca_file =
	    environment_variable(doctor, EFFECTIVE_CERTD, "SSL_CERT_FILE");
	const struct tls_probe_request request = {.server = server,
	    .ca_file = ca_file,
	    .ca_pem = pem ? pem : "",
	    .system_roots_too = is_lenient};
	struct tls_probe probe;

	network_probe(doctor, EFFECTIVE_CERTD, request, &probe);
	if (probe.stage < TLS_STAGE_TRUST)
		report_error(report,
		    FINDING(object, probe.reason, network_advice(probe.stage)));
	else if (pem && !*pem && !est->fingerprint && !is_lenient)
		report_error(report,
		    FINDING(est->url, "nothing says who may be this EST server",
			"name its CA in 'est.trusted_certs', or give its "
			"'est.fingerprint'"));
	else if (probe.stage == TLS_STAGE_TRUST && pem &&
		 (*pem || !est->fingerprint))
		report_error(report,
		    FINDING(object, probe.reason,
			"its CA has to be among 'est.trusted_certs'; is the "
			"clock right?"));
}

void
check_est_tls(const struct doctor *doctor, struct report *report)
{
	CLEANUP(json) json_t *seen = json_object();
	struct endpoint server;
	struct est_way way;
	size_t place = 0;

	if (!is_asked(doctor, report))
		return;
	while (est_next(doctor, &place, &way)) {
		if (is_plain(way.est.url) || !is_new(&way.est, seen))
			continue;
		if (endpoint_parse(way.est.url, PORT_HTTPS, &server))
			check_server(doctor, &way.est, &server, report);
		else
			report_error(report,
			    FINDING(way.est.url, "it is no URL of a server",
				"https://HOST/.well-known/est"));
	}
	if (json_object_size(seen) == 0)
		report_ignore(report, "EST servers are asked by plain http");
}
