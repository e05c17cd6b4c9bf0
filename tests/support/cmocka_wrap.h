/* SPDX-License-Identifier: MIT */
/* cmocka.h, with the headers it needs before it. */
#ifndef CMOCKA_WRAP_H
#define CMOCKA_WRAP_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
