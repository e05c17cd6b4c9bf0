/* SPDX-License-Identifier: MIT */
/*
 * A process that a pid file names. It is held by a pidfd and known by its
 * command line, so that a process that got a recycled number is never taken
 * for it, waited for or killed.
 */
#ifndef CLI_PROCESS_H
#define CLI_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/error.h"

struct process {
	pid_t pid;
	int descriptor; /* a pidfd; -1: another namespace has it, and pid is 0
			 */
};

/*
 * Opens the process whose number stands in pid_file, if it runs program with
 * "--runtime-dir directory" as its first option. Where the kernel shows us its
 * executable, that must have the name of program, too.
 *
 * Fails with ERROR_NOT_FOUND if there is no such process.
 */
MUST_CHECK enum error_code process_open(const char *pid_file,
    const char *program, const char *directory, struct process **ret_process,
    struct error *err);

/*
 * Opens the process that serves the socket at path, whoever has started it, if
 * it runs program, or if only another namespace of processes sees it.
 *
 * Fails with ERROR_NOT_FOUND if nobody serves it, and with ERROR_EXISTS if it
 * is another program.
 */
MUST_CHECK enum error_code process_open_peer(const char *path,
    const char *program, struct process **ret_process, struct error *err);

/* Closes our hold on process, which goes on. NULL is allowed. */
void process_close(struct process *process);
DEFINE_CLEANUP(process, struct process, process_close)

/* Waits until process has ended, at most so long; true: it has. */
bool process_wait(const struct process *process, int64_t timeout_ms);

/* Sends a signal; that the process has ended meanwhile is success. */
MUST_CHECK enum error_code process_signal(
    const struct process *process, int number, struct error *err);

/*
 * The name and number of the parent of process pid, which is who starts it
 * again. The caller frees it; NULL if it cannot be told.
 */
char *process_parent(pid_t pid);

/*
 * Runs argv detached: a session of its own, in the root directory, its input
 * empty, its output appended to the file at log. Its number is written to
 * pid_file before. *ret_process is our child.
 */
MUST_CHECK enum error_code process_spawn(const char *const *argv,
    const char *log, const char *pid_file, struct process **ret_process,
    struct error *err);

#endif
