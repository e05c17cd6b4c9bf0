/* SPDX-License-Identifier: MIT */
/*
 * How near a TPM is to refusing all that needs an authorization (TPM 2.0 part
 * 1, 19.8: dictionary attack protection), asked without any authorization.
 */
#ifndef CLI_TPM_LOCKOUT_H
#define CLI_TPM_LOCKOUT_H

#include <stdint.h>

#include "common/error.h"

struct tpm_lockout {
	uint32_t counter;  /* failures that are not forgiven yet */
	uint32_t most;     /* so many lock it */
	uint32_t interval; /* seconds until one is forgiven */
	uint32_t recovery; /* seconds until the lockout authorization works */
};

/*
 * Opens the TPM that tcti names: "device:/dev/tpmrm0", or for tests
 * "swtpm:path=SOCKET". Fails with ERROR_NOT_FOUND if it is of another kind,
 * with ERROR_DENIED and ERROR_UNAVAILABLE.
 */
MUST_CHECK enum error_code tpm_lockout_open(
    const char *tcti, int *ret_fd, struct error *err);

/*
 * Asks the TPM at fd. Fails with ERROR_UNAVAILABLE, with the TPM_RC in the
 * message if the TPM refuses.
 */
MUST_CHECK enum error_code tpm_lockout_read(
    int fd, struct tpm_lockout *ret_lockout, struct error *err);

#endif
