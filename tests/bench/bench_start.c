/* SPDX-License-Identifier: MIT */
/*
 * Starts keyd, and prints how many milliseconds later a client has its first
 * signature, which is verified. Then ends it.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checker.h"
#include "common/time.h"

#define PATIENCE_US (10 * 1000000LL)
#define PAUSE_MS 1 /* between two attempts of the client */

static const unsigned char digest[SIGNER_DIGEST_LENGTH] = {1};

static enum error_code
sign(const char *key, struct signature *ret_signature, struct error *err)
{
	const struct signer_options options = {
	    .key = key, .operation = SIGNER_ECDSA};
	struct signer *signer;
	enum error_code code;

	if (signer_open(&options, &signer, err))
		return err->code;
	code = signer_sign(signer, digest, ret_signature, err);
	signer_close(signer);
	return code;
}

/* Waits for the first signature that is made after began_us. */
static enum error_code
await_signature(int64_t began_us, const char *key, const char *public_key,
    int64_t *ret_us, struct error *err)
{
	CLEANUP(checker) struct checker *checker = NULL;
	struct signature signature;
	int64_t took_us;

	while (sign(key, &signature, err)) {
		if (time_monotonic_us() - began_us > PATIENCE_US)
			return err->code;
		time_sleep_ms(PAUSE_MS);
	}
	took_us = time_monotonic_us() - began_us;
	if (checker_open(SIGNER_ECDSA, public_key, &checker, err))
		return err->code;
	if (!checker_accepts(checker, digest, &signature))
		return error_set(err, ERROR_INTERNAL, "the signature is wrong");
	*ret_us = took_us;
	return ERROR_NONE;
}

static enum error_code
measure(char *argv[], int64_t *ret_us, struct error *err)
{
	int64_t began_us = time_monotonic_us();
	enum error_code code;
	pid_t process;

	errno = posix_spawnp(&process, argv[3], NULL, NULL, argv + 3, environ);
	if (errno)
		return error_set_errno(err, ERROR_NOT_FOUND, "%s", argv[3]);
	code = await_signature(began_us, argv[1], argv[2], ret_us, err);
	(void)kill(process, SIGTERM);
	(void)waitpid(process, NULL, 0);
	return code;
}

int
main(int argc, char *argv[])
{
	int64_t us;
	struct error err;

	if (argc < 4) {
		(void)fputs("usage: bench_start KEY PUBLIC-KEY-FILE PROGRAM "
			    "[ARGUMENT]...\n",
		    stderr);
		return 2;
	}
	if (measure(argv, &us, &err)) {
		(void)fprintf(stderr, "bench_start: %s\n", err.message);
		return EXIT_FAILURE;
	}
	(void)printf(
	    "%lld.%lld\n", (long long)us / 1000, (long long)us % 1000 / 100);
	return EXIT_SUCCESS;
}
