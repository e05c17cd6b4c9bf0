/* SPDX-License-Identifier: MIT */
#include "tpmd.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "common/http_server.h"
#include "common/log.h"
#include "common/paths.h"

#define SOCKET_MODE 0660
#define WAIT_MS 30000
/* The TPM's own limit is to be reached first. */
#define MARGIN_MS 2000

struct tpmd {
	struct tpm *tpm;
	struct http_service http;
	struct http_lane lanes[TPMD_LANES];
	struct http_server *server;
	pthread_t serving, looking;
	atomic_bool has_looked;
	bool hangs; /* of the serving thread, until it is joined */
};

static void
say_late(void *context, unsigned lane, struct error *err)
{
	struct tpmd *tpmd = context;
	struct error hang;

	(void)lane;
	if (tpmd->tpm && tpm_turn_hang(tpm_turn_of(tpmd->tpm), &hang))
		*err = hang;
}

static void *
serve(void *argument)
{
	struct tpmd *tpmd = argument;
	struct error err;

	if (http_server_run(tpmd->server, &tpmd->hangs, &err))
		log_error("tpmd.sock: %s", err.message);
	return NULL;
}

/* Says early what a first request would find. */
static void *
look(void *argument)
{
	struct tpmd *tpmd = argument;
	struct tpm_keys keys;
	struct error err;

	if (tpmd->tpm && tpm_get_keys(tpmd->tpm, &keys, &err))
		log_warning("%s", err.message);
	atomic_store(&tpmd->has_looked, true);
	return NULL;
}

static enum error_code
start_thread(pthread_t *ret_thread, const char *name, void *run(void *),
    struct tpmd *tpmd, struct error *err)
{
	errno = pthread_create(ret_thread, NULL, run, tpmd);
	if (errno)
		return error_set_errno(
		    err, ERROR_INTERNAL, "starting a thread");
	(void)pthread_setname_np(*ret_thread, name);
	return ERROR_NONE;
}

static void
release(struct tpmd *tpmd)
{
	http_server_close(tpmd->server);
	free(tpmd);
}
DEFINE_CLEANUP(tpmd, struct tpmd, release)

/* Two at the TPM: one works, the other is told at once when that hangs. */
static void
set_lanes(struct tpmd *tpmd, unsigned call_seconds)
{
	unsigned run_ms = call_seconds * 1000 + MARGIN_MS;

	tpmd->lanes[TPMD_DESK] =
	    (struct http_lane){"tpm-desk", 1, WAIT_MS, run_ms};
	tpmd->lanes[TPMD_TPM] = (struct http_lane){"tpm", 2, WAIT_MS, run_ms};
}

static enum error_code
open_server(struct tpmd *tpmd, struct error *err)
{
	CLEANUP(string) char *path = paths_socket(TPMD_NAME);
	const struct http_server_options options = {
	    .socket_path = path,
	    .socket_mode = SOCKET_MODE,
	    .name = TPMD_NAME,
	    .is_second = true,
	    .service = &tpmd->http,
	    .lanes = tpmd->lanes,
	    .lane_count = TPMD_LANES,
	    .context = tpmd,
	    .late = say_late,
	};

	if (!path)
		return error_no_memory(err);
	return http_server_open(&options, &tpmd->server, err);
}

enum error_code
tpmd_start(
    struct tpm_service *service, struct tpmd **ret_tpmd, struct error *err)
{
	CLEANUP(tpmd) struct tpmd *tpmd = calloc(1, sizeof(*tpmd));

	if (!tpmd)
		return error_no_memory(err);
	tpmd->tpm = service->tpm;
	tpmd->http = tpm_http_service(service);
	set_lanes(tpmd, service->call_seconds);
	if (open_server(tpmd, err) ||
	    start_thread(&tpmd->serving, "keyd-tpmd", serve, tpmd, err))
		return err->code;
	if (start_thread(&tpmd->looking, "keyd-tpm-look", look, tpmd, err)) {
		http_server_stop(tpmd->server);
		(void)pthread_join(tpmd->serving, NULL);
		return err->code;
	}
	*ret_tpmd = TAKE(tpmd);
	return ERROR_NONE;
}

bool
tpmd_stop(struct tpmd *tpmd)
{
	if (!tpmd)
		return true;
	http_server_stop(tpmd->server);
	(void)pthread_join(tpmd->serving, NULL);
	if (tpmd->hangs || !atomic_load(&tpmd->has_looked))
		return false;
	(void)pthread_join(tpmd->looking, NULL);
	release(tpmd);
	return true;
}
