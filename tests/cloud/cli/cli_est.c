/* SPDX-License-Identifier: MIT */
/*
 * signet-cloud est: who may enroll, what to ask for, what is given and taken
 * back, where the CA's key is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli.h"
#include "common/file.h"
#include "est_attributes.h"
#include "est_ca.h"
#include "est_store.h"
#include "est_usages.h"
#include "instance.h"

#define FILE_BYTES_MAX ((size_t)64 * 1024)

struct est_order {
	const char *directory;
	const char *password_file; /* "-": standard input */
	const char *module;
	const char *what;
	const char *argument;
};

static enum error_code
read_password(const char *path, char **ret_password, struct error *err)
{
	char line[EST_PASSWORD_MAX + 2] = "";
	char *text;

	if (strcmp(path, "-") == 0)
		text = fgets(line, sizeof(line), stdin) ? strdup(line) : NULL;
	else if (file_read(path, EST_PASSWORD_MAX + 1, &text, NULL, err))
		return err->code;
	OPENSSL_cleanse(line, sizeof(line));
	if (!text)
		return error_set(err, ERROR_INVALID, "no password was given");
	text[strcspn(text, "\r\n")] = '\0';
	*ret_password = text;
	return ERROR_NONE;
}

static enum error_code
add_user(
    const struct est_order *order, struct database *database, struct error *err)
{
	CLEANUP(secret) char *password = NULL;

	if (!order->password_file)
		return error_set(err, ERROR_INVALID,
		    "name a file with the password: --password-file FILE");
	if (read_password(order->password_file, &password, err))
		return err->code;
	return est_user_put(database, order->argument, password, err);
}

static enum error_code
trust(
    const struct est_order *order, struct database *database, struct error *err)
{
	CLEANUP(string) char *pem = NULL;

	if (file_read(order->argument, FILE_BYTES_MAX, &pem, NULL, err))
		return err->code;
	return est_anchor_add(database, pem, err);
}

static enum error_code
set_attributes(
    const struct est_order *order, struct database *database, struct error *err)
{
	return est_attributes_set(database, order->argument, err);
}

static enum error_code
set_usages(
    const struct est_order *order, struct database *database, struct error *err)
{
	return est_usages_set(database, order->argument, err);
}

static enum error_code
revoke(
    const struct est_order *order, struct database *database, struct error *err)
{
	return est_certificate_revoke(database, order->argument, err);
}

static enum error_code
use_key(
    const struct est_order *order, struct database *database, struct error *err)
{
	if (!order->module)
		return error_set(err, ERROR_INVALID,
		    "name the token's PKCS#11 module: --module FILE");
	return est_ca_use_token(database, order->argument, order->module, err);
}

static const struct {
	const char *name;
	enum error_code (*run)(const struct est_order *order,
	    struct database *database, struct error *err);
} verbs[] = {
    {"user",     add_user      },
    {"trust",    trust         },
    {"csrattrs", set_attributes},
    {"usages",   set_usages    },
    {"key",      use_key       },
    {"revoke",   revoke        },
};

static enum error_code
carry_out(const struct est_order *order, struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};

	if (instance_open(order->directory, &instance, err))
		return err->code;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, order->what) == 0)
			return verbs[i].run(order, instance.database, err);
	return error_set(err, ERROR_INVALID,
	    "there is no 'est %s'; there are user, trust, csrattrs, "
	    "usages, key and revoke",
	    order->what);
}

int
command_est(int argc, char *argv[])
{
	static const struct option options[] = {
	    {"data",          required_argument, NULL, 'd'},
	    {"password-file", required_argument, NULL, 'p'},
	    {"module",        required_argument, NULL, 'm'},
	    {NULL,            0,                 NULL, 0  },
	};
	struct est_order order = {0};
	struct error err;
	int option;

	while ((option = cli_next_option(argc, argv, "", options)) != -1) {
		if (option == 'd')
			order.directory = optarg;
		else if (option == 'p')
			order.password_file = optarg;
		else if (option == 'm')
			order.module = optarg;
		else
			return EX_USAGE;
	}
	if (!order.directory || argc - optind != 2)
		return cli_usage(
		    "est needs --data DIR user NAME, trust FILE, "
		    "csrattrs WORDS, usages WORDS, key URI or revoke "
		    "SERIAL");
	order.what = argv[optind];
	order.argument = argv[optind + 1];
	if (carry_out(&order, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}
