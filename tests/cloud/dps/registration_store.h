/* SPDX-License-Identifier: MIT */
/* Registrations of devices and the operations that make them, stored. */
#ifndef CLOUD_REGISTRATION_STORE_H
#define CLOUD_REGISTRATION_STORE_H

#include "common/json.h"
#include "database.h"
#include "enrollment.h"

#define OPERATION_ID_MAX 64

struct operation_id {
	char text[OPERATION_ID_MAX];
};

/* The state that DPS keeps of a registration, as clients see it. */
struct registration {
	struct id_text id;
	struct id_text group_id; /* "" for an individual enrollment */
	char *hub;               /* where the device is, or ""; owned */
	json_t *state;
};

/* Releases the contents. */
void registration_done(struct registration *registration);

/* The contents of ret_registration are the caller's. ERROR_NOT_FOUND. */
MUST_CHECK enum error_code registration_store_get(struct database *database,
    const struct id_text *id, struct registration *ret_registration,
    struct error *err);

MUST_CHECK enum error_code registration_store_put(struct database *database,
    const struct registration *registration, struct error *err);

/* Deletes the registration and its operations. ERROR_NOT_FOUND. */
MUST_CHECK enum error_code registration_store_delete(
    struct database *database, const struct id_text *id, struct error *err);

/*
 * Appends the states of listing to states (an array); of group_id, or of all if
 * it is NULL.
 */
MUST_CHECK enum error_code registration_store_list(struct database *database,
    const char *group_id, const struct listing *listing, json_t *states,
    struct error *err);

/* What an operation will lead to. */
enum operation_outcome { OPERATION_ASSIGN, OPERATION_FAIL };

struct operation {
	int64_t rounds; /* answers "assigning" that are left */
	enum operation_outcome outcome;
	bool done;
	json_t *payload; /* what the device told, or NULL; owned */
};

/* Releases the contents. */
void operation_done(struct operation *operation);

/* Begins an operation and forgets the registration's earlier, ended ones. */
MUST_CHECK enum error_code operation_create(struct database *database,
    const struct id_text *registration_id, const struct operation *operation,
    struct operation_id *ret_id, struct error *err);

/*
 * The contents of ret_operation are the caller's. Fails with ERROR_NOT_FOUND if
 * the registration has no such operation.
 */
MUST_CHECK enum error_code operation_get(struct database *database,
    const struct id_text *registration_id, const char *operation_id,
    struct operation *ret_operation, struct error *err);

MUST_CHECK enum error_code operation_update(struct database *database,
    const char *operation_id, const struct operation *operation,
    struct error *err);

#endif
