/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "common/daemon.h"
#include "common/file.h"
#include "common/log.h"
#include "est_ca.h"
#include "instance.h"
#include "policy_store.h"
#include "server.h"
#include "server_tls.h"
#include "settings.h"

#define PORT_DEFAULT 8443
#define RETRY_AFTER_MAX 3600
#define ROUNDS_MAX 1000000
#define LATENCY_MAX 60000
#define WEBHOOK_SECONDS_MAX 3600
#define EST_LIFETIME_MAX 315360000 /* ten years */

struct serve_options {
	const char *directory;
	const char *cloud_json; /* NULL: in the directory */
	const char *pid_file;   /* NULL: none */
	const char *dps;        /* HOST[:PORT]; NULL: localhost:port */
	long port;
	struct cloud_options cloud;
};

enum {
	OPTION_DATA = 256,
	OPTION_PORT,
	OPTION_CLOUD_JSON,
	OPTION_PID_FILE,
	OPTION_HUB,
	OPTION_RETRY_AFTER,
	OPTION_ASSIGN_ROUNDS,
	OPTION_ETAGS,
	OPTION_DISABLED,
	OPTION_TLS,
	OPTION_EST_LIFETIME,
	OPTION_WEBHOOK_CA,
	OPTION_WEBHOOK_TIMEOUT,
	OPTION_DPS,
	OPTION_QUIRK,
};

static const struct option long_options[] = {
    {"data",            required_argument, NULL, OPTION_DATA           },
    {"port",            required_argument, NULL, OPTION_PORT           },
    {"cloud-json",      required_argument, NULL, OPTION_CLOUD_JSON     },
    {"pid-file",        required_argument, NULL, OPTION_PID_FILE       },
    {"dps",	     required_argument, NULL, OPTION_DPS            },
    {"hub",	     required_argument, NULL, OPTION_HUB            },
    {"retry-after",     required_argument, NULL, OPTION_RETRY_AFTER    },
    {"assign-rounds",   required_argument, NULL, OPTION_ASSIGN_ROUNDS  },
    {"tls",	     required_argument, NULL, OPTION_TLS            },
    {"etags",           required_argument, NULL, OPTION_ETAGS          },
    {"disabled-answer", required_argument, NULL, OPTION_DISABLED       },
    {"webhook-ca",      required_argument, NULL, OPTION_WEBHOOK_CA     },
    {"webhook-timeout", required_argument, NULL, OPTION_WEBHOOK_TIMEOUT},
    {"est-lifetime",    required_argument, NULL, OPTION_EST_LIFETIME   },
    {"quirk",           required_argument, NULL, OPTION_QUIRK          },
    {NULL,	      0,		 NULL, 0		     },
};

/* A switch of two values; sets *ret_second if the second one is chosen. */
static enum error_code
parse_switch(const char *name, const char *text, const char *first,
    const char *second, bool *ret_second, struct error *err)
{
	if (strcmp(text, first) != 0 && strcmp(text, second) != 0)
		return error_set(err, ERROR_INVALID,
		    "%s is '%s' or '%s', not '%s'", name, first, second, text);
	*ret_second = strcmp(text, second) == 0;
	return ERROR_NONE;
}

static enum error_code
set_number(
    const char *name, long maximum, unsigned *ret_number, struct error *err)
{
	long number;

	if (cli_number(name, optarg, maximum, &number, err))
		return err->code;
	*ret_number = (unsigned)number;
	return ERROR_NONE;
}

static enum error_code
set_tls_version(struct cloud_options *cloud, struct error *err)
{
	if (!server_tls_priorities(optarg))
		return error_set(err, ERROR_INVALID,
		    "--tls is '1.2' or '1.3', not '%s'", optarg);
	cloud->tls_version = optarg;
	return ERROR_NONE;
}

/* A name that clients are to reach us by. */
static enum error_code
check_name(const char *option, const char *name, struct error *err)
{
	if (!*name)
		return error_set(
		    err, ERROR_INVALID, "%s has an empty name", option);
	return ERROR_NONE;
}

/* Each hub has a name of its own. */
static enum error_code
check_hub_name(
    const struct cloud_options *cloud, const char *name, struct error *err)
{
	for (size_t i = 0; i < cloud->hub_count; i++)
		if (strcasecmp(cloud->hubs[i].name, name) == 0)
			return error_set(
			    err, ERROR_INVALID, "--hub names '%s' twice", name);
	return check_name("--hub", name, err);
}

/* NAME[=MILLISECONDS] */
static enum error_code
add_hub(struct cloud_options *cloud, struct error *err)
{
	char *equals = strchr(optarg, '=');
	long latency = 0;

	if (cloud->hub_count == CLOUD_HUBS_MAX)
		return error_set(
		    err, ERROR_INVALID, "there can be %d hubs", CLOUD_HUBS_MAX);
	if (equals) {
		*equals = '\0';
		if (cli_number("--hub NAME=MILLISECONDS", equals + 1,
			LATENCY_MAX, &latency, err))
			return err->code;
	}
	if (check_hub_name(cloud, optarg, err))
		return err->code;
	cloud->hubs[cloud->hub_count++] =
	    (struct cloud_hub){optarg, (unsigned)latency};
	return ERROR_NONE;
}

static enum error_code
set_option(struct serve_options *options, int option, struct error *err)
{
	struct cloud_options *cloud = &options->cloud;

	switch (option) {
	case OPTION_DATA:
		options->directory = optarg;
		return ERROR_NONE;
	case OPTION_PORT:
		return cli_number(
		    "--port", optarg, UINT16_MAX, &options->port, err);
	case OPTION_CLOUD_JSON:
		options->cloud_json = optarg;
		return ERROR_NONE;
	case OPTION_PID_FILE:
		options->pid_file = optarg;
		return ERROR_NONE;
	case OPTION_DPS:
		options->dps = optarg;
		return check_name("--dps", optarg, err);
	case OPTION_HUB:
		return add_hub(cloud, err);
	case OPTION_WEBHOOK_CA:
		cloud->webhook_ca = optarg;
		return ERROR_NONE;
	case OPTION_RETRY_AFTER:
		return set_number("--retry-after", RETRY_AFTER_MAX,
		    &cloud->retry_after_seconds, err);
	case OPTION_ASSIGN_ROUNDS:
		return set_number(
		    "--assign-rounds", ROUNDS_MAX, &cloud->assign_rounds, err);
	case OPTION_ETAGS:
		return parse_switch("--etags", optarg, "strict", "lenient",
		    &cloud->lenient_etags, err);
	case OPTION_WEBHOOK_TIMEOUT:
		return set_number("--webhook-timeout", WEBHOOK_SECONDS_MAX,
		    &cloud->webhook_seconds, err);
	case OPTION_EST_LIFETIME:
		return set_number("--est-lifetime", EST_LIFETIME_MAX,
		    &cloud->est_lifetime_seconds, err);
	case OPTION_QUIRK:
		return quirks_add(&cloud->quirks, optarg, err);
	case OPTION_TLS:
		return set_tls_version(cloud, err);
	default:
		return parse_switch("--disabled-answer", optarg, "401", "200",
		    &cloud->disabled_is_success, err);
	}
}

static enum error_code
service_connection_string(struct database *database, enum surface surface,
    const char *policy_name, const char *host, char **ret_text,
    struct error *err)
{
	CLEANUP_DONE(policy) struct policy policy = {0};

	if (policy_get(database, surface, policy_name, &policy, err))
		return err->code;
	*ret_text = string_format(
	    "HostName=%s;SharedAccessKeyName=%s;SharedAccessKey=%s", host,
	    policy_name, policy.primary_key);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

/*
 * What those who wait for us need to reach and to administer us; by the names
 * that they know DPS and the hub by, local is ours.
 */
static enum error_code
cloud_json(const struct instance *instance, const char *local, const char *dps,
    const char *hub, char **ret_text, struct error *err)
{
	CLEANUP(secret) char *admin = NULL;
	CLEANUP(secret) char *dps_owner = NULL;
	CLEANUP(secret) char *hub_owner = NULL;
	CLEANUP(json) json_t *object = NULL;

	if (setting_get(instance->database, SETTING_ADMIN_TOKEN, &admin, err) ||
	    service_connection_string(instance->database, SURFACE_DPS,
		POLICY_DPS_OWNER, dps, &dps_owner, err) ||
	    service_connection_string(instance->database, SURFACE_HUB,
		POLICY_HUB_OWNER, hub, &hub_owner, err))
		return err->code;
	object = json_pack(
	    "{s:s+, s:s+, s:s++, s:s++, s:s, s:s, s:s, s:s, s:s, s:i}",
	    "dps_url", "https://", dps, "hub_url", "https://", hub, "est_url",
	    "https://", local, "/.well-known/est", "portal_url", "https://",
	    local, "/portal", "ca", instance->ca_path,
	    "service_connection_string", dps_owner, "hub_connection_string",
	    hub_owner, "id_scope", instance->id_scope, "admin_token", admin,
	    "pid", (int)getpid());
	*ret_text = object ? json_text(object) : NULL;
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

/* How to sign in to the portal; to be read before the server runs. */
static enum error_code
sign_in_text(const struct instance *instance, const char *local,
    char **ret_text, struct error *err)
{
	CLEANUP(secret) char *admin = NULL;

	if (setting_get(instance->database, SETTING_ADMIN_TOKEN, &admin, err))
		return err->code;
	*ret_text = string_format("portal: https://%s/portal\n"
				  "token:  %s\n",
	    local, admin);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
write_pid(const char *path, struct error *err)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	return file_write(path, text, (size_t)length, 0644, err);
}

/* The signals that end us; blocked in all threads, so before there are any. */
static sigset_t
block_signals(void)
{
	sigset_t signals;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGTERM);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
	return signals;
}

/* What tells others that the server runs, as long as it does. */
struct traces {
	const char *ready_path;
	const char *pid_path; /* NULL: none */
	bool is_ready_written;
	bool is_pid_written;
};

/* Takes away what was written here, and nothing of another server's. */
static void
traces_done(const struct traces *traces)
{
	struct error ignored;

	if (traces->is_ready_written)
		(void)!file_remove(traces->ready_path, &ignored);
	if (traces->is_pid_written)
		(void)!file_remove(traces->pid_path, &ignored);
}

/* The ready file comes last: who waits for it finds the other, too. */
static enum error_code
traces_write(struct traces *traces, const char *ready, struct error *err)
{
	if (traces->pid_path) {
		if (write_pid(traces->pid_path, err))
			return err->code;
		traces->is_pid_written = true;
	}
	if (file_write(traces->ready_path, ready, strlen(ready), 0600, err))
		return err->code;
	traces->is_ready_written = true;
	return ERROR_NONE;
}

/* Serves until a signal comes. */
static enum error_code
serve_instance(const struct serve_options *options, const char *ready_path,
    struct instance *instance, struct error *err)
{
	sigset_t signals = block_signals();
	struct cloud cloud = {.database = instance->database,
	    .id_scope = instance->id_scope,
	    .options = options->cloud};
	CLEANUP_DONE(traces)
	struct traces traces = {
	    .ready_path = ready_path, .pid_path = options->pid_file};
	CLEANUP(server) struct server *server = NULL;
	CLEANUP(string) char *local = NULL;
	CLEANUP(secret) char *ready = NULL;
	CLEANUP(secret) char *sign_in = NULL;
	int listener, received;
	uint16_t port;

	if (server_listen((uint16_t)options->port, &listener, &port, err))
		return err->code;
	local = string_format("localhost:%u", (unsigned)port);
	if (!local)
		return error_no_memory(err);
	if (cloud.options.hub_count == 0)
		cloud.options.hubs[cloud.options.hub_count++].name = local;
	/* Read first: once the server runs, the database is its own. */
	if (cloud_json(instance, local, options->dps ? options->dps : local,
		cloud.options.hubs[0].name, &ready, err) ||
	    sign_in_text(instance, local, &sign_in, err) ||
	    server_start(&cloud, listener, &server, err) ||
	    traces_write(&traces, ready, err))
		return err->code;

	(void)fputs(sign_in, stdout);
	(void)fflush(stdout);
	log_info("serving DPS, IoT Hub and EST on https://localhost:%u",
	    (unsigned)port);
	(void)sigwait(&signals, &received);
	server_stop(TAKE(server));
	webhook_calls_end(&cloud.webhook_calls);
	est_ca_close(cloud.est_ca);
	return ERROR_NONE;
}

/* The directory is locked: what is in it is an earlier run's. */
static enum error_code
serve_locked(const struct serve_options *options, struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};
	CLEANUP(string)
	char *ready_path = options->cloud_json ? strdup(options->cloud_json)
					       : string_format("%s/cloud.json",
						     options->directory);

	if (!ready_path)
		return error_no_memory(err);
	/* That of an earlier run would tell those who wait a wrong port. */
	if (file_remove(ready_path, err) ||
	    instance_init(options->directory, &instance, err))
		return err->code;
	return serve_instance(options, ready_path, &instance, err);
}

static enum error_code
serve(const struct serve_options *options, struct error *err)
{
	enum error_code code;
	int lock;

	if (instance_lock(options->directory, &lock, err))
		return err->code;
	code = serve_locked(options, err);
	(void)close(lock);
	return code;
}

int
command_serve(int argc, char *argv[])
{
	struct serve_options options = {
	    .port = PORT_DEFAULT,
	    .cloud = {.retry_after_seconds = 1, .assign_rounds = 1}
        };
	struct error err;
	int option;

	while ((option = cli_next_option(argc, argv, "", long_options)) != -1) {
		if (option < OPTION_DATA)
			return EX_USAGE;
		if (set_option(&options, option, &err))
			return cli_usage("%s", err.message);
	}
	if (!options.directory || optind != argc)
		return cli_usage("serve needs --data DIR");
	daemon_raise_descriptors();
	if (serve(&options, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}
