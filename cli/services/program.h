/* SPDX-License-Identifier: MIT */
/* A program of the system whose output we read. */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include <sys/types.h>

#include "common/error.h"

/*
 * Starts argv, found in PATH; its stdout can be read from *ret_output, which
 * the caller closes before it waits. Fails with ERROR_UNAVAILABLE.
 */
MUST_CHECK enum error_code program_start(const char *const *argv,
    pid_t *ret_pid, int *ret_output, struct error *err);

/* Waits for its end. *ret_status is its exit status, or 128 for a signal. */
MUST_CHECK enum error_code program_wait(
    pid_t pid, int *ret_status, struct error *err);

#endif
