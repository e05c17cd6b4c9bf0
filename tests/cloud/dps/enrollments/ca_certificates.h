/* SPDX-License-Identifier: MIT */
/*
 * CA certificates and proof of possession: what Azure has in its control plane,
 * at a shorter path, for who holds the administrator's token.
 */
#ifndef CLOUD_CA_CERTIFICATES_H
#define CLOUD_CA_CERTIFICATES_H

#include "ca_store.h"
#include "cloud.h"

handler list_ca_certificates;
handler get_ca_certificate;
handler put_ca_certificate;
handler delete_ca_certificate;

/* Makes the code that verify_ca_certificate expects. */
handler generate_verification_code;

/*
 * Takes a certificate whose common name is the code, signed with the CA's key.
 */
handler verify_ca_certificate;

/* Reads the one in the path; if there is none, reply says so. */
MUST_CHECK enum error_code ca_find(struct cloud *cloud,
    const struct request *request, struct reply *reply,
    struct ca_certificate *ret_ca, struct error *err);

/* As the handlers, for the portal and the command line. */
MUST_CHECK enum error_code ca_new_code(
    struct database *database, struct ca_certificate *ca, struct error *err);

/* Fails with ERROR_INVALID if proof does not prove possession. */
MUST_CHECK enum error_code ca_verify(struct database *database,
    struct ca_certificate *ca, const X509 *proof, struct error *err);

/*
 * Sets a refusal in reply if enrollments name the CA: they must not end up
 * without one, or with another. Fails only if the database does.
 */
MUST_CHECK enum error_code ca_refuse_if_used(struct cloud *cloud,
    const struct id_text *name, struct reply *reply, struct error *err);

/* For ca_store_visit(): appends ca to context, an array, as JSON. */
ca_visit ca_append_json;

/* Fails with ERROR_INVALID unless certificate is one of a CA. */
MUST_CHECK enum error_code ca_check(X509 *certificate, struct error *err);

/* PEM, base64 of DER, or base64 of PEM. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code ca_certificate_from_text(
    const char *text, X509 **ret_certificate, struct error *err);

#endif
