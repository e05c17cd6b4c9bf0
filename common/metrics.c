/* SPDX-License-Identifier: MIT */
#include "common/metrics.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

#define US_PER_SECOND 1000000

static const int64_t bounds_us[METRICS_BUCKETS] = {50, 100, 250, 500, 1000,
    2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000,
    5000000, 10000000, 30000000};

struct metrics_text {
	FILE *stream;
	char *text;
	size_t length;
	const char *family;
};

void
metrics_observe(struct metrics_histogram *histogram, int64_t microseconds)
{
	size_t bucket = 0;

	while (bucket < METRICS_BUCKETS && microseconds > bounds_us[bucket])
		bucket++;
	(void)atomic_fetch_add_explicit(
	    &histogram->counts[bucket], 1, memory_order_relaxed);
	(void)atomic_fetch_add_explicit(
	    &histogram->sum_us, (uint64_t)microseconds, memory_order_relaxed);
}

struct metrics_text *
metrics_text_create(void)
{
	struct metrics_text *text = calloc(1, sizeof(*text));

	if (text)
		text->stream = open_memstream(&text->text, &text->length);
	if (text && !text->stream) {
		free(text);
		return NULL;
	}
	return text;
}

void
metrics_text_free(struct metrics_text *text)
{
	if (!text)
		return;
	(void)fclose(text->stream);
	free(text->text);
	free(text);
}

enum error_code
metrics_text_end(
    struct metrics_text *text, const char **ret_text, struct error *err)
{
	if (fflush(text->stream) || ferror(text->stream))
		return error_no_memory(err);
	*ret_text = text->text;
	return ERROR_NONE;
}

void
metrics_family(struct metrics_text *text, const char *name,
    enum metrics_kind kind, const char *help)
{
	static const char *const kinds[] = {
	    [METRICS_COUNTER] = "counter",
	    [METRICS_GAUGE] = "gauge",
	    [METRICS_HISTOGRAM] = "histogram",
	};

	text->family = name;
	(void)fprintf(text->stream, "# HELP %s %s\n# TYPE %s %s\n", name, help,
	    name, kinds[kind]);
}

static void
write_value(FILE *stream, const char *value)
{
	size_t rest = strlen(value);

	while (rest > 0) {
		size_t used = utf8_character(value, rest);

		if (used == 0)
			(void)fputs(UTF8_REPLACEMENT, stream);
		else if (*value == '\n')
			(void)fputs("\\n", stream);
		else if (*value == '\\' || *value == '"')
			(void)fprintf(stream, "\\%c", *value);
		else
			(void)fwrite(value, 1, used, stream);
		used += used == 0;
		value += used;
		rest -= used;
	}
}

/* {a="b",...}; le, which may be NULL, is one more label. */
static void
write_labels(FILE *stream, const struct metrics_label *labels, const char *le)
{
	const char *before = "{";

	for (; labels && labels->name; labels++) {
		(void)fprintf(stream, "%s%s=\"", before, labels->name);
		write_value(stream, labels->value);
		(void)putc('"', stream);
		before = ",";
	}
	if (le) {
		(void)fprintf(stream, "%sle=\"%s\"", before, le);
		before = ",";
	}
	if (*before == ',')
		(void)putc('}', stream);
}

void
metrics_sample(struct metrics_text *text, const struct metrics_label *labels,
    uint64_t value)
{
	(void)fputs(text->family, text->stream);
	write_labels(text->stream, labels, NULL);
	(void)fprintf(text->stream, " %" PRIu64 "\n", value);
}

/* A time as seconds, without more digits than it needs. */
static void
format_seconds(uint64_t microseconds, char *text, size_t size)
{
	size_t end = (size_t)snprintf(text, size, "%" PRIu64 ".%06u",
	    microseconds / US_PER_SECOND,
	    (unsigned)(microseconds % US_PER_SECOND));

	while (text[end - 1] == '0')
		text[--end] = '\0';
	if (text[end - 1] == '.')
		text[--end] = '\0';
}

void
metrics_sample_histogram(struct metrics_text *text,
    const struct metrics_label *labels,
    const struct metrics_histogram *histogram)
{
	uint64_t total = 0;
	char seconds[32] = "+Inf";

	for (size_t i = 0; i <= METRICS_BUCKETS; i++) {
		total += atomic_load(&histogram->counts[i]);
		if (i < METRICS_BUCKETS)
			format_seconds(
			    (uint64_t)bounds_us[i], seconds, sizeof(seconds));
		(void)fprintf(text->stream, "%s_bucket", text->family);
		write_labels(text->stream, labels,
		    i < METRICS_BUCKETS ? seconds : "+Inf");
		(void)fprintf(text->stream, " %" PRIu64 "\n", total);
	}
	format_seconds(
	    atomic_load(&histogram->sum_us), seconds, sizeof(seconds));
	(void)fprintf(text->stream, "%s_sum", text->family);
	write_labels(text->stream, labels, NULL);
	(void)fprintf(text->stream, " %s\n%s_count", seconds, text->family);
	write_labels(text->stream, labels, NULL);
	(void)fprintf(text->stream, " %" PRIu64 "\n", total);
}

void
metrics_build_info(struct metrics_text *text, const char *daemon)
{
	metrics_family(text, "signet_build_info", METRICS_GAUGE,
	    "Which daemon this is, and its version; always 1.");
	metrics_sample(text,
	    (struct metrics_label[]){
		{"daemon",        daemon},
                {"version",               SIGNET_VERSION},
                {0}
        },
	    1);
}
