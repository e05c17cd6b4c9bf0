/* SPDX-License-Identifier: MIT */
/*
 * The client's side of Enrollment over Secure Transport (RFC 7030): cacerts,
 * csrattrs, simpleenroll, simplereenroll. Knows nothing of files, of ids or of
 * the configuration, and holds no lock: any number of sessions run at once.
 */
#ifndef CERTD_EST_CLIENT_H
#define CERTD_EST_CLIENT_H

#include <stdint.h>

#include "est_csrattrs.h"

/* For one exchange, and for all of a session unless the caller knows better. */
#define EST_EXCHANGE_MS 20000
#define EST_SESSION_MS 60000

/* How often what fails in passing is tried within a session. */
#define EST_TRIES 4

/* A SHA-256 as hexadecimal digits; colons between them are allowed. */
#define EST_FINGERPRINT_DIGITS 64

/* Whom to ask, and as whom. All pointers are borrowed. */
struct est_server {
	const char *url; /* as https://host/.well-known/est; '/' may follow */
	/*
	 * Who may prove to be the server: these PEM roots; or what leads to the
	 * CA with this fingerprint among its own cacerts (RFC 7030 section
	 * 4.1.1); or, if both are NULL, the roots of the system.
	 */
	const char *ca_pem;
	const char *fingerprint;
	bool system_roots_too; /* beside ca_pem */
	bool allow_http;
	const char *user; /* HTTP Basic; NULL: none */
	const char *password;
	EVP_PKEY *key; /* TLS client authentication; NULL: none */
	const x509_stack *chain;
	int64_t deadline_ms; /* for a whole session; 0: EST_SESSION_MS */
	/*
	 * Waits. why is the failure that makes it necessary. Returns false to
	 * have the session given up.
	 */
	bool (*wait)(
	    void *context, int64_t milliseconds, const struct error *why);
	void *context;
};

struct est_session;

void est_session_close(struct est_session *session);
DEFINE_CLEANUP(est_session, struct est_session, est_session_close)

/*
 * Asks for cacerts, and with a fingerprint learns from them whom to trust.
 * server must outlive the session. Nobody is told a password before he has
 * proved who he is.
 *
 * All functions fail with
 * ERROR_INVALID: the configuration must be put right (URL, fingerprint, roots);
 * ERROR_UPSTREAM: the server refused, or its answer is not acceptable;
 * ERROR_UNAVAILABLE, ERROR_TIMEOUT: not in time; later it may work.
 */
MUST_CHECK enum error_code est_session_open(const struct est_server *server,
    struct est_session **ret_session, struct error *err);

/* What the server wants of requests; nothing if it does not say. */
MUST_CHECK enum error_code est_ask_wishes(struct est_session *session,
    struct est_wishes *ret_wishes, struct error *err);

/* What is asked for. All pointers are borrowed. */
struct est_order {
	const char *operation; /* EST_ENROLL or EST_REENROLL */
	X509_REQ *request;
	int64_t now; /* by which certificates are judged */
	int usage;   /* these as in struct est_expectation */
	bool is_ca;
};

/*
 * Has the certificate of order issued and checks what comes (est_accept()).
 * *ret_chain is the caller's.
 */
MUST_CHECK enum error_code est_enroll(struct est_session *session,
    const struct est_order *order, x509_stack **ret_chain, struct error *err);

/* After a failure: how long the server wants to be left alone; 0: no matter. */
int64_t est_session_wait_seconds(const struct est_session *session);

/* A handshake with server, and an answer: proves that key and chain serve. */
MUST_CHECK enum error_code est_prove(
    const struct est_server *server, struct error *err);

#endif
