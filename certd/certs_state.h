/* SPDX-License-Identifier: MIT */
/* What certs_open() has opened, for the files that are certs.h. */
#ifndef CERTD_CERTS_STATE_H
#define CERTD_CERTS_STATE_H

#include "certs.h"
#include "store.h"

struct certs {
	struct certd_config config;
	struct acl *acl;
	struct cert_store *store;
	struct certs_watcher watcher; /* set before there are threads */
};

/* Fails with ERROR_INVALID if id is none, with ERROR_DENIED. */
MUST_CHECK enum error_code certs_check_writer(
    const struct certs *certs, uid_t uid, const char *id, struct error *err);

/*
 * Stores pem, which may stand under id, and tells the watcher.
 * Fails as cert_store_write() does.
 */
MUST_CHECK enum error_code certs_store(const struct certs *certs,
    const char *id, const char *pem, struct error *err);

#endif
