/* SPDX-License-Identifier: MIT */
/* The service's own CA and server certificate, for localhost only. */
#ifndef CLOUD_PKI_H
#define CLOUD_PKI_H

#include "common/error.h"

/* PEM texts. */
struct pki {
	char *ca_certificate;
	char *ca_key;
	char *server_certificate;
	char *server_key;
};

/* Releases the contents; keys are wiped. */
void pki_done(struct pki *pki);

/*
 * Makes a new CA, and a certificate by it for localhost, 127.0.0.1 and ::1.
 * On success the contents of ret_pki are the caller's.
 */
MUST_CHECK enum error_code pki_create(struct pki *ret_pki, struct error *err);

#endif
