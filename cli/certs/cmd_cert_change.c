/* SPDX-License-Identifier: MIT */
/* signetctl cert: importing, renewing, and waiting for the outcome. */
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "cert_print.h"
#include "certd/client.h"
#include "commands.h"
#include "common/file.h"

/* An EST server has its time; certd answers or gives up before that. */
#define CHANGE_TIMEOUT_MS (3 * 60 * 1000)
#define CERTIFICATE_FILE_MAX ((size_t)1024 * 1024)

#define WAIT_SECONDS_DEFAULT "60"
#define WAIT_SECONDS_MAX 3600
/* What certd's answer may take beyond its waiting. */
#define WAIT_MARGIN_MS 10000

/* The certificate that is in place now. */
static int
show(const struct arguments *arguments, const json_t *certificate)
{
	if (arguments->form == OUTPUT_JSON)
		output_json(certificate);
	else
		cert_print(certificate);
	return EXIT_SUCCESS;
}

static enum error_code
read_seconds(const char *text, unsigned *ret_seconds, struct error *err)
{
	char *end = NULL;
	unsigned long seconds =
	    *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;

	if (!end || *end || seconds < 1 || seconds > WAIT_SECONDS_MAX)
		return error_set(err, ERROR_INVALID,
		    "'%s' is no number of seconds from 1 to %d", text,
		    WAIT_SECONDS_MAX);
	*ret_seconds = (unsigned)seconds;
	return ERROR_NONE;
}

/* What there is of id; there may be none. The caller frees *ret_etag. */
static enum error_code
etag_of(
    struct unix_http *certd, const char *id, char **ret_etag, struct error *err)
{
	CLEANUP(json) json_t *certificate = NULL;
	enum error_code code = certd_show(certd, id, &certificate, err);

	if (code && code != ERROR_NOT_FOUND)
		return code;
	*ret_etag = strdup(code ? "" : output_member(certificate, "etag"));
	return *ret_etag ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
wait_for(struct unix_http *certd, const char *id, const char *etag,
    unsigned seconds, json_t **ret_certificate, struct error *err)
{
	unix_http_set_timeout(certd, seconds * 1000 + WAIT_MARGIN_MS);
	return certd_wait(certd, id, etag, seconds, ret_certificate, err);
}

/* ---- cert import ---- */

static enum error_code
import(const char *id, const char *path, json_t **ret_certificate,
    struct error *err)
{
	CLEANUP(unix_http) struct unix_http *certd = NULL;
	CLEANUP(string) char *pem = NULL;

	if (file_read(path, CERTIFICATE_FILE_MAX, &pem, NULL, err) ||
	    certd_client_create(CHANGE_TIMEOUT_MS, &certd, err))
		return err->code;
	if (certd_import(certd, id, pem, err))
		return error_wrap(err, "'%s'", path);
	return certd_show(certd, id, ret_certificate, err);
}

int
cmd_cert_import(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "cert import",
	    .operands = "ID FILE",
	    .operand_count = 2,
	};
	CLEANUP(json) json_t *certificate = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	output_progress("the certificate is being imported");
	if (import(arguments.operands[0], arguments.operands[1], &certificate,
		&err))
		return output_failure(arguments.form, &err);
	return show(&arguments, certificate);
}

/* ---- cert renew ---- */

/*
 * *ret_certificate stays NULL if certd goes on renewing and nobody wants to
 * wait for it, which is seconds 0.
 */
static enum error_code
renew(const char *id, unsigned seconds, json_t **ret_certificate,
    struct error *err)
{
	CLEANUP(unix_http) struct unix_http *certd = NULL;
	CLEANUP(string) char *etag = NULL;
	bool is_done = false;

	if (certd_client_create(CHANGE_TIMEOUT_MS, &certd, err) ||
	    etag_of(certd, id, &etag, err) ||
	    certd_renew(certd, id, &is_done, err))
		return err->code;
	if (is_done)
		return certd_show(certd, id, ret_certificate, err);
	if (seconds == 0)
		return ERROR_NONE;
	output_note("certificate '%s' is being renewed ...", id);
	if (wait_for(certd, id, etag, seconds, ret_certificate, err))
		return error_wrap(err,
		    "it is still tried; 'signetctl cert show %s' says what "
		    "keeps it",
		    id);
	return ERROR_NONE;
}

int
cmd_cert_renew(int argc, char **argv)
{
	enum { WAIT };
	static const struct synopsis synopsis = {
	    .command = "cert renew",
	    .operands = "ID",
	    .operand_count = 1,
	    .options = {{"wait", "SECONDS", false}},
	};
	CLEANUP(json) json_t *certificate = NULL;
	struct arguments arguments;
	unsigned seconds = 0;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (arguments.values[WAIT] &&
	    read_seconds(arguments.values[WAIT], &seconds, &err))
		return output_failure(arguments.form, &err);
	output_progress("certd is asked for a new certificate");
	if (renew(arguments.operands[0], seconds, &certificate, &err))
		return output_failure(arguments.form, &err);
	if (certificate)
		return show(&arguments, certificate);
	certificate = json_pack(
	    "{s:s, s:s}", "id", arguments.operands[0], "status", "renewing");
	if (arguments.form == OUTPUT_JSON)
		output_json(certificate);
	else
		(void)printf("certificate '%s' is being renewed; 'signetctl "
			     "cert show %s' says how far it is\n",
		    arguments.operands[0], arguments.operands[0]);
	return EXIT_SUCCESS;
}

/* ---- cert wait ---- */

enum { WAIT_ETAG, WAIT_TIMEOUT };

static enum error_code
wait_for_change(const struct arguments *arguments, json_t **ret_certificate,
    struct error *err)
{
	CLEANUP(unix_http) struct unix_http *certd = NULL;
	CLEANUP(string) char *etag = NULL;
	const char *id = arguments->operands[0];
	const char *known = arguments->values[WAIT_ETAG];
	const char *timeout = arguments->values[WAIT_TIMEOUT];
	unsigned seconds;

	if (read_seconds(
		timeout ? timeout : WAIT_SECONDS_DEFAULT, &seconds, err) ||
	    certd_client_create(CHANGE_TIMEOUT_MS, &certd, err) ||
	    (!known && etag_of(certd, id, &etag, err)))
		return err->code;
	return wait_for(
	    certd, id, known ? known : etag, seconds, ret_certificate, err);
}

int
cmd_cert_wait(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "cert wait",
	    .operands = "ID",
	    .operand_count = 1,
	    .options = {[WAIT_ETAG] = {"etag", "ETAG", false},
			[WAIT_TIMEOUT] = {"timeout", "SECONDS", false}},
	};
	CLEANUP(json) json_t *certificate = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	output_progress("waiting for another certificate");
	if (wait_for_change(&arguments, &certificate, &err))
		return output_failure(arguments.form, &err);
	return show(&arguments, certificate);
}
