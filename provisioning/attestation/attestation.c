/* SPDX-License-Identifier: MIT */
#include "attestation.h"

#include <string.h>

#include "attestation_inside.h"
#include "certd/client.h"
#include "keyd/client.h"

void
credentials_done(struct credentials *credentials)
{
	x509_stack_free(credentials->chain);
	EVP_PKEY_free(credentials->key);
	free(credentials->handle);
	free(credentials->endorsement_key);
	free(credentials->storage_root_key);
	*credentials = (struct credentials){0};
}

static proof_sign *
sign_of(const struct credentials *credentials)
{
	if (credentials->endorsement_key)
		return attestation_tpm_sign;
	return credentials->handle ? attestation_sign : NULL;
}

struct proof
credentials_proof(const struct credentials *credentials)
{
	return (struct proof){
	    .key = credentials->key,
	    .chain = credentials->chain,
	    .sign = sign_of(credentials),
	    .context = credentials,
	};
}

typedef enum error_code client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err);

static bool
is_degraded(client_create *create)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(json) json_t *health = NULL;
	const char *status;
	struct error ignored;

	return !create(0, &client, &ignored) &&
	       !api_call(client, "GET", "/health" API_QUERY, NULL, &health,
		   &ignored) &&
	       !json_get_string(health, "status", &status, &ignored) &&
	       strcmp(status, "degraded") == 0 &&
	       !json_is_true(json_object_get(health, "passing"));
}

/*
 * A daemon that does not answer comes back by itself. One that answers, but
 * cannot work, needs somebody to put that right, unless it says that its
 * trouble may pass: a clock that is not set yet.
 */
static enum error_code
judge(enum credential_kind kind, struct error *err)
{
	/* An EST server's refusal is none by DPS. */
	if (err->code == ERROR_UPSTREAM)
		err->code = ERROR_INVALID;
	if (err->code == ERROR_UNAVAILABLE &&
	    (is_degraded(keyd_client_create) ||
		(kind == CREDENTIAL_X509 && is_degraded(certd_client_create))))
		err->code = ERROR_INVALID;
	return err->code;
}

static enum error_code
obtain(const struct attestation_settings *attestation, const char *name,
    struct credentials *credentials, struct error *err)
{
	switch (attestation->kind) {
	case CREDENTIAL_X509:
		return attestation_obtain_x509(
		    attestation, name, credentials, err);
	case CREDENTIAL_SYMMETRIC_KEY:
		return attestation_obtain_key(
		    attestation, name, credentials, err);
	case CREDENTIAL_TPM:
		return attestation_obtain_tpm(credentials, err);
	}
	return error_set(err, ERROR_INTERNAL, "a kind of credential");
}

enum error_code
attestation_obtain(const struct attestation_settings *attestation,
    const char *name, struct credentials *ret_credentials, struct error *err)
{
	CLEANUP_DONE(credentials) struct credentials credentials = {0};

	if (obtain(attestation, name, &credentials, err))
		return judge(attestation->kind, err);
	*ret_credentials = TAKE_CONTENTS(credentials);
	return ERROR_NONE;
}

enum error_code
attestation_handle(const struct attestation_settings *attestation,
    const char *name, char **ret_handle, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	if (keyd_client_create(0, &client, err))
		return err->code;
	switch (attestation->kind) {
	case CREDENTIAL_X509:
		return keyd_load_key_pair(
		    client, attestation->identity_pk, ret_handle, err);
	case CREDENTIAL_SYMMETRIC_KEY:
		return attestation_key_handle(
		    client, attestation, name, ret_handle, err);
	case CREDENTIAL_TPM:
		break;
	}
	return error_set(
	    err, ERROR_INVALID, "the key in the TPM is nobody else's");
}
