/* SPDX-License-Identifier: MIT */
/*
 * Where a configuration names a key or a certificate by its URI, the daemons
 * know an id: the URI goes to preloaded_keys or preloaded_certs, under the id
 * that aziot gives it.
 */
#ifndef CLI_CREDENTIALS_H
#define CLI_CREDENTIALS_H

#include "document.h"
#include "edge_ca.h"

#define ID_EDGE_BUNDLE "aziot-edged-trust-bundle"
#define ID_EDGE_MASTER "iotedge_master_encryption_id"

/*
 * Does so with the identities of EST servers, the trusted certificates, Edge's
 * CA, its imported key and what its modules trust; and moves all that is said
 * of the issuance of a certificate to cert_issuance.certs. To be called once
 * all files are laid over each other.
 *
 * Something that is given twice is left out and one of the document's mistakes.
 * Fails with ERROR_INTERNAL.
 */
MUST_CHECK enum error_code credentials_name(
    struct document *document, struct error *err);

#endif
