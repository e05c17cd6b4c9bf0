/* SPDX-License-Identifier: MIT */
#include "fleet.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/time.h"
#include "dps.h"

#define STACK_BYTES ((size_t)512 * 1024)
#define US_PER_MS 1000.0
#define US_PER_SECOND 1e6
#define HUNDRED 100

/* What became of one device. */
struct record {
	int64_t begin_us;
	int64_t registering_us; /* 0: nothing answered yet */
	int64_t assigning_us;   /* 0: it failed */
	size_t retries;
	struct error failure;
};

struct fleet {
	const struct fleet_options *options;
	struct record *records; /* of each device */
	atomic_size_t next;     /* device that nobody has taken yet */
};

static void
note_answer(struct record *record)
{
	if (!record->registering_us)
		record->registering_us = time_monotonic_us() - record->begin_us;
}

static bool
wait_for_dps(void *context, int64_t milliseconds, const struct error *why)
{
	struct record *record = context;

	note_answer(record);
	if (why)
		record->retries++;
	time_sleep_ms(milliseconds);
	return true;
}

static enum error_code
register_device(const struct fleet_options *options,
    const struct fleet_device *device, struct record *record, struct error *err)
{
	CLEANUP_DONE(dps_assignment) struct dps_assignment assignment = {0};
	const struct proof proof = {.key = device->key, .chain = device->chain};
	struct dps_request request = {.endpoint = options->endpoint,
	    .scope_id = options->scope_id,
	    .registration_id = device->id,
	    .proof = &proof,
	    .timeout_ms = DPS_TIMEOUT_MS,
	    .ca_file = options->ca_file,
	    .deadline_ms = options->deadline_ms,
	    .wait = wait_for_dps,
	    .context = record};
	int64_t not_before;

	record->begin_us = time_monotonic_us();
	if (dps_register(&request, &assignment, &not_before, err))
		return err->code;
	if (strcmp(assignment.device_id, device->id) != 0)
		return error_set(err, ERROR_UPSTREAM,
		    "'%s' was assigned as '%s'", device->id,
		    assignment.device_id);
	note_answer(record);
	record->assigning_us = time_monotonic_us() - record->begin_us;
	return ERROR_NONE;
}

static void *
be_client(void *context)
{
	struct fleet *fleet = context;
	const struct fleet_plant *plant = fleet->options->plant;
	size_t i;

	while ((i = atomic_fetch_add(&fleet->next, 1)) < plant->count) {
		struct record *record = &fleet->records[i];

		(void)register_device(fleet->options, &plant->devices[i],
		    record, &record->failure);
	}
	return NULL;
}

static enum error_code
start_clients(struct fleet *fleet, pthread_t *threads, size_t *ret_started,
    struct error *err)
{
	size_t wanted = fleet->options->clients;
	pthread_attr_t attributes;
	size_t started = 0;

	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
	while (started < wanted && pthread_create(&threads[started],
				       &attributes, be_client, fleet) == 0)
		started++;
	(void)pthread_attr_destroy(&attributes);
	*ret_started = started;
	return started == wanted
		   ? ERROR_NONE
		   : error_set(err, ERROR_INTERNAL,
			 "only %zu of %zu clients could be started", started,
			 wanted);
}

static int
compare_times(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

static double
percentile_ms(const int64_t *sorted, size_t count, size_t share)
{
	size_t index = count * share / HUNDRED;

	if (count == 0)
		return 0;
	return (double)sorted[index < count ? index : count - 1] / US_PER_MS;
}

/* Sorts times. */
static struct fleet_times
summarise_times(int64_t *times, size_t count)
{
	qsort(times, count, sizeof(*times), compare_times);
	return (struct fleet_times){
	    .p50_ms = percentile_ms(times, count, HUNDRED / 2),
	    .p99_ms = percentile_ms(times, count, HUNDRED - 1)};
}

static void
count_outcomes(const struct fleet *fleet, int64_t *registering,
    int64_t *assigning, struct fleet_result *result)
{
	for (size_t i = 0; i < fleet->options->plant->count; i++) {
		const struct record *record = &fleet->records[i];

		result->retries += record->retries;
		if (!record->assigning_us) {
			if (result->failed++ == 0)
				result->failure = record->failure;
			continue;
		}
		registering[result->assigned] = record->registering_us;
		assigning[result->assigned++] = record->assigning_us;
	}
	result->registering = summarise_times(registering, result->assigned);
	result->assigning = summarise_times(assigning, result->assigned);
}

static enum error_code
summarise(const struct fleet *fleet, int64_t elapsed_us,
    struct fleet_result *ret_result, struct error *err)
{
	size_t count = fleet->options->plant->count;
	int64_t *registering = calloc(count, sizeof(*registering));
	int64_t *assigning = calloc(count, sizeof(*assigning));
	bool has_memory = registering && assigning;

	if (has_memory) {
		*ret_result = (struct fleet_result){
		    .seconds = (double)elapsed_us / US_PER_SECOND};
		count_outcomes(fleet, registering, assigning, ret_result);
	}
	free(registering);
	free(assigning);
	return has_memory ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
run(struct fleet *fleet, pthread_t *threads, struct fleet_result *ret_result,
    struct error *err)
{
	int64_t begin = time_monotonic_us();
	size_t started;
	enum error_code code = start_clients(fleet, threads, &started, err);

	/* Those that have started end early. */
	if (code)
		atomic_store(&fleet->next, fleet->options->plant->count);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	return code ? code
		    : summarise(
			  fleet, time_monotonic_us() - begin, ret_result, err);
}

enum error_code
fleet_run(const struct fleet_options *options, struct fleet_result *ret_result,
    struct error *err)
{
	struct fleet fleet = {.options = options,
	    .records = calloc(options->plant->count, sizeof(struct record))};
	pthread_t *threads = calloc(options->clients, sizeof(*threads));
	enum error_code code = fleet.records && threads
				   ? run(&fleet, threads, ret_result, err)
				   : error_no_memory(err);

	free(threads);
	free(fleet.records);
	return code;
}
