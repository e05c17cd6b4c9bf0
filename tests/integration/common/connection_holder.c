/* SPDX-License-Identifier: MIT */
/*
 * Opens COUNT connections to the Unix socket PATH, sends TEXT on each, says
 * "ready", and keeps them until its input ends, whatever comes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address,
			   sizeof(address)) == 0)
		return fd;
	perror(path);
	return -1;
}

int
main(int argc, char *argv[])
{
	unsigned long count;

	if (argc != 4) {
		(void)fputs(
		    "usage: connection_holder PATH COUNT TEXT\n", stderr);
		return EXIT_FAILURE;
	}
	count = strtoul(argv[2], NULL, 10);
	for (unsigned long i = 0; i < count; i++) {
		int fd = connect_to(argv[1]);

		if (fd < 0)
			return EXIT_FAILURE;
		(void)send(fd, argv[3], strlen(argv[3]), MSG_NOSIGNAL);
	}
	(void)puts("ready");
	(void)fflush(stdout);
	while (getchar() != EOF)
		continue;
	return EXIT_SUCCESS; /* which closes them */
}
