/* SPDX-License-Identifier: MIT */
#include "lint.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/time.h"
#include "common/utf8.h"
#include "names.h"

void
lint_notes_done(struct lint_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		free(notes->items[i]);
	free(notes->items);
	*notes = (struct lint_notes){0, NULL};
}

enum error_code
lint_note(struct lint_notes *notes, struct error *err, const char *format, ...)
{
	CLEANUP(string) char *text = NULL;
	char **grown =
	    reallocarray(notes->items, notes->count + 1, sizeof(*grown));
	va_list arguments;

	if (!grown)
		return error_no_memory(err);
	notes->items = grown;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	grown[notes->count] = text ? utf8_repair(text, strlen(text)) : NULL;
	if (!grown[notes->count])
		return error_no_memory(err);
	notes->count++;
	return ERROR_NONE;
}

/* --- one certificate ------------------------------------------------------ */

static enum error_code
check_dates(const X509 *certificate, int64_t now, struct error *err)
{
	int64_t from, until;

	if (time_from_asn1(X509_get0_notBefore(certificate), &from, err) ||
	    time_from_asn1(X509_get0_notAfter(certificate), &until, err))
		return err->code;
	if (from >= until)
		return error_set(err, ERROR_INVALID,
		    "the certificate ends on %s, before it begins",
		    time_format(until).text);
	if (now >= until)
		return error_set(err, ERROR_INVALID,
		    "the certificate expired on %s, and it is %s here",
		    time_format(until).text, time_format(now).text);
	return ERROR_NONE;
}

static enum error_code
check_ca(X509 *certificate, struct error *err)
{
	if (!certificate_is_ca(certificate))
		return error_set(err, ERROR_INVALID,
		    "the certificate is to be a CA's, but its basic "
		    "constraints do not say CA:TRUE");
	if (!(X509_get_key_usage(certificate) & KU_KEY_CERT_SIGN))
		return error_set(err, ERROR_INVALID,
		    "the certificate is to be a CA's, but its key usage does "
		    "not allow to sign certificates");
	return ERROR_NONE;
}

/* A certificate without extended key usage may be used for all. */
static enum error_code
check_leaf(
    X509 *certificate, unsigned usage, const char *name, struct error *err)
{
	if (certificate_is_ca(certificate))
		return error_set(err, ERROR_INVALID,
		    "the certificate is a CA's (CA:TRUE), and cannot be a "
		    "%s's",
		    name);
	if (!(X509_get_extended_key_usage(certificate) & usage))
		return error_set(err, ERROR_INVALID,
		    "the extended key usage of the certificate does not have "
		    "%sAuth",
		    name);
	if (!(X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE))
		return error_set(err, ERROR_INVALID,
		    "the key usage of the certificate does not allow digital "
		    "signatures, which TLS needs");
	return ERROR_NONE;
}

static enum error_code
check_usages(X509 *certificate, enum lint_role role, struct error *err)
{
	switch (role) {
	case LINT_CA:
		return check_ca(certificate, err);
	case LINT_CLIENT:
		return check_leaf(certificate, XKU_SSL_CLIENT, "client", err);
	case LINT_SERVER:
		return check_leaf(certificate, XKU_SSL_SERVER, "server", err);
	case LINT_ANY:
		break;
	}
	return ERROR_NONE;
}

enum error_code
lint_role_check(
    X509 *certificate, enum lint_role role, int64_t now, struct error *err)
{
	if (check_usages(certificate, role, err) ||
	    check_dates(certificate, now, err))
		return err->code;
	return ERROR_NONE;
}

/* --- a chain -------------------------------------------------------------- */

static bool
issues(X509 *issuer, X509 *subject)
{
	bool does = X509_check_issued(issuer, subject) == X509_V_OK;

	ERR_clear_error();
	return does;
}

/* Removes what is there twice. */
static enum error_code
remove_doubles(x509_stack *chain, struct lint_notes *notes, struct error *err)
{
	for (int i = 0; i < sk_X509_num(chain); i++)
		for (int j = sk_X509_num(chain) - 1; j > i; j--) {
			X509 *one = sk_X509_value(chain, i);

			if (X509_cmp(one, sk_X509_value(chain, j)) != 0)
				continue;
			X509_free(sk_X509_delete(chain, j));
			if (lint_note(notes, err,
				"%s was there twice; one was removed",
				name_of_subject(one).text))
				return err->code;
		}
	return ERROR_NONE;
}

/* How many certificates of chain, without itself, candidate has issued. */
static int
count_issued(const x509_stack *chain, X509 *candidate)
{
	int count = 0;

	for (int i = 0; i < sk_X509_num(chain); i++) {
		X509 *other = sk_X509_value(chain, i);

		count += other != candidate && issues(candidate, other);
	}
	return count;
}

static bool
issues_none(const x509_stack *chain, X509 *certificate)
{
	return count_issued(chain, certificate) == 0;
}

/* One that is its own issuer is trusted as it is, like a root. */
static bool
is_end_entity(const x509_stack *chain, X509 *certificate)
{
	return issues_none(chain, certificate) &&
	       !certificate_is_ca(certificate) &&
	       !issues(certificate, certificate);
}

/* The only one that is so; -1 if there is none, or several are. */
static int
find_only(const x509_stack *chain, bool (*is_so)(const x509_stack *, X509 *))
{
	int found = -1;

	for (int i = 0; i < sk_X509_num(chain); i++) {
		if (!is_so(chain, sk_X509_value(chain, i)))
			continue;
		if (found >= 0)
			return -1;
		found = i;
	}
	return found;
}

/*
 * What the others are there for: the one that issues none. In a chain with a
 * hole several do, of which only one is no CA. -1: a bundle, not a chain.
 */
static int
find_leaf(const x509_stack *chain)
{
	int leaf = find_only(chain, issues_none);

	return leaf >= 0 ? leaf : find_only(chain, is_end_entity);
}

static int
find_issuer(const x509_stack *chain, X509 *subject)
{
	for (int i = 0; i < sk_X509_num(chain); i++)
		if (issues(sk_X509_value(chain, i), subject))
			return i;
	return -1;
}

/* Moves position of from to the end of to. */
static X509 *
move(x509_stack *from, int position, x509_stack *to)
{
	X509 *certificate = sk_X509_delete(from, position);

	(void)sk_X509_push(to, certificate); /* it was there before: room */
	return certificate;
}

enum error_code
lint_arrange(x509_stack *chain, struct lint_notes *notes, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *rest = NULL;
	int leaf, moved = 0, position;
	X509 *last;

	if (remove_doubles(chain, notes, err))
		return err->code;
	leaf = find_leaf(chain);
	if (sk_X509_num(chain) < 2 || leaf < 0)
		return ERROR_NONE;
	rest = sk_X509_new_reserve(NULL, sk_X509_num(chain));
	if (!rest)
		return error_no_memory(err);
	while (sk_X509_num(chain) > 0)
		(void)move(chain, 0, rest);
	last = move(rest, leaf, chain);
	moved += leaf != 0;
	while ((position = find_issuer(rest, last)) >= 0) {
		last = move(rest, position, chain);
		moved += position != 0;
	}
	/* If there are any, they are behind a hole, or of another chain. */
	while (sk_X509_num(rest) > 0)
		(void)move(rest, 0, chain);
	if (moved == 0)
		return ERROR_NONE;
	return lint_note(notes, err,
	    "the chain was not in order; it is now, %s first",
	    name_of_subject(sk_X509_value(chain, 0)).text);
}

static bool
is_near(int64_t from, int64_t until, int64_t now)
{
	return until - now < (until - from) / 100 * LINT_NEAR_PERCENT;
}

enum error_code
lint_end_check(const X509 *certificate, int64_t now, struct error *err)
{
	int64_t from, until;

	if (time_from_asn1(X509_get0_notBefore(certificate), &from, err) ||
	    time_from_asn1(X509_get0_notAfter(certificate), &until, err))
		return err->code;
	if (is_near(from, until, now))
		return error_set(err, ERROR_INVALID, "it ends on %s",
		    time_format(until).text);
	return ERROR_NONE;
}

static enum error_code
note_life(const X509 *certificate, int64_t now, struct lint_notes *notes,
    struct error *err)
{
	int64_t from, until, left;

	if (time_from_asn1(X509_get0_notBefore(certificate), &from, err) ||
	    time_from_asn1(X509_get0_notAfter(certificate), &until, err))
		return err->code;
	left = until - now;
	if (now < from)
		return lint_note(notes, err,
		    "%s is not valid before %s, and it is %s here",
		    name_of_subject(certificate).text, time_format(from).text,
		    time_format(now).text);
	if (left <= 0)
		return lint_note(notes, err, "%s expired on %s",
		    name_of_subject(certificate).text, time_format(until).text);
	if (is_near(from, until, now))
		return lint_note(notes, err, "%s expires on %s",
		    name_of_subject(certificate).text, time_format(until).text);
	return ERROR_NONE;
}

/* What is to be said of certificate and of the next, its issuer. */
static enum error_code
note_link(X509 *certificate, X509 *issuer, struct lint_notes *notes,
    struct error *err)
{
	int64_t until, issuer_until;

	if (!issues(issuer, certificate))
		return lint_note(notes, err,
		    "the chain breaks off after %s, which the next, %s, did "
		    "not issue",
		    name_of_subject(certificate).text,
		    name_of_subject(issuer).text);
	if (X509_verify(certificate, X509_get0_pubkey(issuer)) != 1) {
		ERR_clear_error();
		return lint_note(notes, err,
		    "%s is not signed by the key of %s, though it says so",
		    name_of_subject(certificate).text,
		    name_of_subject(issuer).text);
	}
	if (!certificate_is_ca(issuer) &&
	    lint_note(notes, err, "%s issued %s and is no CA",
		name_of_subject(issuer).text,
		name_of_subject(certificate).text))
		return err->code;
	if (time_from_asn1(X509_get0_notAfter(certificate), &until, err) ||
	    time_from_asn1(X509_get0_notAfter(issuer), &issuer_until, err))
		return err->code;
	if (issuer_until >= until)
		return ERROR_NONE;
	return lint_note(notes, err,
	    "%s is good until %s only, before which its issuer %s ends",
	    name_of_subject(certificate).text, time_format(issuer_until).text,
	    name_of_subject(issuer).text);
}

enum error_code
lint_lives(const x509_stack *chain, int64_t now, struct lint_notes *notes,
    struct error *err)
{
	for (int i = 0; i < sk_X509_num(chain); i++)
		if (note_life(sk_X509_value(chain, i), now, notes, err))
			return err->code;
	return ERROR_NONE;
}

enum error_code
lint_links(const x509_stack *chain, struct lint_notes *notes, struct error *err)
{
	if (find_leaf(chain) != 0)
		return ERROR_NONE;
	for (int i = 0; i + 1 < sk_X509_num(chain); i++)
		if (note_link(sk_X509_value(chain, i),
			sk_X509_value(chain, i + 1), notes, err))
			return err->code;
	return ERROR_NONE;
}
