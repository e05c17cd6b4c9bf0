/* SPDX-License-Identifier: MIT */
/* signetctl support-bundle: what somebody needs who is to help. */
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apart.h"
#include "archive.h"
#include "arguments.h"
#include "commands.h"
#include "common/api_client.h"
#include "common/file.h"
#include "common/paths.h"
#include "common/time.h"
#include "common/unix_http.h"
#include "common/uri.h"
#include "effective.h"
#include "machine.h"
#include "redact.h"
#include "service.h"
#include "yaml_hide.h"

#define FILE_MAX (1024 * 1024)
#define COMMAND_MS 120000
#define METRICS_MS 10000
#define METRICS "/metrics" API_QUERY
#define CPUS "/proc/cpuinfo"
#define SELF "/proc/self/exe"
#define ARGUMENTS 7
#define HOST_MAX 65

static const char readme[] =
    "Made by 'signetctl support-bundle'. Start with check.json, which says\n"
    "what is wrong. Secrets have been replaced by '" REDACTED "'.\n";

struct bundle {
	struct archive *archive;
	struct redact_secrets secrets;
	json_t *files;   /* names */
	json_t *missing; /* sentences: what we may not read */
};

static void
bundle_done(struct bundle *bundle)
{
	archive_free(bundle->archive);
	redact_secrets_done(&bundle->secrets);
	json_decref(bundle->files);
	json_decref(bundle->missing);
}

/* --- secrets -------------------------------------------------------------- */

/* The PIN of a key or a token, wherever it stands. */
static enum error_code
learn_pin(struct bundle *bundle, const char *text, struct error *err)
{
	CLEANUP(uri) struct uri *uri = NULL;
	CLEANUP(secret) char *pin = NULL;
	struct error ignored;

	/* What cannot be read is in no file of ours either. */
	if (!text || uri_parse(text, &uri, &ignored) ||
	    uri_read_pin(uri, &pin, &ignored))
		return ERROR_NONE;
	return redact_add(&bundle->secrets, pin, err);
}

static enum error_code
learn_secrets(struct bundle *bundle, struct error *err)
{
	struct effective config;
	const struct config_map *keys = &config.keyd.preloaded_keys;
	enum error_code code;

	effective_load(&config);
	code = learn_pin(bundle, config.keyd.token.uri, err);
	for (size_t i = 0; !code && i < keys->count; i++)
		code = learn_pin(bundle, keys->items[i].value, err);
	if (!code)
		code = redact_add(&bundle->secrets,
		    config.certd.cert_issuance.est.password, err);
	effective_done(&config);
	return code;
}

/* --- what is put in ------------------------------------------------------- */

static enum error_code
add(struct bundle *bundle, const char *name, const char *text,
    struct error *err)
{
	CLEANUP(secret) char *redacted = NULL;

	if (redact_text(&bundle->secrets, text, &redacted, err) ||
	    archive_add(bundle->archive, name, redacted, err))
		return err->code;
	return json_array_append_new(bundle->files, json_string(name))
		   ? error_no_memory(err)
		   : ERROR_NONE;
}

/* That something is not to be had is a fact, too; that we may not, another. */
static enum error_code
add_why(struct bundle *bundle, const char *name, const struct error *why,
    struct error *err)
{
	if (why->code == ERROR_DENIED &&
	    json_array_append_new(bundle->missing, json_string(why->message)))
		return error_no_memory(err);
	return add(bundle, name, why->message, err);
}

/* What a command says; that it cannot is a fact, too. */
static enum error_code
add_command(struct bundle *bundle, const char *name, const char *const *argv,
    struct error *err)
{
	CLEANUP(secret) char *text = NULL;
	struct error why;
	int status;

	if (apart_output(argv, COMMAND_MS, &text, &status, &why))
		return add_why(bundle, name, &why, err);
	return add(bundle, name, text, err);
}

static enum error_code
add_commands(struct bundle *bundle, struct error *err)
{
	static const struct {
		const char *name;
		const char *const argv[ARGUMENTS];
	} commands[] = {
	    {"check.json",       {SELF, "check", "-o", "json"}              },
	    {"status.json",      {SELF, "system", "status", "-o", "json"}   },
	    {"list.json",        {SELF, "list", "-o", "json"}               },
	    {"cert-tree.json",   {SELF, "cert", "tree", "-o", "json"}       },
	    {"grants.json",      {SELF, "grants", "-o", "json"}             },
	    {"config-diff.json", {SELF, "config", "diff", "-o", "json"}     },
	    {"audit.json",       {SELF, "audit", "verify", "-o", "json"}    },
	    {"logs.txt",         {SELF, "system", "logs", "--lines", "5000"}},
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		output_progress(commands[i].name);
		if (add_command(
			bundle, commands[i].name, commands[i].argv, err))
			return err->code;
	}
	return ERROR_NONE;
}

/* The file at path under its path in the archive, without the first '/'. */
static enum error_code
add_file(struct bundle *bundle, const char *path, struct error *err)
{
	CLEANUP(string) char *name = string_format("files%s", path);
	CLEANUP(secret) char *text = NULL;
	CLEANUP(secret) char *hidden = NULL;
	struct error why;

	if (!name)
		return error_no_memory(err);
	if (file_read(path, FILE_MAX, &text, NULL, &why))
		return add_why(bundle, name, &why, err);
	if (strcmp(path, CPUS) == 0)
		machine_hide_serials(text);
	/* In a configuration a secret may stand under a mistyped key. */
	if (fnmatch("*.yaml", path, 0) != 0)
		return add(bundle, name, text, err);
	return yaml_hide(text, &hidden, err) ? err->code
					     : add(bundle, name, hidden, err);
}

/* A folder that cannot be searched has no files for glob(). */
static enum error_code
check_folders(struct bundle *bundle, struct error *err)
{
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		CLEANUP(string)
		char *path = string_format(
		    "%s/%s", paths_config_directory(), service_names[i]);
		CLEANUP(string) char *message = NULL;

		if (!path)
			return error_no_memory(err);
		if (access(path, R_OK | X_OK) == 0 || errno != EACCES)
			continue;
		message = string_format("cannot look into '%s'", path);
		if (json_array_append_new(
			bundle->missing, json_string(message)))
			return error_no_memory(err);
	}
	return ERROR_NONE;
}

static enum error_code
add_configuration(struct bundle *bundle, struct error *err)
{
	static const char *const patterns[] = {
	    "config.yaml", "*/config.yaml", "*/config.d/*.yaml", "log-level"};
	enum error_code code = check_folders(bundle, err);
	glob_t found = {0};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		CLEANUP(string)
		char *pattern = string_format(
		    "%s/%s", paths_config_directory(), patterns[i]);

		if (pattern)
			(void)glob(
			    pattern, i > 0 ? GLOB_APPEND : 0, NULL, &found);
	}
	for (size_t i = 0; !code && i < found.gl_pathc; i++)
		code = add_file(bundle, found.gl_pathv[i], err);
	globfree(&found);
	return code;
}

static enum error_code
add_metrics(struct bundle *bundle, const char *daemon, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *socket = paths_socket(daemon);
	CLEANUP(string) char *name = string_format("metrics-%s.txt", daemon);
	CLEANUP(string) char *body = NULL;
	struct unix_http_response response = {0};
	struct error why;

	if (!socket || !name)
		return error_no_memory(err);
	if (unix_http_create(socket, METRICS_MS, &client, &why) ||
	    unix_http_request(client, "GET", METRICS, NULL, 0, &response, &why))
		return add_why(bundle, name, &why, err);
	body = response.body;
	return add(bundle, name, body, err);
}

static enum error_code
add_machine(struct bundle *bundle, struct error *err)
{
	static const char *const files[] = {
	    "/etc/os-release", CPUS, "/proc/meminfo", "/proc/loadavg"};
	/* In a process of its own: a file system may not answer. */
	static const char *const disks[] = {"df", "--local",
	    "--output=source,fstype,size,used,avail,itotal,iavail,target",
	    NULL};
	CLEANUP(string) char *text = NULL;

	if (machine_describe(&text, err) ||
	    add(bundle, "machine.txt", text, err))
		return err->code;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (add_file(bundle, files[i], err))
			return err->code;
	return add_command(bundle, "disks.txt", disks, err);
}

static enum error_code
fill(struct bundle *bundle, struct error *err)
{
	if (learn_secrets(bundle, err) ||
	    add(bundle, "README.txt", readme, err) ||
	    add_commands(bundle, err) || add_configuration(bundle, err))
		return err->code;
	for (size_t i = 0; i < SERVICE_COUNT; i++)
		if (add_metrics(bundle, service_names[i], err))
			return err->code;
	return add_machine(bundle, err);
}

/* --- the command ---------------------------------------------------------- */

/* "signet-support-<host>-<date>.tar". The caller frees it. */
static char *
default_path(int64_t now)
{
	char host[HOST_MAX] = "";

	(void)gethostname(host, sizeof(host) - 1);
	return string_format(
	    "signet-support-%s-%.10s.tar", host, time_format(now).text);
}

/* path NULL: to standard output. */
static enum error_code
make_bundle(const char *path, struct bundle *bundle, struct error *err)
{
	if (path && file_exists(path))
		return error_set(
		    err, ERROR_EXISTS, "there is a file '%s' already", path);
	bundle->files = json_array();
	bundle->missing = json_array();
	if (!bundle->files || !bundle->missing)
		return error_no_memory(err);
	if (archive_create(time_now(), &bundle->archive, err) ||
	    fill(bundle, err))
		return err->code;
	return archive_write(bundle->archive, path, err);
}

/* Who is to help would look in vain. */
static int
tell_missing(const json_t *missing)
{
	for (size_t i = 0; i < json_array_size(missing); i++)
		output_note("missing: %s",
		    json_string_value(json_array_get(missing, i)));
	if (json_array_size(missing) == 0)
		return EXIT_SUCCESS;
	output_note("the bundle is not whole; be root to have all of it");
	return EXIT_FAILURE;
}

static void
tell_written(
    const char *path, const struct bundle *bundle, enum output_form form)
{
	CLEANUP(json)
	json_t *document = json_pack("{s:s, s:O, s:O}", "path", path, "files",
	    bundle->files, "missing", bundle->missing);

	if (form == OUTPUT_JSON)
		output_json(document);
	else
		(void)printf("%s: written, with %zu files; look into it before "
			     "you hand it on\n",
		    path, json_array_size(bundle->files));
}

/* The archive itself on standard output: for a pipe, as to ssh. */
static int
print_bundle(struct bundle *bundle, enum output_form form)
{
	struct error err;

	if (form == OUTPUT_JSON || isatty(STDOUT_FILENO)) {
		output_note("support-bundle: '-' writes an archive to standard "
			    "output, which is no place for %s",
		    form == OUTPUT_JSON ? "JSON, too" : "it: a terminal");
		return EXIT_USAGE;
	}
	if (make_bundle(NULL, bundle, &err))
		return output_failure(form, &err);
	return tell_missing(bundle->missing);
}

int
cmd_support_bundle(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "support-bundle",
	    .operands = "[FILE]",
	    .operand_max = 1};
	CLEANUP_DONE(bundle) struct bundle bundle = {0};
	CLEANUP(string) char *path = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (arguments.operand_count > 0 &&
	    strcmp(arguments.operands[0], "-") == 0)
		return print_bundle(&bundle, arguments.form);
	path = arguments.operand_count > 0 ? strdup(arguments.operands[0])
					   : default_path(time_now());
	if (!path)
		(void)error_no_memory(&err);
	if (!path || make_bundle(path, &bundle, &err))
		return output_failure(arguments.form, &err);
	tell_written(path, &bundle, arguments.form);
	return tell_missing(bundle.missing);
}
