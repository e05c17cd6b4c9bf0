/* SPDX-License-Identifier: MIT */
/* What the endorsement key and the storage root key are made of. */
#ifndef KEYD_TPM_TEMPLATES_H
#define KEYD_TPM_TEMPLATES_H

#include <tss2/tss2_tpm2_types.h>

/*
 * The endorsement key is that of the TCG's EK Credential Profile, template L-1:
 * the same on each start, and the one that its maker's certificate is for. The
 * storage root key differs in who may use it: its owner, without a policy.
 */
extern const TPM2B_PUBLIC tpm_endorsement_template;
extern const TPM2B_PUBLIC tpm_storage_template;

#endif
