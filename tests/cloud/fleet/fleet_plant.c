/* SPDX-License-Identifier: MIT */
#include "fleet_plant.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/certificate.h"
#include "common/time.h"
#include "pki.h"

#define SECONDS_PER_DAY INT64_C(86400)

void
fleet_plant_done(struct fleet_plant *plant)
{
	for (size_t i = 0; i < plant->count; i++) {
		EVP_PKEY_free(plant->devices[i].key);
		x509_stack_free(plant->devices[i].chain);
	}
	free(plant->devices);
	X509_free(plant->ca);
	EVP_PKEY_free(plant->ca_key);
	*plant = (struct fleet_plant){0};
}

static enum error_code
create_certificate(struct certificate_plan *plan, const char *common_name,
    EVP_PKEY *signing_key, X509 **ret_certificate, struct error *err)
{
	CLEANUP(x509_name) X509_NAME *subject = NULL;

	if (name_from_common_name(common_name, &subject, err))
		return err->code;
	plan->subject = subject;
	plan->not_before = time_now() - SECONDS_PER_DAY;
	plan->not_after = time_now() + SECONDS_PER_DAY;
	plan->path_length = CERTIFICATE_NO_PATH_LENGTH;
	plan->comment = "signet-cloud, for tests only";
	return certificate_create(plan, signing_key, ret_certificate, err);
}

static enum error_code
create_device(const struct fleet_plant *plant, struct fleet_device *device,
    struct error *err)
{
	CLEANUP(x509) X509 *leaf = NULL;
	struct certificate_plan plan = {
	    .issuer = plant->ca, .for_client = true};

	if (pki_create_key(&device->key, err))
		return err->code;
	plan.public_key = device->key;
	if (create_certificate(&plan, device->id, plant->ca_key, &leaf, err))
		return err->code;
	device->chain = sk_X509_new_null();
	if (!device->chain || !sk_X509_push(device->chain, leaf))
		return error_no_memory(err);
	(void)TAKE(leaf);
	return ERROR_NONE;
}

static enum error_code
create_ca(const char *name, struct fleet_plant *plant, struct error *err)
{
	struct certificate_plan plan = {.is_ca = true};

	if (pki_create_key(&plant->ca_key, err))
		return err->code;
	plan.public_key = plant->ca_key;
	return create_certificate(&plan, name, plant->ca_key, &plant->ca, err);
}

enum error_code
fleet_plant_create(const char *name, size_t count,
    struct fleet_plant *ret_plant, struct error *err)
{
	CLEANUP_DONE(fleet_plant) struct fleet_plant plant = {0};

	if (create_ca(name, &plant, err))
		return error_wrap(err, "cannot make the CA of the fleet");
	plant.devices = calloc(count, sizeof(*plant.devices));
	if (!plant.devices)
		return error_no_memory(err);
	for (; plant.count < count; plant.count++) {
		struct fleet_device *device = &plant.devices[plant.count];

		(void)snprintf(device->id, sizeof(device->id), "%s-%06zu", name,
		    plant.count);
		if (create_device(&plant, device, err)) {
			EVP_PKEY_free(device->key);
			x509_stack_free(device->chain);
			return error_wrap(err, "cannot make '%s'", device->id);
		}
	}
	*ret_plant = TAKE_CONTENTS(plant);
	return ERROR_NONE;
}
