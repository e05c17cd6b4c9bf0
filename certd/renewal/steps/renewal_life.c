/* SPDX-License-Identifier: MIT */
/* The certificate in place: how long it lives, and when something is due. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/public_key.h"
#include "renewals_inside.h"

enum error_code
renewal_look_at(const char *pem, char ret_digest[static JOURNAL_DIGEST_MAX],
    int64_t *ret_from, int64_t *ret_until, struct error *err)
{
	CLEANUP(x509) X509 *leaf = NULL;

	if (certificate_from_pem_without_key(pem, &leaf, err))
		return err->code;
	if (time_from_asn1(X509_get0_notBefore(leaf), ret_from, err) ||
	    time_from_asn1(X509_get0_notAfter(leaf), ret_until, err))
		return err->code;
	return certificate_digest(leaf, ret_digest, err);
}

static uint32_t
salt_of(const char *digest)
{
	return (uint32_t)strtoul(
	    (char[9]){digest[0], digest[1], digest[2], digest[3], digest[4],
		digest[5], digest[6], digest[7], '\0'},
	    NULL, 16);
}

/*
 * What the life of the certificate in place is. Its beginning is when we got
 * it: notBefore is often set back, and then a short life would seem to be over
 * when it starts.
 */
static void
note_life(const struct renewals *renewals, struct renewal *renewal,
    const char *digest, int64_t from, int64_t until, bool is_new)
{
	struct journal *journal = &renewal->journal;
	struct error ignored;

	if (strcmp(journal->leaf_digest, digest) != 0) {
		(void)snprintf(journal->leaf_digest,
		    sizeof(journal->leaf_digest), "%s", digest);
		journal->since = is_new ? renewal_now(renewals) : from;
		journal->is_ours = false;
		renewal->is_pair_lost = false;
		/* Of what is renewed when somebody says so, nobody asks. */
		if (renewal->managed.policy.renewal.automatic)
			(void)!journal_save(renewal->path, renewal->managed.id,
			    journal, &ignored);
	}
	if (journal->since < from || journal->since > until)
		journal->since = from;
	renewal->life.since = journal->since;
	renewal->life.until = until;
	renewal->salt = salt_of(digest);
}

void
renewal_read_life(const struct renewals *renewals, struct renewal *renewal)
{
	CLEANUP(string) char *pem = NULL;
	char digest[JOURNAL_DIGEST_MAX];
	int64_t from = 0, until = 0;
	bool is_there, is_new;
	struct error err;

	renewal_lock(renewal);
	renewal->is_stale = false;
	is_new = renewal->life.until != 0 || *renewal->journal.leaf_digest;
	renewal_unlock(renewal);
	is_there = !renewals->world.read(renewals->world.context,
		       renewal->managed.id, &pem, &err) &&
		   !renewal_look_at(pem, digest, &from, &until, &err);
	renewal_lock(renewal);
	if (is_there)
		note_life(renewals, renewal, digest, from, until, is_new);
	else
		renewal->life = (struct schedule_life){0, 0};
	renewal_unlock(renewal);
}

static int64_t
next_begin(const struct renewal *renewal)
{
	const struct journal *journal = &renewal->journal;
	int64_t due;

	if (journal->wish)
		return journal->next;
	if (renewal->life.until == 0) {
		if (!renewal->managed.create)
			return RENEWAL_NEVER;
		return journal->next;
	}
	if (!renewal->managed.policy.renewal.automatic)
		return RENEWAL_NEVER;
	due = schedule_due(
	    &renewal->managed.policy.renewal, &renewal->life, renewal->salt);
	return due > journal->next ? due : journal->next;
}

int64_t
renewal_next(const struct renewal *renewal)
{
	const struct journal *journal = &renewal->journal;

	if (renewal->is_stale)
		return 0;
	switch (journal->stage) {
	case JOURNAL_IDLE:
		return next_begin(renewal);
	case JOURNAL_CANDIDATE:
		if (renewal->managed.proof == RENEWAL_PROOF_USER)
			return RENEWAL_NEVER;
		break;
	case JOURNAL_KEY:
	case JOURNAL_ASKED:
	case JOURNAL_CONFIRMED:
	case JOURNAL_SWITCHED:
		break;
	}
	return journal->next;
}
