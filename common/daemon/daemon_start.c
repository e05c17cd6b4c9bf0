/* SPDX-License-Identifier: MIT */
#include "daemon_start.h"

#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "common/daemon.h"
#include "common/file.h"
#include "common/log.h"
#include "common/paths.h"

#define LOG_LEVEL_FILE_MAX 64
#define DESCRIPTORS_MAX 4096 /* more than HTTP_CONNECTIONS_MAX */

static const char help[] =
    "Usage: signet-%s [OPTION]...\n"
    "\n"
    "  --config FILE      read FILE instead of %s/%s/config.yaml\n"
    "  --runtime-dir DIR  make the socket in DIR\n"
    "  --config-dir DIR   look for configuration in DIR\n"
    "  --state-dir DIR    keep state in DIR\n"
    "  --also-listen FILE make a second socket, FILE (may be repeated)\n"
    "  --log-level LEVEL  write error, warning, info or debug and above\n"
    "  --version          print the version and exit\n"
    "  --help             print this text and exit\n";

enum option_id {
	OPTION_CONFIG = 1,
	OPTION_RUNTIME_DIR,
	OPTION_CONFIG_DIR,
	OPTION_STATE_DIR,
	OPTION_ALSO_LISTEN,
	OPTION_LOG_LEVEL,
	OPTION_VERSION,
	OPTION_HELP,
};

static const struct option long_options[] = {
    {"config",      required_argument, NULL, OPTION_CONFIG     },
    {"runtime-dir", required_argument, NULL, OPTION_RUNTIME_DIR},
    {"config-dir",  required_argument, NULL, OPTION_CONFIG_DIR },
    {"state-dir",   required_argument, NULL, OPTION_STATE_DIR  },
    {"also-listen", required_argument, NULL, OPTION_ALSO_LISTEN},
    {"log-level",   required_argument, NULL, OPTION_LOG_LEVEL  },
    {"version",     no_argument,       NULL, OPTION_VERSION    },
    {"help",        no_argument,       NULL, OPTION_HELP       },
    {NULL,          0,		 NULL, 0                 },
};

void
daemon_signals(sigset_t *ret_signals)
{
	(void)sigemptyset(ret_signals);
	(void)sigaddset(ret_signals, SIGTERM);
	(void)sigaddset(ret_signals, SIGINT);
	(void)sigaddset(ret_signals, SIGHUP);
}

__attribute__((noreturn)) static void
fail(const char *name, const char *problem)
{
	(void)fprintf(stderr,
	    "signet-%s: %s\nTry 'signet-%s --help' for more.\n", name, problem,
	    name);
	exit(EX_USAGE);
}

static void
set_variable(const char *variable, const char *value)
{
	if (setenv(variable, value, /* overwrite */ 1) < 0)
		exit(EX_OSERR);
}

static void
set_level(const char *name, const char *text)
{
	enum log_level level;
	struct error err;

	if (log_level_parse(text, &level, &err))
		fail(name, err.message);
	log_set_level(level);
	/* What was asked for here is not undone by the file. */
	set_variable("SIGNET_LOG", text);
}

void
daemon_read_log_level(void)
{
	CLEANUP(string)
	char *path = string_format("%s/log-level", paths_config_directory());
	CLEANUP(string) char *text = NULL;
	enum log_level level = LOG_LEVEL_INFO;
	struct error ignored;

	if (getenv("SIGNET_LOG") || !path)
		return;
	if (file_read(path, LOG_LEVEL_FILE_MAX, &text, NULL, &ignored) ==
	    ERROR_NONE) {
		text[strcspn(text, "\n")] = '\0';
		if (log_level_parse(text, &level, &ignored))
			log_warning("'%s': %s", path, ignored.message);
	}
	log_set_level(level);
}

/* One is left NULL: the end. */
static void
add_socket(const char *name, const char *path, struct daemon_options *options)
{
	for (size_t i = 0; i < HTTP_SOCKETS_MAX - 1; i++)
		if (!options->more_paths[i]) {
			options->more_paths[i] = path;
			return;
		}
	fail(name, "there are too many options --also-listen");
}

static void
take_option(int option, const char *name, struct daemon_options *options)
{
	switch ((enum option_id)option) {
	case OPTION_CONFIG:
		free(options->config_path);
		options->config_path = strdup(optarg);
		return;
	case OPTION_RUNTIME_DIR:
		set_variable("SIGNET_RUNTIME_DIR", optarg);
		return;
	case OPTION_CONFIG_DIR:
		set_variable("SIGNET_CONFIG_DIR", optarg);
		return;
	case OPTION_STATE_DIR:
		set_variable("SIGNET_STATE_DIR", optarg);
		return;
	case OPTION_ALSO_LISTEN:
		add_socket(name, optarg, options);
		return;
	case OPTION_LOG_LEVEL:
		set_level(name, optarg);
		return;
	case OPTION_VERSION:
		(void)printf("signet-%s %s\n", name, SIGNET_VERSION);
		exit(EXIT_SUCCESS);
	case OPTION_HELP:
		(void)printf(help, name, paths_config_directory(), name);
		exit(EXIT_SUCCESS);
	}
	fail(name, "wrong option"); /* getopt_long() has said which */
}

/* Nothing of a daemon's memory may come to disk, or to another process. */
static void
protect_memory(void)
{
	struct rlimit none = {0};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
}

void
daemon_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    limit.rlim_cur >= DESCRIPTORS_MAX)
		return;
	limit.rlim_cur =
	    limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void
prepare_signals(void)
{
	sigset_t signals;

	(void)signal(SIGPIPE, SIG_IGN);
	daemon_signals(&signals);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

void
daemon_start(const char *name, int argc, char *argv[],
    struct daemon_options *ret_options)
{
	struct daemon_options options = {.name = name};
	int option;

	(void)umask(077);
	protect_memory();
	daemon_raise_descriptors();
	prepare_signals();

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		take_option(option, name, &options);
	if (optind < argc)
		fail(name, "there are no arguments, only options");

	daemon_read_log_level();
	if (!options.config_path)
		options.config_path = paths_config_file(name);
	options.state_path = paths_state_of(name);
	options.socket_path = paths_socket(name);
	if (!options.config_path || !options.state_path || !options.socket_path)
		exit(EX_OSERR);
	*ret_options = options;
}

void
daemon_options_done(struct daemon_options *options)
{
	free(options->config_path);
	free(options->state_path);
	free(options->socket_path);
	*options = (struct daemon_options){0};
}
