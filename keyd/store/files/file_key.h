/* SPDX-License-Identifier: MIT */
/* One key that was read from a file. */
#ifndef KEYD_FILE_KEY_H
#define KEYD_FILE_KEY_H

#include <stdatomic.h>
#include <sys/stat.h>

#include "store.h"

/* Does not change; it lasts until everyone has released it. */
struct file_key {
	struct file_key *next;
	char *path;
	struct stat version; /* of the file, when it was read */
	EVP_PKEY *pair;
	size_t secret_length;
	unsigned char *secret; /* in the secure heap */
	struct key_facts facts;
	atomic_uint references;
};

void file_key_release(struct file_key *key);
DEFINE_CLEANUP(file_key, struct file_key, file_key_release)

/*
 * Reads the key at path; location is that for people. Fails with
 * ERROR_NOT_FOUND (an empty file is no secret), and as file_read() does.
 */
MUST_CHECK enum error_code file_key_read(const char *path, const char *location,
    enum key_kind kind, struct file_key **ret_key, struct error *err);

/* True if the file is still the one that was read. */
bool file_key_is_current(const struct file_key *key);

#endif
