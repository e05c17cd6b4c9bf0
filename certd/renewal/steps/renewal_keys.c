/* SPDX-License-Identifier: MIT */
/* Which key a renewal is for. */
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "renewals_inside.h"

/* From the second on they have a number, of one digit. */
#define NAMES_MAX 9

static enum error_code
check_key(const struct renewals *renewals, const struct renewal *renewal,
    struct error *err)
{
	const struct renewal_world *world = &renewals->world;
	const char *key = renewal->managed.policy.pk;
	char digest[JOURNAL_DIGEST_MAX];

	if (renewal->life.until == 0 || renewal->managed.create ||
	    world->key_digest(world->context, key, digest, err) == ERROR_NONE)
		return ERROR_NONE;
	if (err->code != ERROR_NOT_FOUND)
		return err->code;
	return error_set(err, ERROR_INVALID,
	    "keyd has no key pair '%s': it is renewed by the program that has "
	    "its key, with a request of its own",
	    key);
}

static char *
name_of_next(const struct renewal *renewal, unsigned number)
{
	const char *key = renewal->managed.policy.pk;

	return number == 1
		   ? string_format("%s" RENEWAL_KEY_SUFFIX, key)
		   : string_format("%s" RENEWAL_KEY_SUFFIX "-%u", key, number);
}

/* Whether a key pair is there that is not what the last renewal has left. */
static enum error_code
is_taken(const struct renewals *renewals, const struct renewal *renewal,
    const char *key, bool *ret_is, struct error *err)
{
	const struct renewal_world *world = &renewals->world;
	char digest[JOURNAL_DIGEST_MAX];
	enum error_code code =
	    world->key_digest(world->context, key, digest, err);

	if (code && code != ERROR_NOT_FOUND)
		return code;
	*ret_is = !code && strcmp(digest, renewal->journal.key_digest) != 0;
	return ERROR_NONE;
}

enum error_code
renewals_refuse_fixed_key(const char *key, struct error *err)
{
	return error_set(err, ERROR_INVALID,
	    "key '%s' is loaded from elsewhere (preloaded_keys of keyd), and "
	    "no "
	    "other can take its place when the certificate is renewed; say "
	    "'rotate_key: false'",
	    key);
}

static enum error_code
check_place(const struct renewals *renewals, const struct renewal *renewal,
    struct error *err)
{
	const struct renewal_world *world = &renewals->world;
	const char *key = renewal->managed.policy.pk;
	bool is_fixed;

	if (world->is_fixed(world->context, key, &is_fixed, err))
		return err->code;
	return is_fixed ? renewals_refuse_fixed_key(key, err) : ERROR_NONE;
}

/* What was configured before there were other names has no rights to them. */
static enum error_code
say_what_is_taken(
    const struct renewal *renewal, const char *next, struct error *err)
{
	if (err->code != ERROR_DENIED)
		return err->code;
	return error_wrap(err,
	    "'%s" RENEWAL_KEY_SUFFIX
	    "' is taken, and certd lacks rights to '%s'; 'signetctl config "
	    "apply', or delete the former",
	    renewal->managed.policy.pk, next);
}

/* Sooner than standing still until the certificate ends: by another name. */
static enum error_code
choose_next(const struct renewals *renewals, const struct renewal *renewal,
    char **ret_key, struct error *err)
{
	for (unsigned number = 1; number <= NAMES_MAX; number++) {
		CLEANUP(string) char *key = name_of_next(renewal, number);
		bool is = false;

		if (!key)
			return error_no_memory(err);
		if (is_taken(renewals, renewal, key, &is, err))
			return number > 1 ? say_what_is_taken(renewal, key, err)
					  : err->code;
		if (!is) {
			*ret_key = TAKE(key);
			return ERROR_NONE;
		}
	}
	return error_set(err, ERROR_INVALID,
	    "keyd has key pairs '%s" RENEWAL_KEY_SUFFIX
	    "' to '%s" RENEWAL_KEY_SUFFIX
	    "-%d', which certd does not know to be its own "
	    "and will not replace; delete what nobody needs ('signetctl key "
	    "delete'), or say 'rotate_key: false'",
	    renewal->managed.policy.pk, renewal->managed.policy.pk, NAMES_MAX);
}

char *
renewals_describe_other_name(const char *key)
{
	return string_format("keyd has a key pair '%s" RENEWAL_KEY_SUFFIX
			     "' that certd does not know to be its own, and "
			     "the next key is made under another name; if "
			     "nobody needs it: 'signetctl key delete "
			     "%s" RENEWAL_KEY_SUFFIX "'",
	    key, key);
}

static void
note_other_name(const struct renewals *renewals, const struct renewal *renewal)
{
	const struct renewal_world *world = &renewals->world;
	CLEANUP(string)
	char *text = renewals_describe_other_name(renewal->managed.policy.pk);

	if (text)
		world->noted(world->context, renewal->managed.id, text);
}

bool
renewal_is_other_name(const struct renewal *renewal, const char *key)
{
	CLEANUP(string) char *first = name_of_next(renewal, 1);

	return strcmp(key, renewal->managed.policy.pk) != 0 && first &&
	       strcmp(key, first) != 0;
}

enum error_code
renewal_choose_key(const struct renewals *renewals,
    const struct renewal *renewal, char **ret_key, struct error *err)
{
	const struct policy *policy = &renewal->managed.policy;
	CLEANUP(string) char *key = NULL;

	if (check_key(renewals, renewal, err))
		return err->code;
	if (policy->renewal.rotate_key && renewal->life.until != 0) {
		if (check_place(renewals, renewal, err) ||
		    choose_next(renewals, renewal, &key, err))
			return err->code;
		if (renewal_is_other_name(renewal, key))
			note_other_name(renewals, renewal);
	} else {
		key = strdup(policy->pk);
		if (!key)
			return error_no_memory(err);
	}
	*ret_key = TAKE(key);
	return ERROR_NONE;
}

/* A configuration that cannot be is not to come out when it is due. */
static void
set_fixed(
    const struct renewals *renewals, struct renewal *renewal, bool is_fixed)
{
	const struct renewal_world *world = &renewals->world;
	bool was_fixed;
	struct error why;

	renewal_lock(renewal);
	was_fixed = renewal->is_key_fixed;
	renewal->is_key_fixed = is_fixed;
	renewal_unlock(renewal);
	if (was_fixed || !is_fixed)
		return;
	(void)renewals_refuse_fixed_key(renewal->managed.policy.pk, &why);
	world->noted(world->context, renewal->managed.id, why.message);
}

/*
 * False, and why: what it is cannot be told now. Otherwise *err says why it is
 * lost, if it is.
 */
static bool
look_at_pair(const struct renewals *renewals, const struct renewal *renewal,
    bool is_there, bool *ret_is_lost, bool *ret_is_fixed, struct error *err)
{
	const struct renewal_world *world = &renewals->world;
	const struct managed *managed = &renewal->managed;
	enum error_code code = ERROR_NONE;
	struct error trouble;

	if (is_there)
		code = world->check_pair(world->context, managed, err);
	*ret_is_lost = code == ERROR_INVALID;
	*ret_is_fixed = false;
	if (code && !*ret_is_lost)
		return false;
	/* What is as it was is not asked again. */
	if ((!*ret_is_lost && renewal->is_key_known) ||
	    !world->is_fixed(
		world->context, managed->policy.pk, ret_is_fixed, &trouble))
		return true;
	*err = trouble;
	return false;
}

static bool
is_away(enum error_code code)
{
	return code == ERROR_UNAVAILABLE || code == ERROR_TIMEOUT;
}

/* A key that takes another's place by itself. */
static bool
rotates(const struct renewal *renewal)
{
	const struct policy_renewal *rule = &renewal->managed.policy.renewal;

	return rule->automatic && rule->rotate_key;
}

/* Whether the pair in place is looked at while the journal is in this stage. */
static bool
is_looked_at(const struct renewal *renewal, enum journal_stage stage)
{
	if (renewal->managed.create)
		return stage == JOURNAL_IDLE || stage == JOURNAL_KEY ||
		       stage == JOURNAL_ASKED;
	return stage == JOURNAL_IDLE && !renewal->is_key_known &&
	       rotates(renewal);
}

/*
 * What is on its way already may wait by a life that is of no use now: it goes
 * on at once, but once only.
 */
static void
note_loss(struct renewal *renewal, bool is_lost, bool is_on_its_way)
{
	renewal_lock(renewal);
	if (is_lost && is_on_its_way && !renewal->is_pair_lost) {
		renewal->journal.next = 0;
		if (!renewal->journal.wish)
			renewal->journal.wish = JOURNAL_WANTED;
	}
	renewal->is_pair_lost = is_lost;
	renewal_unlock(renewal);
}

bool
renewal_has_lost_pair(const struct renewals *renewals, struct renewal *renewal,
    struct error *ret_why)
{
	enum journal_stage stage;
	bool may_try, is_there, is_lost, is_fixed;

	renewal_lock(renewal);
	stage = renewal->journal.stage;
	may_try = renewal->journal.next <= renewal_now(renewals);
	is_there = renewal->life.until != 0;
	renewal_unlock(renewal);
	renewal->looks_again = false;
	if (!is_looked_at(renewal, stage))
		return false;
	if (!look_at_pair(
		renewals, renewal, is_there, &is_lost, &is_fixed, ret_why)) {
		renewal->looks_again = is_away(ret_why->code);
		return false;
	}
	set_fixed(renewals, renewal, is_fixed && rotates(renewal));
	is_lost = is_lost && !is_fixed;
	renewal->is_key_known = !is_lost && !is_fixed;
	note_loss(renewal, is_lost, stage != JOURNAL_IDLE);
	if (stage != JOURNAL_IDLE)
		return false;
	renewal->looks_again = is_lost;
	return is_lost && may_try;
}

bool
renewals_look_again(const struct renewals *renewals, unsigned lane)
{
	for (size_t i = 0; i < renewals->count; i++)
		if (renewals->items[i].managed.lane == lane &&
		    renewals->items[i].looks_again)
			return true;
	return false;
}
