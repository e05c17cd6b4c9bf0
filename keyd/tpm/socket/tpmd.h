/* SPDX-License-Identifier: MIT */
/*
 * tpmd.sock: a server of its own beside keyd's, so that who may open the one
 * reaches nothing of the other. On threads of its own, as a TPM may hang.
 */
#ifndef KEYD_TPMD_H
#define KEYD_TPMD_H

#include "routes_tpm.h"

/* Of the socket, for the service manager and in the runtime directory. */
#define TPMD_NAME "tpmd"

struct tpmd;

/*
 * Begins to serve, and to look whether the TPM and its keys are there. service
 * must live until tpmd_stop() succeeds.
 *
 * Fails as http_server_open() does.
 */
MUST_CHECK enum error_code tpmd_start(
    struct tpm_service *service, struct tpmd **ret_tpmd, struct error *err);

/*
 * Ends, and releases tpmd, which may be NULL. False if the TPM hangs: then all
 * must stay as it is, and nothing is left to do but _exit().
 */
bool tpmd_stop(struct tpmd *tpmd);

#endif
