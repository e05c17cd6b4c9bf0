/* SPDX-License-Identifier: MIT */
/*
 * Does something in a process of its own: as another user, whose rights count
 * then, and such that a PKCS#11 module or a resolver that hangs or crashes
 * takes nobody along.
 */
#ifndef CLI_APART_H
#define CLI_APART_H

#include "common/json.h"

/* What is done; what it returns is sent to the caller. */
typedef json_t *apart_function(const void *context);

/*
 * Runs function as user (NULL: as we are), with all groups of his. *ret_answer
 * is the caller's. Who has not ended after timeout_ms is killed, and left alone
 * if even that does not end him at once.
 *
 * Fails with ERROR_DENIED if we are not root and not user, with ERROR_TIMEOUT,
 * and with ERROR_INTERNAL if the process crashed.
 */
MUST_CHECK enum error_code apart_run(apart_function *function,
    const void *context, const char *user, unsigned timeout_ms,
    json_t **ret_answer, struct error *err);

/*
 * Runs argv[0], found in PATH, and reads what it writes to its stdout as JSON,
 * whatever its exit status. Fails as apart_run().
 */
MUST_CHECK enum error_code apart_program(const char *const *argv,
    unsigned timeout_ms, json_t **ret_answer, struct error *err);

/* The same as text, which the caller frees; *ret_status is the exit status. */
MUST_CHECK enum error_code apart_output(const char *const *argv,
    unsigned timeout_ms, char **ret_text, int *ret_status, struct error *err);

#endif
