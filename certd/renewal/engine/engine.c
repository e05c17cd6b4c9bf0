/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "alarm.h"
#include "common/file.h"
#include "common/log.h"
#include "common/time.h"
#include "ends.h"
#include "engine_world.h"
#include "plan.h"
#include "time_server.h"
#include "trust_time.h"

#define STOP_MS 5000
#define STOP_SLICE_MS 20

/* How often is looked although nothing is due: clocks may be put right. */
#define LOOK_MS (3600 * INT64_C(1000))
#define LOOK_IN_DOUBT_MS (30 * INT64_C(1000))

/* For so long calls are told the same doubt. */
#define DOUBT_KEPT_MS 1000

/* All certificates are read to see when they end, but not for each change. */
#define ENDS_PAUSE_MS (10 * INT64_C(1000))

/* The floor on the disk may be so much older than that in memory. */
#define FLOOR_STEP_SECONDS 3600
#define FLOOR_BYTES_MAX 64

struct lane {
	struct engine *engine;
	unsigned number;
	struct alarm_clock *alarm;
	pthread_t thread;
	bool is_running;
	atomic_bool has_ended;
};

struct engine {
	struct engine_world world; /* the first: its address is the engine's */
	struct engine_listener listener;
	struct renewals *renewals;
	char *floor_path;
	pthread_mutex_t lock; /* for what follows */
	struct time_memory memory;
	int64_t saved_floor;
	enum time_trust trust;
	int64_t doubted_ms; /* when a call last asked */
	unsigned lane_count;
	struct lane *lanes;

	atomic_bool has_change; /* not in ends yet */
	struct ends *ends;      /* the first lane's, as what follows */
	int64_t ends_ms;        /* when they were looked at */
	int64_t ends_next;      /* when there is more to tell */
};

void
engine_free(struct engine *engine)
{
	if (!engine)
		return;
	for (unsigned i = 0; i < engine->lane_count; i++)
		alarm_free(engine->lanes[i].alarm);
	free(engine->lanes);
	ends_free(engine->ends);
	renewals_free(engine->renewals);
	free(engine->floor_path);
	(void)pthread_mutex_destroy(&engine->lock);
	free(engine);
}

struct renewals *
engine_renewals(const struct engine *engine)
{
	return engine->renewals;
}

void
engine_outlived(const struct engine *engine, const char *issuer, unsigned days,
    struct error *err)
{
	engine_world_outlived(&engine->world, issuer, days, err);
}

/* ---- the time ---- */

static void
load_floor(struct engine *engine)
{
	CLEANUP(string) char *text = NULL;
	struct error ignored;

	if (file_read(
		engine->floor_path, FLOOR_BYTES_MAX, &text, NULL, &ignored) ||
	    time_parse(text, &engine->memory.floor, &ignored))
		engine->memory.floor = 0;
	engine->saved_floor = engine->memory.floor;
}

/* Under the lock, at most once an hour. */
static void
save_floor(struct engine *engine)
{
	struct time_text text = time_format(engine->memory.floor);
	struct error ignored;

	if (engine->memory.floor >= engine->saved_floor &&
	    engine->memory.floor < engine->saved_floor + FLOOR_STEP_SECONDS)
		return;
	if (file_write(engine->floor_path, text.text, strlen(text.text), 0600,
		&ignored) == ERROR_NONE)
		engine->saved_floor = engine->memory.floor;
}

static const char *
doubt_of(enum time_trust trust)
{
	switch (trust) {
	case TIME_BEHIND:
		return "the clock shows a time that is over; certificates are "
		       "neither issued, imported nor renewed until it is "
		       "right; if it is, remove 'renewal/time' where certd "
		       "keeps its state, and restart it";
	case TIME_AHEAD:
		return "the clock has jumped ahead; certificates are neither "
		       "issued, imported nor renewed until it is right, or "
		       "has stayed there for an hour";
	case TIME_TRUSTED:
		break;
	}
	return NULL;
}

/* Whether a time server sets the clock is asked if nothing else speaks for it.
 */
static bool
needs_time_server(struct engine *engine, const struct time_reading *reading)
{
	struct time_memory memory;

	(void)pthread_mutex_lock(&engine->lock);
	memory = engine->memory;
	(void)pthread_mutex_unlock(&engine->lock);
	return trust_time(&memory, reading) != TIME_TRUSTED;
}

static enum time_trust
judge_time(struct engine *engine)
{
	struct timespec running;
	struct time_reading reading;
	enum time_trust before, trust;

	(void)clock_gettime(CLOCK_BOOTTIME, &running);
	reading =
	    (struct time_reading){.now = time_now(), .running = running.tv_sec};
	reading.synchronized =
	    needs_time_server(engine, &reading) && time_server_sets_clock();
	(void)pthread_mutex_lock(&engine->lock);
	before = engine->trust;
	trust = engine->trust = trust_time(&engine->memory, &reading);
	if (trust == TIME_TRUSTED)
		save_floor(engine);
	(void)pthread_mutex_unlock(&engine->lock);
	if (trust != before) {
		if (trust == TIME_TRUSTED)
			log_info("the clock can be believed again");
		else
			log_warning("%s", doubt_of(trust));
	}
	return trust;
}

/* Who is asked about a doubt may take long: not for each call anew. */
static bool
has_just_doubted(struct engine *engine, enum time_trust *ret_trust)
{
	int64_t now = time_monotonic_ms();
	bool has;

	(void)pthread_mutex_lock(&engine->lock);
	*ret_trust = engine->trust;
	has = engine->trust != TIME_TRUSTED &&
	      now < engine->doubted_ms + DOUBT_KEPT_MS;
	if (!has)
		engine->doubted_ms = now;
	(void)pthread_mutex_unlock(&engine->lock);
	return has;
}

const char *
engine_doubt(struct engine *engine)
{
	enum time_trust trust;

	if (!has_just_doubted(engine, &trust))
		trust = judge_time(engine);
	return doubt_of(trust);
}

/* ---- what the renewals tell ---- */

static void
wake(void *context, unsigned lane)
{
	struct engine *engine = context;

	if (lane < engine->lane_count && engine->lanes[lane].alarm)
		alarm_ring(engine->lanes[lane].alarm);
}

static void
changed(void *context, const char *id)
{
	const struct engine *engine = context;
	struct renewal_status status;

	if (!renewals_status(engine->renewals, id, &status))
		return;
	if (status.stage == JOURNAL_CANDIDATE)
		log_info("certificate '%s': a candidate is there", id);
	else if (status.stage == JOURNAL_SWITCHED)
		log_info("certificate '%s': renewed, valid until %s", id,
		    time_format(status.until).text);
	if (status.stage == JOURNAL_SWITCHED && status.is_window_cut)
		log_warning("certificate '%s': its renewal.window is over half "
			    "of its life; it is renewed after half of it",
		    id);
	engine->listener.changed(engine->listener.context, id);
}

static void
failed(void *context, const char *id, const struct error *why)
{
	const struct engine *engine = context;
	struct renewal_status status;

	attempts_note(certs_attempts(engine->world.certs), id, time_now(), why);
	if (!renewals_status(engine->renewals, id, &status))
		return;
	log_warning("certificate '%s': attempt %u to %s failed: %s", id,
	    status.attempts,
	    status.stage == JOURNAL_SWITCHED ? "tell that it is renewed"
					     : "renew it",
	    why->message);
	engine->listener.changed(engine->listener.context, id);
}

/* ---- what ends ---- */

void
engine_note_change(struct engine *engine, const char *id)
{
	renewals_note_change(engine->renewals, id);
	if (!atomic_exchange(&engine->has_change, true))
		wake(engine, 0);
}

static enum error_code
note_end(
    void *context, const char *id, const X509 *certificate, struct error *err)
{
	struct engine *engine = context;
	int64_t from, until;

	if (time_from_asn1(X509_get0_notBefore(certificate), &from, err) ||
	    time_from_asn1(X509_get0_notAfter(certificate), &until, err))
		return ERROR_NONE; /* which others have to tell */
	return ends_note(engine->ends, id, from, until, err);
}

static void
tell_end(void *context, const char *id, int64_t until, bool is_over)
{
	(void)context;
	if (is_over)
		log_error("certificate '%s' expired on %s", id,
		    time_format(until).text);
	else
		log_warning("certificate '%s' expires on %s", id,
		    time_format(until).text);
}

/* At once if there is a change, at the latest when one ends. */
static void
look_at_ends(struct engine *engine, int64_t *next, int64_t *maximum_ms)
{
	int64_t now_ms = time_monotonic_ms();
	int64_t left_ms = engine->ends_ms + ENDS_PAUSE_MS - now_ms;
	bool is_due = atomic_load(&engine->has_change) ||
		      engine->ends_next <= time_now() ||
		      now_ms >= engine->ends_ms + LOOK_MS;
	struct error err;

	if (is_due && engine->ends_ms && left_ms > 0) {
		*maximum_ms = left_ms;
		return;
	}
	if (is_due) {
		atomic_store(&engine->has_change, false);
		engine->ends_ms = now_ms;
		engine->ends_next = ENDS_NEVER;
		if (certs_each(engine->world.certs, note_end, engine, &err))
			log_warning("when certificates end: %s", err.message);
		else
			engine->ends_next = ends_tell(
			    engine->ends, time_now(), tell_end, engine);
	}
	if (engine->ends_next < *next)
		*next = engine->ends_next;
}

/* ---- lanes ---- */

static bool
stops(const struct engine *engine)
{
	return atomic_load(&engine->world.stops);
}

static void *
run(void *context)
{
	struct lane *lane = context;
	struct engine *engine = lane->engine;

	while (!stops(engine)) {
		bool is_trusted = judge_time(engine) == TIME_TRUSTED;
		int64_t next =
		    renewals_work(engine->renewals, lane->number, is_trusted);
		bool is_sure =
		    is_trusted &&
		    !renewals_look_again(engine->renewals, lane->number);
		int64_t maximum_ms = is_sure ? LOOK_MS : LOOK_IN_DOUBT_MS;

		if (is_trusted && lane->number == 0)
			look_at_ends(engine, &next, &maximum_ms);
		if (!stops(engine))
			alarm_sleep(lane->alarm,
			    is_trusted ? next : RENEWAL_NEVER, maximum_ms);
	}
	atomic_store(&lane->has_ended, true);
	return NULL;
}

enum error_code
engine_start(struct engine *engine, struct error *err)
{
	for (unsigned i = 0; i < engine->lane_count; i++) {
		struct lane *lane = &engine->lanes[i];
		int failure = pthread_create(&lane->thread, NULL, run, lane);

		if (failure)
			return error_set(err, ERROR_INTERNAL,
			    "cannot start a thread: %s",
			    strerrordesc_np(failure));
		lane->is_running = true;
		(void)pthread_setname_np(lane->thread, "renewal");
	}
	return ERROR_NONE;
}

static bool
has_ended(const struct engine *engine)
{
	for (unsigned i = 0; i < engine->lane_count; i++)
		if (engine->lanes[i].is_running &&
		    !atomic_load(&engine->lanes[i].has_ended))
			return false;
	return true;
}

bool
engine_stop(struct engine *engine)
{
	int64_t end = time_monotonic_ms() + STOP_MS;

	if (!engine)
		return true;
	atomic_store(&engine->world.stops, true);
	for (unsigned i = 0; i < engine->lane_count; i++)
		alarm_ring(engine->lanes[i].alarm);
	while (!has_ended(engine)) {
		if (time_monotonic_ms() >= end)
			return false;
		time_sleep_ms(STOP_SLICE_MS);
	}
	for (unsigned i = 0; i < engine->lane_count; i++)
		if (engine->lanes[i].is_running)
			(void)pthread_join(engine->lanes[i].thread, NULL);
	return true;
}

/* ---- opening ---- */

static enum error_code
open_lanes(struct engine *engine, unsigned count, struct error *err)
{
	engine->lanes = calloc(count, sizeof(*engine->lanes));
	if (!engine->lanes)
		return error_no_memory(err);
	for (unsigned i = 0; i < count; i++) {
		engine->lanes[i].engine = engine;
		engine->lanes[i].number = i;
		engine->lane_count = i + 1;
		if (alarm_create(&engine->lanes[i].alarm, err))
			return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
open_renewals(struct engine *engine, const char *state_path, struct error *err)
{
	CLEANUP(string)
	char *directory = string_format("%s/renewal", state_path);
	CLEANUP_DONE(plan) struct plan plan = {.lanes = 0};
	struct renewal_world world = engine_world(&engine->world);
	struct error problem = {.code = ERROR_NONE};

	world.wake = wake;
	world.changed = changed;
	world.failed = failed;
	if (!directory)
		return error_no_memory(err);
	engine->floor_path = string_format("%s/time", directory);
	if (!engine->floor_path)
		return error_no_memory(err);
	if (plan_create(engine->world.certs, &plan, err) ||
	    open_lanes(engine, plan.lanes, err) ||
	    renewals_create(plan.items, plan.count, directory, &world,
		&engine->renewals, &problem, err))
		return err->code;
	engine->world.renewals = engine->renewals;
	if (problem.code)
		log_warning("%s; it is begun anew", problem.message);
	load_floor(engine);
	return ERROR_NONE;
}

/* What was tried before this certd started is in the journals. */
static void
remember(void *context, const char *id, const struct renewal_status *status)
{
	const struct engine *engine = context;
	int64_t last = status->last_attempt > status->last_success
			   ? status->last_attempt
			   : status->last_success;

	if (last)
		attempts_restore(certs_attempts(engine->world.certs), id, last,
		    status->error);
}

enum error_code
engine_create(const struct certs *certs, const char *state_path,
    const struct engine_listener *listener, struct engine **ret_engine,
    struct error *err)
{
	CLEANUP(engine) struct engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return error_no_memory(err);
	(void)pthread_mutex_init(&engine->lock, NULL);
	engine->world.certs = certs;
	atomic_store(&engine->has_change, true);
	engine->listener = *listener;
	if (ends_create(&engine->ends, err) ||
	    open_renewals(engine, state_path, err))
		return err->code;
	renewals_each(engine->renewals, remember, engine);
	/* Whoever asks from now on sees pairs that are pairs. */
	for (unsigned i = 0; i < engine->lane_count; i++)
		(void)renewals_work(engine->renewals, i, false);
	*ret_engine = TAKE(engine);
	return ERROR_NONE;
}
