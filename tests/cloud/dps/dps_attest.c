/* SPDX-License-Identifier: MIT */
#include "dps_attest.h"

#include "attest_x509.h"
#include "common/time.h"
#include "enrollment_store.h"

void
attestation_done(struct attestation *attestation)
{
	enrollment_done(&attestation->enrollment);
	X509_free(attestation->leaf);
	X509_free(attestation->signer);
	*attestation = (struct attestation){0};
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
attest_by_group(struct cloud *cloud, const x509_stack *presented,
    struct attestation *ret_attestation, struct error *err)
{
	struct search search = {.presented = presented, .now = time_now()};

	if (enrollment_store_visit_issuers(
		cloud->database, presented, consider_group, &search, err)) {
		attestation_done(&search.best);
		return err->code;
	}
	if (!search.found && search.refused.code) {
		*err = search.refused;
		return err->code;
	}
	if (!search.found)
		return attest_explain_unknown(presented, search.same_name, err);
	*ret_attestation = search.best;
	return ERROR_NONE;
}

/* Writes enrollment into ret_attestation whether or not it attests. */
static enum error_code
attest_by_individual(struct cloud *cloud, const struct id_text *id,
    const X509 *leaf, struct attestation *ret_attestation, struct error *err)
{
	struct enrollment *enrollment = &ret_attestation->enrollment;

	if (enrollment_store_get(
		cloud->database, ENROLLMENT_INDIVIDUAL, id, enrollment, err))
		return err->code;
	return attest_pinned(leaf, &enrollment->enrolled, time_now(), err);
}

enum error_code
attest_device(struct cloud *cloud, const struct id_text *id,
    const x509_stack *presented, struct attestation *ret_attestation,
    struct error *err)
{
	CLEANUP_DONE(attestation) struct attestation attestation = {0};
	X509 *leaf = sk_X509_value(presented, 0);

	if (!leaf)
		return error_set(err, ERROR_DENIED,
		    "The device presented no client certificate in the TLS "
		    "handshake.");
	if (attest_by_individual(cloud, id, leaf, &attestation, err) &&
	    (err->code != ERROR_NOT_FOUND ||
		attest_by_group(cloud, presented, &attestation, err)))
		return err->code;
	if (attest_common_name(leaf, id->text, err))
		return err->code;

	attestation.id = *id;
	attestation.leaf = share(leaf);
	*ret_attestation = TAKE_CONTENTS(attestation);
	return ERROR_NONE;
}
