/* SPDX-License-Identifier: MIT */
/*
 * An audit log in the folder of a test (scratch.h), and what is in it. *state
 * is the folder. Everything that fails, fails the test.
 */
#ifndef AUDIT_FIXTURE_H
#define AUDIT_FIXTURE_H

#include "audit.h"
#include "common/json.h"

/* Required, with large files, of which three are kept. */
struct audit_settings audit_settings_of(void *const *state);

struct audit *audit_open_with(const struct audit_settings *settings);
struct audit *audit_open_in(void *const *state);

/* One signature by the key, by uid 1001 and process 4711, in 42 us. */
MUST_CHECK enum error_code audit_append_use(
    struct audit *audit, const char *key, struct error *err);

/* The caller frees it. */
char *audit_path_in(void *const *state, const char *name);

/* What is in audit.log; the caller frees it. */
char *audit_log_text(void *const *state);

/* Its lines as JSON; the caller's. */
json_t *audit_log_records(void *const *state);

/* A text of a record; "" if there is none. */
const char *audit_member(const json_t *records, size_t index, const char *name);

/* Verifies the folder; what is found is printed. */
struct audit_summary audit_verify_in(void *const *state);

#endif
