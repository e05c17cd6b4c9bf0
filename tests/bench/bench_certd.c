/* SPDX-License-Identifier: MIT */
/*
 * One measurement of certd: threads that issue certificates, or read one, as
 * fast as they can, each over a connection of its own; printed as one JSON
 * object. tests/bench/certd runs it.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "certd/client.h"
#include "common/file.h"
#include "common/json.h"
#include "common/time.h"

#define THREADS_MAX 64
#define SAMPLES_MAX 200000 /* latencies kept per thread */
#define CSR_MAX ((size_t)64 * 1024)
#define EXIT_USAGE 2

static const char usage_text[] =
    "usage: bench_certd issue|get ID CSR-FILE CLIENTS MILLISECONDS\n"
    "Issues certificates ID-0, ID-1, ... for the request, one for each "
    "client,\n"
    "again and again; or reads ID.\n";

struct task {
	bool issues;
	const char *id;
	const char *csr;
	int64_t end_us;
};

struct worker {
	const struct task *task;
	unsigned number;
	pthread_t thread;
	size_t count;
	unsigned *samples_us; /* of the first SAMPLES_MAX */
	struct error err;     /* ERROR_NONE, or why it ended early */
};

static enum error_code
do_once(const struct task *task, struct unix_http *client, const char *own_id,
    struct error *err)
{
	CLEANUP(string) char *pem = NULL;

	return task->issues ? certd_create(client, own_id, task->csr, &pem, err)
			    : certd_get(client, task->id, &pem, err);
}

static enum error_code
do_all(struct worker *worker, struct error *err)
{
	const struct task *task = worker->task;
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string)
	char *own_id = string_format("%s-%u", task->id, worker->number);
	int64_t began_us = time_monotonic_us();

	if (!own_id)
		return error_no_memory(err);
	if (certd_client_create(0, &client, err))
		return err->code;
	while (began_us < task->end_us) {
		int64_t ended_us;

		if (do_once(task, client, own_id, err))
			return err->code;
		ended_us = time_monotonic_us();
		if (worker->count < SAMPLES_MAX)
			worker->samples_us[worker->count] =
			    (unsigned)(ended_us - began_us);
		worker->count++;
		began_us = ended_us;
	}
	return ERROR_NONE;
}

static void *
run_worker(void *argument)
{
	struct worker *worker = argument;

	(void)do_all(worker, &worker->err);
	return NULL;
}

static int
compare(const void *left, const void *right)
{
	const unsigned *a = left;
	const unsigned *b = right;

	return (*a > *b) - (*a < *b);
}

/* The latencies of all workers, sorted; *ret_count of them. */
static unsigned *
gather(const struct worker *workers, unsigned count, size_t *ret_count)
{
	unsigned *all = malloc(count * SAMPLES_MAX * sizeof(*all));
	size_t used = 0;

	for (unsigned i = 0; all && i < count; i++) {
		size_t kept = workers[i].count < SAMPLES_MAX ? workers[i].count
							     : SAMPLES_MAX;

		memcpy(all + used, workers[i].samples_us, kept * sizeof(*all));
		used += kept;
	}
	if (all && used > 0)
		qsort(all, used, sizeof(*all), compare);
	*ret_count = used;
	return all;
}

static enum error_code
run(const struct task *task, struct worker *workers, unsigned count,
    struct error *err)
{
	for (unsigned i = 0; i < count; i++) {
		workers[i] = (struct worker){.task = task, .number = i};
		workers[i].samples_us =
		    malloc(SAMPLES_MAX * sizeof(*workers[i].samples_us));
		if (!workers[i].samples_us)
			return error_no_memory(err);
	}
	for (unsigned i = 0; i < count; i++)
		if (pthread_create(
			&workers[i].thread, NULL, run_worker, &workers[i]))
			return error_set(
			    err, ERROR_INTERNAL, "cannot start a thread");
	for (unsigned i = 0; i < count; i++)
		(void)pthread_join(workers[i].thread, NULL);
	for (unsigned i = 0; i < count; i++)
		if (workers[i].err.code) {
			*err = workers[i].err;
			return err->code;
		}
	return ERROR_NONE;
}

/* Processor time of all threads since the start. */
static double
spent_us(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static enum error_code
report(const struct worker *workers, unsigned count, int64_t taken_us,
    struct error *err)
{
	size_t samples;
	unsigned *all = gather(workers, count, &samples);
	uint64_t total = 0;

	if (!all || samples == 0) {
		free(all);
		return error_set(err, ERROR_INTERNAL, "nothing was measured");
	}
	for (unsigned i = 0; i < count; i++)
		total += workers[i].count;
	(void)printf("{\"clients\":%u,\"count\":%llu,\"per_second\":%.1f,"
		     "\"p50_us\":%u,\"p99_us\":%u,\"spent_us\":%.1f}\n",
	    count, (unsigned long long)total,
	    (double)total * 1e6 / (double)taken_us, all[samples / 2],
	    all[samples * 99 / 100], spent_us() / (double)total);
	free(all);
	return ERROR_NONE;
}

static enum error_code
measure(char *argv[], struct error *err)
{
	static struct worker workers[THREADS_MAX];
	unsigned count = (unsigned)strtoul(argv[4], NULL, 10);
	int64_t milliseconds = strtol(argv[5], NULL, 10);
	CLEANUP(string) char *csr = NULL;
	struct task task = {
	    .issues = strcmp(argv[1], "issue") == 0, .id = argv[2]};
	int64_t began_us;
	enum error_code code;

	if (count < 1 || count > THREADS_MAX || milliseconds < 1)
		return error_set(err, ERROR_INVALID, "%s", usage_text);
	if (file_read(argv[3], CSR_MAX, &csr, NULL, err))
		return err->code;
	task.csr = csr;
	began_us = time_monotonic_us();
	task.end_us = began_us + milliseconds * 1000;
	code = run(&task, workers, count, err);
	if (!code)
		code =
		    report(workers, count, time_monotonic_us() - began_us, err);
	for (unsigned i = 0; i < count; i++)
		free(workers[i].samples_us);
	return code;
}

int
main(int argc, char *argv[])
{
	struct error err;

	if (argc != 6) {
		(void)fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	if (measure(argv, &err)) {
		(void)fprintf(stderr, "bench_certd: %s\n", err.message);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
