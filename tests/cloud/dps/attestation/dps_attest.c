/* SPDX-License-Identifier: MIT */
#include "dps_attest.h"

#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "attest_x509.h"
#include "certificate_info.h"
#include "common/file.h"
#include "enrollment_store.h"

void
attestation_done(struct attestation *attestation)
{
	enrollment_done(&attestation->enrollment);
	X509_free(attestation->leaf);
	X509_free(attestation->signer);
	secret_free(attestation->keys[0]);
	secret_free(attestation->keys[1]);
	free(attestation->challenge);
	free(attestation->storage_root_key);
	*attestation = (struct attestation){0};
}

int64_t
attest_time(
    const struct cloud *cloud, const struct request *request, enum quirk quirk)
{
	return quirks_has(&cloud->options.quirks, quirk) ? ATTEST_ANY_TIME
							 : request->now;
}

/* The search for the group that is nearest to the leaf. */
struct search {
	const x509_stack *presented;
	int64_t now;
	bool found;
	int depth;
	struct attestation best; /* if found */
	bool same_name;          /* a CA of an issuer's name is enrolled */
	struct error refused;    /* why a chain that fits was refused */
};

static X509 *
share(X509 *certificate)
{
	(void)X509_up_ref(certificate);
	return certificate;
}

/* A chain that does not fit this group may fit another one. */
static enum error_code
note_refusal(struct search *search, const struct error *why, struct error *err)
{
	if (why->code == ERROR_NOT_FOUND)
		return ERROR_NONE;
	if (why->code == ERROR_DENIED) {
		search->refused = *why;
		return ERROR_NONE;
	}
	*err = *why;
	return err->code;
}

static enum error_code
consider_group(void *context, struct enrollment *group, struct error *err)
{
	struct search *search = context;
	X509 *anchor = NULL;
	struct error why;
	int depth;

	search->same_name = true;
	if (attest_chain(search->presented, &group->enrolled, search->now,
		&depth, &anchor, &why))
		return note_refusal(search, &why, err);
	if (search->found && search->depth <= depth)
		return ERROR_NONE;

	search->found = true;
	search->depth = depth;
	attestation_done(&search->best);
	search->best.signer = share(anchor);
	search->best.enrollment = TAKE_CONTENTS(*group);
	return ERROR_NONE;
}

static enum error_code
attest_by_group_certificate(struct cloud *cloud, const struct request *request,
    struct attestation *attestation, struct error *err)
{
	struct search search = {.presented = request->chain,
	    .now = attest_time(cloud, request, QUIRK_ANY_CHAIN_DATES)};

	if (enrollment_store_visit_issuers(cloud->database, request->chain,
		consider_group, &search, err)) {
		attestation_done(&search.best);
		return err->code;
	}
	if (!search.found && search.refused.code) {
		*err = search.refused;
		return err->code;
	}
	if (!search.found)
		return attest_explain_unknown(
		    request->chain, search.same_name, err);
	attestation->enrollment = TAKE_CONTENTS(search.best.enrollment);
	attestation->signer = TAKE(search.best.signer);
	return ERROR_NONE;
}

/* ---- an individual enrollment ---- */

/* One that is enrolled itself, or, by reference, one that a CA has signed. */
static enum error_code
attest_by_certificate(const struct cloud *cloud, const struct request *request,
    struct attestation *attestation, struct error *err)
{
	const struct enrollment *enrollment = &attestation->enrollment;
	const X509 *leaf = sk_X509_value(request->chain, 0);
	X509 *anchor = NULL;
	int depth;

	if (!enrollment->by_reference)
		return attest_pinned(leaf, &enrollment->enrolled,
		    attest_time(cloud, request, QUIRK_ANY_PINNED_DATES), err);
	if (attest_chain(request->chain, &enrollment->enrolled,
		attest_time(cloud, request, QUIRK_ANY_CHAIN_DATES), &depth,
		&anchor, err))
		return error_set(err,
		    err->code == ERROR_NOT_FOUND ? ERROR_DENIED : err->code,
		    "%s", err->message);
	attestation->signer = share(anchor);
	return ERROR_NONE;
}

static enum error_code
check_presented(const x509_stack *presented, struct error *err)
{
	if (sk_X509_value(presented, 0))
		return ERROR_NONE;
	return error_set(err, ERROR_DENIED,
	    "The device presented no client certificate in the TLS "
	    "handshake.");
}

/* What Azure may ask for of a leaf besides, and may not. */
static enum error_code
check_quirks(const struct quirks *quirks, X509 *leaf, const char *given_id,
    struct error *err)
{
	CLEANUP(string) char *name = NULL;

	/* A certificate without the extension allows all. */
	if (quirks_has(quirks, QUIRK_CHECKED_USAGE) &&
	    !(X509_get_extended_key_usage(leaf) & XKU_SSL_CLIENT))
		return error_set(err, ERROR_DENIED,
		    "The certificate's extended key usage has no clientAuth.");
	if (!quirks_has(quirks, QUIRK_EXACT_NAME))
		return ERROR_NONE;
	if (name_common_name(X509_get_subject_name(leaf), &name, err))
		return err->code;
	if (strcmp(name, given_id) != 0)
		return error_set(err, ERROR_DENIED,
		    "The certificate's common name '%s' is not the "
		    "registration id '%s', in upper and lower case.",
		    name, given_id);
	return ERROR_NONE;
}

/* The common name of the leaf says which registration it is for. */
static enum error_code
finish_x509(const struct cloud *cloud, const struct request *request,
    struct attestation *attestation, struct error *err)
{
	X509 *leaf = sk_X509_value(request->chain, 0);

	if (attest_common_name(leaf, attestation->id.text, err) ||
	    check_quirks(&cloud->options.quirks, leaf, request->params[1], err))
		return err->code;
	attestation->leaf = share(leaf);
	return ERROR_NONE;
}

static enum error_code
attest_by_individual(struct cloud *cloud, const struct request *request,
    struct attestation *attestation, struct error *err)
{
	switch (attestation->enrollment.type) {
	case ATTEST_SYMMETRIC_KEY:
		return attest_by_key(cloud, request, attestation, err);
	case ATTEST_TPM:
		return attest_by_tpm(cloud, request, attestation, err);
	case ATTEST_X509:
		break;
	}
	if (check_presented(request->chain, err) ||
	    attest_by_certificate(cloud, request, attestation, err))
		return err->code;
	return finish_x509(cloud, request, attestation, err);
}

/* ---- the choice ---- */

/* Whoever signs means a key; whoever does not, a certificate. */
static enum error_code
attest_by_group(struct cloud *cloud, const struct request *request,
    struct attestation *attestation, struct error *err)
{
	enum error_code code;

	if (request->headers.authorization) {
		code = attest_by_group_key(cloud, request, attestation, err);
		return code == ERROR_NOT_FOUND
			   ? error_set(err, ERROR_DENIED, "%s", err->message)
			   : code;
	}
	if (check_presented(request->chain, err) ||
	    attest_by_group_certificate(cloud, request, attestation, err))
		return err->code;
	return finish_x509(cloud, request, attestation, err);
}

enum error_code
attest_device(struct cloud *cloud, const struct id_text *id,
    const struct request *request, struct attestation *ret_attestation,
    struct error *err)
{
	CLEANUP_DONE(attestation) struct attestation attestation = {.id = *id};
	enum error_code code = enrollment_store_get(cloud->database,
	    ENROLLMENT_INDIVIDUAL, id, &attestation.enrollment, err);

	if (code == ERROR_NONE)
		code = attest_by_individual(cloud, request, &attestation, err);
	else if (code == ERROR_NOT_FOUND)
		code = attest_by_group(cloud, request, &attestation, err);
	if (code)
		return code;
	*ret_attestation = TAKE_CONTENTS(attestation);
	return ERROR_NONE;
}
