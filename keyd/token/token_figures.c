/* SPDX-License-Identifier: MIT */
#include "token_figures.h"

const char *
token_condition_name(enum token_condition condition)
{
	static const char *const names[] = {
	    [TOKEN_SHUT] = "shut",
	    [TOKEN_OPEN] = "open",
	    [TOKEN_FAILS] = "fails",
	    [TOKEN_HANGS] = "hangs",
	};

	return names[condition];
}
