/* SPDX-License-Identifier: MIT */
/* Which keys keyd has to have, as certd works with them. */
#include "certs_state.h"

#include <string.h>

#include "common/json.h"
#include "keys.h"

static bool
is(const char *cert, const char *id)
{
	return cert && strcmp(cert, id) == 0;
}

/* By which EST is asked, or was in the beginning. */
static const char *
key_of_identity(const struct certs *certs, const char *id)
{
	const struct config_list *managed = &certs->config.cert_issuance.certs;
	const struct config_issuance *issuances = managed->items;

	for (size_t i = 0; i < managed->count; i++) {
		const struct policy policy =
		    certs_policy(certs, issuances[i].id);
		const struct config_est *est = &policy.est;

		if (policy.method != POLICY_EST)
			continue;
		if (is(est->identity_cert, id))
			return est->identity_pk;
		if (is(est->bootstrap_identity_cert, id))
			return est->bootstrap_identity_pk;
	}
	return NULL;
}

static const char *
key_of_issuer(const struct certs *certs, const char *id)
{
	const struct config_cert_issuance *issuing =
	    &certs->config.cert_issuance;
	const struct config_issuance *issuances = issuing->certs.items;

	if (issuing->local_ca.present && is(issuing->local_ca.cert, id))
		return issuing->local_ca.pk;
	for (size_t i = 0; i < issuing->certs.count; i++)
		if (issuances[i].issuer.present &&
		    is(issuances[i].issuer.cert, id))
			return issuances[i].issuer.pk;
	return NULL;
}

/*
 * The key that certd works with for id, or that the configuration names for it.
 * NULL: its key may be wherever the program has it that asked for it.
 */
static const char *
key_in_keyd(const struct certs *certs, const char *id)
{
	const struct config_issuance *own =
	    certd_config_issuance(&certs->config, id);
	const char *key = key_of_issuer(certs, id);

	if (!key)
		key = key_of_identity(certs, id);
	if (!key && own && own->pk)
		key = own->pk;
	if (!key && certs_policy(certs, id).method == POLICY_SELF_SIGNED)
		key = id;
	return key;
}

enum error_code
certs_check_key(
    const struct certs *certs, const char *id, bool is_ours, struct error *err)
{
	const char *key = key_in_keyd(certs, id);

	if (!key && is_ours)
		key = certs_policy(certs, id).pk;
	if (!key || !keys_is_gone(key))
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "keyd does not have its key '%s', without which it is of no use; "
	    "put the key back, or have it issued anew for another",
	    key);
}

/* Each is asked for once: many certificates have one issuer, or identity. */
static enum error_code
check_once(
    const struct certs *certs, json_t *seen, const char *id, struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	struct error ignored;

	if (!id || json_object_get(seen, id))
		return ERROR_NONE;
	if (json_object_set_new(seen, id, json_true()))
		return error_no_memory(err);
	if (certs_get(certs, id, &pem, &ignored))
		return ERROR_NONE; /* which others have to tell */
	if (certs_check_key(certs, id, false, err))
		return error_wrap(err, "certificate '%s'", id);
	return ERROR_NONE;
}

enum error_code
certs_check_keys(
    const struct certs *certs, bool is_of_bootstrap, struct error *err)
{
	const struct config_list *managed = &certs->config.cert_issuance.certs;
	const struct config_local_ca *local_ca =
	    &certs->config.cert_issuance.local_ca;
	const struct config_issuance *issuances = managed->items;
	CLEANUP(json) json_t *seen = json_object();

	if (!is_of_bootstrap && check_once(certs, seen, local_ca->cert, err))
		return err->code;
	for (size_t i = 0; i < managed->count; i++) {
		const struct policy policy =
		    certs_policy(certs, issuances[i].id);
		const struct config_est *est = &policy.est;
		const bool is_est = policy.method == POLICY_EST;

		if (is_of_bootstrap) {
			if (is_est && check_once(certs, seen,
					  est->bootstrap_identity_cert, err))
				return err->code;
			continue;
		}
		if (check_once(certs, seen, policy.id, err) ||
		    check_once(certs, seen, issuances[i].issuer.cert, err) ||
		    (is_est &&
			check_once(certs, seen, est->identity_cert, err)))
			return err->code;
	}
	return ERROR_NONE;
}
