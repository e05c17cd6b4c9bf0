/* SPDX-License-Identifier: MIT */
/*
 * One measurement: a number of clients sign with one key by one path, and what
 * they did is printed as one JSON object. tests/bench/sign runs it for every
 * path in turn.
 */
#include <getopt.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients.h"
#include "common/file.h"
#include "common/json.h"
#include "common/openssl.h"

#define PEM_MAX 65536
#define EXIT_USAGE 2

static const struct option long_options[] = {
    {"module",       required_argument, NULL, 'm'},
    {"token",        required_argument, NULL, 't'},
    {"pin-file",     required_argument, NULL, 'p'},
    {"key",          required_argument, NULL, 'k'},
    {"public-key",   required_argument, NULL, 'u'},
    {"rsa",          no_argument,       NULL, 'r'},
    {"clients",      required_argument, NULL, 'c'},
    {"processes",    no_argument,       NULL, 'P'},
    {"milliseconds", required_argument, NULL, 'd'},
    {NULL,	   0,		 NULL, 0  },
};

static const char usage_text[] =
    "usage: bench_sign --key LABEL --public-key FILE [--rsa]\n"
    "    [--module FILE --token LABEL [--pin-file FILE]]\n"
    "    [--clients N] [--processes] [--milliseconds N]\n"
    "Without --module the path is keyd's socket in SIGNET_RUNTIME_DIR.\n";

static enum error_code
load_public_key(const char *path, EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	CLEANUP(bio) BIO *bio = NULL;

	if (file_read(path, PEM_MAX, &pem, NULL, err))
		return err->code;
	bio = BIO_new_mem_buf(pem, -1);
	*ret_key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	if (!*ret_key)
		return error_set_openssl(err, ERROR_INVALID, path);
	return ERROR_NONE;
}

/* Returns the path of the public key, or NULL after a wrong option. */
static const char *
parse_options(int argc, char *argv[], struct clients_options *options)
{
	const char *public_key = NULL;
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
			public_key = optarg;
			break;
		case 'r':
			options->signer.is_rsa = true;
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
	return public_key;
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
run(struct clients_options *options, const char *public_key, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	struct clients_result result;

	if (load_public_key(public_key, &key, err))
		return err->code;
	options->public_key = key;
	if (clients_run(options, &result, err))
		return err->code;
	return print_result(&result, err);
}

int
main(int argc, char *argv[])
{
	struct clients_options options = {.clients = 1, .milliseconds = 1000};
	const char *public_key = parse_options(argc, argv, &options);
	struct error err;

	if (!public_key) {
		(void)fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	if (run(&options, public_key, &err)) {
		(void)fprintf(stderr, "bench_sign: %s\n", err.message);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
