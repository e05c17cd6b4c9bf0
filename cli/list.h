/* SPDX-License-Identifier: MIT */
/* What 'signetctl list' shows of the daemons' answers. */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include <stdint.h>

#include "output.h"

/*
 * The identities of modules in provisiond's answer:
 * [{"id","device","hub","proof"}]. The caller's; NULL: no memory.
 */
json_t *list_modules(const json_t *answer);

/* keyd's keys: [{"id","kind","algorithm","location","error"}]; as above. */
json_t *list_keys(const json_t *keys);

/*
 * certd's certificates: [{"id","subject","notAfter","left","state","error"}];
 * "left" is text for people ("12 days"), "state" is "valid", "soon" (ends
 * within a week), "expired", "future" or "unreadable" at the time now. As
 * above.
 */
json_t *list_certificates(const json_t *certificates, int64_t now);

extern const struct output_column list_module_columns[];
extern const struct output_column list_key_columns[];
extern const struct output_column list_certificate_columns[];

#endif
