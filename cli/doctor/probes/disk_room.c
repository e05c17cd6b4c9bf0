/* SPDX-License-Identifier: MIT */
#include "disk_room.h"

#include <inttypes.h>
#include <stdio.h>

#define MIB (UINT64_C(1024) * 1024)
#define BYTES_LEAST (16 * MIB)
#define BYTES_LITTLE (100 * MIB)
#define INODES_LEAST 100
#define INODES_LITTLE 1000

enum doctor_result
disk_room(const struct statvfs *status, char *reason, size_t size)
{
	uint64_t bytes = (uint64_t)status->f_bavail * status->f_frsize;
	uint64_t inodes = status->f_favail;

	if (bytes < BYTES_LITTLE) {
		(void)snprintf(reason, size,
		    "%" PRIu64 " MiB are free (ENOSPC is near)", bytes / MIB);
		return bytes < BYTES_LEAST ? DOCTOR_ERROR : DOCTOR_WARNING;
	}
	/* Some file systems do not count them. */
	if (status->f_files > 0 && inodes < INODES_LITTLE) {
		(void)snprintf(reason, size,
		    "%" PRIu64 " inodes are free (ENOSPC is near)", inodes);
		return inodes < INODES_LEAST ? DOCTOR_ERROR : DOCTOR_WARNING;
	}
	return DOCTOR_OK;
}
