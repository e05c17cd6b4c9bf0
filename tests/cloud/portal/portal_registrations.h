/* SPDX-License-Identifier: MIT */
/* Registrations as a part of a page. */
#ifndef CLOUD_PORTAL_REGISTRATIONS_H
#define CLOUD_PORTAL_REGISTRATIONS_H

#include "common/json.h"
#include "html.h"

/* The states of registrations as a table, or that there are none. */
void registrations_write_table(struct html *html, const json_t *states);

#endif
