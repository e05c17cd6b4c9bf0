/* SPDX-License-Identifier: MIT */
/* Percent encoding (RFC 3986 section 2.1). */
#ifndef CLOUD_PERCENT_H
#define CLOUD_PERCENT_H

#include <stdbool.h>

/*
 * Decodes text in place. Returns false, and leaves text half done, if an
 * escape is broken or stands for NUL.
 */
bool percent_decode(char *text);

#endif
