/* SPDX-License-Identifier: MIT */
/* Whether a file system has room for what the daemons write. */
#ifndef CLI_DISK_ROOM_H
#define CLI_DISK_ROOM_H

#include <sys/statvfs.h>

#include "doctor.h"

/*
 * DOCTOR_ERROR: a write of state may fail at any time; DOCTOR_WARNING: it soon
 * will. reason has a sentence then.
 */
enum doctor_result disk_room(
    const struct statvfs *status, char *reason, size_t size);

#endif
