/* SPDX-License-Identifier: MIT */
/*
 * Two hundred certificates that live for two minutes, over fifteen renewals of
 * each, in a time that jumps from one event to the next: the clock of
 * common/time.h is the test's.
 */
#include "cmocka_wrap.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "common/time.h"
#include "fake_clock.h"
#include "renewal_world.h"
#include "renewals_inside.h"
#include "scratch.h"

#define CERTIFICATES 200
#define RENEWALS 15
#define LIFETIME_SECONDS 120
#define LANES 4

static char ids[CERTIFICATES][16];
static int64_t until[CERTIFICATES]; /* of the certificate in place */
static unsigned renewed[CERTIFICATES];

static bool has_failed[CERTIFICATES]; /* since it was renewed */
static struct renewal_world plain;

static void set_clock(struct renewal_fake *fake, int64_t when);

static unsigned
number_of(const char *id)
{
	unsigned number = 0;

	while (strcmp(ids[number], id) != 0)
		number++;
	return number;
}

/*
 * Issuing takes a tenth of a second, on each lane at once; those of a lane wait
 * for each other. Every tenth request meets a server that is away, but for none
 * twice.
 */

static enum error_code
obtain(void *context, const struct managed *managed, const char *key_id,
    char **ret_pem, int64_t *ret_wait_seconds, struct error *err)
{
	static unsigned count;
	bool *has = &has_failed[number_of(managed->id)];

	*ret_wait_seconds = 0;
	if (++count % (10 * LANES) == 0)
		set_clock(context, time_now() + 1);
	if (count % 10 == 0 && !*has) {
		*has = true;
		return error_set(err, ERROR_UNAVAILABLE, "it is away");
	}
	return plain.obtain(
	    context, managed, key_id, ret_pem, ret_wait_seconds, err);
}

/* As the engine asks for it. */
static int64_t
now(void *context)
{
	(void)context;
	return time_now();
}

static void
set_clock(struct renewal_fake *fake, int64_t when)
{
	fake_clock_set(when);
	fake->now = when; /* by which it issues */
}

static void
assert_valid(unsigned number)
{
	if (time_now() >= until[number])
		fail_msg("'%s' ended %" PRId64 " seconds ago", ids[number],
		    time_now() - until[number]);
}

/* The new one must be valid already, and the old one still. */
static enum error_code
replace(void *context, const char *id, const char *pem, struct error *err)
{
	char digest[JOURNAL_DIGEST_MAX];
	const unsigned number = number_of(id);
	int64_t from;

	assert_valid(number);
	if (renewal_look_at(pem, digest, &from, &until[number], err))
		return err->code;
	if (from > time_now())
		fail_msg("'%s' is not valid yet", id);
	renewed[number]++;
	has_failed[number] = false;
	return plain.replace(context, id, pem, err);
}

static struct managed
manage(unsigned number)
{
	(void)snprintf(ids[number], sizeof(ids[number]), "cert-%u", number);
	return (struct managed){
	    .id = strdup(ids[number]),
	    .policy = {.id = ids[number],
		       .pk = ids[number],
		       .renewal = {.automatic = true,
		    .window = {80, POLICY_PERCENT},
		    .retry = {4, POLICY_PERCENT},
		    .rotate_key = number % 2}},
	    .proof = number % 4 ? RENEWAL_PROOF_NONE : RENEWAL_PROOF_EST,
	    .create = number == 0,
	    .lane = number % LANES,
	};
}

static unsigned
least_renewed(void)
{
	unsigned least = renewed[0];

	for (unsigned i = 1; i < CERTIFICATES; i++)
		if (renewed[i] < least)
			least = renewed[i];
	return least;
}

/*
 * Everything that is due, and then the time of what is due next, until which
 * everything is valid.
 */
static void
pass_time(struct renewal_fake *fake, struct renewals *renewals)
{
	int64_t soonest = RENEWAL_NEVER;

	for (unsigned lane = 0; lane < LANES; lane++) {
		int64_t next = renewals_work(renewals, lane, true);

		if (next < soonest)
			soonest = next;
	}
	assert_true(soonest != RENEWAL_NEVER);
	/* While the others were worked on it may have become due. */
	if (soonest > time_now())
		set_clock(fake, soonest);
	for (unsigned i = 0; i < CERTIFICATES; i++)
		assert_valid(i);
}

static void
keeps_all_of_them_valid_all_the_time(void **state)
{
	struct managed managed[CERTIFICATES];
	struct renewal_fake fake;
	struct renewal_world world;
	struct renewals *renewals;
	struct error problem, err;

	renewal_fake_open(&fake);
	fake.lifetime = LIFETIME_SECONDS;
	set_clock(&fake, fake.now);
	plain = world = renewal_fake_world(&fake);
	world.now = now;
	world.obtain = obtain;
	world.replace = replace;
	for (unsigned i = 0; i < CERTIFICATES; i++) {
		managed[i] = manage(i);
		renewal_fake_put_pair(&fake, ids[i], ids[i]);
		until[i] = fake.now + LIFETIME_SECONDS;
	}
	if (renewals_create(managed, CERTIFICATES, *state, &world, &renewals,
		&problem, &err))
		fail_msg("%s", err.message);
	while (least_renewed() < RENEWALS)
		pass_time(&fake, renewals);
	for (unsigned i = 0; i < CERTIFICATES; i++)
		assert_true(renewal_fake_is_pair(&fake, ids[i], ids[i]));
	/* Nobody was renewed much more often than he had to be. */
	assert_true(fake.issued < CERTIFICATES * (RENEWALS + 5));
	assert_int_equal(fake.key_count, CERTIFICATES);
	renewals_free(renewals);
	renewal_fake_close(&fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		keeps_all_of_them_valid_all_the_time, scratch_create,
		scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
