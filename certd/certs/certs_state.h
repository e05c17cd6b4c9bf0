/* SPDX-License-Identifier: MIT */
/* What certs_open() has opened, for the files that are certs.h. */
#ifndef CERTD_CERTS_STATE_H
#define CERTD_CERTS_STATE_H

#include "certs.h"
#include "chains.h"
#include "est_servers.h"
#include "issuers.h"
#include "store.h"
#include "writers.h"

struct certs {
	struct certd_config config;
	struct writers *writers;
	struct cert_store *store;
	struct attempts *attempts;
	struct issuers *issuers;
	struct chains *chains;           /* that are read often */
	struct est_servers *est_servers; /* of all policies */
	struct certs_watcher watcher;    /* set before there are threads */
};

/* Fails with ERROR_INVALID if id is none. */
MUST_CHECK enum error_code certs_check_id(const char *id, struct error *err);

/*
 * Fails with ERROR_DENIED if uid may not write id, and with ERROR_INVALID if
 * nobody may: no id, a list, a file that is not ours.
 */
MUST_CHECK enum error_code certs_check_writer(
    const struct certs *certs, uid_t uid, const char *id, struct error *err);

/* What id is used for, as far as is known. */
enum lint_role certs_role(const struct certs *certs, const char *id);

/* Tells the watcher something about id. */
void certs_note(const struct certs *certs, const char *id, const char *text);

/*
 * What every certificate passes before it replaces another; key_id is whose it
 * is to be, if keyd has such a key. *ret_pem, the caller's, is pem with its
 * chain in order. Fails as certs_import() does.
 */
MUST_CHECK enum error_code certs_check_pem(const struct certs *certs,
    const char *id, const char *key_id, const char *pem, char **ret_pem,
    struct error *err);

/*
 * Whether leaf, which is in place, is for id's key, as far as keyd, which is
 * not waited for for long, knows it. Fails with ERROR_INVALID if it is not.
 */
MUST_CHECK enum error_code certs_glance_at_key(const struct certs *certs,
    const char *id, const X509 *leaf, struct error *err);

/*
 * The same for who has time: keyd is waited for. If it cannot show the key,
 * whyever, that is no ERROR_INVALID.
 */
MUST_CHECK enum error_code certs_ask_for_key(const struct certs *certs,
    const char *id, const X509 *leaf, struct error *err);

/*
 * certs_check_key() of all that the configuration has certd work with: of what
 * EST is asked with in the beginning, or of all else.
 */
MUST_CHECK enum error_code certs_check_keys(
    const struct certs *certs, bool is_of_bootstrap, struct error *err);

/* As certs_check_pem(), a chain that was just issued; it is put into order. */
MUST_CHECK enum error_code certs_check_issued(const struct certs *certs,
    const char *id, x509_stack *chain, char **ret_pem, struct error *err);

/*
 * Stores what was issued under id. *ret_pem, what was stored, is the caller's.
 * Fails as certs_replace() does.
 */
MUST_CHECK enum error_code certs_store_issued(const struct certs *certs,
    const char *id, x509_stack *chain, char **ret_pem, struct error *err);

#endif
