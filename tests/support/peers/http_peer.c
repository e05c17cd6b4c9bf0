/* SPDX-License-Identifier: MIT */
#include "http_peer.h"

#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/json.h"

#define PEER_TIMEOUT_SECONDS 60
#define HEAD_MAX 512
#define FIELDS_MAX 16
#define FLOOD_SIZE (64UL * 1024)

int
peer_connect(const struct http_fixture *fixture)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval timeout = {.tv_sec = PEER_TIMEOUT_SECONDS};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
	    http_fixture_path(fixture));
	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)),
	    0);
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

void
peer_send(int fd, const char *text)
{
	size_t length = strlen(text);

	assert_int_equal(send(fd, text, length, MSG_NOSIGNAL), length);
}

void
peer_receive_all(int fd, struct peer_answer *ret_answer)
{
	ssize_t received = 1;

	ret_answer->length = 0;
	while (received > 0) {
		received = recv(fd, ret_answer->text + ret_answer->length,
		    sizeof(ret_answer->text) - 1 - ret_answer->length, 0);
		assert_true(received >= 0);
		ret_answer->length += (size_t)received;
	}
	ret_answer->text[ret_answer->length] = '\0';
}

bool
peer_receive_once(int fd, struct peer_answer *ret_answer)
{
	ssize_t received =
	    recv(fd, ret_answer->text, sizeof(ret_answer->text) - 1, 0);

	assert_true(received >= 0);
	ret_answer->length = (size_t)received;
	ret_answer->text[ret_answer->length] = '\0';
	return received > 0;
}

bool
peer_is_closed(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0) == 0;
}

void
peer_flood(int fd, const char *part, size_t size)
{
	size_t length = strlen(part);
	CLEANUP(string) char *block = malloc(FLOOD_SIZE);
	size_t full = FLOOD_SIZE - FLOOD_SIZE % length;

	assert_non_null(block);
	for (size_t i = 0; i < full; i += length)
		memcpy(block + i, part, length);
	while (size > 0) {
		size_t piece = size < full ? size : full;

		if (send(fd, block, piece, MSG_NOSIGNAL) < 0)
			return;
		size -= piece;
	}
}

const char *
body_of(const char *text)
{
	const char *empty = strstr(text, "\r\n\r\n");

	assert_non_null(empty);
	return empty + 4;
}

void
assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

void
assert_head(const char *text, unsigned status, const char *type)
{
	const char *body = body_of(text);
	unsigned fields = 0;
	char line[64];

	(void)snprintf(line, sizeof(line), "HTTP/1.1 %u ", status);
	assert_memory_equal(text, line, strlen(line));
	assert_true(body - text < HEAD_MAX);
	for (const char *c = strstr(text, "\r\n") + 2; c < body - 2;
	     c = strstr(c, "\r\n") + 2)
		fields++;
	assert_true(fields <= FIELDS_MAX);

	if (status == 204) {
		assert_null(strstr(text, "content-"));
		assert_contains(text, "\r\nconnection: close\r\n");
		return;
	}
	(void)snprintf(line, sizeof(line), "\r\ncontent-type: %s\r\n", type);
	assert_contains(text, line);
	(void)snprintf(
	    line, sizeof(line), "\r\ncontent-length: %zu\r\n", strlen(body));
	assert_contains(text, line);
}

void
assert_ok(const char *text, const char *body)
{
	assert_head(text, 200, "application/json");
	assert_string_equal(body_of(text), body);
}

void
assert_refused(int fd, unsigned status)
{
	static struct peer_answer answer;
	CLEANUP(json) json_t *body = NULL;

	peer_receive_all(fd, &answer);
	assert_head(answer.text, status, "application/json");
	assert_contains(answer.text, "\r\nconnection: close\r\n");
	body = json_loads(body_of(answer.text), 0, NULL);
	assert_true(json_string_length(json_object_get(body, "message")) > 0);
	(void)close(fd);
}

void
assert_refuses(
    const struct http_fixture *fixture, const char *text, unsigned status)
{
	int fd = peer_connect(fixture);

	print_message("%.60s\n", text);
	peer_send(fd, text);
	assert_refused(fd, status);
}

void
assert_answers(const struct http_fixture *fixture)
{
	static struct peer_answer answer;
	int fd = peer_connect(fixture);

	peer_send(fd, GET_3);
	assert_true(peer_receive_once(fd, &answer));
	assert_ok(answer.text, "{\"text\":\"aaa\"}");
	(void)close(fd);
}
