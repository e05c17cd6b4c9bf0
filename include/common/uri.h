/* SPDX-License-Identifier: MIT */
/*
 * Where a key or a certificate is: a file URI (RFC 8089; host empty or
 * localhost) or a PKCS#11 URI (RFC 7512, parsed by p11-kit).
 *
 * A PIN comes from pin-source=file:PATH (or an absolute path) or pin-value in
 * the query part. pin-value in the path part is refused, so that a URI can be
 * shown without its query. Error messages never hold a PIN or the query.
 */
#ifndef COMMON_URI_H
#define COMMON_URI_H

#include <p11-kit/uri.h>
#include <stdbool.h>

#include "common/cleanup.h"
#include "common/error.h"

enum uri_kind { URI_FILE, URI_PKCS11 };

struct uri;

/* Wipes and releases. NULL is allowed. */
void uri_free(struct uri *uri);
DEFINE_CLEANUP(uri, struct uri, uri_free)

/*
 * Reads text. Fails with ERROR_INVALID: neither file: nor pkcs11:, a relative
 * path, a file URI with a foreign host or a query, an attribute that RFC 7512
 * does not know or that stands there twice, a broken percent encoding, white
 * space, a PIN in the path part, a pin-source that is no file.
 */
MUST_CHECK enum error_code uri_parse(
    const char *text, struct uri **ret_uri, struct error *err);

enum uri_kind uri_kind(const struct uri *uri);

/* The decoded path of a file URI; NULL for a PKCS#11 URI. Borrowed. */
const char *uri_file_path(const struct uri *uri);

/*
 * p11-kit's form of a PKCS#11 URI, for matching, without a pin-value; NULL for
 * a file. Borrowed.
 */
P11KitUri *uri_pkcs11(const struct uri *uri);

/* The object attribute (CKA_LABEL) as text, or NULL. Borrowed. */
const char *uri_object_label(const struct uri *uri);

/* True if pin-source or pin-value is there. */
bool uri_has_pin(const struct uri *uri);

/*
 * Reads the PIN: pin-value, or the first line of the pin-source file. The
 * caller owns it and releases it with secret_free(). Without a PIN *ret_pin is
 * NULL, which is success.
 *
 * Fails as file_read() does, and with ERROR_INVALID if the first line of the
 * file is empty.
 */
MUST_CHECK enum error_code uri_read_pin(
    const struct uri *uri, char **ret_pin, struct error *err);

/*
 * The URI without its query part, for people: a pkcs11 URI, or file:///path.
 * The caller frees it; NULL: no memory.
 */
char *uri_public_text(const struct uri *uri);

#endif
