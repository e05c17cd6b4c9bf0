/* SPDX-License-Identifier: MIT */
/*
 * What the doctor does in a process of its own: it looks at paths with the
 * rights of another user, and outlives what hangs or crashes there.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apart.h"
#include "cmocka_wrap.h"
#include "common/file.h"
#include "path_walk.h"

#define LONG_MS 60000
#define SHORT_MS 200

/* A folder that others may pass; removed by hand. */
static char folder[] = "/tmp/apart.XXXXXX";

static int
prepare(void **state)
{
	CLEANUP(string) char *inner = NULL;
	CLEANUP(string) char *file = NULL;
	int descriptor;

	(void)state;
	if (!mkdtemp(folder) || chmod(folder, 0755) < 0)
		return -1;
	inner = string_format("%s/inner", folder);
	file = string_format("%s/inner/key.pem", folder);
	if (!inner || !file || mkdir(inner, 0755) < 0)
		return -1;
	descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return descriptor < 0 ? -1 : close(descriptor);
}

static int
clean(void **state)
{
	CLEANUP(string) char *inner = string_format("%s/inner", folder);
	CLEANUP(string) char *file = string_format("%s/inner/key.pem", folder);

	(void)state;
	(void)chmod(inner, 0755);
	(void)unlink(file);
	(void)rmdir(inner);
	return rmdir(folder);
}

/* root passes everything, so it looks as somebody else. */
static const char *
somebody(void)
{
	return geteuid() == 0 ? "nobody" : NULL;
}

/* The first wall on the way to path/below folder; NULL: there is none. */
static json_t *
walk(const char *below, bool writable)
{
	CLEANUP(string) char *path = string_format("%s/%s", folder, below);
	struct path_need need = {.path = path, .writable = writable};
	const struct path_needs needs = {1, &need};
	CLEANUP(json) json_t *problems = NULL;
	struct error err;

	assert_int_equal(ERROR_NONE, apart_run(path_walk_all, &needs,
					 somebody(), LONG_MS, &problems, &err));
	return json_incref(json_array_get(problems, 0));
}

static void
assert_wall(
    const char *below, bool writable, const char *component, const char *reason)
{
	CLEANUP(json) json_t *wall = walk(below, writable);
	CLEANUP(string) char *path = string_format("%s/%s", folder, component);

	assert_non_null(wall);
	assert_string_equal(
	    path, json_string_value(json_object_get(wall, "component")));
	assert_non_null(
	    strstr(json_string_value(json_object_get(wall, "reason")), reason));
}

static void
the_component_that_bars_the_way_is_named(void **state)
{
	CLEANUP(string) char *inner = string_format("%s/inner", folder);
	CLEANUP(string) char *file = string_format("%s/inner/key.pem", folder);

	(void)state;
	assert_null(walk("inner/key.pem", false));
	assert_wall("inner/none.pem", false, "inner/none.pem",
	    "it cannot be read: ENOENT");
	assert_wall("none/key.pem", false, "none", "ENOENT");
	assert_int_equal(0, chmod(file, 0000));
	assert_wall("inner/key.pem", false, "inner/key.pem",
	    "it cannot be read: EACCES (mode 0000, of user ");
	assert_int_equal(0, chmod(file, 0444));
	assert_null(walk("inner/key.pem", false));
	assert_wall("inner/key.pem", true, "inner/key.pem",
	    "it cannot be written: EACCES (mode 0444");
	assert_wall(
	    "inner", false, "inner", "it is a folder (EISDIR) and no file");
	assert_int_equal(0, chmod(inner, 0777));
	assert_null(walk("inner", true));
	assert_int_equal(0, chmod(inner, 0600));
	assert_wall("inner/key.pem", false, "inner",
	    "it cannot be passed: EACCES (mode 0600");
	assert_int_equal(0, chmod(inner, 0755));
}

static json_t *
tell_uid(const void *context)
{
	(void)context;
	return json_integer((json_int_t)geteuid());
}

static void
only_root_becomes_another(void **state)
{
	CLEANUP(json) json_t *answer = NULL;
	struct error err;

	(void)state;
	/* A user that does not exist is nobody to become. */
	assert_int_equal(ERROR_NONE,
	    apart_run(tell_uid, NULL, "no-such-user", LONG_MS, &answer, &err));
	assert_int_equal(geteuid(), json_integer_value(answer));
	json_decref(answer);
	answer = NULL;
	if (geteuid() != 0) {
		assert_int_equal(ERROR_DENIED,
		    apart_run(tell_uid, NULL, "root", LONG_MS, &answer, &err));
		return;
	}
	assert_int_equal(ERROR_NONE,
	    apart_run(tell_uid, NULL, "nobody", LONG_MS, &answer, &err));
	assert_int_not_equal(0, json_integer_value(answer));
}

static json_t *
hang(const void *context)
{
	(void)context;
	(void)sleep(LONG_MS / 1000);
	return NULL;
}

static json_t *
crash(const void *context)
{
	(void)context;
	(void)raise(SIGKILL);
	return NULL;
}

static void
what_hangs_or_crashes_takes_nobody_along(void **state)
{
	CLEANUP(json) json_t *answer = NULL;
	struct error err;

	(void)state;
	assert_int_equal(ERROR_TIMEOUT,
	    apart_run(hang, NULL, NULL, SHORT_MS, &answer, &err));
	assert_int_equal(ERROR_INTERNAL,
	    apart_run(crash, NULL, NULL, LONG_MS, &answer, &err));
	assert_non_null(strstr(err.message, "it crashed (SIGKILL)"));
	assert_null(answer);
}

/* It closes what is read of it, and stays. */
static void
one_that_does_not_end_is_not_waited_for(void **state)
{
	static const char *const stays[] = {
	    "sh", "-c", "exec >&-; exec sleep 60", NULL};
	CLEANUP(string) char *text = NULL;
	struct error err;
	int status;

	(void)state;
	assert_int_equal(
	    ERROR_TIMEOUT, apart_output(stays, SHORT_MS, &text, &status, &err));
	assert_null(text);
}

static void
a_program_is_read_whatever_its_status(void **state)
{
	static const char *const says[] = {
	    "sh", "-c", "echo '{\"a\":1}'; exit 1", NULL};
	static const char *const is_silent[] = {"false", NULL};
	static const char *const is_not_there[] = {"no-such-program", NULL};
	CLEANUP(json) json_t *answer = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    ERROR_NONE, apart_program(says, LONG_MS, &answer, &err));
	assert_int_equal(1, json_integer_value(json_object_get(answer, "a")));
	json_decref(answer);
	answer = NULL;
	assert_int_equal(
	    ERROR_INTERNAL, apart_program(is_silent, LONG_MS, &answer, &err));
	assert_non_null(strstr(err.message, "status 1"));
	assert_int_equal(ERROR_INTERNAL,
	    apart_program(is_not_there, LONG_MS, &answer, &err));
	assert_non_null(strstr(err.message, "status 127"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_component_that_bars_the_way_is_named),
	    cmocka_unit_test(only_root_becomes_another),
	    cmocka_unit_test(what_hangs_or_crashes_takes_nobody_along),
	    cmocka_unit_test(one_that_does_not_end_is_not_waited_for),
	    cmocka_unit_test(a_program_is_read_whatever_its_status),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
