/* SPDX-License-Identifier: MIT */
/* What becomes of the journal when something does not work. */
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "renewals_inside.h"

bool
renewal_has_own_key(const struct renewal *renewal)
{
	return strcmp(renewal->journal.key, renewal->managed.policy.pk) == 0;
}

/*
 * True if the candidate's key is in place and the certificate there is for the
 * old one, which is gone: after a switch that was not finished, and while
 * another certificate is asked for for that key.
 */
static bool
has_lost_old_key(const struct renewal *renewal)
{
	if (renewal->life.until == 0 || !renewal->journal.key)
		return false;
	return renewal_has_own_key(renewal)
		   ? renewal->managed.policy.renewal.rotate_key
		   : renewal->is_key_switched;
}

void
renewal_drop_candidate(struct journal *journal)
{
	free(TAKE(journal->key));
	free(TAKE(journal->certificate));
	journal->stage = JOURNAL_IDLE;
}

void
renewal_give_up(struct renewal *renewal)
{
	struct journal *journal = &renewal->journal;
	bool is_lost = has_lost_old_key(renewal);

	renewal_drop_candidate(journal);
	renewal->is_key_switched = false;
	if (!is_lost)
		return;
	journal->key = strdup(renewal->managed.policy.pk);
	if (journal->key)
		journal->stage = JOURNAL_KEY;
}

/* The journal is UTF-8, whatever a server or a caller said. */
static void
copy_text(char *text, size_t size, const char *from)
{
	size_t left = strlen(from);
	size_t used = 0;

	while (left > 0) {
		size_t length = utf8_character(from, left);
		size_t step = length ? length : 1;

		if (used + step >= size)
			break;
		if (length)
			memcpy(text + used, from, length);
		else
			text[used] = '?';
		used += step;
		from += step;
		left -= step;
	}
	text[used] = '\0';
}

/* Somebody waits, and nobody has refused it: it is tried again soon. */
static bool
is_wanted_still(const struct journal *journal, enum error_code code)
{
	return journal->wish &&
	       (code == ERROR_UNAVAILABLE || code == ERROR_TIMEOUT ||
		   code == ERROR_INTERNAL);
}

/*
 * keyd was not reached, so that nobody knows whether the key has been switched:
 * as soon as keyd is back it may be the other one that is used.
 */
static bool
may_be_switched(const struct journal *journal, enum error_code code)
{
	return journal->stage == JOURNAL_CONFIRMED &&
	       (code == ERROR_UNAVAILABLE || code == ERROR_TIMEOUT);
}

void
renewal_note_failure(const struct renewals *renewals, struct renewal *renewal,
    struct error *why, int64_t wait_seconds)
{
	struct journal *journal = &renewal->journal;
	int64_t now = renewal_now(renewals);
	/* What is confirmed, or wanted, is tried soon, whatever the life. */
	struct schedule_life life =
	    journal->stage >= JOURNAL_CONFIRMED || has_lost_old_key(renewal) ||
		    renewal->is_pair_lost || is_wanted_still(journal, why->code)
		? (struct schedule_life){0, 0}
		: renewal->life;
	struct schedule_failure failure = {.code = why->code,
	    .attempts = ++journal->attempts,
	    .wait_seconds = wait_seconds};

	if (may_be_switched(journal, why->code))
		failure.attempts = 1;
	if (journal->attempts == 1)
		journal->failing_since = now;
	journal->last_attempt = now;
	journal->next = schedule_retry(&renewal->managed.policy.renewal, &life,
	    &failure, now, arc4random());
	copy_text(journal->error, sizeof(journal->error), why->message);
	memcpy(why->message, journal->error, sizeof(why->message));
}
