/* SPDX-License-Identifier: MIT */
/* Enrollments in the database. */
#ifndef CLOUD_ENROLLMENT_STORE_H
#define CLOUD_ENROLLMENT_STORE_H

#include "database.h"
#include "enrollment.h"

/*
 * Reads one enrollment; on success the contents of ret_enrollment are the
 * caller's. Fails with ERROR_NOT_FOUND.
 */
MUST_CHECK enum error_code enrollment_store_get(struct database *database,
    enum enrollment_kind kind, const struct id_text *id,
    struct enrollment *ret_enrollment, struct error *err);

/* Stores an enrollment in the place of any that is there. */
MUST_CHECK enum error_code enrollment_store_put(struct database *database,
    const struct enrollment *enrollment, struct error *err);

/* Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code enrollment_store_delete(struct database *database,
    enum enrollment_kind kind, const struct id_text *id, struct error *err);

/* Appends the records of listing to records (an array). */
MUST_CHECK enum error_code enrollment_store_list(struct database *database,
    enum enrollment_kind kind, const struct listing *listing, json_t *records,
    struct error *err);

/* Called with each group found; a failure ends the walk. */
typedef enum error_code enrollment_visit(
    void *context, struct enrollment *group, struct error *err);

/* Visits, in the order of their ids, the groups that attest by keys. */
MUST_CHECK enum error_code enrollment_store_visit_symmetric_groups(
    struct database *database, enrollment_visit *visit, void *context,
    struct error *err);

/*
 * Visits, in the order of their ids, the groups that have a certificate with
 * the name of an issuer in chain.
 */
MUST_CHECK enum error_code enrollment_store_visit_issuers(
    struct database *database, const x509_stack *chain, enrollment_visit *visit,
    void *context, struct error *err);

#endif
