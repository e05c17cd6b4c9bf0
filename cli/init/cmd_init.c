/* SPDX-License-Identifier: MIT */
/* signetctl init: a device is configured in one line. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "candidate.h"
#include "commands.h"
#include "common/base64.h"
#include "common/file.h"
#include "common/openssl.h"
#include "first_config.h"
#include "operator_file.h"

#define CONFIG_MAX (1024 * 1024)
#define STDIN_MAX 4096
#define KEY_BYTES_MIN 16

#define TRUST_BUNDLE                                                           \
	{                                                                      \
		"trust-bundle", "PATH|URI", false                              \
	}
#define FORCE                                                                  \
	{                                                                      \
		"force", NULL, false                                           \
	}
#define NO_APPLY                                                               \
	{                                                                      \
		"no-apply", NULL, false                                        \
	}
#define NEEDS(name, value)                                                     \
	{                                                                      \
		name, value, true                                              \
	}
#define TAKES(name, value)                                                     \
	{                                                                      \
		name, value, false                                             \
	}

/* --- what is to be written ------------------------------------------------ */

/*
 * The secret text, or the first line of stdin if it is "-", in buffer. Fails
 * with ERROR_MALFORMED: it is not the command line that is wrong.
 */
static enum error_code
read_secret(const char **text, char buffer[static STDIN_MAX], struct error *err)
{
	if (!*text || strcmp(*text, "-") != 0)
		return ERROR_NONE;
	if (!fgets(buffer, STDIN_MAX, stdin))
		return error_set(err, ERROR_MALFORMED,
		    "there is nothing on the standard input");
	buffer[strcspn(buffer, "\r\n")] = '\0';
	if (!*buffer)
		return error_set(err, ERROR_MALFORMED,
		    "the first line of the standard input is empty");
	*text = buffer;
	return ERROR_NONE;
}

/*
 * What begins as a path, names nothing, and would do as a key (DPS has none of
 * less than 16 bytes), is left to who wrote it: either guess could send
 * somebody searching, and the one as a path would print a secret.
 */
static enum error_code
check_unambiguous(const char *text, struct error *err)
{
	unsigned char *data = NULL;
	size_t length = 0;
	struct error ignored;

	if (!text || text[0] != '/' || access(text, F_OK) == 0 ||
	    base64_decode(text, &data, &length, &ignored))
		return ERROR_NONE;
	OPENSSL_cleanse(data, length);
	free(data);
	if (length < KEY_BYTES_MIN || text[strlen(text) - 1] == '=')
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "--symmetric-key begins with a slash: give a key on the standard "
	    "input ('--symmetric-key -'), and a file that is not there yet as "
	    "a URI ('file:///...')");
}

/* The option's key: from stdin it is never a path. */
static enum error_code
read_symmetric_key(struct first_config *config, char buffer[static STDIN_MAX],
    struct error *err)
{
	const char *given = config->symmetric_key;

	if (read_secret(&config->symmetric_key, buffer, err))
		return err->code;
	config->symmetric_key_is_no_path = config->symmetric_key != given;
	if (config->symmetric_key_is_no_path)
		return ERROR_NONE;
	return check_unambiguous(given, err);
}

static enum error_code
make_text(const struct synopsis *synopsis, const struct arguments *arguments,
    enum first_config_kind kind, char **ret_text, struct error *err)
{
	char buffer[STDIN_MAX];
	struct first_config config = {.kind = kind};
	const struct {
		const char *option;
		const char **member;
	} members[] = {
	    {"id-scope",          &config.id_scope         },
	    {"global-endpoint",   &config.endpoint         },
	    {"registration-id",   &config.registration_id  },
	    {"identity-cert",     &config.identity_cert    },
	    {"identity-pk",       &config.identity_pk      },
	    {"symmetric-key",     &config.symmetric_key    },
	    {"iothub-hostname",   &config.iothub_hostname  },
	    {"device-id",         &config.device_id        },
	    {"connection-string", &config.connection_string},
	    {"trust-bundle",      &config.trust_bundle     },
	    {"pkcs11-module",     &config.pkcs11_module    },
	    {"tcti",              &config.tcti             },
	};
	enum error_code code;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		*members[i].member =
		    arguments_value(synopsis, arguments, members[i].option);
	code = read_symmetric_key(&config, buffer, err);
	if (!code)
		code = read_secret(&config.connection_string, buffer, err);
	if (!code)
		code = first_config_text(&config, ret_text, err);
	OPENSSL_cleanse(buffer, sizeof(buffer));
	return code;
}

/* --- writing it ----------------------------------------------------------- */

/* *ret_old is what the file holds; NULL: there is none. */
static enum error_code
read_old(const char *path, char **ret_old, struct error *err)
{
	*ret_old = NULL;
	if (file_read(path, CONFIG_MAX, ret_old, NULL, err))
		return err->code == ERROR_NOT_FOUND ? ERROR_NONE : err->code;
	return ERROR_NONE;
}

static void
bring_back(const char *path, const char *old)
{
	struct error err;

	if (old ? operator_file_write(path, old, &err)
		: file_remove(path, &err))
		output_note("cannot bring back '%s': %s", path, err.message);
	else
		output_note("'%s' is as it was", path);
}

/* What can be said of the file before what it names is there. */
static enum error_code
check_draft(const char *path, struct error *err)
{
	CLEANUP_DONE(candidate)
	struct candidate candidate = {.is_draft = true};

	enum error_code code = candidate_load_alone(path, &candidate, err);

	candidate_print(&candidate);
	return code ? code : candidate_require_no_mistakes(&candidate, err);
}

/* 'config apply' reports by itself; if it fails, the file is as it was. */
static int
apply(const char *path, const char *old, enum output_form form)
{
	char name[] = "apply";
	char option[] = "-o";
	char text[] = "text";
	char json[] = "json";
	char *argv[] = {name, option, form == OUTPUT_JSON ? json : text, NULL};
	int status;

	optind = 0; /* glibc: from the start */
	status = cmd_config_apply(3, argv);
	if (status != EXIT_SUCCESS)
		bring_back(path, old);
	return status;
}

/* --- the command ---------------------------------------------------------- */

static const struct synopsis kinds[] = {
    [FIRST_DPS_X509] = {.command = "init dps-x509",
			.options = {NEEDS("id-scope", "SCOPE"),
	    NEEDS("identity-cert", "PATH|URI"),
	    NEEDS("identity-pk", "PATH|URI"), TAKES("registration-id", "ID"),
	    TAKES("global-endpoint", "URL"), TAKES("pkcs11-module", "PATH"),
	    TRUST_BUNDLE, FORCE, NO_APPLY}                                 },
    [FIRST_DPS_SYMMETRIC_KEY] = {.command = "init dps-symmetric-key",
			.options = {NEEDS("id-scope", "SCOPE"), NEEDS("registration-id", "ID"),
	    NEEDS("symmetric-key", "KEY|PATH|URI|-"),
	    TAKES("global-endpoint", "URL"), TRUST_BUNDLE, FORCE, NO_APPLY}},
    [FIRST_DPS_TPM] = {.command = "init dps-tpm",
			.options = {NEEDS("id-scope", "SCOPE"), NEEDS("registration-id", "ID"),
	    TAKES("global-endpoint", "URL"), TAKES("tcti", "TCTI"),
	    TRUST_BUNDLE, FORCE, NO_APPLY}                                 },
    [FIRST_MANUAL_X509] = {.command = "init manual-x509",
			.options = {NEEDS("iothub-hostname", "HOST"), NEEDS("device-id", "ID"),
	    NEEDS("identity-cert", "PATH|URI"),
	    NEEDS("identity-pk", "PATH|URI"), TAKES("pkcs11-module", "PATH"),
	    TRUST_BUNDLE, FORCE, NO_APPLY}                                 },
    [FIRST_MANUAL_CONNECTION_STRING] =
	{.command = "init manual-connection-string",
			.options = {NEEDS("connection-string", "STRING|-"), TRUST_BUNDLE,
		FORCE, NO_APPLY}					   },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int
init(enum first_config_kind kind, int argc, char **argv)
{
	const struct synopsis *synopsis = &kinds[kind];
	CLEANUP(string) char *path = operator_file_path();
	CLEANUP(secret) char *text = NULL;
	CLEANUP(secret) char *old = NULL;
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(synopsis, argc, argv, &arguments, &status))
		return status;
	if (!path)
		(void)error_no_memory(&err);
	if (!path)
		return output_failure(arguments.form, &err);
	if (make_text(synopsis, &arguments, kind, &text, &err)) {
		(void)output_failure(arguments.form, &err);
		return err.code == ERROR_INVALID ? EXIT_USAGE : EXIT_FAILURE;
	}
	if (operator_file_check(path, text,
		arguments_value(synopsis, &arguments, "force"), &err) ||
	    read_old(path, &old, &err) || operator_file_write(path, text, &err))
		return output_failure(arguments.form, &err);
	if (!arguments_value(synopsis, &arguments, "no-apply"))
		return apply(path, old, arguments.form);
	if (check_draft(path, &err)) {
		bring_back(path, old);
		return output_failure(arguments.form, &err);
	}

	document = json_pack("{s:s}", "path", path);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		operator_file_print_written(path);
	return EXIT_SUCCESS;
}

/* "dps-x509" */
static const char *
kind_name(size_t kind)
{
	return kinds[kind].command + strlen("init ");
}

int
cmd_init(int argc, char **argv)
{
	static const struct synopsis any = {.command = "init",
	    .operands = "dps-x509|dps-symmetric-key|dps-tpm|manual-x509|"
			"manual-connection-string",
	    .operand_count = 1};
	struct arguments arguments;
	struct error err;
	int status;

	for (size_t i = 0; argc > 1 && i < KINDS; i++)
		if (strcmp(argv[1], kind_name(i)) == 0)
			return init(
			    (enum first_config_kind)i, argc - 1, argv + 1);
	if (!arguments_read(&any, argc, argv, &arguments, &status))
		return status;
	(void)error_set(&err, ERROR_INVALID,
	    "init: '%s' is not one of %s, %s, %s, %s, %s",
	    arguments.operands[0], kind_name(0), kind_name(1), kind_name(2),
	    kind_name(3), kind_name(4));
	(void)output_failure(arguments.form, &err);
	return EXIT_USAGE;
}
