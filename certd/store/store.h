/* SPDX-License-Identifier: MIT */
/*
 * Where certificates are: one file per id in certd's state, named as aziot
 * names it, and the files that the configuration names. A file is the old or
 * the new, never a mixture, so readers and writers need no lock.
 *
 * A file of our own begins with a line that holds the id, since the name does
 * not; readers of PEM skip it. Files that aziot left have none: they are found
 * by id, but cannot be listed.
 */
#ifndef CERTD_STORE_H
#define CERTD_STORE_H

#include <stddef.h>

#include "common/config.h"
#include "common/error.h"

#define CERT_FILE_MAX ((size_t)1024 * 1024)

struct cert_store;

void cert_store_close(struct cert_store *store);
DEFINE_CLEANUP(cert_store, struct cert_store, cert_store_close)

/*
 * Keeps certificates in directory, which is made, and in the files of
 * preloaded, which must outlive the store.
 *
 * Fails as preloaded_create() does, and with ERROR_INTERNAL if directory
 * cannot be made.
 */
MUST_CHECK enum error_code cert_store_open(const char *directory,
    const struct config_map *preloaded, struct cert_store **ret_store,
    struct error *err);

/*
 * shown() is asked for id whenever its file is to be read: if it returns true,
 * *ret_pem, the caller's or NULL for want of memory, takes the file's place.
 * Call it before there are threads.
 */
void cert_store_overlay(struct cert_store *store,
    bool (*shown)(void *context, const char *id, char **ret_pem),
    void *context);

/*
 * The PEM text of id, as UTF-8 whatever stands between certificates; of a list,
 * that of the members that exist. The caller frees *ret_pem. Fails with
 * ERROR_NOT_FOUND if there is nothing.
 */
MUST_CHECK enum error_code cert_store_read(const struct cert_store *store,
    const char *id, char **ret_pem, struct error *err);

/* True if id is a list of the configuration, which cannot be written. */
bool cert_store_is_list(const struct cert_store *store, const char *id);

/* Calls tell with each list that id is a member of. */
void cert_store_each_list_with(const struct cert_store *store, const char *id,
    void (*tell)(void *context, const char *list), void *context);

/*
 * Replaces the text of id, which has no control characters.
 * Fails with ERROR_INVALID for a list, or an id too long for a file name.
 */
MUST_CHECK enum error_code cert_store_write(const struct cert_store *store,
    const char *id, const char *pem, struct error *err);

/*
 * Whether a file of preloaded could be replaced: what protects the daemon from
 * writing mostly does not know of it. Of what is ours that is no question.
 * Fails with ERROR_INTERNAL, saying what to do.
 */
MUST_CHECK enum error_code cert_store_check_place(
    const struct cert_store *store, const char *id, struct error *err);

/* The same by writing pem beside it; nothing is left of that. */
MUST_CHECK enum error_code cert_store_try_place(const struct cert_store *store,
    const char *id, const char *pem, struct error *err);

/* That there is no id is success. Fails with ERROR_INVALID for a list. */
MUST_CHECK enum error_code cert_store_remove(
    const struct cert_store *store, const char *id, struct error *err);

struct cert_file {
	char *id;
	char *path;
};

struct cert_files {
	size_t count;
	struct cert_file *items;
	/*
	 * Why a file is left out that says whose it is and cannot be, or
	 * cannot be read; ERROR_NONE if none is.
	 */
	struct error problem;
};

/* Releases the contents, not the struct. */
void cert_files_done(struct cert_files *files);

/*
 * All files, sorted by id; lists are left out, and what aziot has left. The
 * contents are the caller's.
 */
MUST_CHECK enum error_code cert_store_list(const struct cert_store *store,
    struct cert_files *ret_files, struct error *err);

#endif
