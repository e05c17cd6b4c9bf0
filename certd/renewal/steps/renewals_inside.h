/* SPDX-License-Identifier: MIT */
/* What the files of renewals.h share. */
#ifndef CERTD_RENEWALS_INSIDE_H
#define CERTD_RENEWALS_INSIDE_H

#include <pthread.h>

#include "renewals.h"
#include "schedule.h"

struct renewal {
	struct managed managed;
	char *path; /* of the journal */
	/*
	 * For all below. Held for memory and the journal's file only. The lane
	 * alone writes; confirm and reject write too while the stage is
	 * JOURNAL_CANDIDATE, and the lane then reads under the lock. What is
	 * wished for, and that the next try may be at once, anybody writes.
	 */
	pthread_mutex_t lock;
	struct journal journal;
	struct schedule_life life;
	bool is_stale;        /* life is to be read again */
	bool is_key_switched; /* but the certificate is not in place yet */
	bool is_key_known;    /* renewal_has_lost_pair(); the lane's alone */
	bool looks_again;     /* renewals_look_again(); the lane's alone */
	bool is_key_fixed;    /* it is to be replaced, and cannot be */
	bool is_pair_lost;    /* as last looked at; written under the lock */
	uint32_t salt;        /* for jitter, from the certificate */
};

struct renewals {
	struct renewal_world world;
	size_t count;
	struct renewal *items;
};

static inline void
renewal_lock(struct renewal *renewal)
{
	(void)pthread_mutex_lock(&renewal->lock);
}

static inline void
renewal_unlock(struct renewal *renewal)
{
	(void)pthread_mutex_unlock(&renewal->lock);
}

static inline int64_t
renewal_now(const struct renewals *renewals)
{
	return renewals->world.now(renewals->world.context);
}

/* SHA-256 of the first certificate of pem, and when it ends. ERROR_INVALID. */
MUST_CHECK enum error_code renewal_look_at(const char *pem,
    char ret_digest[static JOURNAL_DIGEST_MAX], int64_t *ret_from,
    int64_t *ret_until, struct error *err);

/*
 * Does the next step of renewal; false if there is none now. When there is one
 * is renewal_next()'s, RENEWAL_NEVER if somebody else has to act.
 */
bool renewal_step(const struct renewals *renewals, struct renewal *renewal,
    bool is_time_trusted);

/* Looks what the certificate in place is. */
void renewal_read_life(
    const struct renewals *renewals, struct renewal *renewal);

/*
 * The id of the key that the next certificate is for, the caller's: that of the
 * one in place, or a new one beside it, under a name that is free or that the
 * last renewal has left a key under.
 *
 * Fails with ERROR_INVALID if keyd does not have the key of the certificate in
 * place: it was made for a program that has the key itself, to which one for
 * another key would be of no use. The EST identity is nobody's but ours.
 */
MUST_CHECK enum error_code renewal_choose_key(const struct renewals *renewals,
    const struct renewal *renewal, char **ret_key, struct error *err);

/* True if key is not that under which the next one is made if that is free. */
bool renewal_is_other_name(const struct renewal *renewal, const char *key);

/*
 * True, and why, if the certificate in place is for another key than keyd has,
 * and that is to be mended now: a key was switched, and the journal that would
 * tell so is lost. The certificate is of no use then. It is looked at until it
 * is known that they belong together; of an EST identity, which is nobody's but
 * ours, each time, and whether keyd has its key at all; if another is on its
 * way already that is not begun anew, but goes on at once. Notes, too, if the
 * key cannot be replaced, and looks again as long as that is so.
 */
bool renewal_has_lost_pair(const struct renewals *renewals,
    struct renewal *renewal, struct error *ret_why);

/* When the next step is. Under the lock. */
int64_t renewal_next(const struct renewal *renewal);

/*
 * Notes in the journal that an attempt failed, and when the next one is. The
 * message of why may be any bytes, and is made UTF-8. Under the lock; nothing
 * is written to the disk. The world's failed() is to follow, without the lock.
 */
void renewal_note_failure(const struct renewals *renewals,
    struct renewal *renewal, struct error *why, int64_t wait_seconds);

/*
 * Puts the journal into the stage without a candidate. Which key we made last
 * it remembers: it may still be there. Under the lock.
 */
void renewal_drop_candidate(struct journal *journal);

/*
 * The candidate will never take its place: the journal begins anew, with the
 * key that is in place if the old one has gone already. Under the lock; nothing
 * is written to the disk.
 */
void renewal_give_up(struct renewal *renewal);

/* True if the candidate, which has a key, is for the one in place. */
bool renewal_has_own_key(const struct renewal *renewal);

#endif
