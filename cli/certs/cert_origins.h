/* SPDX-License-Identifier: MIT */
/*
 * certd knows the lines of its own file, which 'config apply' has written. The
 * operator wants those of his.
 */
#ifndef CLI_CERT_ORIGINS_H
#define CLI_CERT_ORIGINS_H

#include "common/json.h"

/*
 * Replaces in settings, an array of "key", "value" and "origin" for certificate
 * id, the lines of certd's file by those of the operator's that say the same.
 * What does not stand there, or otherwise by now, stays.
 */
void cert_origins_resolve(json_t *settings, const char *id);

#endif
