/* SPDX-License-Identifier: MIT */
/* keyd's TPM from its configuration: the device, its users, its socket. */
#ifndef KEYD_TPM_PARTS_H
#define KEYD_TPM_PARTS_H

#include "config.h"
#include "tpmd.h"

struct tpm_parts {
	struct tpm_users *users;
	struct tpm *tpm; /* NULL: none is configured */
	struct tpm_service service;
	struct tpmd *tpmd;
};

/*
 * Has the TPM served if config says so; if the service manager has made a
 * socket for one that config does not have, callers there are told. config,
 * audit and parts must stay where they are until tpm_parts_stop() succeeds.
 *
 * Fails with ERROR_INVALID (no such user) or as tpmd_start() does.
 */
MUST_CHECK enum error_code tpm_parts_start(const struct keyd_config *config,
    struct audit *audit, struct tpm_parts *parts, struct error *err);

/*
 * From now on the users are those of config; what else it says of the TPM
 * counts after a restart. Fails with ERROR_INVALID (no such user) or
 * ERROR_INTERNAL; then it is as it was.
 */
MUST_CHECK enum error_code tpm_parts_set_users(struct tpm_parts *parts,
    const struct keyd_config *config, struct error *err);

/* False if the TPM hangs: see tpmd_stop(). */
bool tpm_parts_stop(struct tpm_parts *parts);

#endif
