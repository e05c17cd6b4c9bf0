/* SPDX-License-Identifier: MIT */
/* What it means that our clock and that of DPS differ. */
#ifndef CLI_CLOCK_OFFSET_H
#define CLI_CLOCK_OFFSET_H

#include "doctor.h"

/* DOCTOR_OK, DOCTOR_WARNING or DOCTOR_ERROR; reason has a sentence then. */
enum doctor_result clock_offset(
    int64_t ours, int64_t theirs, char *reason, size_t size);

#endif
