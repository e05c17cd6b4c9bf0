/* SPDX-License-Identifier: MIT */
/* Which key somebody means. */
#ifndef KEYD_KEY_REF_H
#define KEYD_KEY_REF_H

/* All pointers are borrowed. */
struct key_ref {
	const char *id;
};

#endif
