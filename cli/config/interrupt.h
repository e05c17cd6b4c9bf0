/* SPDX-License-Identifier: MIT */
/* Signals that end a program, put off by one that has something to finish. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include "common/error.h"

/*
 * From now on HUP, INT and TERM wait, until the process ends; one that was
 * ignored stays so. Programs that are started have to unblock them.
 */
void interrupt_hold(void);

/* Fails with ERROR_UNAVAILABLE if one of them has come since. */
MUST_CHECK enum error_code interrupt_check(struct error *err);

#endif
