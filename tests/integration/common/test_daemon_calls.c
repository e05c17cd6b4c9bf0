/* SPDX-License-Identifier: MIT */
/* What becomes of calls that wait, are deferred, or meet the end of the daemon.
 */
#include "cmocka_wrap.h"

#include <linux/sockios.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/time.h"
#include "daemon_fixture.h"

/* So long a daemon that stops waits for who is served: http_server.h. */
#define STOP_TIMEOUT_MS 5000

#define V "?api-version=2026-12-01"

/* Sends a request, and waits until it has been read, but not for the answer. */
static int
ask(const struct daemon_place *place, const char *request)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int unread;

	memcpy(address.sun_path, place->path, sizeof(place->path));
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(
	    send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	while (ioctl(fd, SIOCOUTQ, &unread) == 0 && unread > 0)
		time_sleep_ms(1);
	return fd;
}

static void
assert_answer(int fd, const char *start)
{
	char answer[1024];
	ssize_t length = recv(fd, answer, sizeof(answer) - 1, 0);

	assert_true(length > 0);
	answer[length] = '\0';
	assert_memory_equal(answer, start, strlen(start));
	(void)close(fd);
}

static void
says_when_no_worker_was_free_in_time(void **state)
{
	struct daemon_place *place = *state;
	pid_t daemon = daemon_launch(place);
	struct error err;
	int slow;

	daemon_hold(place);
	slow = ask(place, "GET /slow" V " HTTP/1.1\r\n\r\n");
	daemon_await_held(place);
	assert_int_equal(
	    daemon_get(place, "/health" V, NULL, &err), ERROR_UNAVAILABLE);
	daemon_release(place);
	assert_answer(slow, "HTTP/1.1 200 OK\r\n");
	daemon_end(place, daemon, SIGTERM);
}

static void
answers_what_was_deferred(void **state)
{
	struct daemon_place *place = *state;
	pid_t daemon = daemon_launch(place);
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	assert_int_equal(
	    daemon_get(place, "/later" V, &body, &err), ERROR_NONE);
	assert_true(json_is_true(json_object_get(body, "later")));
	daemon_end(place, daemon, SIGTERM);
}

static void
tells_everybody_when_it_stops(void **state)
{
	struct daemon_place *place = *state;
	pid_t daemon = daemon_launch(place);
	int never = ask(place, "GET /never" V " HTTP/1.1\r\n\r\n");
	int slow, queued;
	int64_t begin_ms;
	bool has_waited;

	daemon_hold(place);
	slow = ask(place, "GET /slow" V " HTTP/1.1\r\n\r\n");
	daemon_await_held(place);
	queued = ask(place, "GET /health" V " HTTP/1.1\r\n\r\n");
	begin_ms = time_monotonic_ms();
	assert_int_equal(kill(daemon, SIGTERM), 0);
	daemon_assert_notified(place, "STOPPING=1");
	assert_answer(queued, "HTTP/1.1 503 ");
	daemon_release(place);
	assert_int_equal(daemon_wait(daemon), 0);
	/* On a busy machine it may have given up before it was released. */
	has_waited = time_monotonic_ms() - begin_ms < STOP_TIMEOUT_MS;
	assert_answer(never, "HTTP/1.1 503 ");
	assert_answer(slow, has_waited ? "HTTP/1.1 200 " : "HTTP/1.1 ");
}

static void
ends_although_a_call_never_returns(void **state)
{
	struct daemon_place *place = *state;
	pid_t daemon = daemon_launch(place);
	struct error err;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(daemon_get(place, "/stuck" V, NULL, &err),
		    ERROR_UNAVAILABLE);
		assert_non_null(strstr(err.message, "stuck in the middle"));
	}
	assert_int_equal(
	    daemon_get(place, "/health" V, NULL, &err), ERROR_NONE);
	daemon_end(place, daemon, SIGTERM);
}

static void
answers_who_waits_when_it_ends_with_a_stuck_call(void **state)
{
	struct daemon_place *place = *state;
	pid_t daemon = daemon_launch(place);
	int stuck = ask(place, "GET /stuck" V " HTTP/1.1\r\n\r\n");

	daemon_end(place, daemon, SIGTERM);
	assert_answer(stuck, "HTTP/1.1 503 ");
}

/* The next message to the service manager is not a ping for so long. */
static bool
is_silent(struct daemon_place *place, int64_t milliseconds)
{
	int64_t end_ms = time_monotonic_ms() + milliseconds;
	char message[64];

	while (time_monotonic_ms() < end_ms) {
		if (recv(place->notified, message, sizeof(message),
			MSG_DONTWAIT) > 0)
			return false;
		time_sleep_ms(5);
	}
	return true;
}

static void
pings_the_watchdog_while_it_is_alive(void **state)
{
	struct daemon_place *place = *state;
	struct error err;
	pid_t daemon;

	assert_int_equal(setenv("WATCHDOG_USEC", "40000", 1), 0);
	daemon = daemon_launch(place);
	assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
	for (int i = 0; i < 5; i++)
		daemon_assert_notified(place, "WATCHDOG=1");
	assert_int_equal(daemon_get(place, "/ill" V, NULL, &err), ERROR_NONE);
	while (!is_silent(place, 400))
		;
	assert_int_equal(kill(daemon, SIGTERM), 0);
	assert_int_equal(daemon_wait(daemon), 0);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, daemon_fixture_setup, daemon_fixture_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(says_when_no_worker_was_free_in_time),
	    TEST(answers_what_was_deferred),
	    TEST(tells_everybody_when_it_stops),
	    TEST(ends_although_a_call_never_returns),
	    TEST(answers_who_waits_when_it_ends_with_a_stuck_call),
	    TEST(pings_the_watchdog_while_it_is_alive),
	};

	return cmocka_run_group_tests_name("daemon calls", tests, NULL, NULL);
}
