/* SPDX-License-Identifier: MIT */
/*
 * A hub's modules in memory: takes the place of hub_modules.c, and of the
 * credentials and derived keys that go there.
 */
#ifndef TESTS_FAKE_HUB_H
#define TESTS_FAKE_HUB_H

#include <stdbool.h>

#include "common/error.h"

#define FAKE_HUB_MODULES 8

struct fake_hub_module {
	char id[32];
	char generation[32]; /* "": there is no such module */
	char primary[64];    /* "hub": made by the hub itself */
};

struct fake_hub {
	struct fake_hub_module modules[FAKE_HUB_MODULES];
	unsigned made;  /* ever, which numbers the generations */
	unsigned calls; /* to the hub */
	/* The call of this number fails (1 is the first; 0: none does). */
	unsigned failing_call;
	enum error_code failure;
	bool does_it_all_the_same; /* the answer is lost, not the request */
	enum error_code session;   /* failure of obtaining credentials */
	enum error_code keys;      /* failure of keyd */
	/* What happens, once, while the next answer is on its way to us. */
	void (*meanwhile)(void);
};

extern struct fake_hub fake_hub;

/* NULL if there is none. */
const struct fake_hub_module *fake_hub_find(const char *id);

/* Somebody else makes a module, anew if it is there. */
void fake_hub_make(const char *id);

void fake_hub_remove(const char *id);

/* True if module id has the keys that are derived for it here. */
bool fake_hub_has_our_keys(const char *id);

#endif
