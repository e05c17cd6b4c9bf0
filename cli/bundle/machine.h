/* SPDX-License-Identifier: MIT */
/* What a machine is, for who helps from afar. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include "common/cleanup.h"
#include "common/error.h"

/*
 * Lines on signetctl, the kernel, the time, the caller and the hardware as its
 * firmware names it; no serial number. The caller frees them.
 */
MUST_CHECK enum error_code machine_describe(char **ret_text, struct error *err);

/* Takes the lines of text away that have the serial number of a board. */
void machine_hide_serials(char *text);

#endif
