/* SPDX-License-Identifier: MIT */
/*
 * A unit is started over a real bus of D-Bus, on which the test is systemd. The
 * calls, and what becomes of them, are systemd's own.
 */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "common/file.h"
#include "common/time.h"
#include "scratch.h"
#include "unit.h"

#define READY_MS 60000
#define SLICE_US 20000

/* A bus that lets everybody own and call everything. */
#define BUS                                                                    \
	"<!DOCTYPE busconfig PUBLIC "                                          \
	"\"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" "             \
	"\"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">"     \
	"<busconfig><type>system</type><listen>unix:path=%s/bus</listen>"      \
	"<auth>EXTERNAL</auth><policy context=\"default\">"                    \
	"<allow own=\"*\"/><allow send_destination=\"*\"/>"                    \
	"<allow receive_sender=\"*\"/><allow user=\"*\"/>"                     \
	"</policy></busconfig>"

static struct {
	void *directory;
	pid_t bus;
	pthread_t thread;
	atomic_bool is_ready;
	atomic_bool stops;
	const char *refusal; /* the name of a D-Bus error, or NULL */
	atomic_uint starts;
	char unit[128]; /* of the last call, and how it was to be started */
	char mode[32];
} fake;

static int
start_unit(sd_bus_message *message, void *context, sd_bus_error *err)
{
	const char *unit, *mode;
	int result = sd_bus_message_read(message, "ss", &unit, &mode);

	(void)context;
	if (result < 0)
		return result;
	if (fake.refusal)
		return sd_bus_error_set(err, fake.refusal, "so it was told");
	(void)snprintf(fake.unit, sizeof(fake.unit), "%s", unit);
	(void)snprintf(fake.mode, sizeof(fake.mode), "%s", mode);
	atomic_fetch_add(&fake.starts, 1);
	return sd_bus_reply_method_return(
	    message, "o", "/org/freedesktop/systemd1/job/1");
}

static const sd_bus_vtable manager[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD(
	"StartUnit", "ss", "o", start_unit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

/* NULL, or what could not be done. */
static const char *
open_systemd(sd_bus **ret_bus)
{
	int64_t end = time_monotonic_ms() + READY_MS;
	int result;

	do {
		result = sd_bus_open_system(ret_bus);
		if (result < 0)
			(void)usleep(SLICE_US);
	} while (result < 0 && time_monotonic_ms() < end);
	if (result < 0)
		return "no bus";
	if (sd_bus_add_object_vtable(*ret_bus, NULL,
		"/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
		manager, NULL) < 0)
		return "no object";
	if (sd_bus_request_name(*ret_bus, "org.freedesktop.systemd1", 0) < 0)
		return "no name";
	return NULL;
}

static void *
be_systemd(void *context)
{
	const char **problem = context;
	sd_bus *bus = NULL;

	*problem = open_systemd(&bus);
	atomic_store(&fake.is_ready, true);
	while (!*problem && !atomic_load(&fake.stops))
		if (sd_bus_process(bus, NULL) == 0)
			(void)sd_bus_wait(bus, SLICE_US);
	sd_bus_flush_close_unref(bus);
	return NULL;
}

/* On the test's own thread, before there are others. */
static void
start_bus(void)
{
	CLEANUP(string) char *text = string_format(BUS, (char *)fake.directory);
	CLEANUP(string)
	char *path = string_format("%s/bus.conf", (char *)fake.directory);
	CLEANUP(string)
	char *option = string_format("--config-file=%s", path);
	CLEANUP(string)
	char *address =
	    string_format("unix:path=%s/bus", (char *)fake.directory);
	struct error err;

	if (file_write(path, text, strlen(text), 0644, &err))
		fail_msg("%s", err.message);
	assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1), 0);
	fake.bus = fork();
	assert_true(fake.bus >= 0);
	if (fake.bus == 0) {
		(void)execlp("dbus-daemon", "dbus-daemon", "--nofork",
		    "--nopidfile", option, (char *)NULL);
		_exit(127);
	}
}

static int
setup(void **state)
{
	static const char *problem;
	int64_t end = time_monotonic_ms() + 2 * READY_MS;

	memset(&fake, 0, sizeof(fake));
	if (scratch_create(&fake.directory))
		return -1;
	start_bus();
	if (pthread_create(&fake.thread, NULL, be_systemd, &problem))
		return -1;
	while (!atomic_load(&fake.is_ready) && time_monotonic_ms() < end)
		(void)usleep(SLICE_US);
	*state = fake.directory;
	if (problem)
		print_error("%s\n", problem);
	return problem || !atomic_load(&fake.is_ready) ? -1 : 0;
}

static void
end_bus(void)
{
	if (fake.bus > 0) {
		(void)kill(fake.bus, SIGTERM);
		(void)waitpid(fake.bus, NULL, 0);
	}
	fake.bus = 0;
}

static int
teardown(void **state)
{
	atomic_store(&fake.stops, true);
	(void)pthread_join(fake.thread, NULL);
	end_bus();
	return scratch_remove(state);
}

static void
has_systemd_start_the_unit(void **state)
{
	struct error err;

	(void)state;
	if (unit_start("signet-renewed-nginx.service", &err))
		fail_msg("%s", err.message);
	assert_int_equal(atomic_load(&fake.starts), 1);
	assert_string_equal(fake.unit, "signet-renewed-nginx.service");
	assert_string_equal(fake.mode, "replace");
	assert_int_equal(unit_start("rm -rf /", &err), ERROR_INVALID);
	assert_int_equal(atomic_load(&fake.starts), 1);
}

static void
says_why_systemd_does_not(void **state)
{
	static const struct {
		const char *name;
		enum error_code code;
	} refusals[] = {
	    {"org.freedesktop.DBus.Error.AccessDenied",                     ERROR_DENIED },
	    {"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
             ERROR_DENIED								},
	    {"org.freedesktop.systemd1.NoSuchUnit",                         ERROR_INVALID},
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		fake.refusal = refusals[i].name;
		assert_int_equal(
		    unit_start("a.service", &err), refusals[i].code);
		assert_non_null(strstr(err.message, "so it was told"));
		assert_non_null(strstr(err.message, "a.service"));
	}
	assert_int_equal(atomic_load(&fake.starts), 0);
}

/* A renewal goes on without it. */
static void
says_that_there_is_no_bus(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(
	    setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere", 1), 0);
	assert_int_equal(unit_start("a.service", &err), ERROR_UNAVAILABLE);
	assert_non_null(strstr(err.message, "systemd is not reached"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		has_systemd_start_the_unit, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		says_why_systemd_does_not, setup, teardown),
	    cmocka_unit_test(says_that_there_is_no_bus),
	};

	return cmocka_run_group_tests_name("certd unit", tests, NULL, NULL);
}
