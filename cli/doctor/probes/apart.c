/* SPDX-License-Identifier: MIT */
#include "apart.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/file.h"
#include "common/time.h"

#define ANSWER_MAX ((size_t)4 * 1024 * 1024)
#define CHUNK 4096
#define PAUSE_NS (2L * 1000000)
/* Who hangs in the kernel does not even end when it is killed. */
#define KILLED_MS 1000

/* --- in the child --------------------------------------------------------- */

/* What else we have open is none of the child's. */
static void
give_up_files(int answer)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDERR_FILENO);
	(void)dup2(answer, STDOUT_FILENO);
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
}

static int
become(const struct passwd *user)
{
	if (!user)
		return 0;
	if (initgroups(user->pw_name, user->pw_gid) < 0 ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0)
		return -1;
	return setresuid(user->pw_uid, user->pw_uid, user->pw_uid);
}

static _Noreturn void
child_function(apart_function *function, const void *context)
{
	json_t *answer = function(context);

	(void)json_dumpfd(
	    answer, STDOUT_FILENO, JSON_COMPACT | JSON_ENCODE_ANY);
	_exit(0);
}

static _Noreturn void
child_program(const char *const *argv)
{
	union {
		const char *const *constant;
		char **plain;
	} words = {.constant = argv}; /* execvp() changes none */

	(void)execvp(argv[0], words.plain);
	_exit(127);
}

/* --- in the parent -------------------------------------------------------- */

struct answer {
	char *text;
	size_t length;
};

/* Reads until the other end is closed; false: not within the time. */
static bool
read_answer(int fd, int64_t deadline_ms, struct answer *answer)
{
	struct pollfd source = {.fd = fd, .events = POLLIN};
	FILE *stream = open_memstream(&answer->text, &answer->length);
	char chunk[CHUNK];
	size_t total = 0;
	ssize_t count = 1;

	while (stream && count != 0) {
		int64_t left_ms = deadline_ms - time_monotonic_ms();

		if (left_ms <= 0 || total > ANSWER_MAX)
			break;
		if (poll(&source, 1, (int)left_ms) <= 0)
			continue;
		count = read(fd, chunk, sizeof(chunk));
		if (count > 0)
			(void)fwrite(chunk, 1, (size_t)count, stream);
		if (count > 0)
			total += (size_t)count;
		if (count < 0 && errno != EINTR)
			break;
	}
	if (stream)
		(void)fclose(stream);
	return count == 0;
}

/* False: it is there still at the deadline. */
static bool
has_ended(pid_t pid, int64_t deadline_ms, int *ret_status)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	for (;;) {
		pid_t ended = waitpid(pid, ret_status, WNOHANG);

		if (ended == pid || (ended < 0 && errno != EINTR))
			return true;
		if (time_monotonic_ms() >= deadline_ms)
			return false;
		(void)nanosleep(&pause, NULL);
	}
}

/* *ret_text is what it said; *ret_status how it ended. */
static enum error_code
await(pid_t pid, int fd, unsigned timeout_ms, char **ret_text, int *ret_status,
    struct error *err)
{
	struct answer answer = {0};
	CLEANUP(string) char *text = NULL;
	const int64_t deadline_ms = time_monotonic_ms() + timeout_ms;
	int status = 0;
	bool complete = read_answer(fd, deadline_ms, &answer) &&
			has_ended(pid, deadline_ms, &status);

	text = answer.text;
	if (!complete) {
		(void)kill(pid, SIGKILL);
		(void)has_ended(pid, time_monotonic_ms() + KILLED_MS, &status);
		return error_set(err, ERROR_TIMEOUT, "no answer within %u s",
		    timeout_ms / 1000);
	}
	if (WIFSIGNALED(status))
		return error_set(err, ERROR_INTERNAL, "it crashed (SIG%s)",
		    sigabbrev_np(WTERMSIG(status)));
	if (!text)
		return error_no_memory(err);
	*ret_status = WEXITSTATUS(status);
	*ret_text = TAKE(text);
	return ERROR_NONE;
}

/* The user to become; NULL, which is success: we stay who we are. */
static enum error_code
find_user(const char *name, const struct passwd **ret_user, struct error *err)
{
	const struct passwd *user = name ? getpwnam(name) : NULL;

	*ret_user = NULL;
	if (!user || user->pw_uid == geteuid())
		return ERROR_NONE;
	if (geteuid() != 0)
		return error_set(err, ERROR_DENIED,
		    "only root can look as the user '%s' does", name);
	*ret_user = user;
	return ERROR_NONE;
}

static enum error_code
run(apart_function *function, const void *context, const char *const *argv,
    const char *name, unsigned timeout_ms, char **ret_text, int *ret_status,
    struct error *err)
{
	const struct passwd *user;
	enum error_code code;
	int ends[2];
	pid_t pid;

	if (find_user(name, &user, err))
		return err->code;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set_errno(err, ERROR_INTERNAL, "pipe");
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		give_up_files(ends[1]);
		if (become(user) < 0)
			_exit(126);
		if (argv)
			child_program(argv);
		child_function(function, context);
	}
	(void)close(ends[1]);
	code = pid < 0
		   ? error_set_errno(err, ERROR_INTERNAL, "fork")
		   : await(pid, ends[0], timeout_ms, ret_text, ret_status, err);
	(void)close(ends[0]);
	return code;
}

/* What a token says of itself may have zeros in it: those of TPMs do. */
static enum error_code
parse(const char *text, int status, json_t **ret_answer, struct error *err)
{
	json_t *answer =
	    json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	if (!answer)
		return error_set(err, ERROR_INTERNAL,
		    "it ended with status %d and said nothing", status);
	*ret_answer = answer;
	return ERROR_NONE;
}

enum error_code
apart_run(apart_function *function, const void *context, const char *user,
    unsigned timeout_ms, json_t **ret_answer, struct error *err)
{
	CLEANUP(string) char *text = NULL;
	int status;

	if (run(function, context, NULL, user, timeout_ms, &text, &status, err))
		return err->code;
	return parse(text, status, ret_answer, err);
}

enum error_code
apart_output(const char *const *argv, unsigned timeout_ms, char **ret_text,
    int *ret_status, struct error *err)
{
	return run(
	    NULL, NULL, argv, NULL, timeout_ms, ret_text, ret_status, err);
}

enum error_code
apart_program(const char *const *argv, unsigned timeout_ms, json_t **ret_answer,
    struct error *err)
{
	CLEANUP(string) char *text = NULL;
	int status;

	if (apart_output(argv, timeout_ms, &text, &status, err))
		return err->code;
	return parse(text, status, ret_answer, err);
}
