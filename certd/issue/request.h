/* SPDX-License-Identifier: MIT */
/* Certification requests of our own, for keys that keyd holds. */
#ifndef CERTD_REQUEST_H
#define CERTD_REQUEST_H

#include "profile.h"

/*
 * A request for the key pair key_id in keyd, signed by it. It asks for the
 * subject of profile, else that of current, for the names and the extended key
 * usage that current has, and to be a CA if it is; current is the certificate
 * to be replaced, or NULL. If profile says so (ask_usage) it asks for what the
 * kind of profile is for in any case: a usage, or to be a CA with its path
 * length. *ret_request is the caller's.
 *
 * Fails as keys_load() does, and with ERROR_INVALID if nothing says what the
 * subject is.
 */
MUST_CHECK enum error_code request_create(const struct profile *profile,
    const X509 *current, const char *key_id, X509_REQ **ret_request,
    struct error *err);

/*
 * The request asked, of somebody else, with the subject of profile instead of
 * its own, signed anew by the key pair key_id in keyd. *ret_request, which is
 * the caller's, is NULL if there is nothing to be changed, or not by us:
 * profile has no subject, it is that of asked, or asked is not for that key.
 *
 * Fails with ERROR_INVALID (no such subject can be) or ERROR_INTERNAL, and as
 * keys_load() does, but with success if there is no such key that we may use.
 */
MUST_CHECK enum error_code request_rename(const struct profile *profile,
    const X509_REQ *asked, const char *key_id, X509_REQ **ret_request,
    struct error *err);

#endif
