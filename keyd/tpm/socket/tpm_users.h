/* SPDX-License-Identifier: MIT */
/* Who may use the TPM's keys; that may change while requests are served. */
#ifndef KEYD_TPM_USERS_H
#define KEYD_TPM_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/error.h"

struct tpm_users;

/* Nobody at first. Fails with ERROR_INTERNAL: no memory. */
MUST_CHECK enum error_code tpm_users_create(
    struct tpm_users **ret_users, struct error *err);
void tpm_users_free(struct tpm_users *users);
DEFINE_CLEANUP(tpm_users, struct tpm_users, tpm_users_free)

/*
 * From now on these uids, or, with anyone, all who may open the socket. Fails
 * with ERROR_INTERNAL (no memory); then it is as it was.
 */
MUST_CHECK enum error_code tpm_users_set(struct tpm_users *users,
    const uid_t *uids, size_t count, bool anyone, struct error *err);

bool tpm_users_have(struct tpm_users *users, uid_t uid);

#endif
