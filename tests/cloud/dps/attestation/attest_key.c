/* SPDX-License-Identifier: MIT */
/* Devices that sign with a symmetric key: their own, or one of their group. */
#include <string.h>

#include "common/file.h"
#include "dps_attest.h"
#include "enrollment_store.h"
#include "sas.h"
#include "symmetric_key.h"

/* What a device names as the policy that it signs by. */
#define POLICY "registration"

static const char *const members[] = {"primaryKey", "secondaryKey"};

enum error_code
attest_signature(const struct cloud *cloud, const struct request *request,
    const struct id_text *id, const char *key, struct error *err)
{
	CLEANUP_DONE(sas_token) struct sas_token token = {0};
	CLEANUP(string)
	char *resource =
	    string_format("%s/registrations/%s", cloud->id_scope, id->text);

	if (!resource)
		return error_no_memory(err);
	if (sas_parse(request->headers.authorization, &token, err))
		return err->code;
	if (sas_verify(&token, key, resource, request->now, err))
		return err->code;
	if (strcmp(token.policy, POLICY) != 0 &&
	    !quirks_has(&cloud->options.quirks, QUIRK_ANY_POLICY))
		return error_set(err, ERROR_DENIED,
		    "The skn of the shared access signature is '%s'; a device "
		    "signs with '" POLICY "'.",
		    token.policy);
	return ERROR_NONE;
}

/* Either key will do, as they are rolled one after the other. */
static enum error_code
check_keys(const struct cloud *cloud, const struct request *request,
    const struct attestation *attestation, struct error *err)
{
	if (!attest_signature(
		cloud, request, &attestation->id, attestation->keys[1], err))
		return ERROR_NONE;
	return attest_signature(
	    cloud, request, &attestation->id, attestation->keys[0], err);
}

enum error_code
attest_by_key(struct cloud *cloud, const struct request *request,
    struct attestation *attestation, struct error *err)
{
	for (size_t i = 0; i < 2; i++) {
		const char *key =
		    enrollment_key(&attestation->enrollment, members[i]);

		attestation->keys[i] = strdup(key ? key : "");
		if (!attestation->keys[i])
			return error_no_memory(err);
	}
	return check_keys(cloud, request, attestation, err);
}

/* The search for the group by whose key a request is signed. */
struct search {
	struct cloud *cloud;
	const struct request *request;
	struct attestation *attestation;
	bool found;
};

static enum error_code
consider_group(void *context, struct enrollment *group, struct error *err)
{
	struct search *search = context;
	struct attestation *attestation = search->attestation;
	struct error refused;

	if (search->found)
		return ERROR_NONE;
	for (size_t i = 0; i < 2; i++) {
		free(attestation->keys[i]);
		attestation->keys[i] = NULL;
		if (symmetric_key_derive(enrollment_key(group, members[i]),
			attestation->id.text, &attestation->keys[i], err))
			return err->code;
	}
	if (check_keys(search->cloud, search->request, attestation, &refused))
		return ERROR_NONE;
	search->found = true;
	attestation->enrollment = TAKE_CONTENTS(*group);
	return ERROR_NONE;
}

enum error_code
attest_by_group_key(struct cloud *cloud, const struct request *request,
    struct attestation *attestation, struct error *err)
{
	struct search search = {
	    .cloud = cloud, .request = request, .attestation = attestation};

	if (enrollment_store_visit_symmetric_groups(
		cloud->database, consider_group, &search, err))
		return err->code;
	if (!search.found)
		return error_set(err, ERROR_NOT_FOUND,
		    "The shared access signature is by no enrolled key; is it "
		    "made for '%s/registrations/%s', is its skn '" POLICY
		    "', has it not expired, and is a key of a group derived "
		    "from the id in lower case?",
		    cloud->id_scope, attestation->id.text);
	return ERROR_NONE;
}
