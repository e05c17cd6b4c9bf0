/* SPDX-License-Identifier: MIT */
/*
 * Clients that sign as fast as they can, side by side: threads of this process
 * or processes of their own.
 */
#ifndef BENCH_CLIENTS_H
#define BENCH_CLIENTS_H

#include <stdint.h>

#include "checker.h"

#define CLIENTS_MAX 64
#define SAMPLES_MAX 200000 /* latencies kept per client */
#define VERIFY_EVERY 256   /* one signature of so many is verified */

struct clients_options {
	struct signer_options signer;
	const struct checker *checker; /* verifies a sample */
	unsigned clients;
	bool processes;
	int64_t milliseconds; /* how long they sign */
};

struct clients_result {
	double per_second;
	double p50_us;
	double p99_us;
	uint64_t verified;
};

/*
 * Opens the clients one after the other, lets them start together, and reports
 * what they did. A failed signature or a wrong one fails the whole run.
 */
MUST_CHECK enum error_code clients_run(const struct clients_options *options,
    struct clients_result *ret_result, struct error *err);

#endif
