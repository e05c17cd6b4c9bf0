/* SPDX-License-Identifier: MIT */
/*
 * The assignment, kept across restarts in device_info.json of the state
 * directory. It remembers what it was made for. Beside it is what a renewed
 * certificate was assigned, as long as that has not taken the old one's place.
 */
#ifndef PROVISIONING_STORE_H
#define PROVISIONING_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "dps_answer.h"

/* What was registered, where, and with which certificate. */
struct origin {
	char *endpoint;
	char *scope_id;
	char *registration_id;
	/* SHA-256 of the leaf, or what tells the key, hex; NULL: not known,
	   as in what aziot has left. */
	char *thumbprint;
	char *payload; /* payload_digest() */
};

struct record {
	struct origin origin;
	struct dps_assignment assignment;
	int64_t assigned_at;
	/* By TPM: DPS is asked for another, and gives its hub another key. */
	bool is_renewed;
};

/* Releases the contents, not the struct. */
void record_done(struct record *record);

/*
 * True if what a says is what b says. What one of them does not know (NULL)
 * makes no difference.
 */
bool origin_agrees(const struct origin *a, const struct origin *b);

/* The caller releases the contents of *ret_origin, also after a failure. */
MUST_CHECK enum error_code origin_copy(
    const struct origin *origin, struct origin *ret_origin, struct error *err);

/* The file in the directory. */
#define STORE_ASSIGNMENT "device_info.json"
#define STORE_CANDIDATE "device_info.next.json"

/*
 * Reads the record in directory; its contents are the caller's. name is one of
 * the above, here and below.
 *
 * Fails with ERROR_NOT_FOUND if there is none, with ERROR_INVALID if what is
 * there is no record (the message names the file), or as file_read() does.
 */
MUST_CHECK enum error_code store_load(const char *directory, const char *name,
    struct record *ret_record, struct error *err);

/* Replaces the record in directory: afterwards it is the old or the new. */
MUST_CHECK enum error_code store_save(const char *directory, const char *name,
    const struct record *record, struct error *err);

/* Removes the record in directory, if there is one. */
MUST_CHECK enum error_code store_remove(
    const char *directory, const char *name, struct error *err);

/* Renames an assignment that is none to device_info.json.corrupt. */
MUST_CHECK enum error_code store_set_aside(
    const char *directory, struct error *err);

#endif
