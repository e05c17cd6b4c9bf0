/* SPDX-License-Identifier: MIT */
#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "pki.h"
#include "policy_store.h"
#include "settings.h"
#include "stamp.h"

#define ID_SCOPE "0ne00000001"
#define ADMIN_TOKEN_BYTES 24

void
instance_done(struct instance *instance)
{
	free(instance->ca_path);
	free(instance->id_scope);
	database_close(instance->database);
	*instance = (struct instance){0};
}

static enum error_code
store_pki(struct database *database, const struct pki *pki, struct error *err)
{
	const struct {
		const char *name;
		const char *value;
	} settings[] = {
	    {SETTING_CA_CERTIFICATE,     pki->ca_certificate    },
	    {SETTING_CA_KEY,             pki->ca_key            },
	    {SETTING_SERVER_CERTIFICATE, pki->server_certificate},
	    {SETTING_SERVER_KEY,         pki->server_key        },
	    {SETTING_EST_CHAIN,          pki->est_chain         },
	    {SETTING_EST_KEY,            pki->est_key           },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (setting_put(
			database, settings[i].name, settings[i].value, err))
			return err->code;
	return ERROR_NONE;
}

/* What the portal and the CA certificates ask for. */
static enum error_code
make_admin_token(struct database *database, struct error *err)
{
	char token[2 * ADMIN_TOKEN_BYTES + 1];

	if (random_hex(token, ADMIN_TOKEN_BYTES, err))
		return err->code;
	return setting_put(database, SETTING_ADMIN_TOKEN, token, err);
}

/* The id scope comes last: where it is, everything is. */
static enum error_code
make_settings(struct database *database, struct error *err)
{
	CLEANUP(string) char *id_scope = NULL;
	CLEANUP_DONE(pki) struct pki pki = {0};

	if (!setting_get(database, SETTING_ID_SCOPE, &id_scope, err))
		return ERROR_NONE;
	if (err->code != ERROR_NOT_FOUND)
		return err->code;
	if (pki_create(&pki, err) || store_pki(database, &pki, err) ||
	    make_admin_token(database, err) ||
	    policy_create_usual(database, err) ||
	    setting_put(database, SETTING_ID_SCOPE, ID_SCOPE, err))
		return err->code;
	return ERROR_NONE;
}

static enum error_code
write_ca(struct instance *instance, struct error *err)
{
	CLEANUP(string) char *pem = NULL;

	if (setting_get(instance->database, SETTING_CA_CERTIFICATE, &pem, err))
		return err->code;
	return file_write(instance->ca_path, pem, strlen(pem), 0644, err);
}

static enum error_code
open_instance(
    const char *directory, struct instance *ret_instance, struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};
	CLEANUP(string) char *absolute = realpath(directory, NULL);
	CLEANUP(string) char *path = NULL;

	if (!absolute)
		return error_set_errno(
		    err, ERROR_NOT_FOUND, "cannot open '%s'", directory);
	path = string_format("%s/cloud.db", absolute);
	instance.ca_path = string_format("%s/ca.pem", absolute);
	if (!path || !instance.ca_path)
		return error_no_memory(err);
	if (database_open(path, &instance.database, err))
		return err->code;
	*ret_instance = TAKE_CONTENTS(instance);
	return ERROR_NONE;
}

enum error_code
instance_init(
    const char *directory, struct instance *ret_instance, struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};

	if (file_make_directory(directory, 0700, err) ||
	    open_instance(directory, &instance, err) ||
	    database_begin(instance.database, err) ||
	    make_settings(instance.database, err) ||
	    database_commit(instance.database, err) ||
	    write_ca(&instance, err) ||
	    setting_get(
		instance.database, SETTING_ID_SCOPE, &instance.id_scope, err))
		return error_wrap(err, "cannot prepare '%s'", directory);
	*ret_instance = TAKE_CONTENTS(instance);
	return ERROR_NONE;
}

enum error_code
instance_open(
    const char *directory, struct instance *ret_instance, struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};
	CLEANUP(string) char *path = string_format("%s/cloud.db", directory);

	if (!path)
		return error_no_memory(err);
	if (!file_exists(path))
		return error_set(err, ERROR_NOT_FOUND,
		    "there is no signet-cloud in '%s'; run 'signet-cloud init "
		    "--data %s' first",
		    directory, directory);
	if (open_instance(directory, &instance, err) ||
	    setting_get(
		instance.database, SETTING_ID_SCOPE, &instance.id_scope, err))
		return err->code;
	*ret_instance = TAKE_CONTENTS(instance);
	return ERROR_NONE;
}

/* ---- one server at a time ---- */

/* The kernel knows whose lock it is, and lets go of it with the process. */
static enum error_code
take_lock(int file, const char *directory, struct error *err)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char holder[40] = "another process";

	if (fcntl(file, F_SETLK, &lock) == 0)
		return ERROR_NONE;
	if (errno != EACCES && errno != EAGAIN)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot lock '%s'", directory);
	/* None if it has ended meanwhile, or is of another PID namespace. */
	if (fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK &&
	    lock.l_pid > 0)
		(void)snprintf(
		    holder, sizeof(holder), "process %ld", (long)lock.l_pid);
	return error_set(err, ERROR_EXISTS,
	    "'%s' is served by %s; end that, or use another --data directory",
	    directory, holder);
}

enum error_code
instance_lock(const char *directory, int *ret_lock, struct error *err)
{
	CLEANUP(string) char *path = string_format("%s/lock", directory);
	int file;

	if (!path)
		return error_no_memory(err);
	if (file_make_directory(directory, 0700, err))
		return err->code;
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot open '%s'", path);
	if (take_lock(file, directory, err)) {
		(void)close(file);
		return err->code;
	}
	*ret_lock = file;
	return ERROR_NONE;
}
