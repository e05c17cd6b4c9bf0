/* SPDX-License-Identifier: MIT */
/* aziot's preferredAlgorithms: "ec-p256:rsa-2048:*". */
#ifndef KEYD_PREFERENCE_H
#define KEYD_PREFERENCE_H

#include "store.h"

#define PREFERENCE_MAX KEY_SPEC_COUNT

struct preference {
	size_t count;
	enum key_spec specs[PREFERENCE_MAX];
};

/*
 * Reads a list; NULL means "*", which is ec-p256 and then rsa-2048. What is
 * not known is skipped, what stands twice counts once.
 *
 * Fails with ERROR_INVALID if nothing is left.
 */
MUST_CHECK enum error_code preference_parse(
    const char *text, struct preference *ret_preference, struct error *err);

#endif
