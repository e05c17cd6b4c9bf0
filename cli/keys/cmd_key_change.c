/* SPDX-License-Identifier: MIT */
/* signetctl key: making, importing, renaming and removing keys. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "commands.h"
#include "common/file.h"
#include "key_kind.h"
#include "keyd/client.h"

/* Some tokens take minutes for a long RSA key, and others may be before us. */
#define CHANGE_TIMEOUT_MS (5 * 60 * 1000)
#define KEY_FILE_MAX (64 * 1024)
#define DEFAULT_SECRET_USAGE "derive,sign"

/* What is said when a change is made: a sentence, or {"id":...}. */
static int
done(const struct arguments *arguments, const char *id, const char *sentence)
{
	CLEANUP(json) json_t *document = json_pack("{s:s}", "id", id);

	if (arguments->form == OUTPUT_JSON)
		output_json(document);
	else
		(void)printf("%s\n", sentence);
	return EXIT_SUCCESS;
}

/* ---- key create ---- */

enum { CREATE_ALGORITHM, CREATE_SYMMETRIC, CREATE_USAGE };

static enum error_code
create(const struct arguments *arguments, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *keyd = NULL;
	const char *id = arguments->operands[0];
	const char *usage = arguments->values[CREATE_USAGE];
	const char *algorithm = arguments->values[CREATE_ALGORITHM];

	if (arguments->values[CREATE_SYMMETRIC] && algorithm)
		return error_set(err, ERROR_INVALID,
		    "--algorithm is for key pairs; what a symmetric key is for "
		    "decides its algorithm");
	if (keyd_client_create(CHANGE_TIMEOUT_MS, &keyd, err))
		return err->code;
	if (arguments->values[CREATE_SYMMETRIC])
		return keyd_make_symmetric_key(keyd, id, NULL, 0,
		    usage ? usage : DEFAULT_SECRET_USAGE, err);
	return keyd_create_key_pair_for(keyd, id, algorithm, usage, err);
}

int
cmd_key_create(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "key create",
	    .operands = "ID",
	    .operand_count = 1,
	    .options = {{"algorithm", "LIST", false},
			{"symmetric", NULL, false}, {"usage", "LIST", false}},
	};
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	output_progress("the key is being made");
	if (create(&arguments, &err)) {
		(void)error_wrap(
		    &err, "cannot create key '%s'", arguments.operands[0]);
		return key_failure(arguments.form, &err);
	}
	return done(&arguments, arguments.operands[0], "the key is there");
}

/* ---- key import ---- */

enum { IMPORT_SYMMETRIC, IMPORT_USAGE };

static enum error_code
import(const struct arguments *arguments, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *keyd = NULL;
	CLEANUP(string) char *data = NULL;
	const char *id = arguments->operands[0];
	const char *usage = arguments->values[IMPORT_USAGE];
	enum error_code code;
	size_t length;

	if (file_read(
		arguments->operands[1], KEY_FILE_MAX, &data, &length, err) ||
	    keyd_client_create(CHANGE_TIMEOUT_MS, &keyd, err))
		return err->code;
	if (arguments->values[IMPORT_SYMMETRIC])
		code = keyd_make_symmetric_key(keyd, id, data, length,
		    usage ? usage : DEFAULT_SECRET_USAGE, err);
	else
		code = keyd_import_key_pair(keyd, id, data, usage, err);
	OPENSSL_cleanse(data, length);
	return code;
}

int
cmd_key_import(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "key import",
	    .operands = "ID FILE",
	    .operand_count = 2,
	    .options = {{"symmetric", NULL, false}, {"usage", "LIST", false}},
	};
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	output_progress("the key is brought into the token");
	if (import(&arguments, &err)) {
		(void)error_wrap(
		    &err, "cannot import key '%s'", arguments.operands[0]);
		return key_failure(arguments.form, &err);
	}
	return done(&arguments, arguments.operands[0],
	    "the key has been imported; the file can be destroyed");
}

/* ---- key move ---- */

static enum error_code
move(const char *from, const char *to, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *keyd = NULL;

	if (keyd_client_create(CHANGE_TIMEOUT_MS, &keyd, err) ||
	    keyd_move_key_pair(keyd, from, to, err))
		return error_wrap(err, "cannot move key '%s'", from);
	return ERROR_NONE;
}

int
cmd_key_move(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "key move",
	    .operands = "FROM TO",
	    .operand_count = 2,
	};
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	output_progress("the key is being moved");
	if (move(arguments.operands[0], arguments.operands[1], &err))
		return key_failure(arguments.form, &err);
	return done(&arguments, arguments.operands[1], "the key has moved");
}

/* ---- key delete ---- */

static enum error_code
delete_key(const char *id, const char *kind, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *keyd = NULL;

	if (key_kind_check(kind, err) ||
	    keyd_client_create(CHANGE_TIMEOUT_MS, &keyd, err) ||
	    keyd_delete_key(keyd, id, kind, err))
		return error_wrap(err, "cannot delete key '%s'", id);
	return ERROR_NONE;
}

int
cmd_key_delete(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "key delete",
	    .operands = "ID",
	    .operand_count = 1,
	    .options = {{"kind", "pair|symmetric", false}},
	};
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	output_progress("the key is being removed");
	if (delete_key(arguments.operands[0], arguments.values[0], &err))
		return key_failure(arguments.form, &err);
	return done(
	    &arguments, arguments.operands[0], "there is no such key any more");
}
