/* SPDX-License-Identifier: MIT */
/* How EST servers are reached, and which of them issues what. */
#ifndef CLI_EST_CREDENTIALS_H
#define CLI_EST_CREDENTIALS_H

#include "document.h"
#include "places.h"

/* The certificates that are issued, by id. */
#define CERTS_PATH STEPS("cert_issuance", "certs")

/*
 * Gives each certificate that is issued here the server that est.urls names for
 * it. To be called when all of them are in cert_issuance.certs, but the
 * device's, which may be where it is proved.
 *
 * Fails with ERROR_INVALID, pointing at the place: something is given twice.
 */
MUST_CHECK enum error_code est_credentials_spread(
    struct config_node *root, struct error *err);

/*
 * Preloads the identities at the servers, and whom they are trusted by, and
 * puts their ids in their places; a server is asked over http if IoT Edge's
 * file says so. Fails as est_credentials_spread() does.
 */
MUST_CHECK enum error_code est_credentials_name(
    struct document *document, struct error *err);

#endif
