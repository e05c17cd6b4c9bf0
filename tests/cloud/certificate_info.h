/* SPDX-License-Identifier: MIT */
/* A certificate as DPS and the hub speak of it. */
#ifndef CLOUD_CERTIFICATE_INFO_H
#define CLOUD_CERTIFICATE_INFO_H

#include "common/json.h"
#include "common/openssl.h"

#define NAME_TEXT_MAX 200
#define THUMBPRINT_TEXT_MAX 65 /* SHA-256 in hex */

/* A distinguished name for people, "CN=a, O=b"; cut off if it is long. */
struct name_text {
	char text[NAME_TEXT_MAX];
};
struct name_text name_text(const X509_NAME *name);

/* The digest of a certificate's DER as upper-case hex digits. */
struct thumbprint {
	char text[THUMBPRINT_TEXT_MAX];
};
MUST_CHECK enum error_code thumbprint_create(const X509 *certificate,
    const EVP_MD *algorithm, struct thumbprint *ret_thumbprint,
    struct error *err);

/*
 * The members of DPS's X509CertificateInfo. *ret_info is the caller's.
 * Fails with ERROR_INVALID if the certificate's times or serial are broken.
 */
MUST_CHECK enum error_code certificate_info(
    const X509 *certificate, json_t **ret_info, struct error *err);

/*
 * Reads one certificate as enrollments carry it: PEM, or base64 of DER.
 * Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code certificate_from_text(
    const char *text, X509 **ret_certificate, struct error *err);

/*
 * What a file holds, as enrollments carry it: its text if it is PEM, else its
 * base64. free(); NULL: no memory.
 */
char *certificate_text(const void *data, size_t length);

/* Reads a certificate's DER. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code certificate_from_der(
    const void *der, size_t length, X509 **ret_certificate, struct error *err);

/* What kind of key the certificate is for: "EC P-256", "RSA 2048". */
struct key_text {
	char text[32];
};
struct key_text key_text(const X509 *certificate);

#endif
