/* SPDX-License-Identifier: MIT */
#include "renewals.h"

#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "renewals_inside.h"

#define DIRECTORY_MODE 0700
#define EXTENSION "json"

void
renewals_free(struct renewals *renewals)
{
	if (!renewals)
		return;
	for (size_t i = 0; i < renewals->count; i++) {
		struct renewal *renewal = &renewals->items[i];

		free(renewal->managed.id);
		free(renewal->path);
		journal_done(&renewal->journal);
		(void)pthread_mutex_destroy(&renewal->lock);
	}
	free(renewals->items);
	free(renewals);
}

static struct renewal *
find(const struct renewals *renewals, const char *id)
{
	for (size_t i = 0; i < renewals->count; i++)
		if (strcmp(renewals->items[i].managed.id, id) == 0)
			return &renewals->items[i];
	return NULL;
}

/* ---- opening ---- */

static enum error_code
make_path(
    const char *directory, const char *id, char **ret_path, struct error *err)
{
	CLEANUP(string) char *name = file_name_of_id(id, EXTENSION);

	if (name)
		*ret_path = string_format("%s/%s", directory, name);
	return *ret_path ? ERROR_NONE : error_no_memory(err);
}

/* The certificate is worth more than the journal: a bad one is begun anew. */
static enum error_code
add(struct renewals *renewals, struct managed *managed, const char *directory,
    struct error *problem, struct error *err)
{
	struct renewal *renewal = &renewals->items[renewals->count];
	struct error trouble;

	*renewal = (struct renewal){
	    .managed = *managed,
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .is_stale = true,
	};
	managed->id = NULL;
	renewals->count++;
	if (make_path(directory, renewal->managed.id, &renewal->path, err))
		return err->code;
	if (journal_load(renewal->path, renewal->managed.id, &renewal->journal,
		&trouble))
		*problem = trouble;
	return ERROR_NONE;
}

enum error_code
renewals_create(struct managed *managed, size_t count, const char *directory,
    const struct renewal_world *world, struct renewals **ret_renewals,
    struct error *ret_problem, struct error *err)
{
	CLEANUP(renewals)
	struct renewals *renewals = calloc(1, sizeof(*renewals));

	if (!renewals)
		return error_no_memory(err);
	renewals->world = *world;
	renewals->items = calloc(count + 1, sizeof(*renewals->items));
	if (!renewals->items)
		return error_no_memory(err);
	if (file_make_directory(directory, DIRECTORY_MODE, err))
		return err->code;
	ret_problem->code = ERROR_NONE;
	for (size_t i = 0; i < count; i++)
		if (add(renewals, &managed[i], directory, ret_problem, err))
			return err->code;
	*ret_renewals = TAKE(renewals);
	return ERROR_NONE;
}

/* ---- the lanes ---- */

int64_t
renewals_work(struct renewals *renewals, unsigned lane, bool is_time_trusted)
{
	int64_t soonest = RENEWAL_NEVER;

	for (size_t i = 0; i < renewals->count; i++) {
		struct renewal *renewal = &renewals->items[i];
		int64_t next;

		if (renewal->managed.lane != lane)
			continue;
		while (renewal_step(renewals, renewal, is_time_trusted))
			;
		renewal_lock(renewal);
		next = renewal_next(renewal);
		renewal_unlock(renewal);
		if (next < soonest)
			soonest = next;
	}
	return soonest;
}

/* Of what is renewed when somebody says so the life is read then. */
static bool
acts_by_itself(const struct renewal *renewal)
{
	return renewal->managed.policy.renewal.automatic ||
	       renewal->managed.create || renewal->journal.wish ||
	       renewal->journal.stage != JOURNAL_IDLE;
}

void
renewals_note_change(struct renewals *renewals, const char *id)
{
	struct renewal *renewal = find(renewals, id);
	bool is_to_act;

	if (!renewal)
		return;
	renewal_lock(renewal);
	renewal->is_stale = true;
	is_to_act = acts_by_itself(renewal);
	renewal_unlock(renewal);
	if (is_to_act)
		renewals->world.wake(
		    renewals->world.context, renewal->managed.lane);
}

static enum error_code
find_managed(const struct renewals *renewals, const char *id,
    struct renewal **ret_renewal, struct error *err)
{
	*ret_renewal = find(renewals, id);
	if (*ret_renewal)
		return ERROR_NONE;
	return error_set(err, ERROR_NOT_FOUND,
	    "certificate '%s' is not renewed by certd; see 'renewal' in its "
	    "section of cert_issuance.certs",
	    id);
}

/* Who has been shown the candidate already wants another one. */
static enum error_code
wish(struct renewal *renewal, struct error *err)
{
	struct journal *journal = &renewal->journal;
	enum journal_wish wish = journal->wish;
	int64_t next = journal->next;

	if (journal->stage == JOURNAL_CONFIRMED && renewal->is_key_switched)
		journal->wish = JOURNAL_WANTED_AGAIN;
	else if (!journal->wish)
		journal->wish = JOURNAL_WANTED;
	journal->next = 0;
	if (journal_save(renewal->path, renewal->managed.id, journal, err)) {
		journal->wish = wish;
		journal->next = next;
		return err->code;
	}
	return ERROR_NONE;
}

enum error_code
renewals_hurry(struct renewals *renewals, const char *id, struct error *err)
{
	struct renewal *renewal;
	enum error_code code;

	if (find_managed(renewals, id, &renewal, err))
		return err->code;
	renewal_lock(renewal);
	code = wish(renewal, err);
	renewal_unlock(renewal);
	if (code == ERROR_NONE)
		renewals->world.wake(
		    renewals->world.context, renewal->managed.lane);
	return code;
}

/* ---- candidates ---- */

void
renewal_candidate_done(struct renewal_candidate *candidate)
{
	free(candidate->key);
	free(candidate->pem);
	*candidate = (struct renewal_candidate){.key = NULL};
}

static enum error_code
copy_candidate(const struct journal *journal,
    struct renewal_candidate *ret_candidate, struct error *err)
{
	CLEANUP_DONE(renewal_candidate)
	struct renewal_candidate copy = {.key = NULL};
	int64_t from, until;

	if (renewal_look_at(
		journal->certificate, copy.digest, &from, &until, err))
		return err->code;
	copy.key = strdup(journal->key);
	copy.pem = strdup(journal->certificate);
	if (!copy.key || !copy.pem)
		return error_no_memory(err);
	*ret_candidate = TAKE_CONTENTS(copy);
	return ERROR_NONE;
}

static bool
waits_for_proof(const struct renewal *renewal)
{
	return renewal->journal.stage == JOURNAL_CANDIDATE &&
	       renewal->managed.proof == RENEWAL_PROOF_USER;
}

static enum error_code
no_candidate(const char *id, struct error *err)
{
	return error_set(err, ERROR_NOT_FOUND,
	    "there is no candidate of certificate '%s'", id);
}

enum error_code
renewals_candidate(struct renewals *renewals, const char *id,
    struct renewal_candidate *ret_candidate, struct error *err)
{
	struct renewal *renewal;
	enum error_code code;

	if (find_managed(renewals, id, &renewal, err))
		return err->code;
	renewal_lock(renewal);
	code = waits_for_proof(renewal)
		   ? copy_candidate(&renewal->journal, ret_candidate, err)
		   : no_candidate(id, err);
	renewal_unlock(renewal);
	return code;
}

/* True if digest is that of what has been confirmed, or is in place already. */
static bool
was_confirmed(
    const struct journal *journal, const char *digest, const char *candidate)
{
	if (journal->stage == JOURNAL_CONFIRMED)
		return strcmp(candidate, digest) == 0;
	return strcmp(journal->leaf_digest, digest) == 0;
}

static enum error_code
confirm(struct renewal *renewal, const char *digest, struct error *err)
{
	struct journal *journal = &renewal->journal;
	char candidate[JOURNAL_DIGEST_MAX] = "";
	int64_t from, until;

	if (journal->certificate && renewal_look_at(journal->certificate,
					candidate, &from, &until, err))
		return err->code;
	if (was_confirmed(journal, digest, candidate))
		return ERROR_NONE;
	if (!waits_for_proof(renewal) || strcmp(candidate, digest) != 0)
		return no_candidate(renewal->managed.id, err);
	journal->stage = JOURNAL_CONFIRMED;
	if (journal_save(renewal->path, renewal->managed.id, journal, err)) {
		journal->stage = JOURNAL_CANDIDATE;
		return err->code;
	}
	return ERROR_NONE;
}

enum error_code
renewals_confirm(struct renewals *renewals, const char *id, const char *digest,
    struct error *err)
{
	struct renewal *renewal;
	enum error_code code;

	if (find_managed(renewals, id, &renewal, err))
		return err->code;
	renewal_lock(renewal);
	code = confirm(renewal, digest, err);
	renewal_unlock(renewal);
	if (code == ERROR_NONE)
		renewals->world.wake(
		    renewals->world.context, renewal->managed.lane);
	return code;
}

/* why->code is ERROR_NONE unless the rejection counts. */
static enum error_code
reject(const struct renewals *renewals, struct renewal *renewal,
    const char *digest, const char *reason, struct error *why,
    struct error *err)
{
	struct journal *journal = &renewal->journal;
	char candidate[JOURNAL_DIGEST_MAX];
	int64_t from, until;

	why->code = ERROR_NONE;
	if (!waits_for_proof(renewal))
		return no_candidate(renewal->managed.id, err);
	if (renewal_look_at(
		journal->certificate, candidate, &from, &until, err))
		return err->code;
	if (strcmp(candidate, digest) != 0)
		return no_candidate(renewal->managed.id, err);
	renewal_give_up(renewal);
	(void)error_set(why, ERROR_UPSTREAM, "%s", reason);
	renewal_note_failure(renewals, renewal, why, 0);
	return journal_save(renewal->path, renewal->managed.id, journal, err);
}

enum error_code
renewals_reject(struct renewals *renewals, const char *id, const char *digest,
    const char *why, struct error *err)
{
	struct renewal *renewal;
	struct error failure;
	enum error_code code;

	if (find_managed(renewals, id, &renewal, err))
		return err->code;
	renewal_lock(renewal);
	code = reject(renewals, renewal, digest, why, &failure, err);
	renewal_unlock(renewal);
	if (failure.code)
		renewals->world.failed(renewals->world.context, id, &failure);
	renewals->world.wake(renewals->world.context, renewal->managed.lane);
	return code;
}

/* ---- looking ---- */

bool
renewals_shown(struct renewals *renewals, const char *id, char **ret_pem)
{
	struct renewal *renewal = find(renewals, id);
	bool is_shown;

	if (!renewal)
		return false;
	renewal_lock(renewal);
	is_shown = renewal->is_key_switched && renewal->journal.certificate;
	if (is_shown)
		*ret_pem = strdup(renewal->journal.certificate);
	renewal_unlock(renewal);
	return is_shown;
}

/* When its life says, under the lock. */
static int64_t
due(const struct renewal *renewal)
{
	const struct policy_renewal *rule = &renewal->managed.policy.renewal;

	return rule->automatic && renewal->life.until
		   ? schedule_due(rule, &renewal->life, renewal->salt)
		   : RENEWAL_NEVER;
}

static struct renewal_status
status_of(struct renewal *renewal)
{
	const struct journal *journal = &renewal->journal;
	struct renewal_status status;

	renewal_lock(renewal);
	status = (struct renewal_status){
	    .stage = journal->stage,
	    .since = renewal->life.since,
	    .until = renewal->life.until,
	    .is_window_cut = schedule_is_cut(
		&renewal->managed.policy.renewal, &renewal->life),
	    .due = due(renewal),
	    .next = renewal_next(renewal),
	    .waits_for_user = waits_for_proof(renewal),
	    .candidate_since = journal->candidate_since,
	    .has_other_name = journal->has_other_name,
	    .is_pair_lost = renewal->is_pair_lost,
	    .is_key_fixed = renewal->is_key_fixed,
	    .is_ours = renewal->life.until && journal->is_ours,
	    .attempts = journal->attempts,
	    .failing_since = journal->failing_since,
	    .last_attempt = journal->last_attempt,
	    .last_success = journal->last_success,
	};
	(void)snprintf(
	    status.error, sizeof(status.error), "%s", journal->error);
	renewal_unlock(renewal);
	return status;
}

bool
renewals_status(struct renewals *renewals, const char *id,
    struct renewal_status *ret_status)
{
	struct renewal *renewal = find(renewals, id);

	if (renewal)
		*ret_status = status_of(renewal);
	return renewal != NULL;
}

void
renewals_each(struct renewals *renewals,
    void (*tell)(
	void *context, const char *id, const struct renewal_status *status),
    void *context)
{
	for (size_t i = 0; i < renewals->count; i++) {
		struct renewal_status status = status_of(&renewals->items[i]);

		tell(context, renewals->items[i].managed.id, &status);
	}
}

struct renewal_outlook
renewals_outlook(struct renewals *renewals)
{
	struct renewal_outlook outlook = {
	    .count = renewals->count, .next = RENEWAL_NEVER};

	for (size_t i = 0; i < renewals->count; i++) {
		struct renewal *renewal = &renewals->items[i];
		int64_t next;

		renewal_lock(renewal);
		next = renewal_next(renewal);
		outlook.failing += *renewal->journal.error != '\0';
		outlook.waiting += waits_for_proof(renewal);
		renewal_unlock(renewal);
		if (next >= outlook.next)
			continue;
		outlook.next = next;
		outlook.id = renewal->managed.id;
	}
	return outlook;
}
