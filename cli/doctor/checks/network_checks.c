/* SPDX-License-Identifier: MIT */
/* The doctor's checks of the way to DPS and to the hub, of names and proxies.
 */
#include <netdb.h>
#include <string.h>

#include "clock_offset.h"
#include "common/file.h"
#include "common/time.h"
#include "common/uri.h"
#include "environment.h"
#include "est_ways.h"
#include "lookup.h"
#include "network.h"
#include "output.h"

#define STEP_MS 10000
#define PORT_HTTPS "443"
#define PORT_MQTT "8883"
#define PORT_AMQP "5671"
#define PORT_PROXY "1080" /* as curl(1) has it */
#define CLOCK_ADVICE                                                           \
	"set the clock by NTP ('timedatectl set-ntp true' where there is a "   \
	"service for it), or by 'date -s'"

/* --- servers -------------------------------------------------------------- */

static bool
dps_server(const struct doctor *doctor, struct endpoint *server)
{
	const char *url =
	    doctor->config.provisiond.provisioning.global_endpoint;

	return url && endpoint_parse(url, PORT_HTTPS, server);
}

/* The hub, or the parent that is asked in its place. */
static bool
hub_server(
    const struct doctor *doctor, const char *port, struct endpoint *server)
{
	const struct effective_provisioning *provisioning =
	    &doctor->config.provisiond.provisioning;
	const char *host = provisioning->local_gateway_hostname;

	if (!host)
		host = json_string_value(
		    json_object_get(doctor->provisioning, "assigned_hub"));
	if (!host)
		host = provisioning->iothub_hostname;
	return host && endpoint_parse(host, port, server);
}

/* The proxy that is between daemon and host; false: there is none. */
static bool
proxy_to(const struct doctor *doctor, enum effective_daemon daemon,
    const char *host, struct endpoint *ret_proxy)
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
	       endpoint_parse(text, PORT_PROXY, ret_proxy);
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

const char *
network_advice(enum tls_stage stage)
{
	switch (stage) {
	case TLS_STAGE_NAME:
		return "see the check dns";
	case TLS_STAGE_CONNECT:
		return "let the firewall pass it, or name a proxy: "
		       "Environment=https_proxy=... by 'systemctl edit' of "
		       "the daemon's unit";
	case TLS_STAGE_PROXY:
		return "see the check proxy";
	case TLS_STAGE_TLS:
		return "does a server for TLS listen there? Something in "
		       "between may break TLS, or let nothing through; an "
		       "alert of the peer says more";
	case TLS_STAGE_TRUST:
	case TLS_STAGE_DONE:
		break;
	}
	return NULL;
}

void
network_probe(const struct doctor *doctor, enum effective_daemon daemon,
    struct tls_probe_request request, struct tls_probe *ret_probe)
{
	struct endpoint proxy;

	if (proxy_to(doctor, daemon, request.server->host, &proxy))
		request.proxy = &proxy;
	request.timeout_ms = STEP_MS;
	tls_probe(&request, ret_probe);
}

/* With the roots of provisiond. */
static void
probe_cloud(const struct doctor *doctor, const struct endpoint *server,
    struct tls_probe *ret_probe)
{
	CLEANUP(string) char *ca_file = roots(doctor);

	network_probe(doctor, EFFECTIVE_PROVISIOND,
	    (struct tls_probe_request){.server = server, .ca_file = ca_file},
	    ret_probe);
}

static const char *
advice(const struct doctor *doctor, const struct endpoint *server,
    enum tls_stage stage)
{
	struct endpoint proxy;

	if (stage != TLS_STAGE_TRUST)
		return network_advice(stage);
	return proxy_to(doctor, EFFECTIVE_PROVISIOND, server->host, &proxy)
		   ? "if the proxy looks into TLS, its root has to be trusted "
		     "('trust_bundle_cert'), or this server exempt"
		   : "its root has to be trusted ('trust_bundle_cert' or the "
		     "system's roots); is the clock right?";
}

static void
check_tls(const struct doctor *doctor, const struct endpoint *server,
    bool is_vital, struct report *report)
{
	CLEANUP(string)
	char *object = string_format("%s:%s", server->host, server->port);
	struct tls_probe probe;
	const struct finding *finding;

	probe_cloud(doctor, server, &probe);
	if (probe.stage == TLS_STAGE_DONE)
		return;
	finding =
	    FINDING(object, probe.reason, advice(doctor, server, probe.stage));
	if (is_vital)
		report_error(report, finding);
	else
		report_warning(report, finding);
}

void
check_dps_tls(const struct doctor *doctor, struct report *report)
{
	struct endpoint server;

	if (dps_server(doctor, &server))
		check_tls(doctor, &server, true, report);
	else if (!report_unread(doctor, EFFECTIVE_PROVISIOND, report))
		report_ignore(report, "the device does not use DPS");
}

static void
check_hub(const struct doctor *doctor, const char *port, bool is_vital,
    struct report *report)
{
	struct endpoint server;

	if (report_unread(doctor, EFFECTIVE_PROVISIOND, report))
		return;
	if (!hub_server(doctor, port, &server))
		report_skip(report, "the hub is not known yet");
	else if (!is_vital && server.has_port)
		report_ignore(report, "the hub is at a port of its own");
	else
		check_tls(doctor, &server, is_vital, report);
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

/* --- names, proxy, clock -------------------------------------------------- */

/* Who is configured, but not for our eyes, may talk to servers, too. */
static bool
report_any_unread(const struct doctor *doctor, struct report *report)
{
	static const enum effective_daemon daemons[] = {
	    EFFECTIVE_PROVISIOND, EFFECTIVE_CERTD};
	bool any = false;

	for (size_t i = 0; i < sizeof(daemons) / sizeof(daemons[0]); i++)
		if (doctor->config.errors[daemons[i]].code != ERROR_NOT_FOUND &&
		    report_unread(doctor, daemons[i], report))
			any = true;
	return any;
}

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

/* Of the server, or of the proxy, which looks the server up itself. */
static void
check_name_for(const struct doctor *doctor, enum effective_daemon daemon,
    const struct endpoint *server, json_t *seen, struct report *report)
{
	struct endpoint proxy;
	const struct endpoint *asked =
	    proxy_to(doctor, daemon, server->host, &proxy) ? &proxy : server;

	if (is_first(seen, asked->host))
		check_name(asked, report);
}

void
check_dns(const struct doctor *doctor, struct report *report)
{
	CLEANUP(json) json_t *seen = json_object();
	struct endpoint server;
	struct est_way way;
	size_t place = 0;

	if (dps_server(doctor, &server))
		check_name_for(
		    doctor, EFFECTIVE_PROVISIOND, &server, seen, report);
	if (hub_server(doctor, PORT_HTTPS, &server))
		check_name_for(
		    doctor, EFFECTIVE_PROVISIOND, &server, seen, report);
	while (est_next(doctor, &place, &way))
		if (endpoint_parse(way.est.url, PORT_HTTPS, &server))
			check_name_for(
			    doctor, EFFECTIVE_CERTD, &server, seen, report);
	if (!report_any_unread(doctor, report) && json_object_size(seen) == 0)
		report_ignore(report, "no server is configured");
}

/* Whether the proxy lets through, and, if roots count, whom it shows. */
static void
check_way_through(const struct tls_probe_request *request, bool roots_count,
    struct report *report)
{
	CLEANUP(string)
	char *object =
	    string_format("%s:%s", request->proxy->host, request->proxy->port);
	struct tls_probe probe;

	tls_probe(request, &probe);
	if (probe.stage <= TLS_STAGE_PROXY)
		report_error(report,
		    FINDING(object, probe.reason,
			"is https_proxy of the daemon's unit right, and may "
			"the device pass the proxy?"));
	else if (probe.stage == TLS_STAGE_TRUST && roots_count)
		report_error(report,
		    FINDING(object, probe.reason,
			"the proxy looks into TLS: trust its root "
			"('trust_bundle_cert'), or have it exempt this "
			"server; a client certificate does not get through "
			"it"));
}

void
check_proxy(const struct doctor *doctor, struct report *report)
{
	CLEANUP(json) json_t *seen = json_object();
	CLEANUP(string) char *ca_file = roots(doctor);
	struct endpoint server;
	struct endpoint proxy;
	struct est_way way;
	size_t place = 0;

	if ((dps_server(doctor, &server) ||
		hub_server(doctor, PORT_HTTPS, &server)) &&
	    proxy_to(doctor, EFFECTIVE_PROVISIOND, server.host, &proxy) &&
	    is_first(seen, server.host))
		check_way_through(&(struct tls_probe_request){.server = &server,
				      .proxy = &proxy,
				      .ca_file = ca_file,
				      .timeout_ms = STEP_MS},
		    true, report);
	while (est_next(doctor, &place, &way))
		if (endpoint_parse(way.est.url, PORT_HTTPS, &server) &&
		    proxy_to(doctor, EFFECTIVE_CERTD, server.host, &proxy) &&
		    is_first(seen, server.host))
			check_way_through(
			    &(struct tls_probe_request){.server = &server,
				.proxy = &proxy,
				.timeout_ms = STEP_MS},
			    false, report);
	if (!report_any_unread(doctor, report) && json_object_size(seen) == 0)
		report_ignore(report, "no proxy is configured");
}

void
check_clock(const struct doctor *doctor, struct report *report)
{
	struct endpoint server;
	struct tls_probe probe;
	char reason[128];
	enum doctor_result result;

	if (!dps_server(doctor, &server)) {
		if (!report_unread(doctor, EFFECTIVE_PROVISIOND, report))
			report_ignore(report, "the device does not use DPS");
		return;
	}
	probe_cloud(doctor, &server, &probe);
	if (probe.date == TLS_PROBE_NO_DATE) {
		report_skip(report, "DPS does not tell its time");
		return;
	}
	result = clock_offset(time_now(), probe.date, reason, sizeof(reason));
	if (result == DOCTOR_ERROR)
		report_error(
		    report, FINDING(server.host, reason, CLOCK_ADVICE));
	else if (result == DOCTOR_WARNING)
		report_warning(
		    report, FINDING(server.host, reason, CLOCK_ADVICE));
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
	else if (strcmp(status, "unmanaged") == 0)
		report_ignore(report, "the device is not to be provisioned");
	else if (strcmp(status, "failed") == 0)
		report_error(report, finding);
	else if (strcmp(status, "provisioned") != 0)
		report_warning(
		    report, FINDING(NULL, "the device is being provisioned",
				"wait, and look again"));
}
