/* SPDX-License-Identifier: MIT */
/* What the inspections of a unit share. */
#ifndef CLI_UNIT_INSPECTION_H
#define CLI_UNIT_INSPECTION_H

#include "unit_hardening.h"

#define UNIT_KEYD (1U << EFFECTIVE_KEYD)
#define UNIT_CERTD (1U << EFFECTIVE_CERTD)
#define UNIT_PROVISIOND (1U << EFFECTIVE_PROVISIOND)
#define UNIT_ALL (UNIT_KEYD | UNIT_CERTD | UNIT_PROVISIOND)

struct unit_inspection {
	const struct unit_settings *settings;
	unsigned daemon; /* one of the above */
	unit_weakness_seen *seen;
	void *context;
};

/* Tells of a weakness at place. */
void unit_report(const struct unit_inspection *inspection, const char *place,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Whether word is one of words, which stand between blanks. */
bool unit_has_word(const char *words, const char *word, size_t length);

/*
 * What lines of drop-ins open that the shipped unit does not have at all: the
 * network, files, devices, groups, programs with privileges.
 */
void unit_inspect_openings(const struct unit_inspection *inspection);

#endif
