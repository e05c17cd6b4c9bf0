/* SPDX-License-Identifier: MIT */
/*
 * Processes that pid files name. The daemon is a copy of this program, which
 * waits when it is run with options.
 */
#include "cmocka_wrap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/file.h"
#include "process.h"
#include "scratch.h"

#define PROGRAM "signet-test"
#define SOON_MS 60000

struct fixture {
	const char *folder;
	char *program; /* a copy of us */
	char *log;
	char *pid_file;
};

static void
fixture_done(struct fixture *fixture)
{
	free(fixture->program);
	free(fixture->log);
	free(fixture->pid_file);
}

static struct fixture
fixture_in(const char *folder)
{
	return (struct fixture){.folder = folder,
	    .program = string_format("%s/" PROGRAM, folder),
	    .log = string_format("%s/log", folder),
	    .pid_file = string_format("%s/pid", folder)};
}

static int
setup(void **state)
{
	CLEANUP(string) char *self = realpath("/proc/self/exe", NULL);
	CLEANUP(string) char *program = NULL;
	CLEANUP(string) char *text = NULL;
	size_t length;
	struct error err;

	if (scratch_create(state))
		return -1;
	program = string_format("%s/" PROGRAM, (const char *)*state);
	return file_read(self, SIZE_MAX, &text, &length, &err) ||
	       file_write(program, text, length, 0700, &err);
}

static struct process *
spawn(const struct fixture *fixture)
{
	const char *const argv[] = {
	    fixture->program, "--runtime-dir", fixture->folder, NULL};
	struct process *process;
	struct error err;

	assert_int_equal(process_spawn(argv, fixture->log, fixture->pid_file,
			     &process, &err),
	    ERROR_NONE);
	return process;
}

/* Whether the pid file names program in directory. */
static enum error_code
look(const struct fixture *fixture, const char *program, const char *directory)
{
	CLEANUP(process) struct process *process = NULL;
	struct error err;

	return process_open(
	    fixture->pid_file, program, directory, &process, &err);
}

/* exec() may be yet to come. */
static void
wait_until_it_runs(const struct fixture *fixture)
{
	for (int i = 0; i < 1000; i++) {
		if (look(fixture, PROGRAM, fixture->folder) == ERROR_NONE)
			return;
		(void)usleep(10000);
	}
	fail_msg("it does not run");
}

static void
end(struct process *process)
{
	struct error err;

	assert_int_equal(process_signal(process, SIGKILL, &err), ERROR_NONE);
	assert_true(process_wait(process, SOON_MS));
	(void)waitpid(process->pid, NULL, 0);
}

static void
knows_a_daemon_by_program_and_directory(void **state)
{
	CLEANUP_DONE(fixture) struct fixture fixture = fixture_in(*state);
	CLEANUP(process) struct process *process = spawn(&fixture);

	wait_until_it_runs(&fixture);
	assert_int_equal(look(&fixture, PROGRAM, "/another"), ERROR_NOT_FOUND);
	assert_int_equal(
	    look(&fixture, "signet-other", fixture.folder), ERROR_NOT_FOUND);
	assert_int_equal(getsid(process->pid), process->pid);
	assert_false(process_wait(process, 0));
	end(process);
}

static void
takes_one_that_has_ended_for_none(void **state)
{
	CLEANUP_DONE(fixture) struct fixture fixture = fixture_in(*state);
	CLEANUP(process) struct process *process = spawn(&fixture);
	struct error err;

	wait_until_it_runs(&fixture);
	assert_int_equal(process_signal(process, SIGTERM, &err), ERROR_NONE);
	assert_true(process_wait(process, SOON_MS));
	/* Nobody has waited for it: its number is still taken. */
	assert_int_equal(
	    look(&fixture, PROGRAM, fixture.folder), ERROR_NOT_FOUND);
	assert_int_equal(process_signal(process, SIGTERM, &err), ERROR_NONE);
	(void)waitpid(process->pid, NULL, 0);
	assert_int_equal(
	    look(&fixture, PROGRAM, fixture.folder), ERROR_NOT_FOUND);
}

static void
does_not_take_another_process_for_a_daemon(void **state)
{
	CLEANUP_DONE(fixture) struct fixture fixture = fixture_in(*state);
	CLEANUP(string) char *ours = string_format("%d\n", (int)getpid());
	const char *const texts[] = {
	    ours, "1\n", "", "0\n", "-1\n", "x\n", "1x\n", "99999999999\n"};
	struct error err;

	assert_int_equal(
	    look(&fixture, PROGRAM, fixture.folder), ERROR_NOT_FOUND);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(file_write(fixture.pid_file, texts[i],
				     strlen(texts[i]), 0600, &err),
		    ERROR_NONE);
		assert_int_equal(
		    look(&fixture, PROGRAM, fixture.folder), ERROR_NOT_FOUND);
	}
}

static void
writes_what_the_daemon_says_to_its_log(void **state)
{
	CLEANUP_DONE(fixture) struct fixture fixture = fixture_in(*state);
	CLEANUP(process) struct process *process = spawn(&fixture);
	CLEANUP(string) char *text = strdup("");
	struct error err;

	for (int i = 0; !strchr(text, '\n') && i < 1000; i++) {
		(void)usleep(10000);
		free(TAKE(text));
		if (file_read(fixture.log, 100, &text, NULL, &err))
			text = strdup("");
	}
	assert_string_equal(text, "I run in /\n");
	end(process);
}

/* What the copy of this program does. */
static int
be_a_daemon(void)
{
	CLEANUP(string) char *folder = realpath(".", NULL);

	(void)fprintf(stderr, "I run in %s\n", folder);
	(void)pause();
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		knows_a_daemon_by_program_and_directory, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		takes_one_that_has_ended_for_none, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		does_not_take_another_process_for_a_daemon, setup,
		scratch_remove),
	    cmocka_unit_test_setup_teardown(
		writes_what_the_daemon_says_to_its_log, setup, scratch_remove),
	};

	(void)argv;
	if (argc > 1)
		return be_a_daemon();
	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
