/* SPDX-License-Identifier: MIT */
/* Rules of an AppArmor profile (apparmor.d(5)): what they say of files. */
#ifndef CLI_APPARMOR_RULE_H
#define CLI_APPARMOR_RULE_H

#include <stdbool.h>

#include "apparmor_text.h"

/* "[audit] [allow|deny] [owner] [file] PATH ACCESS", or ACCESS first. */
struct apparmor_rule {
	const char *pattern; /* NULL: it is not one for files */
	const char *access;  /* letters */
	bool denies;
	bool is_for_owner;
};

/* False if it is not understood. What ret_rule has is in the statement. */
bool apparmor_rule_read(
    const struct apparmor_statement *statement, struct apparmor_rule *ret_rule);

/* The same of what stands before a block; false if that is something else. */
bool apparmor_rule_read_qualifiers(
    const struct apparmor_statement *statement, struct apparmor_rule *ret_rule);

#endif
