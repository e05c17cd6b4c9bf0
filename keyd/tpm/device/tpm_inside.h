/* SPDX-License-Identifier: MIT */
/* What tpm_device.c and tpm_auth_key.c share. */
#ifndef KEYD_TPM_INSIDE_H
#define KEYD_TPM_INSIDE_H

#include <tss2/tss2_esys.h>

/* Where every client of DPS has them, as the TCG recommends. */
#define TPM_HANDLE_EK 0x81010001U
#define TPM_HANDLE_SRK 0x81000001U

struct tpm_device {
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_CONTEXT *esys;
};

#endif
