/* SPDX-License-Identifier: MIT */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* What stands for bytes that are no UTF-8: U+FFFD. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/*
 * How many bytes the character at text has, of which there are length, at least
 * 1; 0 if it is no UTF-8 (RFC 3629).
 */
size_t utf8_character(const char *text, size_t length);

/* True if the byte at text, which is UTF-8, is the first of a character. */
bool utf8_begins(const char *text);

/* True if text is UTF-8 without control characters. */
bool utf8_is_line(const char *text);

/*
 * The length bytes at text, in which UTF8_REPLACEMENT stands for each that is
 * part of no character, and for NUL. Free it; NULL: no memory.
 */
char *utf8_repair(const char *text, size_t length);

#endif
