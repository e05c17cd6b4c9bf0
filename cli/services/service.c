/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/file.h"
#include "common/paths.h"
#include "common/time.h"
#include "health.h"
#include "process.h"
#include "service_log.h"
#include "unit.h"

#define START_MS 30000
#define STOP_MS 10000
#define KILL_MS 5000
#define POLL_MS 20
#define HEALTH_MS 2000

const char *const service_names[SERVICE_COUNT] = {
    "keyd", "certd", "provisiond"};

/* Everything about one daemon; the caller of service_init() releases it. */
struct service {
	const char *name;
	char *program; /* "signet-keyd" */
	char *runtime; /* absolute, as on the daemon's command line */
	char *pid_file;
	char *log;
	int lock; /* held while we start or stop */
};

static void
service_done(struct service *service)
{
	free(service->program);
	free(service->runtime);
	free(service->pid_file);
	free(service->log);
	if (service->lock >= 0)
		(void)close(service->lock);
}

/* The absolute form of directory, which must be there. */
static enum error_code
absolute(const char *directory, char **ret_path, struct error *err)
{
	*ret_path = realpath(directory, NULL);
	if (!*ret_path)
		return error_set_errno(err,
		    errno == ENOENT ? ERROR_NOT_FOUND : ERROR_INTERNAL, "'%s'",
		    directory);
	return ERROR_NONE;
}

static enum error_code
service_init(const char *name, struct service *service, struct error *err)
{
	*service = (struct service){.name = name, .lock = -1};
	if (absolute(paths_runtime_directory(), &service->runtime, err))
		return err->code;
	service->program = string_format("signet-%s", name);
	service->pid_file = string_format("%s/%s.pid", service->runtime, name);
	service->log = service_log_path(name);
	if (!service->program || !service->pid_file || !service->log)
		return error_no_memory(err);
	return ERROR_NONE;
}

static enum error_code
service_lock(struct service *service, struct error *err)
{
	service->lock =
	    open(service->runtime, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (service->lock < 0 || flock(service->lock, LOCK_EX) < 0)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot lock '%s'", service->runtime);
	return ERROR_NONE;
}

/* The one that we have started. */
static enum error_code
own_process(const struct service *service, struct process **ret_process,
    struct error *err)
{
	return process_open(service->pid_file, service->program,
	    service->runtime, ret_process, err);
}

/* Who serves its socket. */
static enum error_code
serving_process(const struct service *service, struct process **ret_process,
    struct error *err)
{
	CLEANUP(string) char *socket = paths_socket(service->name);

	return socket ? process_open_peer(
			    socket, service->program, ret_process, err)
		      : error_no_memory(err);
}

/* *ret_process, the caller's, is NULL if it is stopped. */
static enum error_code
find_process(const struct service *service, enum service_state *ret_state,
    struct process **ret_process, struct error *err)
{
	*ret_process = NULL;
	*ret_state = SERVICE_RUNS;
	if (own_process(service, ret_process, err) == ERROR_NONE)
		return ERROR_NONE;
	if (err->code != ERROR_NOT_FOUND)
		return err->code;
	*ret_state = SERVICE_FOREIGN;
	if (serving_process(service, ret_process, err) == ERROR_NONE)
		return ERROR_NONE;
	*ret_state = SERVICE_STOPPED;
	return err->code == ERROR_NOT_FOUND ? ERROR_NONE : err->code;
}

/* As service_find(), for a daemon that is no unit. */
static enum error_code
find_without_units(
    const char *name, struct service_process *ret_process, struct error *err)
{
	CLEANUP_DONE(service) struct service service = {.lock = -1};
	CLEANUP(process) struct process *process = NULL;
	enum service_state state;

	*ret_process = (struct service_process){.state = SERVICE_STOPPED};
	if (service_init(name, &service, err))
		return err->code == ERROR_NOT_FOUND ? ERROR_NONE : err->code;
	if (find_process(&service, &state, &process, err))
		return err->code;
	*ret_process = (struct service_process){
	    .state = state, .pid = process ? process->pid : 0};
	return ERROR_NONE;
}

static enum error_code
find_unit(
    const char *name, struct service_process *ret_process, struct error *err)
{
	bool has_socket = true;
	pid_t pid;

	if (unit_pid(name, &pid, err) ||
	    (pid == 0 && unit_has_socket(name, &has_socket, err)))
		return err->code;
	if (has_socket) {
		*ret_process = (struct service_process){
		    .state = pid > 0 ? SERVICE_RUNS : SERVICE_STOPPED,
		    .pid = pid};
		return ERROR_NONE;
	}
	if (find_without_units(name, ret_process, err))
		return err->code;
	if (ret_process->state == SERVICE_RUNS)
		ret_process->state = SERVICE_FOREIGN;
	return ERROR_NONE;
}

enum error_code
service_find(
    const char *name, struct service_process *ret_process, struct error *err)
{
	return unit_manages() ? find_unit(name, ret_process, err)
			      : find_without_units(name, ret_process, err);
}

char *
service_keeper(const struct service_process *process)
{
	CLEANUP(string)
	char *parent = process->pid > 0 ? process_parent(process->pid) : NULL;

	if (process->pid <= 0)
		return string_format("whoever has started it, in a container "
				     "or namespace that is not seen from here");
	return string_format("whoever has started process %d: its parent is %s",
	    (int)process->pid, parent ? parent : "not seen from here");
}

static enum error_code
require_ours(const char *name, struct error *err)
{
	CLEANUP(string) char *keeper = NULL;
	struct service_process process;

	if (service_find(name, &process, err))
		return err->code;
	if (process.state != SERVICE_FOREIGN)
		return ERROR_NONE;
	keeper = service_keeper(&process);
	return keeper ? error_set(err, ERROR_EXISTS,
			    "signetctl has not started %s; it is to be stopped "
			    "or restarted by %s",
			    name, keeper)
		      : error_no_memory(err);
}

enum error_code
service_require_ours(struct error *err)
{
	for (size_t i = 0; i < SERVICE_COUNT; i++)
		if (require_ours(service_names[i], err))
			return err->code;
	return ERROR_NONE;
}

/* --- starting ------------------------------------------------------------- */

/* The directory that this program is in. */
static char *
own_directory(void)
{
	char *path = realpath("/proc/self/exe", NULL);
	char *slash = path ? strrchr(path, '/') : NULL;

	if (slash)
		*slash = '\0';
	return path;
}

/* Looks in the directories of list, which are separated by ':'. */
static char *
find_in(const char *list, const char *program)
{
	while (list && *list) {
		size_t length = strcspn(list, ":");
		CLEANUP(string)
		char *path =
		    string_format("%.*s/%s", (int)length, list, program);

		if (path && path[0] == '/' && access(path, X_OK) == 0)
			return TAKE(path);
		list += length;
		list += *list == ':';
	}
	return NULL;
}

static enum error_code
find_program(const char *program, char **ret_path, struct error *err)
{
	CLEANUP(string) char *beside = own_directory();
	char *path = find_in(getenv("SIGNET_LIBEXEC"), program);

	if (!path)
		path = find_in(beside, program);
	if (!path)
		path = find_in(getenv("PATH"), program);
	if (!path)
		return error_set(err, ERROR_NOT_FOUND,
		    "cannot find '%s': it is not in SIGNET_LIBEXEC, beside "
		    "signetctl or in PATH",
		    program);
	*ret_path = path;
	return ERROR_NONE;
}

/*
 * True if the socket is answered by this very process. A foreign one is known
 * by serving it, and may number itself as its own namespace does.
 */
static bool
answers(const struct service *service, enum service_state state,
    const struct process *process)
{
	CLEANUP(json) json_t *health = NULL;
	struct error ignored;

	return health_get(service->name, HEALTH_MS, &health, &ignored) ==
		   ERROR_NONE &&
	       (state == SERVICE_FOREIGN ||
		   json_integer_value(json_object_get(health, "pid")) ==
		       process->pid);
}

/* Fails with ERROR_UNAVAILABLE if it ended, ERROR_TIMEOUT if it is silent. */
static enum error_code
wait_until_it_answers(const struct service *service, enum service_state state,
    const struct process *process, struct error *err)
{
	int64_t end = time_monotonic_ms() + START_MS;

	while (!answers(service, state, process)) {
		if (process_wait(process, POLL_MS))
			return error_set(err, ERROR_UNAVAILABLE,
			    "%s ended while it started; see '%s'",
			    service->program, service->log);
		if (time_monotonic_ms() > end)
			return error_set(err, ERROR_TIMEOUT,
			    "%s runs (process %d) but does not answer; see "
			    "'%s'",
			    service->program, (int)process->pid, service->log);
	}
	return ERROR_NONE;
}

static enum error_code
service_spawn(const struct service *service, struct process **ret_process,
    struct error *err)
{
	CLEANUP(string) char *program = NULL;
	CLEANUP(string) char *config = NULL;
	CLEANUP(string) char *state = NULL;
	CLEANUP(string)
	char *logs = string_format("%s/log", paths_state_directory());

	if (!logs)
		return error_no_memory(err);
	if (find_program(service->program, &program, err) ||
	    file_make_directory(paths_config_directory(), 0755, err) ||
	    file_make_directory(paths_state_directory(), 0755, err) ||
	    file_make_directory(logs, 0700, err) ||
	    absolute(paths_config_directory(), &config, err) ||
	    absolute(paths_state_directory(), &state, err))
		return err->code;

	/* process_open() knows the daemon by the first option. */
	const char *const argv[] = {program, "--runtime-dir", service->runtime,
	    "--config-dir", config, "--state-dir", state, NULL};

	return process_spawn(
	    argv, service->log, service->pid_file, ret_process, err);
}

/*
 * A process that is there and answers will do. One that does not answer may
 * just be ending: then it is waited for.
 */
static enum error_code
find_running(const struct service *service, struct process **ret_process,
    struct error *err)
{
	CLEANUP(process) struct process *process = NULL;
	enum service_state state;

	if (find_process(service, &state, &process, err))
		return err->code;
	if (!process)
		return error_set(
		    err, ERROR_NOT_FOUND, "%s does not run", service->name);
	if (wait_until_it_answers(service, state, process, err)) {
		if (err->code == ERROR_UNAVAILABLE)
			err->code = ERROR_NOT_FOUND;
		return err->code;
	}
	*ret_process = TAKE(process);
	return ERROR_NONE;
}

static enum error_code
start_unit(
    const char *name, pid_t *ret_pid, bool *ret_was_running, struct error *err)
{
	pid_t before;

	if (unit_pid(name, &before, err) || unit_start(name, err) ||
	    unit_pid(name, ret_pid, err))
		return err->code;
	*ret_was_running = before == *ret_pid;
	return ERROR_NONE;
}

enum error_code
service_start(
    const char *name, pid_t *ret_pid, bool *ret_was_running, struct error *err)
{
	CLEANUP_DONE(service) struct service service = {.lock = -1};
	CLEANUP(process) struct process *process = NULL;
	bool was_running;

	if (unit_manages())
		return start_unit(name, ret_pid, ret_was_running, err);
	if (file_make_directory(paths_runtime_directory(), 0755, err) ||
	    service_init(name, &service, err) || service_lock(&service, err))
		return err->code;
	was_running = find_running(&service, &process, err) == ERROR_NONE;
	if (!was_running) {
		if (err->code != ERROR_NOT_FOUND ||
		    service_spawn(&service, &process, err) ||
		    wait_until_it_answers(&service, SERVICE_RUNS, process, err))
			return err->code;
	}
	*ret_pid = process->pid;
	*ret_was_running = was_running;
	return ERROR_NONE;
}

/* --- stopping ------------------------------------------------------------- */

static enum error_code
process_end(const struct process *process, struct error *err)
{
	if (process_signal(process, SIGTERM, err))
		return err->code;
	if (process_wait(process, STOP_MS))
		return ERROR_NONE;
	if (process_signal(process, SIGKILL, err))
		return err->code;
	if (!process_wait(process, KILL_MS))
		return error_set(err, ERROR_TIMEOUT, "process %d does not end",
		    (int)process->pid);
	return ERROR_NONE;
}

enum error_code
service_stop(const char *name, pid_t *ret_pid, struct error *err)
{
	CLEANUP_DONE(service) struct service service = {.lock = -1};
	CLEANUP(process) struct process *process = NULL;

	if (unit_manages())
		return unit_pid(name, ret_pid, err) ? err->code
						    : unit_stop(name, err);
	*ret_pid = 0;
	if (service_init(name, &service, err))
		return err->code == ERROR_NOT_FOUND ? ERROR_NONE : err->code;
	if (service_lock(&service, err) || require_ours(name, err))
		return err->code;
	if (own_process(&service, &process, err)) {
		if (err->code != ERROR_NOT_FOUND)
			return err->code;
	} else {
		if (process_end(process, err))
			return error_wrap(err, "cannot stop %s", name);
		*ret_pid = process->pid;
	}
	return file_remove(service.pid_file, err);
}

enum error_code
service_restart(const char *name, pid_t *ret_pid, struct error *err)
{
	bool was_running;

	if (unit_manages())
		return unit_restart(name, err) ? err->code
					       : unit_pid(name, ret_pid, err);
	if (service_stop(name, ret_pid, err))
		return err->code;
	return service_start(name, ret_pid, &was_running, err);
}

static enum error_code
reload_unit(const char *name, bool *ret_runs, struct error *err)
{
	pid_t pid;

	if (unit_pid(name, &pid, err))
		return err->code;
	*ret_runs = pid > 0;
	return pid > 0 ? unit_reload(name, err) : ERROR_NONE;
}

enum error_code
service_reload(const char *name, bool *ret_runs, struct error *err)
{
	CLEANUP_DONE(service) struct service service = {.lock = -1};
	CLEANUP(process) struct process *process = NULL;
	enum service_state state;

	if (unit_manages())
		return reload_unit(name, ret_runs, err);
	*ret_runs = false;
	if (service_init(name, &service, err))
		return err->code == ERROR_NOT_FOUND ? ERROR_NONE : err->code;
	if (find_process(&service, &state, &process, err))
		return err->code;
	if (!process)
		return ERROR_NONE;
	*ret_runs = true;
	return process->pid > 0 ? process_signal(process, SIGHUP, err)
				: require_ours(name, err);
}
