/* SPDX-License-Identifier: MIT */
/* What is wrong with a configuration: each mistake, where, in one sentence. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include "common/json.h"
#include "places.h"

struct findings {
	const struct config_node *root; /* borrowed, for places_find() */
	json_t *list;                   /* of {"severity","place","message"} */
	bool is_lenient;                /* findings_stray() only warns */
	size_t errors;
	size_t warnings;
};

MUST_CHECK enum error_code findings_init(struct findings *findings,
    const struct config_node *root, struct error *err);

/* Releases the contents. */
void findings_done(struct findings *findings);

/* Where the keys stand, for the functions below, which free it. */
#define PLACE(findings, ...) places_find((findings)->root, STEPS(__VA_ARGS__))

/*
 * Adds a mistake: it cannot be as it stands, and apply refuses it. What has
 * been said of a place is not said again, here and below.
 */
void findings_error(struct findings *findings, char *place, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/*
 * Adds a warning: what may be right tomorrow, or on a clock that is set, as the
 * dates of a certificate. apply goes on; the daemons look again.
 */
void findings_warn(struct findings *findings, char *place, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* Adds what is right as it stands, but is done otherwise than it was there. */
void findings_note(struct findings *findings, char *place, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/*
 * Adds a key that has no meaning where it stands: a mistake in our own file, a
 * warning in IoT Edge's, which took no notice of it.
 */
void findings_stray(struct findings *findings, char *place, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* Prints each as a line on stderr, as compilers do. */
void findings_print(const struct findings *findings);

#endif
