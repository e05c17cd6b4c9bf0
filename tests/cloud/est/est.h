/* SPDX-License-Identifier: MIT */
/*
 * The EST server (RFC 7030): handlers of its operations.
 *
 * Bodies are base64, as RFC 8951 clarifies; what is refused is said in a line
 * of text.
 */
#ifndef CLOUD_EST_H
#define CLOUD_EST_H

#include "cloud.h"

/* Section 4.1: the CA certificates, for anyone. */
handler est_cacerts;

/* Section 4.5: what a request should contain, for anyone; 204 if nothing. */
handler est_csrattrs;

/*
 * Section 4.2.1: a certificate for who has a password, or a certificate by a
 * CA that is trusted for that.
 */
handler est_enroll;

/*
 * Section 4.2.2: the next certificate for who shows one of ours and asks for
 * the same subject and names.
 */
handler est_reenroll;

/* Sections 4.3 and 4.4, which are optional: 501. */
handler est_not_implemented;

#endif
