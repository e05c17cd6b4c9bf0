/* SPDX-License-Identifier: MIT */
/* By what a device that DPS assigns will prove itself to the hub. */
#ifndef CLOUD_HUB_CREDENTIALS_H
#define CLOUD_HUB_CREDENTIALS_H

#include "dps_attest.h"

/*
 * X.509: the thumbprints of an individual's certificates, else of the one that
 * was presented, unless quirks say otherwise. Symmetric: the device's keys.
 * TPM: a new key, which state gets wrapped for the TPM. What attested the
 * device is noted in state, as DPS does. *ret_authentication, as the hub shows
 * it, is the caller's.
 */
MUST_CHECK enum error_code hub_credentials(const struct quirks *quirks,
    const struct attestation *attestation, json_t *state,
    json_t **ret_authentication, struct error *err);

#endif
