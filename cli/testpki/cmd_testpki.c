/* SPDX-License-Identifier: MIT */
/* signetctl testpki: certificates and keys for tests and demos. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "commands.h"
#include "common/file.h"
#include "common/openssl_key.h"
#include "common/time.h"
#include "examples.h"
#include "testpki.h"

#define DAYS_MAX 36500
#define SECONDS_PER_DAY INT64_C(86400)

/* What the command line asks for. */
struct request {
	enum output_form form;
	struct testpki_options options;
	const char *public_key; /* path, or NULL */
	const char *key_id;     /* of keyd, or NULL */
	const char *kind;
	const char *operand;
};

typedef enum error_code make(const struct request *request,
    struct testpki_outcome *ret_outcome, struct error *err);

static enum error_code
make_root(const struct request *request, struct testpki_outcome *ret_outcome,
    struct error *err)
{
	return testpki_root(&request->options, ret_outcome, err);
}

static enum error_code
make_intermediate(const struct request *request,
    struct testpki_outcome *ret_outcome, struct error *err)
{
	return testpki_intermediate(&request->options, ret_outcome, err);
}

static enum error_code
make_device_identity(const struct request *request,
    struct testpki_outcome *ret_outcome, struct error *err)
{
	return testpki_device_identity(
	    &request->options, request->operand, ret_outcome, err);
}

static enum error_code
make_verification(const struct request *request,
    struct testpki_outcome *ret_outcome, struct error *err)
{
	return testpki_verification(
	    &request->options, request->operand, ret_outcome, err);
}

static const struct kind {
	const char *name;
	const char *operand; /* NULL: none */
	bool takes_key;      /* of a key that exists already */
	make *make;
} kinds[] = {
    {"root",            NULL,   false, make_root           },
    {"intermediate",    NULL,   true,  make_intermediate   },
    {"device-identity", "NAME", true,  make_device_identity},
    {"verification",    "CODE", false, make_verification   },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

enum {
	OPTION_COMMON_NAME = 0x100,
	OPTION_DAYS,
	OPTION_DIR,
	OPTION_FORCE,
	OPTION_ISSUER,
	OPTION_KEY_ID,
	OPTION_KEY_TYPE,
	OPTION_NOT_AFTER,
	OPTION_NOT_BEFORE,
	OPTION_PUBLIC_KEY,
};

static const struct option long_options[] = {
    {"common-name", required_argument, NULL, OPTION_COMMON_NAME},
    {"days",        required_argument, NULL, OPTION_DAYS       },
    {"dir",         required_argument, NULL, OPTION_DIR        },
    {"force",       no_argument,       NULL, OPTION_FORCE      },
    {"help",        no_argument,       NULL, 'h'               },
    {"issuer",      required_argument, NULL, OPTION_ISSUER     },
    {"key-id",      required_argument, NULL, OPTION_KEY_ID     },
    {"key-type",    required_argument, NULL, OPTION_KEY_TYPE   },
    {"not-after",   required_argument, NULL, OPTION_NOT_AFTER  },
    {"not-before",  required_argument, NULL, OPTION_NOT_BEFORE },
    {"output",      required_argument, NULL, 'o'               },
    {"public-key",  required_argument, NULL, OPTION_PUBLIC_KEY },
    {NULL,          0,		 NULL, 0                 },
};

static void
print_help(void)
{
	(void)fputs(
	    "usage: signetctl testpki root|intermediate [OPTION]...\n"
	    "       signetctl testpki device-identity NAME [OPTION]...\n"
	    "       signetctl testpki verification CODE [OPTION]...\n"
	    "\n"
	    "  --dir DIR                  where certs/ and private/ are (.)\n"
	    "  --common-name CN           instead of what fits the kind\n"
	    "  --days N                   valid from now on (365, within the\n"
	    "                             issuer's life)\n"
	    "  --not-before TIME          as 2026-01-02T03:04:05Z\n"
	    "  --not-after TIME           instead of --days\n"
	    "  --key-type ec-p256|rsa-2048\n"
	    "  --issuer root|intermediate of a device identity; else the\n"
	    "                             intermediate, if there is one\n"
	    "  --public-key FILE          certify the key of this PEM file\n"
	    "  --key-id ID                certify this key of signet-keyd\n"
	    "  --force                    replace files that exist\n"
	    "  -o, --output text|json\n"
	    "\n"
	    "What it makes is for tests only, not for production.\n",
	    stdout);
}

static enum error_code
parse_days(const char *text, int64_t *ret_not_after, struct error *err)
{
	char *end;
	long days = strtol(text, &end, 10);

	if (end == text || *end || days < 1 || days > DAYS_MAX)
		return error_set(err, ERROR_INVALID,
		    "--days takes a number from 1 to %d, not '%s'", DAYS_MAX,
		    text);
	*ret_not_after = time_now() + days * SECONDS_PER_DAY;
	return ERROR_NONE;
}

static enum error_code
parse_issuer(
    const char *text, enum testpki_issuer *ret_issuer, struct error *err)
{
	if (strcmp(text, "root") == 0)
		*ret_issuer = TESTPKI_ROOT;
	else if (strcmp(text, "intermediate") == 0)
		*ret_issuer = TESTPKI_INTERMEDIATE;
	else
		return error_set(err, ERROR_INVALID,
		    "--issuer is root or intermediate, not '%s'", text);
	return ERROR_NONE;
}

static enum error_code
parse_form(const char *text, enum output_form *ret_form, struct error *err)
{
	if (!output_form_parse(text, ret_form))
		return error_set(
		    err, ERROR_INVALID, "unknown output form '%s'", text);
	return ERROR_NONE;
}

/* Options whose value is taken as it is; false: it is none of them. */
static bool
take_plain_option(struct request *request, int option, const char *value)
{
	struct testpki_options *options = &request->options;

	if (option == OPTION_COMMON_NAME)
		options->common_name = value;
	else if (option == OPTION_DIR)
		options->directory = value;
	else if (option == OPTION_FORCE)
		options->replace = true;
	else if (option == OPTION_KEY_ID)
		request->key_id = value;
	else if (option == OPTION_KEY_TYPE)
		options->key_type = value;
	else if (option == OPTION_PUBLIC_KEY)
		request->public_key = value;
	else
		return false;
	return true;
}

static enum error_code
take_option(struct request *request, int option, const char *value,
    const char *word, struct error *err)
{
	struct testpki_options *options = &request->options;

	if (take_plain_option(request, option, value))
		return ERROR_NONE;
	if (option == OPTION_DAYS)
		return parse_days(value, &options->not_after, err);
	if (option == OPTION_ISSUER)
		return parse_issuer(value, &options->issuer, err);
	if (option == OPTION_NOT_AFTER)
		return time_parse(value, &options->not_after, err);
	if (option == OPTION_NOT_BEFORE)
		return time_parse(value, &options->not_before, err);
	if (option == 'o')
		return parse_form(value, &request->form, err);
	return error_set(err, ERROR_INVALID,
	    option == ':' ? "no value for option '%s'" : "unknown option '%s'",
	    word);
}

static const struct kind *
find_kind(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static enum error_code
take_operands(struct request *request, int count, char **words,
    const struct kind **ret_kind, struct error *err)
{
	const struct kind *kind = count > 0 ? find_kind(words[0]) : NULL;
	int wanted = kind && kind->operand ? 2 : 1;

	if (!kind)
		return error_set(err, ERROR_INVALID,
		    "say root, intermediate, device-identity or verification");
	if (count < wanted)
		return error_set(err, ERROR_INVALID, "%s needs a %s",
		    kind->name, kind->operand);
	if (count > wanted)
		return error_set(err, ERROR_INVALID, "unexpected argument '%s'",
		    words[wanted]);
	if (!kind->takes_key && (request->public_key || request->key_id))
		return error_set(err, ERROR_INVALID,
		    "%s makes a key of its own", kind->name);
	if (request->public_key && request->key_id)
		return error_set(err, ERROR_INVALID,
		    "--public-key and --key-id exclude each other");
	request->kind = kind->name;
	request->operand = wanted == 2 ? words[1] : NULL;
	*ret_kind = kind;
	return ERROR_NONE;
}

/* *ret_kind is NULL, which is success, if only help is wanted. */
static enum error_code
read_arguments(int argc, char **argv, struct request *request,
    const struct kind **ret_kind, struct error *err)
{
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":ho:", long_options, NULL)) !=
	       -1) {
		if (option == 'h') {
			*ret_kind = NULL;
			return ERROR_NONE;
		}
		if (take_option(request, option, optarg, argv[optind - 1], err))
			return err->code;
	}
	return take_operands(
	    request, argc - optind, argv + optind, ret_kind, err);
}

/* *ret_key stays NULL, which is success, if a key is to be made. */
static enum error_code
load_public_key(
    const struct request *request, EVP_PKEY **ret_key, struct error *err)
{
	if (request->public_key)
		return testpki_read_public_key(
		    request->public_key, ret_key, err);
	if (request->key_id)
		return openssl_key_load(request->key_id, ret_key, err);
	return ERROR_NONE;
}

static json_t *
describe(const char *kind, const struct testpki_outcome *outcome)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s*, s:s}", "kind", kind,
	    "common_name", outcome->common_name, "not_after",
	    time_format(outcome->not_after).text, "certificate",
	    outcome->paths.certificate, "chain", outcome->paths.chain,
	    "private_key", outcome->paths.private_key, "notice",
	    TESTPKI_COMMENT);
}

static void
print_path(const char *title, const char *path)
{
	if (path)
		(void)printf("  %-12s %s\n", title, path);
}

static enum error_code
print_outcome(const struct request *request,
    const struct testpki_outcome *outcome, struct error *err)
{
	CLEANUP(json) json_t *document = describe(request->kind, outcome);

	if (!document)
		return error_no_memory(err);
	if (request->form == OUTPUT_JSON) {
		output_json(document);
		return ERROR_NONE;
	}
	(void)printf("%s '%s', valid until %s: %s\n", request->kind,
	    outcome->common_name, time_format(outcome->not_after).text,
	    TESTPKI_COMMENT);
	print_path("certificate", outcome->paths.certificate);
	print_path("chain", outcome->paths.chain);
	print_path("private key", outcome->paths.private_key);
	return ERROR_NONE;
}

static enum error_code
run(const struct kind *kind, struct request *request, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	CLEANUP_DONE(testpki_outcome) struct testpki_outcome outcome = {0};

	if (load_public_key(request, &key, err))
		return err->code;
	request->options.public_key = key;
	if (kind->make(request, &outcome, err))
		return err->code;
	return print_outcome(request, &outcome, err);
}

int
cmd_testpki(int argc, char **argv)
{
	struct request request = {
	    .form = OUTPUT_TEXT,
	    .options = {.directory = ".",
			.not_before = TESTPKI_DEFAULT_DATE,
			.not_after = TESTPKI_DEFAULT_DATE}
        };
	const struct kind *kind;
	struct error err;
	struct error why;

	if (read_arguments(argc, argv, &request, &kind, &why)) {
		(void)error_set(&err, why.code,
		    "testpki: %s (--help tells more)", why.message);
		(void)output_failure(arguments_form(argc, argv), &err);
		return EXIT_USAGE;
	}
	if (!kind) {
		print_help();
		examples_print("testpki");
		return EXIT_SUCCESS;
	}
	if (run(kind, &request, &err))
		return output_failure(request.form, &err);
	return EXIT_SUCCESS;
}
