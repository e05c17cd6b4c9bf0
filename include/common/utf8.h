/* SPDX-License-Identifier: MIT */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stddef.h>

/* What stands for bytes that are no UTF-8: U+FFFD. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/*
 * How many bytes the character at text has, of which there are length, at least
 * 1; 0 if it is no UTF-8 (RFC 3629).
 */
size_t utf8_character(const char *text, size_t length);

#endif
