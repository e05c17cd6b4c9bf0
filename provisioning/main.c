/* SPDX-License-Identifier: MIT */
/* signet-provisiond: the device and its hub. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "background.h"
#include "candidate.h"
#include "common/daemon.h"
#include "common/file.h"
#include "common/log.h"
#include "routes.h"
#include "settler.h"
#include "status_line.h"

#define STATE_DIRECTORY_MODE 0700
#define HUB_WAIT_MS 600000 /* as long as aziot's clients wait */

/* Calls to keyd are short; whoever waits for DPS takes no worker. */
static const struct http_lane lanes[] = {
    [PROVISIOND_LANE_CALLS] = {"calls",  .workers = 4, .wait_ms = 30000,
			       .run_ms = 0},
    [PROVISIOND_LANE_LOCAL] = {"local",  .workers = 2, .wait_ms = HUB_WAIT_MS,
			       .run_ms = 0},
    [PROVISIOND_LANE_HUB] = {"hub",    .workers = 4, .wait_ms = HUB_WAIT_MS,
			       .run_ms = 0},
    [PROVISIOND_LANE_CHANGE] = {"change", .workers = 1, .wait_ms = HUB_WAIT_MS,
			       .run_ms = 0},
};

struct program {
	struct daemon_options options;
	struct config config;
	struct provisiond provisiond;
	struct background *background;
	struct settler settler;
	struct candidates *candidates;
};

static bool
hook_wait(void *context, int64_t milliseconds)
{
	struct program *program = context;

	return background_wait(program->background, milliseconds);
}

static void
hook_wake(void *context)
{
	struct program *program = context;

	background_wake(program->background);
}

static void
hook_changed(void *context)
{
	struct program *program = context;

	waiters_review(program->provisiond.waiters);
}

/* What is on the disk may be another certificate now. */
static void
look_again(void *context)
{
	struct program *program = context;

	if (program->background)
		background_wake(program->background);
}

static void
describe(void *context, char ret_text[static DAEMON_STATUS_MAX])
{
	const struct program *program = context;
	const struct provisiond *provisiond = &program->provisiond;
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	struct error err = provisiond->fault;

	if (!err.code &&
	    provision_look(provisiond->provision, &view, &err) == ERROR_NONE)
		status_line(&view, ret_text);
	else
		(void)snprintf(
		    ret_text, DAEMON_STATUS_MAX, "degraded: %s", err.message);
}

static int64_t
hook_settle(void *context, const struct dps_assignment *assignment)
{
	struct program *program = context;

	return settler_settle(&program->settler, assignment);
}

static enum error_code
prepare(struct program *program, struct error *err)
{
	struct provisiond *provisiond = &program->provisiond;
	const struct provision_hooks hooks = {.wait = hook_wait,
	    .wake = hook_wake,
	    .changed = hook_changed,
	    .settle = hook_settle,
	    .context = program};

	if (provisiond_config_load(
		program->options.config_path, &program->config, err) ||
	    peers_create(&program->config, &provisiond->peers, err) ||
	    file_make_directory(
		program->options.state_path, STATE_DIRECTORY_MODE, err) ||
	    background_create(&program->background, err) ||
	    provision_create(&program->config, program->options.state_path,
		&hooks, &provisiond->provision, err) ||
	    waiters_create(provisiond->provision, &provisiond->waiters, err) ||
	    modules_create(&program->config, program->options.state_path,
		&provisiond->modules, err))
		return err->code;
	provisiond->config = &program->config;
	program->settler =
	    settler_create(provisiond->modules, provisiond->provision);
	if (background_start(program->background, provisiond->provision, err))
		return err->code;
	return candidates_start(
	    &program->config, provisiond->provision, &program->candidates, err);
}

/* Returns false if a thread is still at work and all of it must stay. */
static bool
program_close(struct program *program)
{
	if (!candidates_stop(program->candidates) ||
	    (program->background && !background_stop(program->background)))
		return false;
	waiters_dismiss(program->provisiond.waiters);
	waiters_free(program->provisiond.waiters);
	modules_free(program->provisiond.modules);
	provision_free(program->provisiond.provision);
	background_free(program->background);
	peers_free(program->provisiond.peers);
	provisiond_config_done(&program->config);
	daemon_options_done(&program->options);
	return true;
}

int
main(int argc, char *argv[])
{
	struct program program = {0};
	struct daemon_service service = {
	    .http = provisiond_service(&program.provisiond),
	    .lanes = lanes,
	    .lane_count = sizeof(lanes) / sizeof(lanes[0]),
	    .reload = look_again,
	    .describe = describe,
	    .context = &program};
	struct error err;
	int status = EXIT_SUCCESS;

	daemon_start("provisiond", argc, argv, &program.options);
	if (prepare(&program, &program.provisiond.fault))
		log_error("%s", program.provisiond.fault.message);
	if (daemon_serve(&program.options, &service, &err)) {
		log_error("%s", err.message);
		status = EXIT_FAILURE;
	}
	if (!program_close(&program))
		_exit(status);
	return status;
}
