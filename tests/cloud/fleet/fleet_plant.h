/* SPDX-License-Identifier: MIT */
/* The devices of a fleet: a CA, and for each a key and a certificate by it. */
#ifndef CLOUD_FLEET_PLANT_H
#define CLOUD_FLEET_PLANT_H

#include "common/openssl.h"

#define FLEET_ID_MAX 80

struct fleet_device {
	char id[FLEET_ID_MAX];
	EVP_PKEY *key;     /* P-256, the device's own */
	x509_stack *chain; /* the leaf; DPS has its CA */
};

struct fleet_plant {
	EVP_PKEY *ca_key;
	X509 *ca;
	struct fleet_device *devices;
	size_t count;
};

/* Releases the contents. */
void fleet_plant_done(struct fleet_plant *plant);

/*
 * Makes count devices "NAME-000000", "NAME-000001", ...; the name is a valid
 * registration id of at most 64 characters with the number. On success the
 * contents of ret_plant are the caller's.
 */
MUST_CHECK enum error_code fleet_plant_create(const char *name, size_t count,
    struct fleet_plant *ret_plant, struct error *err);

#endif
