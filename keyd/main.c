/* SPDX-License-Identifier: MIT */
/* signet-keyd: the only process that has the PIN and opens the token. */
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "audit.h"
#include "common/daemon.h"
#include "common/file.h"
#include "common/http_metrics.h"
#include "common/log.h"
#include "common/paths.h"
#include "config.h"
#include "journal.h"
#include "lanes.h"
#include "routes.h"
#include "secrets.h"
#include "status_line.h"
#include "store.h"
#include "tpm_parts.h"
#include "warm_up.h"

#define WARM_UP_MS 10000

/* Everything that lives as long as the daemon. */
struct parts {
	struct keyd_config config;
	struct preloaded preloaded;
	struct index *index;
	struct handles *handles;
	struct audit *audit;
	struct key_store *store;
	struct keys *keys;
};

static void
parts_done(struct parts *parts)
{
	keys_free(parts->keys);
	key_store_close(parts->store);
	audit_close(parts->audit);
	index_close(parts->index);
	handles_free(parts->handles);
	preloaded_done(&parts->preloaded);
	keyd_config_done(&parts->config);
	*parts = (struct parts){0};
}

static enum error_code
open_state(const char *directory, struct parts *parts, struct error *err)
{
	CLEANUP(string) char *index = string_format("%s/index.json", directory);
	CLEANUP(string) char *key = string_format("%s/handle-key", directory);

	if (!index || !key)
		return error_no_memory(err);
	if (file_make_directory(directory, 0700, err) ||
	    index_open(index, &parts->index, err))
		return err->code;
	return handles_open(key, &parts->handles, err);
}

/* Under systemd the journal has the records, too. */
static enum error_code
open_audit(const char *directory, const struct keyd_config *config,
    struct audit **ret_audit, struct error *err)
{
	CLEANUP(string) char *folder = string_format("%s/audit", directory);
	struct audit_settings settings = {
	    .folder = folder,
	    .file_size = config->audit_max_size ? config->audit_max_size
						: AUDIT_FILE_SIZE_DEFAULT,
	    .files =
		config->audit_files ? config->audit_files : AUDIT_FILES_DEFAULT,
	    .journal_socket = getenv("INVOCATION_ID") ? JOURNAL_SOCKET : NULL,
	};

	if (!folder)
		return error_no_memory(err);
	if (audit_mode_parse(config->audit, &settings.mode, err))
		return err->code;
	return audit_open(&settings, ret_audit, err);
}

static enum error_code
open_parts(const struct daemon_options *options, struct parts *parts,
    struct error *err)
{
	const struct keyd_config *config = &parts->config;

	if (keyd_config_load(options->config_path, &parts->config, err) ||
	    preloaded_read(config, &parts->preloaded, err) ||
	    open_state(options->state_path, parts, err) ||
	    open_audit(options->state_path, config, &parts->audit, err))
		return err->code;

	struct key_store_settings settings = {
	    .module = config->token.module,
	    .module_args = config->token.module_args,
	    .token_uri = config->token.uri,
	    .sessions = config->sessions,
	    .copies = keyd_config_copies(config),
	    .token_timeout = config->token_timeout,
	    .generation_timeout = config->generation_timeout,
	    .state = options->state_path,
	    .secrets_in_files = keyd_config_allows_files(config),
	};
	struct keys_parts keys = {
	    .index = parts->index,
	    .audit = parts->audit,
	    .preloaded_count = parts->preloaded.count,
	    .preloaded = parts->preloaded.keys,
	};

	if (key_store_open(&settings, &parts->store, err) ||
	    keyd_config_access(config, &keys.access, err))
		return err->code;
	keys.store = parts->store;
	return keys_create(&keys, &parts->keys, err);
}

static int64_t
patience_ms(const struct keyd_config *config)
{
	return config->token_timeout ? config->token_timeout * 1000LL
				     : WARM_UP_MS;
}

/* What reload() and describe() need. */
struct running {
	const char *config_path;
	const struct keyd *keyd;
	struct keys *keys; /* NULL: there is nothing to be changed */
	struct tpm_parts *tpm;
};

/*
 * Who may is read anew; what else the files say counts after a restart. If they
 * cannot be read, who might may, and whoever asks for the health is told.
 */
static void
reload(void *context)
{
	const struct running *running = context;
	CLEANUP_DONE(keyd_config) struct keyd_config config = {0};
	CLEANUP(access) struct access *access = NULL;
	struct error err;

	if (!running->keys)
		return;
	if (keyd_config_load(running->config_path, &config, &err) ||
	    keyd_config_access(&config, &access, &err) ||
	    tpm_parts_set_users(running->tpm, &config, &err)) {
		(void)error_wrap(&err, "the principals stay as they were");
		log_error("%s", err.message);
		keys_set_trouble(running->keys, &err);
		return;
	}
	keys_set_access(running->keys, TAKE(access));
	keys_set_trouble(running->keys, NULL);
	log_info("the principals have been read anew");
}

static void
describe(void *context, char ret_text[static DAEMON_STATUS_MAX])
{
	const struct running *running = context;

	status_line(running->keyd, ret_text);
}

/* Without the TPM the keys are still there. */
static void
start_tpm(const struct parts *parts, struct tpm_parts *tpm, struct keyd *keyd)
{
	if (tpm_parts_start(
		&parts->config, parts->audit, tpm, &keyd->tpm_trouble))
		log_error("%s", keyd->tpm_trouble.message);
	else if (tpm->tpm)
		keyd->tpm = tpm_turn_of(tpm->tpm);
}

/* A daemon that cannot do its work stays, and says why to who asks. */
static enum error_code
serve(const struct daemon_options *options, struct error *err)
{
	CLEANUP_DONE(parts) struct parts parts = {0};
	CLEANUP(http_metrics)
	struct http_metrics *metrics =
	    http_metrics_create(keyd_routes, keyd_route_count);
	CLEANUP(string) char *dropins = paths_dropins(options->config_path);
	struct tpm_parts tpm = {0};
	struct keyd keyd = {.metrics = metrics};
	struct running running = {
	    .config_path = options->config_path, .keyd = &keyd, .tpm = &tpm};
	struct keyd_lanes lanes;
	struct warm_up *warm_up = NULL;
	enum error_code code;
	struct daemon_service service = {.http = keyd_service(&keyd),
	    .reload = reload,
	    .describe = describe,
	    .reload_folder = dropins,
	    .context = &running};

	if (open_parts(options, &parts, &keyd.trouble) == ERROR_NONE) {
		if (warm_up_begin(
			parts.keys, patience_ms(&parts.config), &warm_up, err))
			return err->code;
		keyd.keys = parts.keys;
		running.keys = parts.keys;
		keyd.handles = parts.handles;
		keyd.preloaded = &parts.preloaded;
		keyd.store = parts.store;
		keyd.index = parts.index;
		keyd.audit = parts.audit;
		start_tpm(&parts, &tpm, &keyd);
	} else {
		log_error("%s", keyd.trouble.message);
	}
	keyd_lanes_set(
	    &lanes, &parts.config, &parts.preloaded, parts.store, &service);
	code = daemon_serve(options, &service, err);
	/* What a thread that hangs is using stays as it is. */
	if (!tpm_parts_stop(&tpm) || !warm_up_end(warm_up))
		_exit(code ? EXIT_FAILURE : EXIT_SUCCESS);
	return code;
}

int
main(int argc, char *argv[])
{
	struct daemon_options options;
	enum error_code code;
	struct error err;

	code = secrets_protect(&err);
	/* What fails at the TPM is said once, and by us. */
	if (setenv("TSS2_LOG", "all+NONE", /* overwrite */ 0) < 0)
		return EXIT_FAILURE;
	daemon_start("keyd", argc, argv, &options);
	if (code == ERROR_UNAVAILABLE)
		log_warning("%s", err.message);
	if (code != ERROR_INTERNAL)
		code = serve(&options, &err);
	daemon_options_done(&options);
	if (code == ERROR_NONE)
		return EXIT_SUCCESS;
	log_error("%s", err.message);
	return EXIT_FAILURE;
}
