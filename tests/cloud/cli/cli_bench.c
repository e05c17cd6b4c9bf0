/* SPDX-License-Identifier: MIT */
/* signet-cloud bench: a fleet registers with a server that runs. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli.h"
#include "common/daemon.h"
#include "common/file.h"
#include "fleet.h"
#include "fleet_group.h"
#include "process.h"

#define DEVICES_DEFAULT 1000
#define DEVICES_MAX 100000
#define CLIENTS_DEFAULT 500
#define CLIENTS_MAX 2000
#define GROUP_DEFAULT "fleet"
#define GROUP_LENGTH_MAX 40 /* ids are common names of at most 64 */
#define DEADLINE_MS (5L * 60 * 1000)
#define CLOUD_JSON_MAX ((size_t)64 * 1024)

struct bench_options {
	const char *directory;
	const char *cloud_json; /* NULL: in the directory */
	const char *group;
	long devices;
	long clients;
	bool as_json;
};

/* Where the server is; the strings belong to json. */
struct bench_server {
	json_t *json;
	const char *endpoint;
	const char *scope_id;
	const char *ca_file;
	json_int_t pid;
};

enum {
	OPTION_DATA = 256,
	OPTION_CLOUD_JSON,
	OPTION_GROUP,
	OPTION_DEVICES,
	OPTION_CLIENTS,
};

static const struct option long_options[] = {
    {"data",       required_argument, NULL, OPTION_DATA      },
    {"cloud-json", required_argument, NULL, OPTION_CLOUD_JSON},
    {"group-id",   required_argument, NULL, OPTION_GROUP     },
    {"devices",    required_argument, NULL, OPTION_DEVICES   },
    {"clients",    required_argument, NULL, OPTION_CLIENTS   },
    {NULL,         0,		 NULL, 0                },
};

static void
bench_server_done(struct bench_server *server)
{
	json_decref(server->json);
}

static enum error_code
find_server(const struct bench_options *options,
    struct bench_server *ret_server, struct error *err)
{
	CLEANUP_DONE(bench_server) struct bench_server server = {0};
	CLEANUP(string)
	char *path = options->cloud_json
			 ? strdup(options->cloud_json)
			 : string_format("%s/cloud.json", options->directory);
	CLEANUP(secret) char *text = NULL;
	size_t length;

	if (!path)
		return error_no_memory(err);
	if (file_read(path, CLOUD_JSON_MAX, &text, &length, err))
		return error_wrap(err, "is the server running?");
	if (json_parse(text, length, &server.json, err) ||
	    json_get_string(server.json, "dps_url", &server.endpoint, err) ||
	    json_get_string(server.json, "id_scope", &server.scope_id, err) ||
	    json_get_string(server.json, "ca", &server.ca_file, err))
		return error_wrap(err, "'%s'", path);
	server.pid = json_integer_value(json_object_get(server.json, "pid"));
	*ret_server = TAKE_CONTENTS(server);
	return ERROR_NONE;
}

/* One run, and what the server has spent on it. */
struct bench_run {
	struct fleet_plant plant;
	struct fleet_result result;
	size_t stored; /* devices that the database has as assigned */
	struct process_usage before;
	struct process_usage after;
};

static void
bench_run_done(struct bench_run *run)
{
	fleet_plant_done(&run->plant);
}

static enum error_code
run_fleet(const struct bench_options *options,
    const struct bench_server *server, struct bench_run *ret_run,
    struct error *err)
{
	CLEANUP_DONE(bench_run) struct bench_run run = {0};
	struct fleet_options fleet = {.plant = &run.plant,
	    .endpoint = server->endpoint,
	    .scope_id = server->scope_id,
	    .ca_file = server->ca_file,
	    .clients = (size_t)options->clients,
	    .deadline_ms = DEADLINE_MS};
	int pid = (int)server->pid;

	if (fleet_plant_create(
		options->group, (size_t)options->devices, &run.plant, err) ||
	    fleet_group_enroll(
		options->directory, options->group, &run.plant, err) ||
	    process_usage(pid, &run.before, err) ||
	    fleet_run(&fleet, &run.result, err) ||
	    fleet_group_count(options->directory, options->group, &run.plant,
		&run.stored, err))
		return err->code;
	/* Unless it was replaced by another one meanwhile. */
	if (process_usage(pid, &run.after, err))
		run.after = run.before;
	*ret_run = TAKE_CONTENTS(run);
	return ERROR_NONE;
}

static json_t *
times_to_json(const struct fleet_times *times)
{
	return json_pack(
	    "{s:f, s:f}", "p50", times->p50_ms, "p99", times->p99_ms);
}

static json_t *
run_to_json(const struct bench_options *options, const struct bench_run *run)
{
	const struct fleet_result *result = &run->result;
	double cpu = run->after.cpu_seconds - run->before.cpu_seconds;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:o, s:o,"
			 " s:{s:f, s:I, s:I, s:I}}",
	    "devices", (json_int_t)options->devices, "clients",
	    (json_int_t)options->clients, "assigned",
	    (json_int_t)result->assigned, "stored", (json_int_t)run->stored,
	    "failed", (json_int_t)result->failed, "retries",
	    (json_int_t)result->retries, "seconds", result->seconds,
	    "perSecond", (double)result->assigned / result->seconds,
	    "registerMs", times_to_json(&result->registering), "assignedMs",
	    times_to_json(&result->assigning), "server", "cpuSeconds", cpu,
	    "rssKiB", (json_int_t)run->after.rss_kib, "pssKiB",
	    (json_int_t)run->after.pss_kib, "peakKiB",
	    (json_int_t)run->after.peak_kib);
}

static void
print_run(const struct bench_options *options, const struct bench_run *run)
{
	const struct fleet_result *result = &run->result;

	(void)printf(
	    "devices        %ld, %ld at a time\n"
	    "assigned       %zu (stored %zu), failed %zu, retries %zu\n"
	    "time           %.1f s, %.0f registrations per second\n"
	    "register       p50 %.0f ms, p99 %.0f ms\n"
	    "assigned after p50 %.0f ms, p99 %.0f ms\n"
	    "server         %.1f s of CPU, RSS %ld KiB, PSS %ld KiB, "
	    "peak %ld KiB\n",
	    options->devices, options->clients, result->assigned, run->stored,
	    result->failed, result->retries, result->seconds,
	    (double)result->assigned / result->seconds,
	    result->registering.p50_ms, result->registering.p99_ms,
	    result->assigning.p50_ms, result->assigning.p99_ms,
	    run->after.cpu_seconds - run->before.cpu_seconds,
	    run->after.rss_kib, run->after.pss_kib, run->after.peak_kib);
}

/* Printed is also what went wrong; then it is an error. */
static enum error_code
bench(const struct bench_options *options, struct error *err)
{
	CLEANUP_DONE(bench_server) struct bench_server server = {0};
	CLEANUP_DONE(bench_run) struct bench_run run = {0};
	CLEANUP(json) json_t *json = NULL;

	if (find_server(options, &server, err) ||
	    run_fleet(options, &server, &run, err))
		return err->code;
	if (options->as_json) {
		json = run_to_json(options, &run);
		cli_print_json(json);
	} else {
		print_run(options, &run);
	}
	if (run.result.failed)
		return error_set(err, ERROR_UPSTREAM,
		    "%zu of %ld devices were not assigned; the first: %s",
		    run.result.failed, options->devices,
		    run.result.failure.message);
	if (run.stored != run.result.assigned)
		return error_set(err, ERROR_INTERNAL,
		    "%zu devices were assigned, the database has %zu",
		    run.result.assigned, run.stored);
	return ERROR_NONE;
}

static enum error_code
set_option(struct bench_options *options, int option, struct error *err)
{
	switch (option) {
	case OPTION_DATA:
		options->directory = optarg;
		return ERROR_NONE;
	case OPTION_CLOUD_JSON:
		options->cloud_json = optarg;
		return ERROR_NONE;
	case OPTION_DEVICES:
		return cli_number(
		    "--devices", optarg, DEVICES_MAX, &options->devices, err);
	case OPTION_CLIENTS:
		return cli_number(
		    "--clients", optarg, CLIENTS_MAX, &options->clients, err);
	default:
		options->group = optarg;
		return strlen(optarg) <= GROUP_LENGTH_MAX
			   ? ERROR_NONE
			   : error_set(err, ERROR_INVALID,
				 "--group-id has at most %d characters",
				 GROUP_LENGTH_MAX);
	}
}

int
command_bench(int argc, char *argv[])
{
	struct bench_options options = {.group = GROUP_DEFAULT,
	    .devices = DEVICES_DEFAULT,
	    .clients = CLIENTS_DEFAULT};
	struct error err;
	int option;

	while (
	    (option = cli_next_option(argc, argv, "o:", long_options)) != -1) {
		if (option == 'o' && !cli_read_format(&options.as_json))
			return EX_USAGE;
		if (option == 'o')
			continue;
		if (option < OPTION_DATA)
			return EX_USAGE;
		if (set_option(&options, option, &err))
			return cli_usage("%s", err.message);
	}
	if (!options.directory || optind != argc || options.devices < 1 ||
	    options.clients < 1)
		return cli_usage("bench needs --data DIR, and at least one "
				 "device and one client");
	if (options.clients > options.devices)
		options.clients = options.devices;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)setenv("no_proxy", "*", true); /* the server is on this machine */
	daemon_raise_descriptors();
	if (bench(&options, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}
