/* SPDX-License-Identifier: MIT */
/*
 * A TPM that does as told; takes the place of tpm_device.c and tpm_auth_key.c
 * in keyd/tpm/device/. There is one, as tpm_device_open() makes a connection
 * each time.
 */
#ifndef FAKE_TPM_H
#define FAKE_TPM_H

#include <stdbool.h>

#include "tpm_device.h"

struct fake_tpm {
	struct error unplugged; /* code set: there is no way to it */
	struct error fault;     /* code set: of whatever it is asked */
	bool has_key;           /* a key was made persistent */
	bool used_wrapped;      /* by the last MAC, instead of that */
	uint32_t handle;        /* as it was asked for last */
	struct tpm_blob blob;   /* that was imported last */
	unsigned opened, closed;
	/* Called while it works, if set. */
	void (*at_work)(void);
};

/* As it is when it was made. */
void fake_tpm_reset(void);

struct fake_tpm *fake_tpm(void);

/* A blob that tpm_blob_read() takes. Returns its length. */
size_t fake_tpm_blob(unsigned char ret_blob[static 1024]);

#endif
