/* SPDX-License-Identifier: MIT */
/*
 * The modules of the device as far as this device knows them, one file each:
 * what they are called at the hub, so that they can be told offline, and
 * whether we have made them. There are no keys in it.
 *
 * Each hub and device has a folder of its own: after a move to another hub
 * nothing of the old one counts.
 */
#ifndef PROVISIONING_MODULE_STORE_H
#define PROVISIONING_MODULE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

enum module_state {
	MODULE_BEGUN,   /* by us, and has not had its keys yet */
	MODULE_OURS,    /* has the keys that are derived here */
	MODULE_FOREIGN, /* others made it, and we have been told of it */
};

struct module_record {
	char *id;
	char *generation_id; /* NULL: not known to be made yet */
	enum module_state state;
	bool of_principal; /* made because the configuration names it */
};

struct module_records {
	size_t count;
	struct module_record *items;
};

/* Release the contents, not the struct. */
void module_record_done(struct module_record *record);
void module_records_done(struct module_records *records);

/* True if both say the same, or neither is of any module (has an id). */
bool module_record_equals(
    const struct module_record *a, const struct module_record *b);

/*
 * The folder for a device of a hub, "<state>/modules/<hash>-<hash>". The caller
 * frees it.
 */
MUST_CHECK enum error_code module_store_folder(const char *state,
    const char *hub, const char *device_id, char **ret_folder,
    struct error *err);

/*
 * The contents of ret_record are the caller's. Fails with ERROR_NOT_FOUND,
 * also if what is there cannot be read as a record: it is renamed to
 * "*.corrupt", for inspection.
 */
MUST_CHECK enum error_code module_store_load(const char *folder, const char *id,
    struct module_record *ret_record, struct error *err);

/* Replaces the record durably, or leaves it as it was. Makes the folder. */
MUST_CHECK enum error_code module_store_save(
    const char *folder, const struct module_record *record, struct error *err);

/* That there is none is success. */
MUST_CHECK enum error_code module_store_remove(
    const char *folder, const char *id, struct error *err);

/* All of a folder, which need not be there; unreadable ones are left out. */
MUST_CHECK enum error_code module_store_list(
    const char *folder, struct module_records *ret_records, struct error *err);

/* Removes the folders of all other hubs and devices beside folder. */
MUST_CHECK enum error_code module_store_forget_others(
    const char *folder, struct error *err);

#endif
