/* SPDX-License-Identifier: MIT */
/* signet-certd: issues, keeps and shows certificates. */
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/http_metrics.h"
#include "common/log.h"
#include "common/paths.h"
#include "routes.h"
#include "status_line.h"

#define ARENAS 2
#define KEPT_BYTES (128 * 1024)

static enum error_code
open_certs(const struct daemon_options *options, struct certs **ret_certs,
    struct error *err)
{
	CLEANUP_DONE(certd_config) struct certd_config config = {0};

	if (certd_config_load(options->config_path, &config, err))
		return err->code;
	return certs_open(&config, options->state_path, ret_certs, err);
}

static void
wake(void *context, const char *id)
{
	const struct certd *certd = context;

	waiters_wake(certd->waiters, id);
}

/* Also those that wait for a list that it is in. */
static void
wake_readers(struct certd *certd, const char *id)
{
	wake(certd, id);
	certs_each_list_with(certd->certs, id, wake, certd);
}

/* Who waits for the certificate is told, and who renews it. */
static void
changed(void *context, const char *id)
{
	struct certd *certd = context;

	wake_readers(certd, id);
	if (certd->engine)
		engine_note_change(certd->engine, id);
}

/* A pair is shown as a pair while it is being switched. */
static bool
shown(void *context, const char *id, char **ret_pem)
{
	const struct certd *certd = context;

	return certd->engine &&
	       renewals_shown(engine_renewals(certd->engine), id, ret_pem);
}

static void
warn(void *context, const char *id, const char *text)
{
	(void)context;
	log_warning("certificate '%s': %s", id, text);
}

/* The issuer is renewed first if that helps. */
static void
outlived(void *context, const char *issuer, unsigned days, struct error *err)
{
	const struct certd *certd = context;

	if (certd->engine)
		engine_outlived(certd->engine, issuer, days, err);
}

/* Whether its key is lost is looked at now, and mended. */
static void
missed(void *context, const char *id)
{
	const struct certd *certd = context;

	if (certd->engine)
		renewals_note_change(engine_renewals(certd->engine), id);
}

/* Who asks on the socket must learn what is wrong: stay up. */
static void
open_or_degrade(struct certd *certd, const struct daemon_options *options,
    struct certs **ret_certs)
{
	const struct certs_watcher watcher = {.changed = changed,
	    .shown = shown,
	    .noted = warn,
	    .outlived = outlived,
	    .missed = missed,
	    .context = certd};
	struct error problem;

	if (open_certs(options, ret_certs, &certd->problem)) {
		log_error("degraded: %s", certd->problem.message);
		return;
	}
	certs_watch(*ret_certs, &watcher);
	certd->certs = *ret_certs;
	if (certs_check(certd->certs, &problem) ||
	    certs_check_ends(certd->certs, &problem))
		log_warning("degraded: %s", problem.message);
}

/* Who waits for a candidate looks again, or for what is shown instead. */
static void
renewal_changed(void *context, const char *id)
{
	struct certd *certd = context;

	candidate_wake(certd, id);
	wake_readers(certd, id);
}

/* Without renewing the rest is served all the same. */
static void
start_renewing(const struct daemon_options *options, struct certd *certd)
{
	const struct engine_listener listener = {renewal_changed, certd};
	struct error err;

	if (!certd->certs)
		return;
	if (engine_create(certd->certs, options->state_path, &listener,
		&certd->engine, &err) ||
	    engine_start(certd->engine, &err))
		log_error("nothing is renewed: %s", err.message);
}

/* What is done beside answering. */
struct running {
	struct certd certd;
	const char *config_path;
};

/* A server that stops waits for calls in flight: let them go. */
static void
dismiss(void *context)
{
	const struct running *running = context;

	waiters_dismiss(running->certd.waiters);
}

/*
 * A list of all certificates takes megabytes for a moment. The C library would
 * keep them for each thread that has made one, and raise what it keeps.
 */
static void
keep_little_memory(void)
{
	(void)mallopt(M_ARENA_MAX, ARENAS);
	(void)mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
}

static void
reload(void *context)
{
	const struct running *running = context;
	struct error err;

	if (!running->certd.certs)
		return;
	if (certs_reload(running->certd.certs, running->config_path, &err))
		log_error("%s", err.message);
	else
		log_info("the principals have been read anew");
}

static void
describe(void *context, char ret_text[static DAEMON_STATUS_MAX])
{
	const struct running *running = context;

	status_line(&running->certd, ret_text);
}

static enum error_code
run(const struct daemon_options *options, struct error *err)
{
	CLEANUP(http_metrics)
	struct http_metrics *metrics =
	    http_metrics_create(certd_routes, certd_route_count);
	CLEANUP(waiters) struct waiters *waiters = NULL;
	CLEANUP(certs) struct certs *certs = NULL;
	CLEANUP(string) char *dropins = paths_dropins(options->config_path);
	struct running running = {
	    .certd = {.metrics = metrics}, .config_path = options->config_path};
	struct certd *certd = &running.certd;
	CLEANUP_DONE(certd_lanes) struct certd_lanes lanes = {NULL, NULL};
	struct daemon_service service = {.http = certd_service(certd),
	    .reload = reload,
	    .describe = describe,
	    .reload_folder = dropins,
	    .stops = dismiss,
	    .context = &running};
	enum error_code code;

	if (!metrics)
		return error_no_memory(err);
	if (waiters_create(&waiters, err))
		return err->code;
	certd->waiters = waiters;
	open_or_degrade(certd, options, &certs);
	if (certd_lanes_set(
		certs ? certs_est_servers(certs) : 0, &lanes, &service, err))
		return err->code;
	start_renewing(options, certd);
	code = daemon_serve(options, &service, err);
	/* A thread that hangs in keyd or in the network uses all of it. */
	if (!engine_stop(certd->engine))
		_exit(code ? EXIT_FAILURE : EXIT_SUCCESS);
	engine_free(certd->engine);
	return code;
}

int
main(int argc, char *argv[])
{
	CLEANUP_DONE(daemon_options) struct daemon_options options = {0};
	struct error err;

	daemon_start("certd", argc, argv, &options);
	keep_little_memory();
	if (run(&options, &err)) {
		log_error("%s", err.message);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
