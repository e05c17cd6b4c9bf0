/* SPDX-License-Identifier: MIT */
/* How a token is, for those who show it. */
#ifndef KEYD_TOKEN_FIGURES_H
#define KEYD_TOKEN_FIGURES_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define TOKEN_LABEL_MAX 32  /* CK_TOKEN_INFO.label */
#define TOKEN_SERIAL_MAX 16 /* CK_TOKEN_INFO.serialNumber */
#define TOKEN_ERRORS_MAX 32
#define TOKEN_CKR_MAX 48 /* "CKR_DEVICE_ERROR" */

enum token_condition {
	TOKEN_SHUT,  /* not opened, or to be opened anew when it is needed */
	TOKEN_OPEN,  /* its sessions are usable */
	TOKEN_FAILS, /* it could not be opened; tried again after a pause */
	TOKEN_HANGS, /* no session is left that answers */
};

/* How often a function of PKCS#11 returned an error. */
struct token_error {
	const char *function; /* "C_Sign" */
	char name[TOKEN_CKR_MAX];
	unsigned long count;
};

struct token_figures {
	char label[TOKEN_LABEL_MAX + 1];
	char serial[TOKEN_SERIAL_MAX + 1];
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
	/* What beyond TOKEN_ERRORS_MAX kinds there is, is left out. */
	size_t error_count;
	struct token_error errors[TOKEN_ERRORS_MAX];

	struct error trouble; /* .code ERROR_NONE: nothing is wrong */
};

/* "shut", "open", "fails", "hangs" */
const char *token_condition_name(enum token_condition condition);

#endif
