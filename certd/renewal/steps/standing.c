/* SPDX-License-Identifier: MIT */
#include "standing.h"

#include "common/file.h"
#include "common/time.h"

static bool
is_long_ago(int64_t since, int64_t until, int64_t now)
{
	int64_t patience = (until - since) / 2;

	if (patience > STANDING_PATIENCE_SECONDS)
		patience = STANDING_PATIENCE_SECONDS;
	if (patience < STANDING_LEAST_SECONDS)
		patience = STANDING_LEAST_SECONDS;
	return now >= since + patience;
}

/*
 * What was due while the device was off has been tried for since it is on. By
 * a clock that was ahead that began in the future, of which nothing is known.
 */
static int64_t
tried_since(const struct renewal_status *status, int64_t now)
{
	return status->failing_since > status->due &&
		       status->failing_since <= now
		   ? status->failing_since
		   : status->due;
}

bool
standing_is_late(const struct renewal_status *status, int64_t now)
{
	if (status->until == 0)
		return status->attempts >= STANDING_FIRST_TRIES;
	if (status->waits_for_user && status->candidate_since != 0 &&
	    is_long_ago(status->candidate_since, status->until, now))
		return true;
	/* Without a failure it is being renewed just now. */
	return status->attempts > 0 && status->due != RENEWAL_NEVER &&
	       is_long_ago(tried_since(status, now), status->until, now);
}

/* What became of those before the present one. */
static char *
describe_tries(const struct renewal_status *status)
{
	if (status->attempts == 0 || !*status->error)
		return string_format("%s", "");
	return string_format("; %u tr%s before it failed, the last one: %s",
	    status->attempts, status->attempts == 1 ? "y" : "ies",
	    status->error);
}

static char *
describe_candidate(const struct renewal_status *status)
{
	CLEANUP(string) char *tries = describe_tries(status);

	if (!tries)
		return NULL;
	return string_format("a new certificate waits%s%s for who uses this "
			     "one to prove that it works (renewal.prove: "
			     "user), and takes its place then%s",
	    status->candidate_since ? " since " : "",
	    status->candidate_since ? time_format(status->candidate_since).text
				    : "",
	    tries);
}

static char *
describe_failures(const struct renewal_status *status)
{
	const char *what = status->until ? "renewing it" : "obtaining it";

	if (status->next == RENEWAL_NEVER)
		return string_format("%s has failed %u time%s: %s", what,
		    status->attempts, status->attempts == 1 ? "" : "s",
		    status->error);
	return string_format("%s has failed %u time%s, next try on %s: %s",
	    what, status->attempts, status->attempts == 1 ? "" : "s",
	    time_format(status->next).text, status->error);
}

enum error_code
standing_describe(
    const struct renewal_status *status, char **ret_text, struct error *err)
{
	*ret_text = NULL;
	if (status->waits_for_user)
		*ret_text = describe_candidate(status);
	else if (status->attempts > 0)
		*ret_text = describe_failures(status);
	else
		return ERROR_NONE;
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}
