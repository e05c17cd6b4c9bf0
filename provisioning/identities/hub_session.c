/* SPDX-License-Identifier: MIT */
#include "hub_session.h"

#define MS_PER_SECOND 1000L

void
hub_session_done(struct hub_session *session)
{
	https_connection_free(session->connection);
	credentials_done(&session->credentials);
	*session = (struct hub_session){0};
}

enum error_code
hub_session_open(const struct config *config,
    const struct dps_assignment *assignment, struct hub_session *session,
    struct error *err)
{
	const char *gateway = config->provisioning.local_gateway_hostname;

	if (attestation_obtain(config_credential(config),
		config_device_name(config), &session->credentials, err)) {
		/* That of keyd or certd, not the hub's. */
		if (err->code == ERROR_DENIED || err->code == ERROR_NOT_FOUND)
			err->code = ERROR_INVALID;
		return err->code;
	}
	if (https_connection_create(&session->connection, err))
		return err->code;
	session->proof = credentials_proof(&session->credentials);
	session->access = (struct hub_access){
	    .connection = session->connection,
	    .hub = assignment->hub,
	    .gateway = gateway ? gateway : assignment->hub,
	    .device_id = assignment->device_id,
	    .proof = &session->proof,
	    .ca_file = config->trust_bundle_path,
	    .timeout_ms = (long)config->cloud_timeout_sec * MS_PER_SECOND,
	    .retries = config->cloud_retries,
	};
	return ERROR_NONE;
}
