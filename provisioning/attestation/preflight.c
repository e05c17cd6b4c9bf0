/* SPDX-License-Identifier: MIT */
#include "preflight.h"

#include <ctype.h>
#include <openssl/err.h>
#include <string.h>
#include <strings.h>

#include "common/time.h"

#define REGISTRATION_ID_MAX 128
#define SUBJECT_MAX 128

/* A subject for people, in printable ASCII. */
struct subject {
	char text[SUBJECT_MAX];
};

static struct subject
subject_of(const X509 *certificate)
{
	struct subject subject;

	if (!X509_NAME_oneline(X509_get_subject_name(certificate), subject.text,
		sizeof(subject.text)))
		subject.text[0] = '\0';
	return subject;
}

enum error_code
registration_id_check(const char *id, struct error *err)
{
	size_t length = strlen(id);
	bool valid = length > 0 && length <= REGISTRATION_ID_MAX &&
		     !strchr("._:", id[length - 1]);

	for (size_t i = 0; valid && i < length; i++)
		valid =
		    isascii((unsigned char)id[i]) &&
		    (isalnum((unsigned char)id[i]) || strchr("-._:", id[i]));
	if (!valid)
		return error_set(err, ERROR_INVALID,
		    "a registration id has 1 to %d letters, digits, '-', '.', "
		    "'_' and ':', and ends in a letter, a digit or '-'",
		    REGISTRATION_ID_MAX);
	return ERROR_NONE;
}

/* The commonest mistake in a chain has a sentence of its own. */
static enum error_code
check_leaf_first(
    const x509_stack *chain, const EVP_PKEY *key, struct error *err)
{
	if (certificate_matches_key(sk_X509_value(chain, 0), key))
		return ERROR_NONE;
	for (int i = 1; i < sk_X509_num(chain); i++)
		if (certificate_matches_key(sk_X509_value(chain, i), key))
			return error_set(err, ERROR_INVALID,
			    "the device's own certificate (%s) is number %d in "
			    "identity_cert: it must be the first, each issuer "
			    "after what it issued",
			    subject_of(sk_X509_value(chain, i)).text, i + 1);
	return ERROR_NONE;
}

static enum error_code
check_leaf(const X509 *leaf, const EVP_PKEY *key, struct error *err)
{
	struct subject subject = subject_of(leaf);

	if (certificate_is_ca(leaf))
		return error_set(err, ERROR_INVALID,
		    "the certificate in identity_cert (%s) is a CA "
		    "certificate: a device needs one with CA:FALSE",
		    subject.text);
	if (!certificate_matches_key(leaf, key))
		return error_set(err, ERROR_INVALID,
		    "the key in identity_pk does not match the certificate in "
		    "identity_cert (%s)",
		    subject.text);
	return ERROR_NONE;
}

enum error_code
preflight_name(const x509_stack *chain, char **ret_name, struct error *err)
{
	const X509 *leaf = sk_X509_value(chain, 0);
	CLEANUP(string) char *name = NULL;

	if (name_common_name(X509_get_subject_name(leaf), &name, err))
		return error_set(err, ERROR_INVALID,
		    "the certificate in identity_cert (%s) has no common name, "
		    "which must be the registration id",
		    subject_of(leaf).text);
	if (registration_id_check(name, err))
		return error_wrap(err,
		    "the common name of the certificate in identity_cert (%s) "
		    "cannot be a registration id",
		    subject_of(leaf).text);
	*ret_name = TAKE(name);
	return ERROR_NONE;
}

static enum error_code
check_name(const x509_stack *chain, const char *configured, char **ret_id,
    struct error *err)
{
	CLEANUP(string) char *name = NULL;

	if (preflight_name(chain, &name, err))
		return err->code;
	if (configured && strcasecmp(configured, name) != 0)
		return error_set(err, ERROR_INVALID,
		    "registration_id is '%s', but the certificate in "
		    "identity_cert is for '%s': they must be the same",
		    configured, name);

	*ret_id = configured ? strdup(configured) : TAKE(name);
	return *ret_id ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
not_yet_valid(
    const X509 *certificate, int64_t from, int64_t now, struct error *err)
{
	struct subject subject = subject_of(certificate);

	if (now < CLOCK_FLOOR)
		return error_set(err, ERROR_UNAVAILABLE,
		    "the clock of this device says %s, which cannot be: no "
		    "certificate (%s) can be used until it is set",
		    time_format(now).text, subject.text);
	return error_set(err, ERROR_INVALID,
	    "the certificate %s in identity_cert is valid from %s on, and the "
	    "clock of this device says %s",
	    subject.text, time_format(from).text, time_format(now).text);
}

static enum error_code
check_dates(const X509 *certificate, int64_t now, struct error *err)
{
	int64_t from, until;

	if (time_from_asn1(X509_get0_notBefore(certificate), &from, err) ||
	    time_from_asn1(X509_get0_notAfter(certificate), &until, err))
		return error_wrap(err, "the certificate %s in identity_cert",
		    subject_of(certificate).text);
	if (now < from)
		return not_yet_valid(certificate, from, now, err);
	if (now > until)
		return error_set(err, ERROR_INVALID,
		    "the certificate %s in identity_cert expired at %s (the "
		    "clock of this device says %s)",
		    subject_of(certificate).text, time_format(until).text,
		    time_format(now).text);
	return ERROR_NONE;
}

/* Checks that the certificate at position issued + 1 issued the one before. */
static enum error_code
check_link(const x509_stack *chain, int issued, struct error *err)
{
	X509 *certificate = sk_X509_value(chain, issued);
	X509 *issuer = sk_X509_value(chain, issued + 1);
	const char *what;

	if (X509_NAME_cmp(X509_get_issuer_name(certificate),
		X509_get_subject_name(issuer)) != 0)
		what = "is not the issuer of";
	else if (X509_verify(certificate, X509_get0_pubkey(issuer)) != 1)
		what = "has the name of the issuer, but did not sign,";
	else
		return ERROR_NONE;

	ERR_clear_error();
	return error_set(err, ERROR_INVALID,
	    "in identity_cert certificate %d (%s) %s certificate %d (%s): each "
	    "issuer must follow what it issued",
	    issued + 2, subject_of(issuer).text, what, issued + 1,
	    subject_of(certificate).text);
}

enum error_code
preflight_check_dates(const x509_stack *chain, int64_t now, struct error *err)
{
	int count = sk_X509_num(chain);

	for (int i = 0; i < count; i++)
		if (check_dates(sk_X509_value(chain, i), now, err))
			return err->code;
	return ERROR_NONE;
}

static enum error_code
check_links(const x509_stack *chain, struct error *err)
{
	int count = sk_X509_num(chain);

	for (int i = 0; i + 1 < count; i++)
		if (check_link(chain, i, err))
			return err->code;
	return ERROR_NONE;
}

enum error_code
preflight_check_pair(
    const x509_stack *chain, const EVP_PKEY *key, struct error *err)
{
	if (check_leaf_first(chain, key, err) ||
	    check_leaf(sk_X509_value(chain, 0), key, err))
		return err->code;
	return check_links(chain, err);
}

enum error_code
preflight_check(const x509_stack *chain, const EVP_PKEY *key,
    const char *configured, int64_t now, char **ret_registration_id,
    struct error *err)
{
	CLEANUP(string) char *id = NULL;

	if (check_leaf_first(chain, key, err) ||
	    check_leaf(sk_X509_value(chain, 0), key, err) ||
	    check_name(chain, configured, &id, err) ||
	    preflight_check_dates(chain, now, err) || check_links(chain, err))
		return err->code;
	*ret_registration_id = TAKE(id);
	return ERROR_NONE;
}
