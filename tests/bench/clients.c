/* SPDX-License-Identifier: MIT */
#include "clients.h"

#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_US 1000.0
#define NS_PER_SECOND 1000000000LL
#define NS_PER_MS 1000000LL

/* What one client leaves behind; in memory that processes share. */
struct client_record {
	struct error err;
	uint64_t count;
	uint64_t verified;
	uint32_t samples[SAMPLES_MAX]; /* nanoseconds */
};

struct shared {
	pthread_mutex_t opening; /* SoftHSM fails when many open at once */
	pthread_barrier_t start;
	struct client_record clients[];
};

struct client {
	const struct clients_options *options;
	struct shared *shared;
	struct client_record *record;
	pthread_t thread;
	pid_t process;
};

static int64_t
now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static enum error_code
sign_once(struct client *client, struct signer *signer,
    const unsigned char *digest, struct error *err)
{
	struct client_record *record = client->record;
	struct signature signature = {0};
	int64_t begin = now_ns();

	if (signer_sign(signer, digest, &signature, err))
		return err->code;
	if (record->count < SAMPLES_MAX)
		record->samples[record->count] = (uint32_t)(now_ns() - begin);
	if (record->count++ % VERIFY_EVERY)
		return ERROR_NONE;

	if (!checker_accepts(client->options->checker, digest, &signature))
		return error_set(err, ERROR_INTERNAL, "a signature is wrong");
	record->verified++;
	return ERROR_NONE;
}

static void
sign_until_the_end(struct client *client, struct signer *signer)
{
	unsigned char digest[SIGNER_DIGEST_LENGTH];
	int64_t end;

	(void)RAND_bytes(digest, sizeof(digest));
	(void)pthread_barrier_wait(&client->shared->start);
	end = now_ns() + client->options->milliseconds * NS_PER_MS;
	/* At least once, if it gets no time before the end. */
	do {
		if (sign_once(client, signer, digest, &client->record->err))
			return;
	} while (now_ns() < end);
}

static void *
run_client(void *argument)
{
	struct client *client = argument;
	struct client_record *record = client->record;
	struct signer *signer = NULL;

	(void)pthread_mutex_lock(&client->shared->opening);
	record->err.code = ERROR_NONE;
	if (signer_open(&client->options->signer, &signer, &record->err))
		signer = NULL;
	(void)pthread_mutex_unlock(&client->shared->opening);

	if (signer)
		sign_until_the_end(client, signer);
	else
		(void)pthread_barrier_wait(&client->shared->start);
	signer_close(signer);
	return NULL;
}

static void
start_client(struct client *client)
{
	if (!client->options->processes) {
		(void)pthread_create(&client->thread, NULL, run_client, client);
		return;
	}
	client->process = fork();
	if (client->process == 0) {
		(void)run_client(client);
		_exit(0);
	}
}

static void
await_client(struct client *client)
{
	if (client->options->processes)
		(void)waitpid(client->process, NULL, 0);
	else
		(void)pthread_join(client->thread, NULL);
}

static int
compare_samples(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static size_t
kept_samples(const struct client_record *record)
{
	return record->count < SAMPLES_MAX ? record->count : SAMPLES_MAX;
}

/* All clients' latencies in one sorted array; the caller frees it. */
static uint32_t *
collect(const struct shared *shared, unsigned clients, size_t count)
{
	uint32_t *all = malloc(sizeof(*all) * count);
	size_t used = 0;

	if (!all)
		return NULL;
	for (unsigned i = 0; i < clients; i++) {
		size_t kept = kept_samples(&shared->clients[i]);

		memcpy(all + used, shared->clients[i].samples,
		    kept * sizeof(*all));
		used += kept;
	}
	qsort(all, used, sizeof(*all), compare_samples);
	return all;
}

/* The latency below which share percent of the sorted samples are. */
static double
percentile_us(const uint32_t *sorted, size_t count, size_t share)
{
	size_t position = count * share / 100;

	return sorted[position] / NS_PER_US;
}

static enum error_code
summarise(const struct clients_options *options, const struct shared *shared,
    struct clients_result *ret_result, struct error *err)
{
	uint64_t total = 0, verified = 0;
	size_t count = 0;
	uint32_t *all;

	for (unsigned i = 0; i < options->clients; i++) {
		const struct client_record *record = &shared->clients[i];

		if (record->err.code) {
			*err = record->err;
			return error_wrap(err, "client %u", i + 1);
		}
		total += record->count;
		verified += record->verified;
		count += kept_samples(record);
	}
	if (count == 0)
		return error_set(err, ERROR_INTERNAL, "nothing was signed");
	all = collect(shared, options->clients, count);
	if (!all)
		return error_no_memory(err);
	*ret_result = (struct clients_result){
	    .per_second =
		(double)total * 1000.0 / (double)options->milliseconds,
	    .p50_us = percentile_us(all, count, 50),
	    .p99_us = percentile_us(all, count, 99),
	    .verified = verified,
	};
	free(all);
	return ERROR_NONE;
}

static void
make_shareable(struct shared *shared, unsigned clients)
{
	pthread_mutexattr_t mutex;
	pthread_barrierattr_t barrier;

	(void)pthread_mutexattr_init(&mutex);
	(void)pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	(void)pthread_mutex_init(&shared->opening, &mutex);
	(void)pthread_barrierattr_init(&barrier);
	(void)pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
	(void)pthread_barrier_init(&shared->start, &barrier, clients);
}

enum error_code
clients_run(const struct clients_options *options,
    struct clients_result *ret_result, struct error *err)
{
	size_t size = sizeof(struct shared) +
		      options->clients * sizeof(struct client_record);
	struct shared *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct client clients[CLIENTS_MAX];
	enum error_code code;

	if (shared == MAP_FAILED)
		return error_no_memory(err);
	make_shareable(shared, options->clients);
	for (unsigned i = 0; i < options->clients; i++) {
		clients[i] = (struct client){.options = options,
		    .shared = shared,
		    .record = &shared->clients[i]};
		start_client(&clients[i]);
	}
	for (unsigned i = 0; i < options->clients; i++)
		await_client(&clients[i]);
	code = summarise(options, shared, ret_result, err);
	(void)munmap(shared, size);
	return code;
}
