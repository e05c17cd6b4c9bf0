/* SPDX-License-Identifier: MIT */
/* What checks of certificates share: those that certd lists. */
#ifndef CLI_CHECKS_LISTED_H
#define CLI_CHECKS_LISTED_H

#include "doctor.h"

/* False: certd gives no list, and the check is skipped. */
bool can_list(const struct doctor *doctor, struct report *report);

/*
 * Looks at the dates of one in certd's list. False: it is not there or cannot
 * be read, as the report says.
 */
bool check_listed(
    const struct doctor *doctor, const char *id, struct report *report);

#endif
