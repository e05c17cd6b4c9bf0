/* SPDX-License-Identifier: MIT */
#include "policy_time.h"

#include <stdlib.h>
#include <string.h>

#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_DAY 86400
#define PERCENT_MAX 99
/* More of a unit than this is a slip of the pen, and no overflow. */
#define AMOUNT_MAX 100000

enum error_code
policy_time_parse(
    const char *text, struct policy_time *ret_time, struct error *err)
{
	static const char *const units[] = {
	    [POLICY_PERCENT] = "%",
	    [POLICY_MINUTES] = "min",
	    [POLICY_DAYS] = "day",
	};
	unsigned long most = AMOUNT_MAX;
	char *end = NULL;
	unsigned long amount =
	    *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;

	for (unsigned i = 0; end && i < sizeof(units) / sizeof(units[0]); i++) {
		most = i == POLICY_PERCENT ? PERCENT_MAX : AMOUNT_MAX;
		if (strcmp(end, units[i]) != 0 || amount < 1 || amount > most)
			continue;
		ret_time->amount = (unsigned)amount;
		ret_time->unit = i;
		return ERROR_NONE;
	}
	return error_set(err, ERROR_INVALID,
	    "'%s' is none of 1%% to %d%%, 1min to %dmin, 1day to %dday", text,
	    PERCENT_MAX, AMOUNT_MAX, AMOUNT_MAX);
}

int64_t
policy_time_seconds(const struct policy_time *time, int64_t life)
{
	int64_t amount = time->amount;

	switch (time->unit) {
	case POLICY_PERCENT:
		/* In this order there is no overflow. */
		return life / 100 * amount + life % 100 * amount / 100;
	case POLICY_MINUTES:
		return amount * SECONDS_PER_MINUTE;
	case POLICY_DAYS:
		break;
	}
	return amount * SECONDS_PER_DAY;
}
