/* SPDX-License-Identifier: MIT */
/* Tokens in slots, found by URI (RFC 7512) or by what they are. */
#ifndef KEYD_SLOT_H
#define KEYD_SLOT_H

#include "modules.h"

#define SLOT_LABEL_MAX 32
#define SLOT_SERIAL_MAX 16

struct slot {
	struct module *module;
	CK_SLOT_ID id;
	CK_TOKEN_INFO token;
	char label[SLOT_LABEL_MAX + 1];
	char serial[SLOT_SERIAL_MAX + 1];
};

/*
 * Finds the one initialized token that matches uri. text is uri for people.
 *
 * Fails with ERROR_UNAVAILABLE: no token matches (the message says which there
 * are), several match, or no module can be loaded.
 */
MUST_CHECK enum error_code slot_find(struct modules *modules, P11KitUri *uri,
    const char *text, struct slot *ret_slot, struct error *err);

/*
 * Finds the token of slot again, in whatever slot of its module it is now. The
 * caller is within the module. Fails with ERROR_UNAVAILABLE.
 */
MUST_CHECK enum error_code slot_find_again(
    const struct slot *slot, struct slot *ret_slot, struct error *err);

#endif
