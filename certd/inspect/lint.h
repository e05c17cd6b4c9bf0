/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a certificate and its chain for the part that they are to
 * play, before anybody finds out by an outage.
 */
#ifndef CERTD_LINT_H
#define CERTD_LINT_H

#include <stdint.h>

#include "common/openssl.h"

/* The end of a certificate is near when so much of its life is left. */
#define LINT_NEAR_PERCENT 10

enum lint_role {
	LINT_ANY, /* nothing is known of its use */
	LINT_CLIENT,
	LINT_SERVER,
	LINT_CA,
};

/* Remarks, one sentence each. */
struct lint_notes {
	size_t count;
	char **items;
};

/* Releases the contents, not the struct. */
void lint_notes_done(struct lint_notes *notes);

/* Adds a remark, made UTF-8. Fails with ERROR_INTERNAL: no memory. */
MUST_CHECK enum error_code lint_note(
    struct lint_notes *notes, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Removes what is in chain twice and puts it into order, the leaf first, with a
 * note for each. Certificates that are no chain (a bundle of roots) stay as
 * they are.
 */
MUST_CHECK enum error_code lint_arrange(
    x509_stack *chain, struct lint_notes *notes, struct error *err);

/*
 * Whether certificate can play role at all: CA flag, key usage, extended key
 * usage, dates that are in order and not over. Fails with ERROR_INVALID, saying
 * what is wrong.
 */
MUST_CHECK enum error_code lint_role_check(
    X509 *certificate, enum lint_role role, int64_t now, struct error *err);

/*
 * Fails with ERROR_INVALID if the end of certificate is near: for those that
 * nobody renews.
 */
MUST_CHECK enum error_code lint_end_check(
    const X509 *certificate, int64_t now, struct error *err);

/*
 * Notes on chain, leaf first, that are no reason to refuse it: not valid yet,
 * over, ends soon.
 */
MUST_CHECK enum error_code lint_lives(const x509_stack *chain, int64_t now,
    struct lint_notes *notes, struct error *err);

/*
 * The same whatever the time is: was not issued by the next, or does not verify
 * by it, an issuer that ends first or is none. Of a bundle, in which no single
 * certificate is what the others are there for, nothing is said.
 */
MUST_CHECK enum error_code lint_links(
    const x509_stack *chain, struct lint_notes *notes, struct error *err);

#endif
