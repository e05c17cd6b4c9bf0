/* SPDX-License-Identifier: MIT */
/*
 * Every event in every state of provisioning: what must hold of all of them,
 * and that docs/provisioning-states.md has the table as it is.
 */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "machine.h"

#define PAGE DOCS_DIRECTORY "/provisioning-states.md"
#define PAGE_MAX ((size_t)64 * 1024)

typedef void visit(enum machine_state state, enum machine_event event,
    struct machine_step step);

static void
for_each(visit *visitor)
{
	for (int state = 0; state < MACHINE_STATES; state++)
		for (int event = 0; event < MACHINE_EVENTS; event++)
			visitor((enum machine_state)state,
			    (enum machine_event)event,
			    machine_next((enum machine_state)state,
				(enum machine_event)event));
}

static bool
has_identity(enum machine_state state)
{
	return machine_callers(state) == CALLERS_GET_IDENTITY;
}

/* The stored assignment of this very device may come to count. */
static bool
has_something_to_lose(enum machine_state state)
{
	return has_identity(state) || state == STATE_VERIFYING;
}

static void
check_loss(enum machine_state state, enum machine_event event,
    struct machine_step step)
{
	if (!has_something_to_lose(state) || has_something_to_lose(step.next))
		return;
	print_message("%s --%s--> %s\n", machine_state_name(state),
	    machine_event_name(event), machine_state_name(step.next));
	assert_true(event == EVENT_REFUSED || event == EVENT_MISSING);
}

static void
only_a_refusal_or_another_device_takes_the_assignment(void **state)
{
	(void)state;
	for_each(check_loss);
}

static void
check_act(enum machine_state state, enum machine_event event,
    struct machine_step step)
{
	if (step.act == ACT_FORGET) {
		assert_int_equal(event, EVENT_REFUSED);
		assert_true(has_something_to_lose(state));
		assert_int_equal(step.next, STATE_FAILED);
	}
	if (step.act == ACT_SAVE)
		assert_int_equal(event, EVENT_ASSIGNED);
	if (machine_asks(state) && event == EVENT_ASSIGNED) {
		assert_int_equal(step.act, ACT_SAVE);
		assert_int_equal(step.next, STATE_PROVISIONED);
	}
}

static void
saves_what_is_assigned_and_forgets_what_is_refused(void **state)
{
	(void)state;
	for_each(check_act);
}

static void
check_failures(enum machine_state state, enum machine_event event,
    struct machine_step step)
{
	if (!machine_asks(state))
		return;
	if (event == EVENT_PASSING)
		assert_int_not_equal(
		    machine_callers(step.next), CALLERS_GET_REASON);
	if (event == EVENT_REFUSED)
		assert_int_equal(step.next, STATE_FAILED);
	if (event == EVENT_PASSING || event == EVENT_WRONG ||
	    event == EVENT_REFUSED)
		assert_true(machine_asks(step.next));
}

static void
goes_on_asking_after_each_failure(void **state)
{
	(void)state;
	for_each(check_failures);
}

/* Agents take it for a reason to reprovision if they are turned away. */
static void
check_patience(enum machine_state state, enum machine_event event,
    struct machine_step step)
{
	if (machine_callers(step.next) != CALLERS_GET_REASON ||
	    machine_callers(state) == CALLERS_GET_REASON)
		return;
	assert_true(event == EVENT_WRONG || event == EVENT_REFUSED ||
		    event == EVENT_NO_SOURCE);
}

static void
turns_callers_away_only_if_somebody_must_act(void **state)
{
	(void)state;
	for_each(check_patience);
}

static void
reaches_every_state_from_the_start(void **state)
{
	bool reached[MACHINE_STATES] = {[STATE_STARTING] = true};

	(void)state;
	for (int round = 0; round < MACHINE_STATES; round++)
		for (int from = 0; from < MACHINE_STATES; from++)
			for (int event = 0;
			     reached[from] && event < MACHINE_EVENTS; event++)
				reached[machine_next((enum machine_state)from,
				    (enum machine_event)event)
					    .next] = true;
	for (int i = 0; i < MACHINE_STATES; i++)
		assert_true(reached[i]);
}

/* Where the proof is another one than that of what is stored. */
static bool
can_be_put_back(enum machine_state state, enum machine_event event)
{
	return (state == STATE_ASKING || state == STATE_WAITING ||
		   state == STATE_FAILED) &&
	       (event == EVENT_STORED || event == EVENT_STORED_OTHER);
}

static void
decides_what_is_stored_is_worth_when_it_is_found_or_put_back(void **state)
{
	static const enum machine_event looks[] = {EVENT_STORED,
	    EVENT_STORED_FIRST, EVENT_STORED_OLD, EVENT_STORED_OTHER};

	(void)state;
	for (int from = 0; from < MACHINE_STATES; from++)
		for (unsigned i = 0; i < sizeof(looks) / sizeof(looks[0]);
		     i++) {
			struct machine_step step =
			    machine_next((enum machine_state)from, looks[i]);

			if (machine_is_undecided((enum machine_state)from))
				assert_false(machine_is_undecided(step.next));
			else if (from == STATE_PROVISIONED &&
				 looks[i] == EVENT_STORED_OLD)
				assert_int_equal(step.next, STATE_RENEWING);
			else if (can_be_put_back(
				     (enum machine_state)from, looks[i]))
				assert_int_equal(machine_callers(step.next),
				    CALLERS_GET_IDENTITY);
			else
				assert_int_equal(step.next, from);
		}
}

/* What is stored may turn out to be another device's in any state. */
static void
asks_for_what_is_missing_wherever_something_was_used(void **state)
{
	(void)state;
	for (int from = 0; from < MACHINE_STATES; from++) {
		enum machine_state next =
		    machine_next((enum machine_state)from, EVENT_MISSING).next;

		if (machine_is_undecided((enum machine_state)from) ||
		    has_something_to_lose((enum machine_state)from))
			assert_int_equal(next, STATE_ASKING);
		else
			assert_int_equal(next, from);
	}
}

/* --- the page ------------------------------------------------------------- */

static const char *const callers[] = {
    [CALLERS_WAIT] = "wait",
    [CALLERS_GET_IDENTITY] = "get the identity",
    [CALLERS_GET_REASON] = "get the reason",
};
static const char *const acts[] = {
    [ACT_KEEP] = "kept", [ACT_SAVE] = "replaced", [ACT_FORGET] = "removed"};

static char page[PAGE_MAX];

static void
assert_on_page(const char *line)
{
	if (!strstr(page, line))
		fail_msg("the page lacks:%s", line);
}

static unsigned changes;

static void
check_row(enum machine_state state, enum machine_event event,
    struct machine_step step)
{
	CLEANUP(string) char *line = NULL;

	if (step.next == state && step.act == ACT_KEEP)
		return;
	changes++;
	line = string_format("\n| %s | %s | %s | %s |\n",
	    machine_state_name(state), machine_event_name(event),
	    machine_state_name(step.next), acts[step.act]);
	assert_on_page(line);
}

static void
the_page_has_the_table_as_it_is(void **state)
{
	CLEANUP(string) char *text = NULL;
	struct error err;
	size_t length;
	unsigned rows = 0;

	(void)state;
	if (file_read(PAGE, PAGE_MAX - 1, &text, &length, &err))
		fail_msg("%s", err.message);
	(void)snprintf(page, sizeof(page), "%s", text);
	for (int i = 0; i < MACHINE_STATES; i++) {
		CLEANUP(string)
		char *line = string_format("\n| `%s` | %s | %s |",
		    machine_state_name((enum machine_state)i),
		    callers[machine_callers((enum machine_state)i)],
		    machine_asks((enum machine_state)i) ? "yes" : "no");

		assert_on_page(line);
	}
	changes = 0;
	for_each(check_row);
	for (int i = 0; i < MACHINE_STATES; i++) {
		CLEANUP(string)
		char *begin = string_format(
		    "\n| %s | ", machine_state_name((enum machine_state)i));

		for (const char *at = strstr(page, begin); at;
		     at = strstr(at + 1, begin))
			rows++;
	}
	assert_int_equal(rows, changes);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		only_a_refusal_or_another_device_takes_the_assignment),
	    cmocka_unit_test(
		saves_what_is_assigned_and_forgets_what_is_refused),
	    cmocka_unit_test(goes_on_asking_after_each_failure),
	    cmocka_unit_test(turns_callers_away_only_if_somebody_must_act),
	    cmocka_unit_test(reaches_every_state_from_the_start),
	    cmocka_unit_test(
		decides_what_is_stored_is_worth_when_it_is_found_or_put_back),
	    cmocka_unit_test(
		asks_for_what_is_missing_wherever_something_was_used),
	    cmocka_unit_test(the_page_has_the_table_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
