/* SPDX-License-Identifier: MIT */
/*
 * What the daemons themselves are told: their own files with the drop-ins, as
 * far as the doctor looks. What it has no use for is not read, so it can tell
 * of a configuration that a daemon refuses.
 */
#ifndef CLI_EFFECTIVE_H
#define CLI_EFFECTIVE_H

#include "certd/settings.h"
#include "common/config.h"

struct effective_token {
	char *module;
	char *module_args;
	char *uri;
};

struct effective_tpm {
	char *tcti;
};

struct effective_keyd {
	struct effective_token token;
	struct config_map preloaded_keys;
	struct effective_tpm tpm;
};

/* One of cert_issuance.certs; est is what it says other than the rest. */
struct effective_issued {
	char *id;
	char *method;
	struct config_est est;
};

struct effective_issuance {
	struct config_local_ca local_ca;
	struct config_est est;
	struct config_list certs; /* of struct effective_issued */
};

struct effective_certd {
	struct config_map preloaded_certs;
	struct effective_issuance cert_issuance;
	char *compat; /* "aziot", or NULL */
};

struct effective_attestation {
	bool present;
	char *method;
	char *registration_id;
	char *identity_cert; /* ids; never NULL once read, if method is x509 */
	char *identity_pk;
};

struct effective_provisioning {
	char *source;
	char *global_endpoint;
	char *iothub_hostname;
	char *local_gateway_hostname; /* asked in the hub's place, or NULL */
	struct effective_attestation attestation; /* or authentication */
};

struct effective_provisiond {
	char *hostname;
	struct effective_provisioning provisioning;
	char *trust_bundle_cert;
};

/* In the order of service_names. */
enum effective_daemon { EFFECTIVE_KEYD, EFFECTIVE_CERTD, EFFECTIVE_PROVISIOND };
#define EFFECTIVE_COUNT 3

struct effective {
	struct effective_keyd keyd;
	struct effective_certd certd;
	struct effective_provisiond provisiond;
	struct error errors[EFFECTIVE_COUNT]; /* ERROR_NONE: it was read */
};

/* Reads what can be read; all else is in errors. */
void effective_load(struct effective *ret_effective);

/* Releases the contents. */
void effective_done(struct effective *effective);

#endif
