/* SPDX-License-Identifier: MIT */
#include "server_tls.h"

#include <string.h>

#include "certificate_info.h"

static gnutls_session_t
session_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	return info ? info->tls_session : NULL;
}

const char *
server_tls_priorities(const char *version)
{
	if (!version)
		return "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%NO_TICKETS";
	if (strcmp(version, "1.2") == 0)
		return "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_TICKETS";
	if (strcmp(version, "1.3") == 0)
		return "NORMAL:-VERS-ALL:+VERS-TLS1.3:%NO_TICKETS";
	return NULL;
}

void
server_tls_prepare(struct MHD_Connection *connection,
    gnutls_certificate_credentials_t credentials)
{
	gnutls_session_t session = session_of(connection);

	if (!session)
		return;
	if (credentials)
		(void)gnutls_credentials_set(
		    session, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
	gnutls_certificate_send_x509_rdn_sequence(session, 1);
}

enum error_code
server_tls_credentials(const char *chain, const char *key,
    gnutls_certificate_credentials_t *ret_credentials, struct error *err)
{
	const gnutls_datum_t chain_data = {
	    (unsigned char *)(uintptr_t)chain, (unsigned)strlen(chain)};
	const gnutls_datum_t key_data = {
	    (unsigned char *)(uintptr_t)key, (unsigned)strlen(key)};
	gnutls_certificate_credentials_t credentials;
	int result = gnutls_certificate_allocate_credentials(&credentials);

	if (result < 0)
		return error_no_memory(err);
	result = gnutls_certificate_set_x509_key_mem(
	    credentials, &chain_data, &key_data, GNUTLS_X509_FMT_PEM);
	if (result < 0) {
		gnutls_certificate_free_credentials(credentials);
		return error_set(err, ERROR_INTERNAL, "credentials: %s",
		    gnutls_strerror(result));
	}
	*ret_credentials = credentials;
	return ERROR_NONE;
}

x509_stack *
server_tls_chain(struct MHD_Connection *connection)
{
	CLEANUP(x509_stack) x509_stack *chain = sk_X509_new_null();
	gnutls_session_t session = session_of(connection);
	const gnutls_datum_t *list;
	unsigned count = 0;

	if (!chain || !session)
		return TAKE(chain);
	list = gnutls_certificate_get_peers(session, &count);
	for (unsigned i = 0; list && i < count; i++) {
		X509 *certificate;
		struct error ignored;

		/* Behind a certificate that is broken nothing counts. */
		if (certificate_from_der(
			list[i].data, list[i].size, &certificate, &ignored))
			break;
		if (!sk_X509_push(chain, certificate)) {
			X509_free(certificate);
			return NULL;
		}
	}
	return TAKE(chain);
}

const char *
server_tls_version(struct MHD_Connection *connection)
{
	gnutls_session_t session = session_of(connection);
	const char *name = session ? gnutls_protocol_get_name(
					 gnutls_protocol_get_version(session))
				   : NULL;

	return name ? name : "";
}
