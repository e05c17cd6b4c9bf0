/* SPDX-License-Identifier: MIT */
/*
 * The rules for certificates: who may write which, what is issued by whom, and
 * what is checked before anything is replaced. No HTTP, no JSON.
 *
 * Of a struct certs only the writers change once it is open, and the store
 * replaces files in one step: any number of threads may call, and none waits
 * for another while keyd works.
 */
#ifndef CERTD_CERTS_H
#define CERTD_CERTS_H

#include <sys/types.h>

#include "attempts.h"
#include "config.h"
#include "describe.h"
#include "explain.h"
#include "lint.h"
#include "policy.h"

#define CERT_ID_MAX 1000 /* bytes */
#define CERT_ETAG_MAX 65 /* hex SHA-256 and a NUL */

struct certs;

void certs_close(struct certs *certs);
DEFINE_CLEANUP(certs, struct certs, certs_close)

/*
 * Takes over the contents of config. Certificates are in state_path/certs.
 *
 * Fails with ERROR_INVALID if the configuration names what cannot be, and with
 * ERROR_INTERNAL if the state cannot be used.
 */
MUST_CHECK enum error_code certs_open(struct certd_config *config,
    const char *state_path, struct certs **ret_certs, struct error *err);

/* True if uid may write any certificate at all. */
bool certs_knows(const struct certs *certs, uid_t uid);

/*
 * Reads anew who may write which certificates; what else the configuration says
 * counts after a restart. If it cannot be read, who might may, and
 * certs_check() says so. Fails as certd_config_load() does.
 */
MUST_CHECK enum error_code certs_reload(
    const struct certs *certs, const char *config_path, struct error *err);

/* What the configuration says about id, which outlives the result. */
struct policy certs_policy(const struct certs *certs, const char *id);

/* How many EST servers certificates are asked of, and which one policy's is. */
size_t certs_est_servers(const struct certs *certs);
size_t certs_est_server(const struct certs *certs, const struct policy *policy);

/*
 * Who is told and asked, on the thread that did it. Each may be NULL.
 */
struct certs_watcher {
	/* The certificate id was replaced or deleted. */
	void (*changed)(void *context, const char *id);
	/*
	 * Returns true if *ret_pem, the caller's or NULL for want of memory, is
	 * to be shown for id in place of what is stored.
	 */
	bool (*shown)(void *context, const char *id, char **ret_pem);
	/* There is something about it that is no error, but not right. */
	void (*noted)(void *context, const char *id, const char *text);
	/*
	 * The certificate issuer ends too early for one of that many days, and
	 * nothing else is wrong; *err says so. If issuer is renewed first, *err
	 * is made to say that: ERROR_UNAVAILABLE.
	 */
	void (*outlived)(void *context, const char *issuer, unsigned days,
	    struct error *err);
	/*
	 * Somebody waits for the EST identity id, which is not there, or cannot
	 * be used. Called once for each who waits.
	 */
	void (*missed)(void *context, const char *id);
	void *context;
};

/* Call it before there are threads. */
void certs_watch(struct certs *certs, const struct certs_watcher *watcher);

/* Calls tell with each list of the configuration that id is a member of. */
void certs_each_list_with(const struct certs *certs, const char *id,
    void (*tell)(void *context, const char *list), void *context);

/* What somebody wants issued. All pointers are borrowed. */
struct cert_order {
	uid_t uid;
	const char *id;
	const char *csr_pem;
	const char *issuer_id;         /* NULL: as configured for id */
	const char *issuer_key_handle; /* with issuer_id */
};

/*
 * Issues what order wants and stores it under its id. *ret_pem, leaf first, is
 * the caller's.
 *
 * Fails with ERROR_DENIED, with ERROR_INVALID (the request, the issuer, or a
 * key pair in keyd of the same id that is another), ERROR_NOT_FOUND (the
 * issuer), ERROR_UNAVAILABLE (keyd, or the issuer is renewed first), and with
 * ERROR_INTERNAL if nothing is configured for id. Then the stored certificate
 * is as it was.
 */
MUST_CHECK enum error_code certs_issue(const struct certs *certs,
    const struct cert_order *order, char **ret_pem, struct error *err);

/*
 * Issues a new certificate as policy, which is not for EST, says for its id, to
 * the key pair key_id in keyd; what names the present certificate has, the new
 * one has. It is not stored: *ret_pem, leaf first, is the caller's.
 *
 * Fails as certs_issue() does.
 */
MUST_CHECK enum error_code certs_obtain(const struct certs *certs,
    const struct policy *policy, const char *key_id, char **ret_pem,
    struct error *err);

/*
 * Issues the certificate id anew for its key in keyd and stores it. *ret_pem is
 * the caller's.
 *
 * Fails as certs_issue() does, and with ERROR_INVALID if nothing is configured
 * for id, or that keyd has no such key.
 */
MUST_CHECK enum error_code certs_renew(const struct certs *certs, uid_t uid,
    const char *id, char **ret_pem, struct error *err);

/* How it went; borrowed. Whoever renews notes there. */
struct attempts *certs_attempts(const struct certs *certs);

/*
 * Checks pem, which is for the key pair key_id in keyd, as if it were to be
 * stored under id, with that key as its own. *ret_pem, the caller's, is what
 * would be stored. Fails as certs_replace() would.
 */
MUST_CHECK enum error_code certs_check_candidate(const struct certs *certs,
    const char *id, const char *key_id, const char *pem, char **ret_pem,
    struct error *err);

/*
 * Whether pem could be written in the place of id, as far as can be told
 * beforehand. Fails with ERROR_INTERNAL.
 */
MUST_CHECK enum error_code certs_try_place(const struct certs *certs,
    const char *id, const char *pem, struct error *err);

/*
 * Checks pem as certs_import() does and stores it under id in one step, for the
 * daemon itself: no uid is asked for.
 */
MUST_CHECK enum error_code certs_replace(const struct certs *certs,
    const char *id, const char *pem, struct error *err);

/* The PEM of id; anyone may. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code certs_get(const struct certs *certs, const char *id,
    char **ret_pem, struct error *err);

/*
 * Checks pem for what id is used for, puts its chain into order and stores it
 * under id. *ret_stored, what was stored, is the caller's.
 *
 * Fails with ERROR_DENIED, with ERROR_INVALID if pem is no certificate, holds a
 * private key, cannot play its part or is not for the key pair in keyd, or if
 * id is a list or a file that is not ours to write; with ERROR_UNAVAILABLE if
 * keyd cannot be asked.
 */
MUST_CHECK enum error_code certs_import(const struct certs *certs, uid_t uid,
    const char *id, const char *pem, char **ret_stored, struct error *err);

/*
 * That there is no id is success. Fails with ERROR_DENIED, and with
 * ERROR_INVALID for a list or a file that is not ours.
 */
MUST_CHECK enum error_code certs_delete(
    const struct certs *certs, uid_t uid, const char *id, struct error *err);

struct cert_item {
	char *id;
	char *location;           /* a file URI */
	struct description about; /* of the first certificate */
	struct error problem;     /* ERROR_NONE, or why there is no about */
};

struct cert_list {
	size_t count;
	struct cert_item *items;
};

/* Releases the contents, not the struct. */
void cert_list_done(struct cert_list *list);

/*
 * All certificates, by id, but for files that cannot be told apart, of which
 * certs_check() tells; anyone may. The contents are the caller's.
 */
MUST_CHECK enum error_code certs_list(
    const struct certs *certs, struct cert_list *ret_list, struct error *err);

/*
 * Calls tell with the first certificate of each file, by id, until it fails;
 * what cannot be read is left out. Anyone may.
 */
MUST_CHECK enum error_code certs_each(const struct certs *certs,
    enum error_code (*tell)(void *context, const char *id,
	const X509 *certificate, struct error *err),
    void *context, struct error *err);

/* All there is to say about the certificate id. */
struct inspection {
	char *pem;
	char etag[CERT_ETAG_MAX];
	size_t count; /* of chain; > 0 unless there is a problem */
	struct description *chain;
	struct lint_notes notes;
	struct error problem; /* ERROR_NONE, or why it cannot be read */
	struct attempt_record attempts;
};

/* Releases the contents, not the struct. */
void inspection_done(struct inspection *inspection);

/* Anyone may. The contents are the caller's. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code certs_inspect(const struct certs *certs,
    const char *id, struct inspection *ret_inspection, struct error *err);

/* What tells one version of a certificate from the next. */
MUST_CHECK enum error_code certs_etag(
    const char *pem, char ret_etag[static CERT_ETAG_MAX], struct error *err);

/*
 * The policy of id and where each value was set; anyone may. id outlives the
 * result.
 */
MUST_CHECK enum error_code certs_explain(const struct certs *certs,
    const char *id, struct explanation *ret_explanation, struct error *err);

/*
 * Who is trusted by programs that ask: the certificates of the list that the
 * configuration calls trust_bundle. The caller frees *ret_pem. Fails with
 * ERROR_NOT_FOUND.
 */
MUST_CHECK enum error_code certs_trust_bundle(
    const struct certs *certs, char **ret_pem, struct error *err);

/*
 * Whether keyd has the key of the certificate id, which is there, if it has to:
 * certd works with it, the configuration names one for it, or is_ours says that
 * certd has had it issued. keyd is not waited for for long. Fails with
 * ERROR_INVALID, saying which, if it has not.
 */
MUST_CHECK enum error_code certs_check_key(
    const struct certs *certs, const char *id, bool is_ours, struct error *err);

/*
 * Fails, saying why, if the principals could not be read anew, if the local CA
 * cannot issue, if a certificate that the configuration names is there and
 * cannot do what it is for, or not without a key that keyd does not have, or if
 * a file cannot be listed.
 */
MUST_CHECK enum error_code certs_check(
    const struct certs *certs, struct error *err);

/*
 * Fails with ERROR_TIMEOUT, saying which, if a certificate that nobody renews,
 * and with which EST is asked, ends soon, or if keyd does not have the key of
 * one that EST is asked with in the beginning: all works still.
 */
MUST_CHECK enum error_code certs_check_ends(
    const struct certs *certs, struct error *err);

#endif
