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

/* Finds ours among the count sockets that systemd passed. */
static int
choose_passed(int count, const char *path)
{
	for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count;
	     fd++)
		if (sd_is_socket_unix(
			fd, SOCK_STREAM, 1, count == 1 ? NULL : path, 0) > 0)
			return fd;
	return -1;
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

enum error_code
http_listener_open(const char *path, mode_t mode,
    struct http_listener *ret_listener, struct error *err)
{
	int count = sd_listen_fds(/* unset_environment */ 1);
	int fd;

	if (count <= 0)
		return listen_at(path, mode, ret_listener, err);
	fd = choose_passed(count, path);
	if (fd < 0)
		return error_set(err, ERROR_INTERNAL,
		    "none of the %d sockets passed to us is a listening Unix "
		    "socket for '%s'",
		    count, path);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return error_set_errno(err, ERROR_INTERNAL, "passed socket");
	*ret_listener = (struct http_listener){.fd = fd};
	return ERROR_NONE;
}

void
http_listener_close(struct http_listener *listener)
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
