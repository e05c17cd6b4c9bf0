/* SPDX-License-Identifier: MIT */
/* The files of a token that is made of files. */
#ifndef KEYD_TOKEN_FILES_H
#define KEYD_TOKEN_FILES_H

#include <time.h>

#include "common/error.h"

/*
 * Has on disk what the token in state, keyd's folder, has written since then:
 * SoftHSM leaves that to the kernel, which takes its time, and a key that is
 * said to be there must outlive a power cut. Does nothing if no token is there;
 * what is elsewhere has to care for itself, as a TPM's and an HSM's does.
 */
MUST_CHECK enum error_code token_files_settle(
    const char *state, time_t since, struct error *err);

#endif
