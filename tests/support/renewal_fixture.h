/* SPDX-License-Identifier: MIT */
/* One certificate that is renewed in the world of renewal_world.h. */
#ifndef RENEWAL_FIXTURE_H
#define RENEWAL_FIXTURE_H

#include "renewal_world.h"

#define RENEWAL_FIXTURE_ID "device-id"
#define RENEWAL_FIXTURE_KEY RENEWAL_FIXTURE_ID RENEWAL_KEY_SUFFIX

struct renewal_fixture {
	void *scratch;
	struct renewal_fake fake;
	struct renewals *renewals;
	enum renewal_proof proof;
	bool rotate_key;
};

/* A pair that is in place, valid for 100 days from FIXTURE_NOW on. */
void renewal_fixture_open(
    struct renewal_fixture *fixture, enum renewal_proof proof, bool rotate_key);
void renewal_fixture_close(struct renewal_fixture *fixture);

/* A process begins with what is in fixture->scratch. */
void renewal_fixture_start(struct renewal_fixture *fixture);

/* Another one goes on with what the last one has left. */
void renewal_fixture_restart(struct renewal_fixture *fixture);

struct renewal_status renewal_fixture_status(
    const struct renewal_fixture *fixture);

/* Works until there is nothing to do at this time; returns what is next. */
int64_t renewal_fixture_work(struct renewal_fixture *fixture);

/* Lets time pass until there is something to do, and does it. */
void renewal_fixture_work_when_due(struct renewal_fixture *fixture);

/* The candidate is confirmed, thrice, and takes its place. */
void renewal_fixture_confirm(struct renewal_fixture *fixture);

/* Another pair than that with old_pem is in place and nothing is under way. */
void renewal_fixture_assert_renewed(
    struct renewal_fixture *fixture, const char *old_pem);

#endif
