/* SPDX-License-Identifier: MIT */
/* The doctor's checks of the way to DPS, to the hub and to EST servers. */
#include <netdb.h>
#include <string.h>
#include <strings.h>

#include "clock_offset.h"
#include "common/file.h"
#include "common/time.h"
#include "common/uri.h"
#include "environment.h"
#include "output.h"
#include "tls_probe.h"

#define STEP_MS 10000
#define PORT_HTTPS "443"
#define PORT_MQTT "8883"
#define PORT_AMQP "5671"
#define PORT_PROXY "1080" /* as curl(1) has it */

/* --- servers -------------------------------------------------------------- */

static bool
dps_server(const struct doctor *doctor, struct endpoint *server)
{
	const char *url =
	    doctor->config.provisiond.provisioning.global_endpoint;

	return url && endpoint_parse(url, PORT_HTTPS, server);
}

static bool
hub_server(
    const struct doctor *doctor, const char *port, struct endpoint *server)
{
	const char *assigned = json_string_value(
	    json_object_get(doctor->provisioning, "assigned_hub"));
	const char *configured =
	    doctor->config.provisiond.provisioning.iothub_hostname;

	if (!assigned && !configured)
		return false;
	return endpoint_parse(assigned ? assigned : configured, port, server);
}

static bool
est_server(const struct doctor *doctor, struct endpoint *server)
{
	const char *url = doctor->config.certd.cert_issuance.est.url;

	return url && endpoint_parse(url, PORT_HTTPS, server);
}

/* The proxy that is between daemon and host, if there is one. */
static bool
proxy_to(const struct doctor *doctor, enum effective_daemon daemon,
    const char *host, struct endpoint *proxy)
{
	CLEANUP(string)
	char *url = environment_variable(doctor, daemon, "https_proxy");
	CLEANUP(string)
	char *upper = environment_variable(doctor, daemon, "HTTPS_PROXY");
	CLEANUP(string)
	char *no_proxy = environment_variable(doctor, daemon, "no_proxy");
	CLEANUP(string)
	char *no_proxy_upper = environment_variable(doctor, daemon, "NO_PROXY");
	const char *text = url ? url : upper;

	return text &&
	       !endpoint_is_exempt(
		   host, no_proxy ? no_proxy : no_proxy_upper) &&
	       endpoint_parse(text, PORT_PROXY, proxy);
}

/* The roots of provisiond. The caller frees it; NULL: the system's. */
static char *
roots(const struct doctor *doctor)
{
	const char *text = doctor->config.provisiond.trust_bundle_cert;
	CLEANUP(uri) struct uri *uri = NULL;
	struct error ignored;

	if (text && uri_parse(text, &uri, &ignored) == ERROR_NONE &&
	    uri_kind(uri) == URI_FILE)
		return strdup(uri_file_path(uri));
	return environment_variable(
	    doctor, EFFECTIVE_PROVISIOND, "SSL_CERT_FILE");
}

/* --- TLS ------------------------------------------------------------------ */

static const char *
advice(const struct tls_probe *probe, bool by_proxy)
{
	switch (probe->stage) {
	case TLS_STAGE_NAME:
		return "see the check dns";
	case TLS_STAGE_CONNECT:
		return "let the firewall pass it, or name a proxy "
		       "(https_proxy)";
	case TLS_STAGE_PROXY:
		return "see the check proxy";
	case TLS_STAGE_TLS:
		return "something in between may break TLS; the peer's alert "
		       "says more";
	case TLS_STAGE_TRUST:
		return by_proxy
			   ? "if the proxy looks into TLS, its root has to be "
			     "trusted ('trust_bundle_cert'), or this server "
			     "exempt"
			   : "its root has to be trusted ('trust_bundle_cert' "
			     "or the system's roots); is the clock right?";
	case TLS_STAGE_DONE:
		break;
	}
	return NULL;
}

/* What a connection to server came to. */
static void
probe_server(const struct doctor *doctor, enum effective_daemon daemon,
    const struct endpoint *server, struct tls_probe *probe, bool *ret_by_proxy)
{
	CLEANUP(string) char *ca_file = roots(doctor);
	struct endpoint proxy;
	const struct tls_probe_request request = {.server = server,
	    .proxy =
		proxy_to(doctor, daemon, server->host, &proxy) ? &proxy : NULL,
	    .ca_file = ca_file,
	    .timeout_ms = STEP_MS};

	*ret_by_proxy = request.proxy;
	tls_probe(&request, probe);
}

static void
check_tls(const struct doctor *doctor, enum effective_daemon daemon,
    const struct endpoint *server, bool is_vital, struct report *report)
{
	CLEANUP(string)
	char *object = string_format("%s:%s", server->host, server->port);
	struct tls_probe probe;
	bool by_proxy;

	probe_server(doctor, daemon, server, &probe, &by_proxy);
	if (probe.stage == TLS_STAGE_DONE)
		return;
	if (is_vital)
		report_error(report,
		    FINDING(object, probe.reason, advice(&probe, by_proxy)));
	else
		report_warning(report,
		    FINDING(object, probe.reason, advice(&probe, by_proxy)));
}

void
check_dps_tls(const struct doctor *doctor, struct report *report)
{
	struct endpoint server;

	if (dps_server(doctor, &server))
		check_tls(doctor, EFFECTIVE_PROVISIOND, &server, true, report);
	else if (!report_unread(doctor, EFFECTIVE_PROVISIOND, report))
		report_ignore(report, "the device does not use DPS");
}

static void
check_hub(const struct doctor *doctor, const char *port, bool is_vital,
    struct report *report)
{
	struct endpoint server;

	if (!hub_server(doctor, port, &server))
		report_skip(report, "the hub is not known yet");
	else if (!is_vital && server.has_port)
		report_ignore(report, "the hub is at a port of its own");
	else
		check_tls(
		    doctor, EFFECTIVE_PROVISIOND, &server, is_vital, report);
}

void
check_hub_tls(const struct doctor *doctor, struct report *report)
{
	check_hub(doctor, PORT_HTTPS, true, report);
}

void
check_hub_mqtt(const struct doctor *doctor, struct report *report)
{
	check_hub(doctor, PORT_MQTT, false, report);
}

void
check_hub_amqp(const struct doctor *doctor, struct report *report)
{
	check_hub(doctor, PORT_AMQP, false, report);
}

/* --- EST ------------------------------------------------------------------ */

void
check_est_https(const struct doctor *doctor, struct report *report)
{
	static const char plain[] = "http:";
	const char *url = doctor->config.certd.cert_issuance.est.url;

	if (report_unread(doctor, EFFECTIVE_CERTD, report))
		return;
	if (!url)
		report_ignore(report, "there is no EST server");
	else if (strncasecmp(url, plain, strlen(plain)) == 0)
		report_warning(report,
		    FINDING(url,
			"whoever is in between can have certificates issued",
			"use an https URL"));
}

/* Who answers is proved by certd's own means; here it matters that one does. */
void
check_est_tls(const struct doctor *doctor, struct report *report)
{
	CLEANUP(string) char *object = NULL;
	struct endpoint server;
	struct tls_probe probe;
	bool by_proxy;

	if (report_unread(doctor, EFFECTIVE_CERTD, report))
		return;
	if (!est_server(doctor, &server)) {
		report_ignore(report, "there is no EST server");
		return;
	}
	probe_server(doctor, EFFECTIVE_CERTD, &server, &probe, &by_proxy);
	object = string_format("%s:%s", server.host, server.port);
	if (probe.stage < TLS_STAGE_TRUST)
		report_error(report,
		    FINDING(object, probe.reason, advice(&probe, by_proxy)));
}

/* --- names, proxy, clock -------------------------------------------------- */

static void
check_name(const struct endpoint *server, struct report *report)
{
	struct addrinfo *addresses = NULL;
	int status = getaddrinfo(server->host, NULL, NULL, &addresses);
	CLEANUP(string) char *reason = NULL;

	if (status == 0) {
		freeaddrinfo(addresses);
		return;
	}
	reason = string_format("no address: %s", gai_strerror(status));
	report_error(report,
	    FINDING(server->host, reason ? reason : "no address",
		"is the name right, and does /etc/resolv.conf name a server "
		"that answers?"));
}

void
check_dns(const struct doctor *doctor, struct report *report)
{
	struct endpoint servers[3];
	struct endpoint proxy;
	bool known[3] = {dps_server(doctor, &servers[0]),
	    hub_server(doctor, PORT_HTTPS, &servers[1]),
	    est_server(doctor, &servers[2])};

	for (size_t i = 0; i < 3; i++) {
		if (!known[i])
			continue;
		/* A proxy looks it up itself. */
		if (proxy_to(doctor,
			i == 2 ? EFFECTIVE_CERTD : EFFECTIVE_PROVISIOND,
			servers[i].host, &proxy))
			check_name(&proxy, report);
		else
			check_name(&servers[i], report);
	}
	if (!known[0] && !known[1] && !known[2])
		report_ignore(report, "no server is configured");
}

void
check_proxy(const struct doctor *doctor, struct report *report)
{
	CLEANUP(string) char *ca_file = roots(doctor);
	CLEANUP(string) char *object = NULL;
	struct endpoint server;
	struct endpoint proxy;
	struct tls_probe probe;

	if ((!dps_server(doctor, &server) &&
		!hub_server(doctor, PORT_HTTPS, &server)) ||
	    !proxy_to(doctor, EFFECTIVE_PROVISIOND, server.host, &proxy)) {
		report_ignore(report, "no proxy is configured");
		return;
	}
	tls_probe(
	    &(struct tls_probe_request){&server, &proxy, ca_file, STEP_MS},
	    &probe);
	object = string_format("%s:%s", proxy.host, proxy.port);
	if (probe.stage <= TLS_STAGE_PROXY)
		report_error(report,
		    FINDING(object, probe.reason,
			"is https_proxy of provisiond's unit right, and may "
			"the device pass the proxy?"));
	else if (probe.stage == TLS_STAGE_TRUST)
		report_error(report,
		    FINDING(object, probe.reason,
			"the proxy looks into TLS: trust its root "
			"('trust_bundle_cert'), or have it exempt this "
			"server; a client certificate does not get through "
			"it"));
}

void
check_clock(const struct doctor *doctor, struct report *report)
{
	struct endpoint server;
	struct tls_probe probe;
	char reason[128];
	bool by_proxy;
	enum doctor_result result;

	if (!dps_server(doctor, &server)) {
		if (!report_unread(doctor, EFFECTIVE_PROVISIOND, report))
			report_ignore(report, "the device does not use DPS");
		return;
	}
	probe_server(doctor, EFFECTIVE_PROVISIOND, &server, &probe, &by_proxy);
	if (probe.date == TLS_PROBE_NO_DATE) {
		report_skip(report, "DPS does not tell its time");
		return;
	}
	result = clock_offset(time_now(), probe.date, reason, sizeof(reason));
	if (result == DOCTOR_ERROR)
		report_error(report,
		    FINDING(server.host, reason, "set the clock by NTP"));
	else if (result == DOCTOR_WARNING)
		report_warning(report,
		    FINDING(server.host, reason, "set the clock by NTP"));
}

/* --- the outcome ---------------------------------------------------------- */

void
check_provisioned(const struct doctor *doctor, struct report *report)
{
	const char *status = output_member(doctor->provisioning, "status");
	const struct finding *finding = FINDING(
	    json_string_value(
		json_object_get(doctor->provisioning, "registration_id")),
	    output_member(doctor->provisioning, "message"),
	    "what the message names has to be put right; it is tried again by "
	    "itself, or at once by 'signetctl system reprovision'");

	if (!doctor->provisioning)
		report_skip(report, "provisiond does not tell");
	else if (strcmp(status, "failed") == 0)
		report_error(report, finding);
	else if (strcmp(status, "provisioned") != 0)
		report_warning(
		    report, FINDING(NULL, "the device is being provisioned",
				"wait, and look again"));
}
