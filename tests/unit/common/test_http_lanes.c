/* SPDX-License-Identifier: MIT */
/* Whose turn it is, who waited too long, who hangs: counted, never timed. */
#include "cmocka_wrap.h"

#include <string.h>

#include "http_lanes.h"

#define GREEDY 1
#define MODEST 2
#define THIRD 3
#define WAIT_MS 100
#define RUN_MS 1000

enum { DESK, SLOW };

static const struct http_lane lanes_wanted[] = {
    [DESK] = {"desk", .workers = 2, .wait_ms = WAIT_MS, .run_ms = 0     },
    [SLOW] = {"slow", .workers = 1, .wait_ms = WAIT_MS, .run_ms = RUN_MS},
};

static int
setup(void **state)
{
	struct http_lanes *lanes;
	struct error err;

	assert_int_equal(
	    http_lanes_create(lanes_wanted, 2, &lanes, &err), ERROR_NONE);
	*state = lanes;
	return 0;
}

static int
teardown(void **state)
{
	http_lanes_free(*state);
	return 0;
}

static void
push_at(struct http_lanes *lanes, struct http_ticket *ticket, unsigned lane,
    uid_t uid, int64_t now_ms)
{
	assert_int_equal(
	    http_lanes_push(lanes, ticket, lane, uid, now_ms), HTTP_PUSH_DONE);
}

static void
push(struct http_lanes *lanes, struct http_ticket *ticket, unsigned lane,
    uid_t uid)
{
	push_at(lanes, ticket, lane, uid, 0);
}

static struct http_ticket *
take(struct http_lanes *lanes, struct http_worker *worker)
{
	bool ignored;

	return http_lanes_take(lanes, worker, 0, &ignored);
}

static bool
answer(struct http_lanes *lanes, struct http_ticket *ticket)
{
	bool ignored;

	return http_lanes_answer(lanes, ticket, &ignored);
}

static struct http_lane_figures
figures_of(struct http_lanes *lanes, unsigned lane)
{
	struct http_lane_figures figures[2];

	assert_int_equal(http_lanes_figures(lanes, figures, 2), 2);
	return figures[lane];
}

static void
serves_a_uid_in_the_order_of_its_calls(void **state)
{
	struct http_ticket tickets[5] = {0};
	struct http_worker worker = {0};

	for (unsigned i = 0; i < 5; i++)
		push(*state, &tickets[i], SLOW, MODEST);
	for (unsigned i = 0; i < 5; i++)
		assert_ptr_equal(take(*state, &worker), &tickets[i]);
	assert_null(take(*state, &worker));
}

/* Issue 3: at most one foreign call per worker is served in between. */
static void
serves_the_modest_after_one_call_of_the_greedy(void **state)
{
	struct http_ticket greedy[64] = {0}, modest = {0};
	struct http_worker worker = {0};

	for (unsigned i = 0; i < 64; i++)
		push(*state, &greedy[i], SLOW, GREEDY);
	for (unsigned i = 0; i < 10; i++) {
		struct http_ticket *first;

		assert_int_equal(take(*state, &worker)->uid, GREEDY);
		push(*state, &modest, SLOW, MODEST);
		first = take(*state, &worker);
		assert_int_equal(first->uid, GREEDY);
		assert_ptr_equal(take(*state, &worker), &modest);
	}
}

static void
lets_uids_take_turns(void **state)
{
	static const uid_t expected[] = {
	    GREEDY, MODEST, THIRD, GREEDY, MODEST, GREEDY, GREEDY};
	struct http_ticket tickets[7] = {0};
	struct http_worker worker = {0};

	for (unsigned i = 0; i < 4; i++)
		push(*state, &tickets[i], SLOW, GREEDY);
	push(*state, &tickets[4], SLOW, MODEST);
	push(*state, &tickets[5], SLOW, MODEST);
	push(*state, &tickets[6], SLOW, THIRD);
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(take(*state, &worker)->uid, expected[i]);
}

static void
runs_no_more_than_a_lane_has_places(void **state)
{
	struct http_ticket tickets[3] = {0};
	struct http_worker workers[3] = {0};

	for (unsigned i = 0; i < 3; i++)
		push(*state, &tickets[i], DESK, MODEST);
	assert_ptr_equal(take(*state, &workers[0]), &tickets[0]);
	assert_ptr_equal(take(*state, &workers[1]), &tickets[1]);
	assert_null(take(*state, &workers[2]));
	assert_int_equal(figures_of(*state, DESK).running, 2);
	assert_int_equal(figures_of(*state, DESK).waiting, 1);
	assert_true(answer(*state, &tickets[0]));
	assert_ptr_equal(take(*state, &workers[2]), &tickets[2]);
	assert_int_equal(figures_of(*state, DESK).served, 3);
}

static void
holds_up_no_lane_for_another(void **state)
{
	struct http_ticket slow[8] = {0}, quick = {0};
	struct http_worker workers[2] = {0};

	for (unsigned i = 0; i < 8; i++)
		push(*state, &slow[i], SLOW, MODEST);
	assert_ptr_equal(take(*state, &workers[0]), &slow[0]);
	push(*state, &quick, DESK, MODEST);
	assert_ptr_equal(take(*state, &workers[1]), &quick);
}

static void
says_when_another_worker_is_needed(void **state)
{
	struct http_ticket tickets[3] = {0};
	struct http_worker workers[2] = {0};
	bool more;

	for (unsigned i = 0; i < 3; i++)
		push(*state, &tickets[i], DESK, MODEST);
	assert_non_null(http_lanes_take(*state, &workers[0], 0, &more));
	assert_true(more);
	assert_non_null(http_lanes_take(*state, &workers[1], 0, &more));
	assert_false(more); /* one waits, but there is no place */
}

static void
runs_as_many_as_it_is_told_later(void **state)
{
	struct http_ticket tickets[2] = {0};
	struct http_worker workers[2] = {0};
	bool is_ready;

	push(*state, &tickets[0], SLOW, MODEST);
	push(*state, &tickets[1], SLOW, MODEST);
	assert_non_null(take(*state, &workers[0]));
	assert_null(take(*state, &workers[1]));
	assert_int_equal(http_lanes_resize(*state, SLOW, 1, &is_ready), 3);
	assert_false(is_ready);
	assert_int_equal(http_lanes_resize(*state, SLOW, 2, &is_ready), 4);
	assert_true(is_ready);
	assert_non_null(take(*state, &workers[1]));
}

static void
takes_out_who_waited_too_long(void **state)
{
	struct http_ticket early = {0}, late = {0};
	struct http_worker worker = {0};
	int64_t next_ms = INT64_MAX;

	push_at(*state, &early, SLOW, GREEDY, 0);
	push_at(*state, &late, SLOW, MODEST, 50);
	assert_null(http_lanes_take_expired(*state, WAIT_MS - 1, &next_ms));
	assert_int_equal(next_ms, WAIT_MS);
	next_ms = INT64_MAX;
	assert_ptr_equal(
	    http_lanes_take_expired(*state, WAIT_MS, &next_ms), &early);
	assert_null(early.next);
	assert_int_equal(early.state, HTTP_TICKET_IDLE);
	assert_int_equal(next_ms, WAIT_MS + 50);
	assert_ptr_equal(take(*state, &worker), &late);
	assert_null(take(*state, &worker));
}

static void
says_whether_an_end_makes_room_for_another(void **state)
{
	struct http_ticket tickets[2] = {0};
	struct http_worker workers[2] = {0};
	bool more;

	push(*state, &tickets[0], SLOW, MODEST);
	push(*state, &tickets[1], SLOW, MODEST);
	assert_ptr_equal(take(*state, &workers[0]), &tickets[0]);
	assert_null(take(*state, &workers[1])); /* SLOW has one place */
	assert_true(http_lanes_answer(*state, &tickets[0], &more));
	assert_true(more);
	assert_ptr_equal(take(*state, &workers[1]), &tickets[1]);
	assert_true(http_lanes_answer(*state, &tickets[1], &more));
	assert_false(more);
}

static void
leaves_a_deferred_call_to_its_handler(void **state)
{
	struct http_ticket ticket = {0};
	struct http_worker worker = {0};

	push(*state, &ticket, SLOW, MODEST);
	assert_ptr_equal(take(*state, &worker), &ticket);
	assert_null(take(*state, &worker)); /* its place is free */
	assert_int_equal(ticket.state, HTTP_TICKET_DEFERRED);
	assert_int_equal(figures_of(*state, SLOW).running, 0);
	assert_true(answer(*state, &ticket));
}

static void
runs_a_deferred_call_again_in_another_lane(void **state)
{
	struct http_ticket ticket = {0};
	struct http_worker workers[2] = {0};

	push(*state, &ticket, DESK, MODEST);
	assert_ptr_equal(take(*state, &workers[0]), &ticket);
	/* Its handler may still be at it. */
	push(*state, &ticket, SLOW, MODEST);
	assert_ptr_equal(take(*state, &workers[1]), &ticket);
	assert_null(take(*state, &workers[0]));
	assert_int_equal(ticket.state, HTTP_TICKET_RUNNING);
	assert_int_equal(figures_of(*state, SLOW).running, 1);
	assert_int_equal(figures_of(*state, DESK).running, 0);
}

static void
writes_off_who_hangs(void **state)
{
	struct http_ticket hung = {0}, next = {0};
	struct http_worker workers[2] = {0};
	struct http_written_off late;
	int64_t when_ms = INT64_MAX;
	bool is_ready;

	push(*state, &hung, SLOW, MODEST);
	assert_ptr_equal(take(*state, &workers[0]), &hung);
	push(*state, &next, SLOW, MODEST);
	assert_false(http_lanes_write_off(*state, RUN_MS - 1, &late, &when_ms));
	assert_int_equal(when_ms, RUN_MS);
	assert_true(http_lanes_write_off(*state, RUN_MS, &late, &when_ms));
	assert_ptr_equal(late.ticket, &hung);
	assert_int_equal(late.lane, SLOW);
	assert_true(late.is_replaced);
	assert_int_equal(figures_of(*state, SLOW).written_off, 1);
	assert_false(http_lanes_write_off(*state, RUN_MS, &late, &when_ms));

	/* Its place is another worker's, and its answer goes nowhere. */
	assert_int_equal(http_lanes_resize(*state, SLOW, 1, &is_ready), 3);
	assert_true(is_ready);
	assert_ptr_equal(take(*state, &workers[1]), &next);
	assert_false(answer(*state, &hung));
	assert_int_equal(hung.state, HTTP_TICKET_ORPHANED);
	assert_null(take(*state, &workers[0]));
	assert_true(workers[0].written_off);
	assert_int_equal(figures_of(*state, SLOW).written_off, 0);
	assert_int_equal(figures_of(*state, SLOW).running, 1);
}

static void
gives_up_when_too_many_hang(void **state)
{
	static struct http_ticket tickets[HTTP_WRITTEN_OFF_MAX + 1];
	static struct http_worker workers[HTTP_WRITTEN_OFF_MAX + 1];
	struct http_ticket one_more = {0};
	struct http_written_off late;
	int64_t ignored = INT64_MAX;

	for (unsigned i = 0; i <= HTTP_WRITTEN_OFF_MAX; i++) {
		push(*state, &tickets[i], SLOW, MODEST);
		assert_ptr_equal(take(*state, &workers[i]), &tickets[i]);
		assert_true(
		    http_lanes_write_off(*state, RUN_MS, &late, &ignored));
		assert_int_equal(late.is_replaced, i < HTTP_WRITTEN_OFF_MAX);
	}
	assert_int_equal(http_lanes_push(*state, &one_more, SLOW, MODEST, 0),
	    HTTP_PUSH_HOPELESS);
	push(*state, &one_more, DESK, MODEST); /* others go on */
	assert_ptr_equal(take(*state, &workers[0]), NULL);

	/* Who was not replaced gets its place back. */
	assert_false(answer(*state, &tickets[HTTP_WRITTEN_OFF_MAX]));
	assert_false(workers[HTTP_WRITTEN_OFF_MAX].written_off);
	assert_int_equal(figures_of(*state, SLOW).places, 1);
}

static void
takes_no_more_calls_after_the_end(void **state)
{
	struct http_ticket waiting = {0}, running = {0}, late = {0};
	struct http_worker worker = {0};

	push(*state, &running, SLOW, MODEST);
	assert_ptr_equal(take(*state, &worker), &running);
	push(*state, &waiting, SLOW, MODEST);
	assert_ptr_equal(http_lanes_end(*state), &waiting);
	assert_int_equal(
	    http_lanes_push(*state, &late, SLOW, MODEST, 0), HTTP_PUSH_OVER);
	assert_false(http_lanes_orphan(*state, &waiting));
	assert_true(http_lanes_orphan(*state, &running));
	assert_int_equal(http_lanes_push(*state, &running, SLOW, MODEST, 0),
	    HTTP_PUSH_ORPHANED);
	assert_false(answer(*state, &running));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(serves_a_uid_in_the_order_of_its_calls),
	    TEST(serves_the_modest_after_one_call_of_the_greedy),
	    TEST(lets_uids_take_turns),
	    TEST(runs_no_more_than_a_lane_has_places),
	    TEST(holds_up_no_lane_for_another),
	    TEST(says_when_another_worker_is_needed),
	    TEST(runs_as_many_as_it_is_told_later),
	    TEST(takes_out_who_waited_too_long),
	    TEST(says_whether_an_end_makes_room_for_another),
	    TEST(leaves_a_deferred_call_to_its_handler),
	    TEST(runs_a_deferred_call_again_in_another_lane),
	    TEST(writes_off_who_hangs),
	    TEST(gives_up_when_too_many_hang),
	    TEST(takes_no_more_calls_after_the_end),
	};

	return cmocka_run_group_tests_name("http_lanes", tests, NULL, NULL);
}
