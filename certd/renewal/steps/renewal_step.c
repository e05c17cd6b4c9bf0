/* SPDX-License-Identifier: MIT */
/* The steps of a renewal, one at a time. */
#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "renewals_inside.h"

/* Who is not reached after so many tries is not told of this renewal. */
#define NOTIFY_ATTEMPTS_MAX 5

/* ---- the journal ---- */

/*
 * Notes a failure and lets the next attempt wait. If even that cannot be
 * written down it counts in memory.
 */
static void
fail(const struct renewals *renewals, struct renewal *renewal,
    const struct error *why, int64_t wait_seconds)
{
	struct error told = *why;
	struct error ignored;

	renewal_lock(renewal);
	renewal_note_failure(renewals, renewal, &told, wait_seconds);
	(void)!journal_save(
	    renewal->path, renewal->managed.id, &renewal->journal, &ignored);
	renewal_unlock(renewal);
	renewals->world.failed(
	    renewals->world.context, renewal->managed.id, &told);
}

/* The candidate is of no use: back to the beginning, the old pair stays. */
static void
give_up_candidate(const struct renewals *renewals, struct renewal *renewal,
    const struct error *why)
{
	renewal_lock(renewal);
	renewal_give_up(renewal);
	renewal_unlock(renewal);
	fail(renewals, renewal, why, 0);
}

/* What is wished for when next has come; somebody may just have done so. */
static enum journal_wish
wish_after(const struct renewal *renewal, const struct journal *next)
{
	enum journal_wish wish = renewal->journal.wish;

	if (next->stage != JOURNAL_SWITCHED)
		return wish;
	return wish == JOURNAL_WANTED_AGAIN ? JOURNAL_WANTED : JOURNAL_NO_WISH;
}

/*
 * Makes next the journal, taking its contents, and writes it. What is not on
 * the disk has not happened: on failure it is as it was.
 */
static bool
advance(const struct renewals *renewals, struct renewal *renewal,
    struct journal *next)
{
	struct error err;

	renewal_lock(renewal);
	next->wish = wish_after(renewal, next);
	if (journal_save(renewal->path, renewal->managed.id, next, &err) ==
	    ERROR_NONE) {
		journal_done(&renewal->journal);
		renewal->journal = TAKE_CONTENTS(*next);
		renewal_unlock(renewal);
		renewals->world.changed(
		    renewals->world.context, renewal->managed.id);
		return true;
	}
	renewal_unlock(renewal);
	fail(renewals, renewal, &err, 0);
	return false;
}

/*
 * A copy of the journal as it is to be in stage. The caller releases it.
 * Returns false, having noted it, if there is no memory.
 */
static bool
prepare(const struct renewals *renewals, struct renewal *renewal,
    enum journal_stage stage, struct journal *ret_next)
{
	bool is_copied;
	struct error err;

	renewal_lock(renewal);
	is_copied = journal_copy(&renewal->journal, ret_next);
	renewal_unlock(renewal);
	if (!is_copied) {
		(void)error_no_memory(&err);
		fail(renewals, renewal, &err, 0);
		return false;
	}
	ret_next->stage = stage;
	ret_next->next = 0;
	return true;
}

/* ---- steps ---- */

/* It will never be done. */
static void
forget_wish(struct renewal *renewal)
{
	renewal_lock(renewal);
	renewal->journal.wish = JOURNAL_NO_WISH;
	renewal_unlock(renewal);
}

static bool
begin(const struct renewals *renewals, struct renewal *renewal)
{
	CLEANUP(string) char *key = NULL;
	CLEANUP_DONE(journal) struct journal next = {.stage = JOURNAL_IDLE};
	struct error err;

	if (renewal_choose_key(renewals, renewal, &key, &err)) {
		if (err.code == ERROR_INVALID)
			forget_wish(renewal);
		fail(renewals, renewal, &err, 0);
		return false;
	}
	if (!prepare(renewals, renewal, JOURNAL_KEY, &next))
		return false;
	next.has_other_name = renewal_is_other_name(renewal, key);
	next.key = TAKE(key);
	return advance(renewals, renewal, &next);
}

/* Nothing works until it is there: it is tried again soon. */
static void
want(struct renewal *renewal)
{
	renewal_lock(renewal);
	if (!renewal->journal.wish)
		renewal->journal.wish = JOURNAL_WANTED;
	renewal_unlock(renewal);
}

/*
 * A certificate for the key that keyd has, or else is to make, since that in
 * place is for none.
 */
static bool
mend_pair(const struct renewals *renewals, struct renewal *renewal,
    const struct error *why)
{
	const struct renewal_world *world = &renewals->world;
	CLEANUP(string) char *key = strdup(renewal->managed.policy.pk);
	CLEANUP(string) char *text = NULL;
	CLEANUP_DONE(journal) struct journal next = {.stage = JOURNAL_IDLE};

	if (!key || !prepare(renewals, renewal, JOURNAL_KEY, &next))
		return false;
	next.key = TAKE(key);
	want(renewal);
	if (!advance(renewals, renewal, &next))
		return false;
	renewal->is_key_known = true;
	text = string_format("%s: that, or the journal of a renewal, is lost; "
			     "the certificate is obtained anew, for the key of "
			     "that name",
	    why->message);
	if (text)
		world->noted(world->context, renewal->managed.id, text);
	return true;
}

/*
 * The last candidate's key may still be there: no certificate is for it. What
 * was there before begin() was looked at then.
 */
static bool
make_key(const struct renewals *renewals, struct renewal *renewal)
{
	const struct renewal_world *world = &renewals->world;
	const char *key = renewal->journal.key;
	CLEANUP_DONE(journal) struct journal next = {.stage = JOURNAL_IDLE};
	struct error err;

	if ((!renewal_has_own_key(renewal) &&
		world->drop_key(world->context, key, &err)) ||
	    world->make_key(world->context, &renewal->managed, key, &err)) {
		fail(renewals, renewal, &err, 0);
		return false;
	}
	if (!prepare(renewals, renewal, JOURNAL_ASKED, &next))
		return false;
	if (world->key_digest(world->context, key, next.key_digest, &err)) {
		fail(renewals, renewal, &err, 0);
		return false;
	}
	return advance(renewals, renewal, &next);
}

static bool
ask(const struct renewals *renewals, struct renewal *renewal)
{
	const struct renewal_world *world = &renewals->world;
	CLEANUP(string) char *pem = NULL;
	int64_t wait_seconds = 0;
	CLEANUP_DONE(journal) struct journal next = {.stage = JOURNAL_IDLE};
	struct error err;

	if (world->obtain(world->context, &renewal->managed,
		renewal->journal.key, &pem, &wait_seconds, &err)) {
		/* Somebody removed the key: a new one is made next time. */
		if (err.code == ERROR_NOT_FOUND)
			give_up_candidate(renewals, renewal, &err);
		else
			fail(renewals, renewal, &err, wait_seconds);
		return false;
	}
	/* The first one takes nobody's place: there is nothing to prove. */
	if (!prepare(renewals, renewal,
		renewal->life.until ? JOURNAL_CANDIDATE : JOURNAL_CONFIRMED,
		&next))
		return false;
	next.certificate = TAKE(pem);
	next.candidate_since = renewal_now(renewals);
	return advance(renewals, renewal, &next);
}

static bool
has_expired(const struct renewals *renewals, struct renewal *renewal)
{
	char digest[JOURNAL_DIGEST_MAX];
	int64_t from, until;
	bool has = false;
	struct error ignored;

	renewal_lock(renewal);
	if (renewal->journal.stage == JOURNAL_CANDIDATE)
		has = renewal_look_at(renewal->journal.certificate, digest,
			  &from, &until, &ignored) ||
		      until <= renewal_now(renewals);
	renewal_unlock(renewal);
	return has;
}

/* Of a candidate that an earlier version left nobody knows since when it is. */
static void
note_since(const struct renewals *renewals, struct renewal *renewal)
{
	struct journal *journal = &renewal->journal;
	struct error ignored;

	renewal_lock(renewal);
	if (journal->stage == JOURNAL_CANDIDATE &&
	    journal->candidate_since == 0) {
		journal->candidate_since = renewal_now(renewals);
		(void)!journal_save(
		    renewal->path, renewal->managed.id, journal, &ignored);
	}
	renewal_unlock(renewal);
}

static bool
prove(const struct renewals *renewals, struct renewal *renewal)
{
	const struct renewal_world *world = &renewals->world;
	CLEANUP_DONE(journal) struct journal next = {.stage = JOURNAL_IDLE};
	struct error err;

	if (has_expired(renewals, renewal)) {
		(void)error_set(&err, ERROR_TIMEOUT,
		    "the candidate expired before it was proved");
		give_up_candidate(renewals, renewal, &err);
		return false;
	}
	note_since(renewals, renewal);
	if (renewal->managed.proof == RENEWAL_PROOF_USER)
		return false;
	if (renewal->managed.proof == RENEWAL_PROOF_EST &&
	    world->prove(world->context, &renewal->managed,
		renewal->journal.key, renewal->journal.certificate, &err)) {
		if (err.code == ERROR_UPSTREAM || err.code == ERROR_NOT_FOUND)
			give_up_candidate(renewals, renewal, &err);
		else
			fail(renewals, renewal, &err, 0);
		return false;
	}
	return prepare(renewals, renewal, JOURNAL_CONFIRMED, &next) &&
	       advance(renewals, renewal, &next);
}

static enum error_code
is_switched(const struct renewals *renewals, const struct renewal *renewal,
    bool *ret_is, struct error *err)
{
	const struct renewal_world *world = &renewals->world;
	char digest[JOURNAL_DIGEST_MAX] = "";

	if (world->key_digest(
		world->context, renewal->managed.policy.pk, digest, err) &&
	    err->code != ERROR_NOT_FOUND)
		return err->code;
	*ret_is = strcmp(digest, renewal->journal.key_digest) == 0;
	return ERROR_NONE;
}

/*
 * Lets the candidate's key take the place of the old one, unless it has done so
 * before we were interrupted; then only if the certificate can follow. A move
 * may be repeated, so that its success does not tell whether there was anything
 * to move: what is there then does.
 */
static enum error_code
switch_key(const struct renewals *renewals, const struct renewal *renewal,
    struct error *err)
{
	const struct renewal_world *world = &renewals->world;
	const char *key = renewal->journal.key;
	bool is = false;

	if (is_switched(renewals, renewal, &is, err))
		return err->code;
	if (is)
		return ERROR_NONE;
	if (world->check(world->context, &renewal->managed, key,
		renewal->journal.certificate, err) ||
	    world->move_key(
		world->context, key, renewal->managed.policy.pk, err) ||
	    is_switched(renewals, renewal, &is, err))
		return err->code;
	if (!is)
		return error_set(err, ERROR_NOT_FOUND,
		    "the candidate's key '%s' is not there any more", key);
	return ERROR_NONE;
}

/*
 * The candidate could not take its place. If waiting does not help another one
 * is made; whether it has expired is not known without a trustworthy time.
 */
static void
stop_change(const struct renewals *renewals, struct renewal *renewal,
    bool is_time_trusted, const struct error *why)
{
	bool is_for_good = why->code == ERROR_NOT_FOUND ||
			   why->code == ERROR_DENIED ||
			   (why->code == ERROR_INVALID && is_time_trusted);

	if (is_for_good)
		give_up_candidate(renewals, renewal, why);
	else
		fail(renewals, renewal, why, 0);
}

/* The end of a renewal, as the journal has it. */
static bool
write_success(const struct renewals *renewals, struct renewal *renewal)
{
	CLEANUP_DONE(journal) struct journal next = {.stage = JOURNAL_IDLE};
	struct error err;
	int64_t from, until;

	if (!prepare(renewals, renewal, JOURNAL_SWITCHED, &next))
		return false;
	next.attempts = 0;
	next.failing_since = 0;
	next.is_ours = true;
	*next.error = '\0';
	next.since = next.last_attempt = next.last_success =
	    renewal_now(renewals);
	if (renewal_look_at(
		next.certificate, next.leaf_digest, &from, &until, &err)) {
		fail(renewals, renewal, &err, 0);
		return false;
	}
	renewal_lock(renewal);
	renewal->life = (struct schedule_life){next.since, until};
	renewal->is_pair_lost = false;
	renewal_unlock(renewal);
	return advance(renewals, renewal, &next);
}

/* From now on the candidate is shown, or what is in place again. */
static void
set_switched(struct renewal *renewal, bool is_switched)
{
	renewal_lock(renewal);
	renewal->is_key_switched = is_switched;
	renewal_unlock(renewal);
}

static bool
change_over(const struct renewals *renewals, struct renewal *renewal,
    bool is_time_trusted)
{
	const struct renewal_world *world = &renewals->world;
	struct error err;

	if (switch_key(renewals, renewal, &err)) {
		stop_change(renewals, renewal, is_time_trusted, &err);
		return false;
	}
	set_switched(renewal, true);
	if (world->replace(world->context, renewal->managed.id,
		renewal->journal.certificate, &err)) {
		stop_change(renewals, renewal, is_time_trusted, &err);
		return false;
	}
	if (!write_success(renewals, renewal))
		return false;
	set_switched(renewal, false);
	renewal_read_life(renewals, renewal);
	return true;
}

static bool
notify(const struct renewals *renewals, struct renewal *renewal)
{
	const struct renewal_world *world = &renewals->world;
	CLEANUP_DONE(journal) struct journal next = {.stage = JOURNAL_IDLE};
	struct error err;

	if (world->notify(world->context, &renewal->managed, &err) &&
	    renewal->journal.attempts + 1 < NOTIFY_ATTEMPTS_MAX) {
		fail(renewals, renewal, &err, 0);
		return false;
	}
	if (!prepare(renewals, renewal, JOURNAL_IDLE, &next))
		return false;
	renewal_drop_candidate(&next);
	next.attempts = 0;
	next.failing_since = 0;
	return advance(renewals, renewal, &next);
}

static bool
may_step(const struct renewals *renewals, struct renewal *renewal,
    bool is_time_trusted, enum journal_stage *ret_stage)
{
	int64_t next;
	bool is_stale;

	renewal_lock(renewal);
	*ret_stage = renewal->journal.stage;
	is_stale = renewal->is_stale;
	next = renewal_next(renewal);
	if (*ret_stage == JOURNAL_CANDIDATE &&
	    renewal->managed.proof == RENEWAL_PROOF_USER)
		next = 0; /* it may have expired */
	renewal_unlock(renewal);
	/* It was replaced after we looked: what is due is not known. */
	if (is_stale)
		return false;
	/* What is confirmed goes on whatever the time. */
	if (*ret_stage >= JOURNAL_CONFIRMED && !is_time_trusted)
		return true;
	return is_time_trusted && next <= renewal_now(renewals);
}

bool
renewal_step(const struct renewals *renewals, struct renewal *renewal,
    bool is_time_trusted)
{
	enum journal_stage stage;
	bool is_stale;
	struct error why;

	renewal_lock(renewal);
	is_stale = renewal->is_stale;
	renewal_unlock(renewal);
	if (is_stale)
		renewal_read_life(renewals, renewal);
	if (is_time_trusted && renewal_has_lost_pair(renewals, renewal, &why))
		return mend_pair(renewals, renewal, &why);
	if (!may_step(renewals, renewal, is_time_trusted, &stage))
		return false;
	switch (stage) {
	case JOURNAL_IDLE:
		return begin(renewals, renewal);
	case JOURNAL_KEY:
		return make_key(renewals, renewal);
	case JOURNAL_ASKED:
		return ask(renewals, renewal);
	case JOURNAL_CANDIDATE:
		return prove(renewals, renewal);
	case JOURNAL_CONFIRMED:
		return change_over(renewals, renewal, is_time_trusted);
	case JOURNAL_SWITCHED:
		return notify(renewals, renewal);
	}
	return false;
}
