/* SPDX-License-Identifier: MIT */
/* keyd's TPM as a few variables; takes the place of keyd/tpm/tpm_client.c. */
#ifndef FAKE_TPM_CLIENT_H
#define FAKE_TPM_CLIENT_H

#include <stdbool.h>

#include "keyd/tpm_client.h"

struct fake_tpm_client {
	enum error_code fault; /* how all calls end; 0: well */
	bool has_key[2];       /* enum tpm_client_key */
	const char *blob[2];   /* imported last */
	const char *storage;   /* the storage root key; NULL: "U1JL" */
};
extern struct fake_tpm_client fake_tpm_client;

#endif
