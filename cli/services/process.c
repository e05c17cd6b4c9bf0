/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/file.h"

#define FACT_MAX 8192

/* Takes over descriptor. */
static enum error_code
process_create(
    pid_t pid, int descriptor, struct process **ret_process, struct error *err)
{
	struct process *process = malloc(sizeof(*process));

	if (!process) {
		if (descriptor >= 0)
			(void)close(descriptor);
		return error_no_memory(err);
	}
	*process = (struct process){.pid = pid, .descriptor = descriptor};
	*ret_process = process;
	return ERROR_NONE;
}

static enum error_code
process_hold(pid_t pid, struct process **ret_process, struct error *err)
{
	int descriptor = pidfd_open(pid, 0);

	if (descriptor < 0)
		return error_set_errno(err,
		    errno == ESRCH ? ERROR_NOT_FOUND : ERROR_INTERNAL,
		    "cannot hold process %d", (int)pid);
	return process_create(pid, descriptor, ret_process, err);
}

void
process_close(struct process *process)
{
	if (!process)
		return;
	if (process->descriptor >= 0)
		(void)close(process->descriptor);
	free(process);
}

static enum error_code
read_pid(const char *pid_file, pid_t *ret_pid, struct error *err)
{
	CLEANUP(string) char *text = NULL;
	char *end;
	long pid;

	if (file_read(pid_file, 32, &text, NULL, err))
		return err->code;
	errno = 0;
	pid = strtol(text, &end, 10);
	if (errno || end == text || strcspn(end, "\n") != 0 || pid < 1 ||
	    pid > INT32_MAX)
		return error_set(err, ERROR_NOT_FOUND,
		    "'%s' does not hold the number of a process", pid_file);
	*ret_pid = (pid_t)pid;
	return ERROR_NONE;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * What the kernel tells of pid in file name, as far as it fits.
 */
static ssize_t
read_fact(pid_t pid, const char *name, char text[FACT_MAX])
{
	char path[64];
	ssize_t length;
	int file;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -1;
	length = read(file, text, FACT_MAX - 1);
	(void)close(file);
	if (length >= 0)
		text[length] = '\0';
	return length;
}

/* The command line begins: PROGRAM --runtime-dir DIRECTORY. */
static bool
command_line_matches(pid_t pid, const char *program, const char *directory)
{
	const char *const expected[] = {program, "--runtime-dir", directory};
	char line[FACT_MAX];
	ssize_t length = read_fact(pid, "cmdline", line);
	const char *word = line;

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (word - line >= length)
			return false;
		if (strcmp(i == 0 ? base_name(word) : word, expected[i]) != 0)
			return false;
		word += strlen(word) + 1;
	}
	return true;
}

/* True also when the kernel does not tell: only root sees it of a process that
 * forbids core dumps. */
static bool
executable_matches(pid_t pid, const char *program)
{
	static const char deleted[] = " (deleted)"; /* since it was started */
	char path[64];
	char target[4096];
	ssize_t length;

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return true;
	target[length] = '\0';
	if ((size_t)length > strlen(deleted) &&
	    strcmp(target + length - strlen(deleted), deleted) == 0)
		target[(size_t)length - strlen(deleted)] = '\0';
	return strcmp(base_name(target), program) == 0;
}

enum error_code
process_open(const char *pid_file, const char *program, const char *directory,
    struct process **ret_process, struct error *err)
{
	CLEANUP(process) struct process *process = NULL;
	pid_t pid;

	/* Held first and looked at then, it cannot become another between. */
	if (read_pid(pid_file, &pid, err) || process_hold(pid, &process, err))
		return err->code;
	if (process_wait(process, 0) ||
	    !command_line_matches(pid, program, directory) ||
	    !executable_matches(pid, program))
		return error_set(err, ERROR_NOT_FOUND, "process %d is not '%s'",
		    (int)pid, program);
	*ret_process = TAKE(process);
	return ERROR_NONE;
}

/* Whoever listens; the kernel remembers it. */
static enum error_code
peer_pid(const char *path, pid_t *ret_pid, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer;
	socklen_t length = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool is_served;
	int number;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	is_served =
	    fd >= 0 &&
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0;
	number = errno;
	if (fd >= 0)
		(void)close(fd);
	errno = number;
	if (!is_served)
		return error_set_errno(err,
		    number == ENOENT || number == ECONNREFUSED
			? ERROR_NOT_FOUND
			: ERROR_UNAVAILABLE,
		    "cannot tell who serves '%s'", path);
	*ret_pid = peer.pid; /* 0: it is in another namespace */
	return ERROR_NONE;
}

enum error_code
process_open_peer(const char *path, const char *program,
    struct process **ret_process, struct error *err)
{
	CLEANUP(process) struct process *process = NULL;
	char line[FACT_MAX];
	pid_t pid;

	if (peer_pid(path, &pid, err))
		return err->code;
	if (pid <= 0)
		return process_create(0, -1, ret_process, err);
	if (process_hold(pid, &process, err))
		return err->code;
	if (process_wait(process, 0))
		return error_set(
		    err, ERROR_NOT_FOUND, "process %d has ended", (int)pid);
	if (read_fact(pid, "cmdline", line) <= 0 ||
	    strcmp(base_name(line), program) != 0 ||
	    !executable_matches(pid, program))
		return error_set(err, ERROR_EXISTS,
		    "process %d serves '%s', and is not '%s'", (int)pid, path,
		    program);
	*ret_process = TAKE(process);
	return ERROR_NONE;
}

char *
process_parent(pid_t pid)
{
	static const char label[] = "\nPPid:\t";
	char text[FACT_MAX];
	const char *number =
	    read_fact(pid, "status", text) > 0 ? strstr(text, label) : NULL;
	long parent = number ? strtol(number + strlen(label), NULL, 10) : 0;

	if (parent <= 0 || read_fact((pid_t)parent, "comm", text) <= 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return string_format("'%s' (process %ld)", text, parent);
}

bool
process_wait(const struct process *process, int64_t timeout_ms)
{
	struct pollfd ended = {.fd = process->descriptor, .events = POLLIN};

	return poll(&ended, 1, (int)timeout_ms) == 1;
}

enum error_code
process_signal(const struct process *process, int number, struct error *err)
{
	if (pidfd_send_signal(process->descriptor, number, NULL, 0) < 0 &&
	    errno != ESRCH)
		return error_set_errno(err,
		    errno == EPERM ? ERROR_DENIED : ERROR_INTERNAL,
		    "cannot signal process %d", (int)process->pid);
	return ERROR_NONE;
}

/*
 * In the child; what fails is for the log, which its stderr is by then. It goes
 * on when its pid file is written, which go says by a byte: without one nobody
 * would know it for ours.
 */
static _Noreturn void
run_detached(const char *const *argv, const char *log, const int go[2])
{
	char byte;
	int input = open("/dev/null", O_RDONLY);
	int output = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	sigset_t none;

	(void)close(go[1]);
	if (read(go[0], &byte, 1) != 1)
		_exit(126);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (input < 0 || output < 0 || dup2(input, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		_exit(126);
	(void)setsid();
	if (close_range(STDERR_FILENO + 1, ~0U, 0) == 0 && chdir("/") == 0) {
		union {
			const char *const *constant;
			char **plain;
		} words = {.constant = argv}; /* execv() changes none */

		(void)execv(argv[0], words.plain);
	}
	perror(argv[0]);
	_exit(127);
}

static enum error_code
let_go(int go, struct error *err)
{
	return write(go, "", 1) == 1
		   ? ERROR_NONE
		   : error_set_errno(err, ERROR_INTERNAL, "pipe");
}

/* As process_spawn(); the child waits for a byte in go. */
static enum error_code
fork_detached(const char *const *argv, const char *log, const char *pid_file,
    const int go[2], struct process **ret_process, struct error *err)
{
	CLEANUP(process) struct process *process = NULL;
	char text[32];
	pid_t pid = fork();

	if (pid < 0)
		return error_set_errno(err, ERROR_INTERNAL, "fork");
	if (pid == 0)
		run_detached(argv, log, go);

	(void)snprintf(text, sizeof(text), "%d\n", (int)pid);
	if (process_hold(pid, &process, err) ||
	    file_write(pid_file, text, strlen(text), 0644, err) ||
	    let_go(go[1], err)) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		return err->code;
	}
	*ret_process = TAKE(process);
	return ERROR_NONE;
}

enum error_code
process_spawn(const char *const *argv, const char *log, const char *pid_file,
    struct process **ret_process, struct error *err)
{
	enum error_code code;
	int go[2];

	if (pipe2(go, O_CLOEXEC) < 0)
		return error_set_errno(err, ERROR_INTERNAL, "pipe");
	code = fork_detached(argv, log, pid_file, go, ret_process, err);
	(void)close(go[0]);
	(void)close(go[1]);
	return code;
}
