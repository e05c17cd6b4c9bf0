/* SPDX-License-Identifier: MIT */
#include "journal.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CHUNK ((size_t)64 * 1024)

struct journal {
	int socket;
	struct sockaddr_un address;
	char chunk[CHUNK];
};

enum error_code
journal_open(
    const char *socket_path, struct journal **ret_journal, struct error *err)
{
	struct journal *journal = malloc(sizeof(*journal));

	if (!journal)
		return error_no_memory(err);
	journal->address = (struct sockaddr_un){.sun_family = AF_UNIX};
	journal->socket =
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (journal->socket < 0 ||
	    snprintf(journal->address.sun_path,
		sizeof(journal->address.sun_path), "%s",
		socket_path) >= (int)sizeof(journal->address.sun_path)) {
		journal_close(journal);
		return error_set(err, ERROR_INTERNAL,
		    "cannot use the journal's socket '%s'", socket_path);
	}
	*ret_journal = journal;
	return ERROR_NONE;
}

void
journal_close(struct journal *journal)
{
	if (!journal)
		return;
	if (journal->socket >= 0)
		(void)close(journal->socket);
	free(journal);
}

/* A line has no line feed within, so that it is a value as it is. */
static bool
send_line(struct journal *journal, char *line, size_t length)
{
	static char head[] = "PRIORITY=6\nSYSLOG_IDENTIFIER=signet-audit\n"
			     "MESSAGE=";
	struct iovec parts[] = {
	    {head, sizeof(head) - 1},
	    {line, length          },
	};
	struct msghdr message = {
	    .msg_name = &journal->address,
	    .msg_namelen = sizeof(journal->address),
	    .msg_iov = parts,
	    .msg_iovlen = 2,
	};

	return sendmsg(journal->socket, &message, MSG_NOSIGNAL) >= 0;
}

/* Sends the whole lines of the chunk; returns their bytes. */
static size_t
send_lines(struct journal *journal, size_t length, uint64_t *lost)
{
	char *line = journal->chunk;
	char *end;

	while ((end = memchr(
		    line, '\n', length - (size_t)(line - journal->chunk)))) {
		size_t size = (size_t)(end - line) + 1;

		*lost += !send_line(journal, line, size);
		line += size;
	}
	return (size_t)(line - journal->chunk);
}

uint64_t
journal_copy(struct journal *journal, int file, uint64_t from, uint64_t to)
{
	uint64_t lost = 0;

	while (from < to) {
		size_t wanted = to - from < CHUNK ? (size_t)(to - from) : CHUNK;
		ssize_t got = pread(file, journal->chunk, wanted, (off_t)from);
		size_t sent;

		if (got <= 0)
			break;
		sent = send_lines(journal, (size_t)got, &lost);
		if (sent == 0)
			break;
		from += sent;
	}
	return lost;
}
