/* SPDX-License-Identifier: MIT */
#include "server_tls.h"

#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "certificate_info.h"
#include "common/time.h"

#define LINGER_MS 1000

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

/* What the peer of session presented, leaf first; NULL: no memory. */
static x509_stack *
chain_of(gnutls_session_t session)
{
	CLEANUP(x509_stack) x509_stack *chain = sk_X509_new_null();
	const gnutls_datum_t *list;
	unsigned count = 0;

	if (!chain)
		return NULL;
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

/*
 * An alert is lost if the connection is closed over what the client has sent
 * meanwhile: the kernel would reset it. Others of this thread wait as long.
 */
static void
await_end(gnutls_session_t session)
{
	struct pollfd peer = {
	    .fd = gnutls_transport_get_int(session), .events = POLLIN};
	int64_t deadline = time_monotonic_ms() + LINGER_MS;
	int64_t rest = LINGER_MS;
	char ignored[4096];

	(void)shutdown(peer.fd, SHUT_WR);
	for (; rest > 0 && poll(&peer, 1, (int)rest) > 0 &&
	       recv(peer.fd, ignored, sizeof(ignored), MSG_DONTWAIT) > 0;
	     rest = deadline - time_monotonic_ms())
		;
}

/* Called in the handshake, when the client has shown its certificates. */
static int
verify(gnutls_session_t session)
{
	const struct server_tls_judge *judge = gnutls_session_get_ptr(session);
	CLEANUP(x509_stack) x509_stack *chain = chain_of(session);
	const X509 *leaf = sk_X509_value(chain, 0);

	if (!leaf || judge->admits(judge->context, leaf))
		return 0;
	(void)gnutls_alert_send(
	    session, GNUTLS_AL_FATAL, GNUTLS_A_CERTIFICATE_REVOKED);
	await_end(session);
	return GNUTLS_E_CERTIFICATE_ERROR;
}

void
server_tls_prepare(struct MHD_Connection *connection,
    gnutls_certificate_credentials_t credentials,
    const struct server_tls_judge *judge)
{
	gnutls_session_t session = session_of(connection);

	if (!session)
		return;
	if (credentials)
		(void)gnutls_credentials_set(
		    session, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
	gnutls_certificate_send_x509_rdn_sequence(session, 1);
	gnutls_session_set_ptr(session, (void *)(uintptr_t)judge);
	gnutls_session_set_verify_function(session, verify);
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
	gnutls_session_t session = session_of(connection);

	return session ? chain_of(session) : sk_X509_new_null();
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
