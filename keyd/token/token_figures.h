/* SPDX-License-Identifier: MIT */
/* How a token is, for those who show it. */
#ifndef KEYD_TOKEN_FIGURES_H
#define KEYD_TOKEN_FIGURES_H

#include <stdint.h>

#include "common/error.h"

#define TOKEN_LABEL_MAX 32 /* CK_TOKEN_INFO.label */

enum token_condition {
	TOKEN_SHUT,  /* not opened, or to be opened anew when it is needed */
	TOKEN_OPEN,  /* its sessions are usable */
	TOKEN_FAILS, /* it could not be opened; tried again after a pause */
	TOKEN_HANGS, /* no session is left that answers */
};

struct token_figures {
	char label[TOKEN_LABEL_MAX + 1];
	enum token_condition condition;
	int64_t since;     /* seconds since 1970 */
	unsigned sessions; /* open ones, with those that are leased */
	unsigned limit;    /* sessions for signing */
	unsigned leased;   /* of those */
	unsigned hung;     /* calls that have not returned in time */

	/* Since keyd started: */
	unsigned long faults;   /* that made it open the token anew */
	unsigned long openings; /* that went well */
	unsigned long logins, refusals;
	unsigned long starts; /* of the token's module */

	struct error trouble; /* .code ERROR_NONE: nothing is wrong */
};

/* "shut", "open", "fails", "hangs" */
const char *token_condition_name(enum token_condition condition);

#endif
