/* SPDX-License-Identifier: MIT */
#include "file_key.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "software.h"

#define PEM_MAX (64 * 1024)

void
file_key_release(struct file_key *key)
{
	if (!key || atomic_fetch_sub(&key->references, 1) > 1)
		return;
	EVP_PKEY_free(key->pair);
	OPENSSL_secure_clear_free(key->secret, key->secret_length);
	free(key->path);
	free(key);
}

static enum error_code
read_pair(struct file_key *key, struct error *err)
{
	CLEANUP(secret) char *pem = NULL;

	if (file_read(key->path, PEM_MAX, &pem, NULL, err))
		return err->code;
	if (strstr(pem, "BEGIN TSS2 PRIVATE KEY"))
		return error_set(err, ERROR_INVALID,
		    "'%s' is a key file of a TPM engine; name the key by a "
		    "pkcs11: URI of tpm2-pkcs11 instead",
		    key->path);
	if (private_key_from_pem(pem, &key->pair, err) ||
	    key_public_from_pkey(key->pair, &key->facts.public, err))
		return error_wrap(err, "'%s'", key->path);
	key->facts.usage = software_usage_of_pair(key->facts.public.algorithm);
	return ERROR_NONE;
}

/* The bytes as they are: no blanks are trimmed, as with aziot. */
static enum error_code
read_secret(struct file_key *key, struct error *err)
{
	char *data = NULL;
	size_t length;

	if (file_read(key->path, KEY_SECRET_MAX, &data, &length, err))
		return err->code;
	if (length > 0)
		key->secret = OPENSSL_secure_malloc(length);
	if (key->secret)
		memcpy(key->secret, data, length);
	OPENSSL_cleanse(data, length);
	free(data);
	if (length == 0)
		return error_set(
		    err, ERROR_NOT_FOUND, "'%s' is empty", key->path);
	if (!key->secret)
		return error_no_memory(err);
	key->secret_length = length;
	if (software_check_secret(
		&(struct key_input){key->secret, length}, err))
		return error_wrap(err, "'%s'", key->path);
	key->facts.bits = (unsigned)length * 8;
	key->facts.usage = software_usage_of_secret(length);
	return ERROR_NONE;
}

enum error_code
file_key_read(const char *path, const char *location, enum key_kind kind,
    struct file_key **ret_key, struct error *err)
{
	CLEANUP(file_key) struct file_key *key = calloc(1, sizeof(*key));
	enum error_code code;

	if (!key)
		return error_no_memory(err);
	atomic_init(&key->references, 1);
	key->facts.kind = kind;
	key->facts.extractable = true; /* whoever reads the file has the key */
	key->path = strdup(path);
	if (!key->path)
		return error_no_memory(err);
	if (strlen(location) >= sizeof(key->facts.location))
		return error_set(err, ERROR_INVALID, "the path is too long");
	(void)snprintf(
	    key->facts.location, sizeof(key->facts.location), "%s", location);

	/* Before it is read: if it changes in between, it is read again. */
	if (stat(path, &key->version) != 0)
		key->version = (struct stat){0};
	code = kind == KEY_PAIR ? read_pair(key, err) : read_secret(key, err);
	if (code)
		return code;
	*ret_key = TAKE(key);
	return ERROR_NONE;
}

static bool
is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool
file_key_is_current(const struct file_key *key)
{
	struct stat now;

	return stat(key->path, &now) == 0 &&
	       now.st_ino == key->version.st_ino &&
	       now.st_dev == key->version.st_dev &&
	       now.st_size == key->version.st_size &&
	       is_same_time(&now.st_mtim, &key->version.st_mtim) &&
	       is_same_time(&now.st_ctim, &key->version.st_ctim);
}
