/* SPDX-License-Identifier: MIT */
/*
 * One measurement: a number of clients sign with one key by one path, and what
 * they did is printed as one JSON object. tests/bench/sign runs it for every
 * path in turn.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients.h"
#include "common/json.h"

#define EXIT_USAGE 2

static const struct option long_options[] = {
    {"module",       required_argument, NULL, 'm'},
    {"token",        required_argument, NULL, 't'},
    {"pin-file",     required_argument, NULL, 'p'},
    {"key",          required_argument, NULL, 'k'},
    {"check",        required_argument, NULL, 'u'},
    {"operation",    required_argument, NULL, 'o'},
    {"clients",      required_argument, NULL, 'c'},
    {"processes",    no_argument,       NULL, 'P'},
    {"milliseconds", required_argument, NULL, 'd'},
    {NULL,	   0,		 NULL, 0  },
};

static const char usage_text[] =
    "usage: bench_sign --key LABEL --check FILE\n"
    "    [--operation ecdsa|rsa|hmac|aes-gcm]\n"
    "    [--module FILE --token LABEL [--pin-file FILE]]\n"
    "    [--clients N] [--processes] [--milliseconds N]\n"
    "FILE is the public half of the key as PEM, or its bytes. Without "
    "--module\n"
    "the path is keyd's socket in SIGNET_RUNTIME_DIR.\n";

static bool
parse_operation(const char *name, enum signer_operation *ret_operation)
{
	static const char *const names[] = {
	    [SIGNER_ECDSA] = "ecdsa",
	    [SIGNER_RSA] = "rsa",
	    [SIGNER_HMAC] = "hmac",
	    [SIGNER_AEAD] = "aes-gcm",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0) {
			*ret_operation = (enum signer_operation)i;
			return true;
		}
	return false;
}

/* Returns the file to check with, or NULL after a wrong option. */
static const char *
parse_options(int argc, char *argv[], struct clients_options *options)
{
	const char *check = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		switch (option) {
		case 'm':
			options->signer.module = optarg;
			break;
		case 't':
			options->signer.token = optarg;
			break;
		case 'p':
			options->signer.pin_file = optarg;
			break;
		case 'k':
			options->signer.key = optarg;
			break;
		case 'u':
			check = optarg;
			break;
		case 'o':
			if (!parse_operation(
				optarg, &options->signer.operation))
				return NULL;
			break;
		case 'c':
			options->clients = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'P':
			options->processes = true;
			break;
		case 'd':
			options->milliseconds = strtol(optarg, NULL, 10);
			break;
		default:
			return NULL;
		}
	if (!options->signer.key || options->milliseconds < 1 ||
	    options->clients < 1 || options->clients > CLIENTS_MAX)
		return NULL;
	return check;
}

static enum error_code
print_result(const struct clients_result *result, struct error *err)
{
	CLEANUP(json)
	json_t *object = json_pack("{s:f, s:f, s:f, s:I}", "per_second",
	    result->per_second, "p50_us", result->p50_us, "p99_us",
	    result->p99_us, "verified", (json_int_t)result->verified);
	CLEANUP(string) char *text = object ? json_text(object) : NULL;

	if (!text)
		return error_no_memory(err);
	(void)puts(text);
	return ERROR_NONE;
}

static enum error_code
run(struct clients_options *options, const char *check, struct error *err)
{
	CLEANUP(checker) struct checker *checker = NULL;
	struct clients_result result;

	if (checker_open(options->signer.operation, check, &checker, err))
		return err->code;
	options->checker = checker;
	if (clients_run(options, &result, err))
		return err->code;
	return print_result(&result, err);
}

int
main(int argc, char *argv[])
{
	struct clients_options options = {.clients = 1, .milliseconds = 1000};
	const char *check = parse_options(argc, argv, &options);
	struct error err;

	if (!check) {
		(void)fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	if (run(&options, check, &err)) {
		(void)fprintf(stderr, "bench_sign: %s\n", err.message);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
