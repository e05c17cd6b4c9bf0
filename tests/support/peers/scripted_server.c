/* SPDX-License-Identifier: MIT */
#include "scripted_server.h"

#include "cmocka_wrap.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_MAX (64 * 1024)

struct scripted_server {
	char folder[32];
	char path[64];
	int listener;
	int stop; /* an eventfd */
	pthread_t thread;
	const char *const *next;
	atomic_uint connections;
	char incoming[REQUEST_MAX];
	char request[REQUEST_MAX]; /* the last that was whole */
};

/* Waits until fd is readable. Returns false if the server is to stop. */
static bool
wait_readable(const struct scripted_server *server, int fd)
{
	struct pollfd fds[] = {
	    {.fd = fd,           .events = POLLIN},
	    {.fd = server->stop, .events = POLLIN},
	};

	return poll(fds, 2, -1) > 0 && !(fds[1].revents & POLLIN);
}

/* True if text is a request with all of its body. */
static bool
is_whole(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n");
	const char *length = strstr(text, "content-length: ");

	if (!body)
		return false;
	if (!length)
		return true;
	return strlen(body + 4) >=
	       strtoul(length + strlen("content-length: "), NULL, 10);
}

static bool
read_request(struct scripted_server *server, int fd)
{
	size_t length = 0;

	server->incoming[0] = '\0';
	while (!is_whole(server->incoming)) {
		ssize_t received = 0;

		if (wait_readable(server, fd))
			received = recv(fd, server->incoming + length,
			    REQUEST_MAX - 1 - length, 0);
		if (received <= 0)
			return false;
		length += (size_t)received;
		server->incoming[length] = '\0';
	}
	memcpy(server->request, server->incoming, length + 1);
	return true;
}

/* Says the next line. Returns false if that is the connection's end. */
static bool
say_next(struct scripted_server *server, int fd)
{
	const char *line = *server->next;
	size_t length;

	if (!line)
		return false;
	server->next++;
	if (strcmp(line, SCRIPT_CLOSE) == 0)
		return false;
	if (strcmp(line, SCRIPT_SILENCE) == 0)
		return true;
	length = strcspn(line, SCRIPT_THEN_CLOSE);
	(void)send(fd, line, length, MSG_NOSIGNAL);
	return line[length] == '\0';
}

static void *
serve(void *data)
{
	struct scripted_server *server = data;

	while (wait_readable(server, server->listener)) {
		int fd = accept(server->listener, NULL, NULL);

		server->connections++;
		while (read_request(server, fd) && say_next(server, fd))
			;
		(void)close(fd);
	}
	return NULL;
}

struct scripted_server *
scripted_server_start(const char *const *script)
{
	struct scripted_server *server = calloc(1, sizeof(*server));
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	assert_non_null(server);
	server->next = script;
	(void)snprintf(
	    server->folder, sizeof(server->folder), "%s", "/tmp/signet-XXXXXX");
	assert_non_null(mkdtemp(server->folder));
	(void)snprintf(
	    server->path, sizeof(server->path), "%s/test.sock", server->folder);
	memcpy(address.sun_path, server->path, sizeof(server->path));

	server->stop = eventfd(0, EFD_CLOEXEC);
	server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	assert_int_equal(listen(server->listener, 8), 0);
	assert_int_equal(
	    pthread_create(&server->thread, NULL, serve, server), 0);
	return server;
}

void
scripted_server_stop(struct scripted_server *server)
{
	assert_int_equal(eventfd_write(server->stop, 1), 0);
	assert_int_equal(pthread_join(server->thread, NULL), 0);
	(void)close(server->listener);
	(void)close(server->stop);
	assert_int_equal(unlink(server->path), 0);
	assert_int_equal(rmdir(server->folder), 0);
	free(server);
}

const char *
scripted_server_path(const struct scripted_server *server)
{
	return server->path;
}

unsigned
scripted_server_connections(struct scripted_server *server)
{
	return server->connections;
}

const char *
scripted_server_request(const struct scripted_server *server)
{
	return server->request;
}
