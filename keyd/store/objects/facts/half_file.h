/* SPDX-License-Identifier: MIT */
/*
 * Public halves in files, for tokens that hold the private half only: the
 * operator puts them there, and keyd does once it has seen one in a
 * certificate, which may be gone one day.
 */
#ifndef KEYD_HALF_FILE_H
#define KEYD_HALF_FILE_H

#include "store.h"
#include "token.h"

/* "<state>/public/<id>.pem", the id percent-encoded. NULL: no memory. */
char *half_file_path(const char *state, const char *id);

/*
 * Reads a public key or a certificate, and has the token sign something, if
 * signs says that it can, to see whether it is of the private half private.
 *
 * Fails with ERROR_NOT_FOUND if there is no file, and with ERROR_INVALID if it
 * is another key's.
 */
MUST_CHECK enum error_code half_file_read(const char *path,
    struct token_lease *lease, CK_OBJECT_HANDLE private, bool signs,
    struct key_public *ret_key, struct error *err);

/* Keeps key, unless there is a file; that this fails is no failure. */
void half_file_keep(const char *path, const struct key_public *key);

#endif
