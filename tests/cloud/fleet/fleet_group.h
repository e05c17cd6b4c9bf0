/* SPDX-License-Identifier: MIT */
/* The group of a fleet in the database of the server that it registers with. */
#ifndef CLOUD_FLEET_GROUP_H
#define CLOUD_FLEET_GROUP_H

#include "fleet_plant.h"

/* Enrolls the CA of plant as group, in the place of an earlier fleet's. */
MUST_CHECK enum error_code fleet_group_enroll(const char *directory,
    const char *group, const struct fleet_plant *plant, struct error *err);

/* How many devices of plant the database has as assigned. */
MUST_CHECK enum error_code fleet_group_count(const char *directory,
    const char *group, const struct fleet_plant *plant, size_t *ret_count,
    struct error *err);

#endif
