/* SPDX-License-Identifier: MIT */
/* Holds a daemon's manual page against the table of its configuration. */
#ifndef MANUAL_PAGE_H
#define MANUAL_PAGE_H

#include "common/config.h"

/*
 * Fails the test unless the page, or another one that it refers to (NULL:
 * none), names each key of the table, however deep, in a macro Cm, alone or as
 * a part of "section.key"; and unless each entry of its section CONFIGURATION
 * is of such a key.
 */
void assert_manual_describes(
    const char *page, const char *other, const struct config_table *table);

#endif
