/* SPDX-License-Identifier: MIT */
/*
 * Which key id is which object in the token: the durable map from kind and id
 * to token serial number and CKA_ID. A pair and a secret may have one id.
 *
 * A change is one replacement of one file, so it has happened or it has not,
 * whenever the power goes. What the token must still do for it afterwards
 * (destroy an object, correct a CKA_LABEL) stands in the same file until it is
 * done. Every function may be called from any thread.
 */
#ifndef KEYD_INDEX_H
#define KEYD_INDEX_H

#include <stdint.h>

#include "key_usage.h"

struct index_record {
	enum key_kind kind;
	char id[KEY_ID_MAX + 1];
	char label[KEY_ID_MAX + 1];      /* CKA_LABEL in the token */
	char serial[KEY_SERIAL_MAX + 1]; /* of the token; "" if in_file */
	struct key_tag tag;              /* CKA_ID; length 0: go by label */
	struct key_tag pkcs11_id;     /* CKA_ID that programs see; 0: the id */
	bool in_file;                 /* a secret, in keyd's own file */
	enum key_algorithm algorithm; /* of a pair */
	unsigned usage;  /* of a secret, as it was made for; 0 if not known */
	int64_t created; /* seconds since 1970; 0 if not known */
};

struct index_list {
	size_t count;
	struct index_record *items;
};

void index_list_done(struct index_list *list);

struct index;

void index_close(struct index *index);
DEFINE_CLEANUP(index, struct index, index_close)

/*
 * Reads the file at path; none is an empty index. A file that is damaged is
 * left alone.
 *
 * Fails with ERROR_INVALID (the message has the path), or as file_read() does.
 */
MUST_CHECK enum error_code index_open(
    const char *path, struct index **ret_index, struct error *err);

/* False if there is no such id of that kind. */
bool index_get(struct index *index, enum key_kind kind, const char *id,
    struct index_record *ret_record);

/*
 * True if the object of kind with tag and label in the token with serial
 * belongs to some id, or is to be destroyed.
 */
bool index_owns(struct index *index, enum key_kind kind, const char *serial,
    const struct key_tag *tag, const char *label);

/* How many keys have a record. */
size_t index_count(struct index *index);

/* A copy, in order of ids and kinds; released with index_list_done(). */
MUST_CHECK enum error_code index_list(
    struct index *index, struct index_list *ret_list, struct error *err);

/* What is to be destroyed; released with index_list_done(). */
MUST_CHECK enum error_code index_list_doomed(
    struct index *index, struct index_list *ret_list, struct error *err);

/*
 * Adds or replaces the record of record->id. Fails with ERROR_EXISTS if the
 * object belongs to another id or is to be destroyed.
 */
MUST_CHECK enum error_code index_put(
    struct index *index, const struct index_record *record, struct error *err);

/*
 * As index_put(), and what record->id named before is to be destroyed, unless
 * it is the same object.
 */
MUST_CHECK enum error_code index_replace(
    struct index *index, const struct index_record *record, struct error *err);

/*
 * Gives the object of the pair from to the id to; to's former object is to be
 * destroyed. Fails with ERROR_NOT_FOUND if there is no from.
 */
MUST_CHECK enum error_code index_move(
    struct index *index, const char *from, const char *to, struct error *err);

/* Forgets id; its object is to be destroyed. */
MUST_CHECK enum error_code index_remove(
    struct index *index, enum key_kind kind, const char *id, struct error *err);

/* What was to be destroyed is no more. */
MUST_CHECK enum error_code index_forget_doomed(
    struct index *index, const struct index_record *record, struct error *err);

#endif
