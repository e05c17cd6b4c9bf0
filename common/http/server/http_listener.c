/* SPDX-License-Identifier: MIT */
#include "http_listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static enum error_code
code_of_errno(void)
{
	return errno == EACCES || errno == EPERM || errno == EROFS
		   ? ERROR_DENIED
		   : ERROR_INTERNAL;
}

/* True if a process answers at address. */
static bool
is_served(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served = connect(fd, (const struct sockaddr *)address,
			  sizeof(*address)) == 0 ||
		      errno != ECONNREFUSED;

	(void)close(fd);
	return served;
}

/* Removes what a dead daemon left at address, and nothing else. */
static enum error_code
clear_way(const struct sockaddr_un *address, struct error *err)
{
	const char *path = address->sun_path;
	struct stat status;

	if (lstat(path, &status) < 0) {
		if (errno == ENOENT)
			return ERROR_NONE;
		return error_set_errno(err, code_of_errno(), "'%s'", path);
	}
	if (!S_ISSOCK(status.st_mode))
		return error_set(err, ERROR_EXISTS,
		    "'%s' is in the way: it is no socket", path);
	if (is_served(address))
		return error_set(
		    err, ERROR_EXISTS, "another process serves '%s'", path);
	if (unlink(path) < 0)
		return error_set_errno(
		    err, code_of_errno(), "cannot replace '%s'", path);
	return ERROR_NONE;
}

/* Until listen() nobody gets in, so the mode is never too wide. */
static enum error_code
bind_and_listen(int fd, const struct sockaddr_un *address, mode_t mode,
    struct http_listener *listener, struct error *err)
{
	const char *path = address->sun_path;
	struct stat status;

	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return error_set_errno(
		    err, code_of_errno(), "cannot make socket '%s'", path);
	if (chmod(path, mode) < 0 || listen(fd, SOMAXCONN) < 0 ||
	    stat(path, &status) < 0) {
		(void)error_set_errno(
		    err, code_of_errno(), "cannot listen on '%s'", path);
		(void)unlink(path);
		return err->code;
	}
	listener->device = status.st_dev;
	listener->inode = status.st_ino;
	return ERROR_NONE;
}

static enum error_code
listen_at(const char *path, mode_t mode, struct http_listener *ret_listener,
    struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct http_listener listener = {0};

	if (strlen(path) >= sizeof(address.sun_path))
		return error_set(err, ERROR_INTERNAL,
		    "socket path '%s' is longer than %zu bytes", path,
		    sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path));
	if (clear_way(&address, err))
		return err->code;

	listener.path = strdup(path);
	if (!listener.path)
		return error_no_memory(err);
	listener.fd =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener.fd < 0) {
		(void)error_set_errno(err, ERROR_INTERNAL, "socket");
		free(listener.path);
		return err->code;
	}
	if (bind_and_listen(listener.fd, &address, mode, &listener, err)) {
		(void)close(listener.fd);
		free(listener.path);
		return err->code;
	}
	*ret_listener = listener;
	return ERROR_NONE;
}

static void
listener_close(struct http_listener *listener)
{
	struct stat status;

	if (listener->fd < 0)
		return;
	if (listener->path && lstat(listener->path, &status) == 0 &&
	    status.st_dev == listener->device &&
	    status.st_ino == listener->inode)
		(void)unlink(listener->path);
	(void)close(listener->fd);
	free(listener->path);
	*listener = (struct http_listener){.fd = -1};
}

void
http_listeners_close(struct http_listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++)
		listener_close(&listeners->items[i]);
	listeners->count = 0;
}

/* The caller has seen to it that path is not among them. */
static enum error_code
add_own(struct http_listeners *listeners, const char *path, mode_t mode,
    struct error *err)
{
	if (listeners->count == HTTP_SOCKETS_MAX)
		return error_set(err, ERROR_INTERNAL,
		    "'%s' would be one socket more than the %d that there may "
		    "be",
		    path, HTTP_SOCKETS_MAX);
	if (listen_at(path, mode, &listeners->items[listeners->count], err))
		return err->code;
	listeners->count++;
	return ERROR_NONE;
}

/* ---- sockets of systemd ---- */

/* What systemd passed to this process. */
struct passed {
	int count;
	char **names; /* of the descriptors from SD_LISTEN_FDS_START on */
};

static void
passed_done(struct passed *passed)
{
	for (char **name = passed->names; name && *name; name++)
		free(*name);
	free(passed->names);
}

static bool
is_listening_at(int fd, const char *path)
{
	return sd_is_socket_unix(fd, SOCK_STREAM, 1, path, 0) > 0;
}

/* One that is alone is ours whatever its name is. */
static bool
is_for_us(const struct passed *passed, int index,
    const struct http_server_options *options)
{
	int fd = SD_LISTEN_FDS_START + index;

	if ((passed->count == 1 && !options->is_second) ||
	    strcmp(passed->names[index], options->name) == 0)
		return is_listening_at(fd, NULL);
	return is_listening_at(fd, options->socket_path);
}

static enum error_code
take_passed(const struct passed *passed,
    const struct http_server_options *options, struct http_listeners *listeners,
    struct error *err)
{
	for (int i = 0; i < passed->count; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (!is_for_us(passed, i, options) ||
		    listeners->count == HTTP_SOCKETS_MAX)
			continue;
		if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
			return error_set_errno(
			    err, ERROR_INTERNAL, "passed socket");
		listeners->items[listeners->count++] =
		    (struct http_listener){.fd = fd};
	}
	if (listeners->count == 0 && !options->is_second)
		return error_set(err, ERROR_INTERNAL,
		    "none of the %d sockets passed to us is a listening Unix "
		    "socket named '%s' or at '%s'",
		    passed->count, options->name, options->socket_path);
	return ERROR_NONE;
}

bool
http_server_is_passed(const char *name)
{
	CLEANUP_DONE(passed) struct passed passed = {0};

	passed.count = sd_listen_fds_with_names(0, &passed.names);
	for (int i = 0; i < passed.count; i++)
		if (strcmp(passed.names[i], name) == 0)
			return true;
	return false;
}

/* ---- all of them ---- */

static bool
listens_at(const struct http_listeners *listeners, const char *path)
{
	for (size_t i = 0; i < listeners->count; i++)
		if (is_listening_at(listeners->items[i].fd, path))
			return true;
	return false;
}

static enum error_code
open_all(const struct passed *passed, const struct http_server_options *options,
    struct http_listeners *listeners, struct error *err)
{
	mode_t mode = options->socket_mode;

	if (passed->count > 0 && take_passed(passed, options, listeners, err))
		return err->code;
	if (listeners->count == 0 &&
	    add_own(listeners, options->socket_path, mode, err))
		return err->code;
	for (size_t i = 0; i < HTTP_SOCKETS_MAX && options->more_paths[i]; i++)
		if (!listens_at(listeners, options->more_paths[i]) &&
		    add_own(listeners, options->more_paths[i], mode, err))
			return err->code;
	return ERROR_NONE;
}

enum error_code
http_listeners_open(const struct http_server_options *options,
    struct http_listeners *ret_listeners, struct error *err)
{
	CLEANUP_DONE(passed) struct passed passed = {0};
	struct http_listeners listeners = {0};

	/* They stay in the environment: another server may find its own. */
	passed.count = sd_listen_fds_with_names(0, &passed.names);
	if (open_all(&passed, options, &listeners, err)) {
		http_listeners_close(&listeners);
		return err->code;
	}
	*ret_listeners = listeners;
	return ERROR_NONE;
}
