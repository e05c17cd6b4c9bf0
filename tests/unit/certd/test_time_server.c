/* SPDX-License-Identifier: MIT */
/* Who is believed that a time server sets the clock. */
#include "cmocka_wrap.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <systemd/sd-bus.h>

#include "common/time.h"
#include "time_server.h"

static struct {
	int kernel;      /* what adjtimex() returns */
	int status;      /* what it says */
	int64_t touched; /* the file of systemd-timesyncd; 0: there is none */
	int bus;         /* what reaching systemd returns */
	int said;        /* what systemd says */
} world;

/* The linker (--wrap) names them so. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
int __wrap_adjtimex(struct timex *timex);
int __wrap_stat(const char *path, struct stat *about);
int __wrap_sd_bus_open_system(sd_bus **ret_bus);
int __wrap_sd_bus_set_method_call_timeout(sd_bus *bus, uint64_t usec);
int __wrap_sd_bus_get_property_trivial(sd_bus *bus, const char *destination,
    const char *path, const char *interface, const char *member,
    sd_bus_error *error, char type, void *ret_value);

int
__wrap_adjtimex(struct timex *timex)
{
	assert_int_equal(timex->modes, 0); /* nothing is set */
	timex->status = world.status;
	return world.kernel;
}

int
__wrap_stat(const char *path, struct stat *about)
{
	assert_string_equal(path, "/run/systemd/timesync/synchronized");
	about->st_mtim.tv_sec = world.touched;
	return world.touched ? 0 : -1;
}

int
__wrap_sd_bus_open_system(sd_bus **ret_bus)
{
	*ret_bus = NULL;
	return world.bus;
}

int
__wrap_sd_bus_set_method_call_timeout(sd_bus *bus, uint64_t usec)
{
	(void)bus;
	assert_true(usec > 0);
	return 0;
}

int
__wrap_sd_bus_get_property_trivial(sd_bus *bus, const char *destination,
    const char *path, const char *interface, const char *member,
    sd_bus_error *error, char type, void *ret_value)
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
{
	(void)bus;
	(void)path;
	(void)interface;
	(void)error;
	assert_string_equal(destination, "org.freedesktop.timedate1");
	assert_string_equal(member, "NTPSynchronized");
	assert_int_equal(type, 'b');
	*(int *)ret_value = world.said;
	return 0;
}

static void
believes_the_kernel(void **state)
{
	(void)state;
	world.touched = 0;
	world.kernel = TIME_OK;
	world.status = 0;
	world.bus = -ENOENT;
	assert_true(time_server_sets_clock());
	world.status = STA_UNSYNC;
	assert_false(time_server_sets_clock());
	world.status = 0;
	world.kernel = TIME_ERROR;
	assert_false(time_server_sets_clock());
}

static void
believes_a_file_of_this_hour(void **state)
{
	(void)state;
	for (int kernel = -1; kernel <= TIME_ERROR; kernel += TIME_ERROR + 1) {
		world.kernel = kernel;
		world.status = STA_UNSYNC;
		world.bus = -ENOENT;
		world.touched = time_now() - 600;
		assert_true(time_server_sets_clock());
		world.touched = time_now() - 86400;
		assert_false(time_server_sets_clock());
	}
}

static void
believes_systemd_where_it_may_not_ask_the_kernel(void **state)
{
	(void)state;
	world.kernel = -1;
	world.status = 0;
	world.touched = 0;
	world.bus = 0;
	world.said = 1;
	assert_true(time_server_sets_clock());
	world.said = 0;
	assert_false(time_server_sets_clock());
	world.said = 1;
	world.bus = -ENOENT;
	assert_false(time_server_sets_clock());
	/* Who may ask the kernel asks nobody else. */
	world.bus = 0;
	world.kernel = TIME_ERROR;
	assert_false(time_server_sets_clock());
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(believes_the_kernel),
	    cmocka_unit_test(believes_a_file_of_this_hour),
	    cmocka_unit_test(believes_systemd_where_it_may_not_ask_the_kernel),
	};

	return cmocka_run_group_tests_name("time server", tests, NULL, NULL);
}
