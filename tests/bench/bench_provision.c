/* SPDX-License-Identifier: MIT */
/*
 * Starts provisiond, and prints how many milliseconds later it says that the
 * device is provisioned. Leaves it running, and prints its process id, too.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/time.h"
#include "provisiond/client.h"

#define PATIENCE_US (60 * 1000000LL)
#define PAUSE_MS 1 /* between two looks */
#define CALL_MS 5000

static bool
is_provisioned(struct unix_http *client, struct error *err)
{
	CLEANUP(json) json_t *provisioning = NULL;
	const char *status;

	if (provisiond_get_provisioning(client, &provisioning, err))
		return false;
	status = json_string_value(json_object_get(provisioning, "status"));
	(void)error_set(err, ERROR_TIMEOUT, "it is %s after a minute",
	    status ? status : "silent");
	return status && strcmp(status, "provisioned") == 0;
}

static enum error_code
await_assignment(int64_t began_us, int64_t *ret_us, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	if (provisiond_client_create(CALL_MS, &client, err))
		return err->code;
	while (!is_provisioned(client, err)) {
		if (time_monotonic_us() - began_us > PATIENCE_US)
			return err->code;
		time_sleep_ms(PAUSE_MS);
	}
	*ret_us = time_monotonic_us() - began_us;
	return ERROR_NONE;
}

int
main(int argc, char *argv[])
{
	int64_t began_us = time_monotonic_us(), us;
	struct error err;
	pid_t process;

	if (argc < 2) {
		(void)fputs(
		    "usage: bench_provision PROGRAM [ARGUMENT]...\n", stderr);
		return 2;
	}
	errno = posix_spawnp(&process, argv[1], NULL, NULL, argv + 1, environ);
	if (errno) {
		perror(argv[1]);
		return EXIT_FAILURE;
	}
	if (await_assignment(began_us, &us, &err)) {
		(void)fprintf(stderr, "bench_provision: %s\n", err.message);
		(void)kill(process, SIGTERM);
		return EXIT_FAILURE;
	}
	(void)printf("%d %lld.%lld\n", (int)process, (long long)us / 1000,
	    (long long)us % 1000 / 100);
	return EXIT_SUCCESS;
}
