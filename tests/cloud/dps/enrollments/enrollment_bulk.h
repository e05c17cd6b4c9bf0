/* SPDX-License-Identifier: MIT */
/* DPS, service side: several enrollments in one call. */
#ifndef CLOUD_ENROLLMENT_BULK_H
#define CLOUD_ENROLLMENT_BULK_H

#include "cloud.h"

/*
 * POST /enrollments, POST /enrollmentGroups: what cannot be done of it is
 * listed in the answer; the rest is done.
 */
handler change_individuals, change_groups;

#endif
