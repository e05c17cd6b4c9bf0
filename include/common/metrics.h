/* SPDX-License-Identifier: MIT */
/*
 * Figures in the text format of Prometheus, version 0.0.4: what a daemon
 * answers to GET /metrics.
 *
 * A histogram is counted from any thread without a lock. Everything else is
 * read where it is when it is asked for, and written with the functions below:
 *
 *	metrics_family(text, "signet_logins_total", METRICS_COUNTER, "Logins.");
 *	metrics_sample(text, (struct metrics_label[]){{"token", label}, {0}},
 *n);
 */
#ifndef COMMON_METRICS_H
#define COMMON_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/error.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Upper bounds of durations, from 50 us to 30 s; beside them "all". */
#define METRICS_BUCKETS 18

struct metrics_histogram {
	atomic_uint_fast64_t counts[METRICS_BUCKETS + 1];
	atomic_uint_fast64_t sum_us;
};

/* Counts a duration. */
void metrics_observe(struct metrics_histogram *histogram, int64_t microseconds);

enum metrics_kind { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM };

/* A text that grows. What there is no memory for makes the end fail. */
struct metrics_text;

/* NULL: no memory. */
struct metrics_text *metrics_text_create(void);
void metrics_text_free(struct metrics_text *text);
DEFINE_CLEANUP(metrics_text, struct metrics_text, metrics_text_free)

/* The text so far; borrowed. Fails with ERROR_INTERNAL: no memory. */
MUST_CHECK enum error_code metrics_text_end(
    struct metrics_text *text, const char **ret_text, struct error *err);

/*
 * Starts a family: its samples follow. name is borrowed until the next one.
 * The base unit of durations is the second, of sizes the byte.
 */
void metrics_family(struct metrics_text *text, const char *name,
    enum metrics_kind kind, const char *help);

/* A label; the last one of a list has no name. */
struct metrics_label {
	const char *name;
	const char *value; /* any UTF-8 */
};

/* labels may be NULL. */
void metrics_sample(struct metrics_text *text,
    const struct metrics_label *labels, uint64_t value);

void metrics_sample_histogram(struct metrics_text *text,
    const struct metrics_label *labels,
    const struct metrics_histogram *histogram);

/* The family signet_build_info of a daemon. */
void metrics_build_info(struct metrics_text *text, const char *daemon);

#endif
