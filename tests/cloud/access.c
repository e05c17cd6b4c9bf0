/* SPDX-License-Identifier: MIT */
#include "access.h"

#include <string.h>

#include "common/time.h"
#include "sas.h"
#include "settings.h"

/* Tries both keys of the policy, as they are rolled one after the other. */
static enum error_code
verify(const struct sas_token *token, const struct policy *policy,
    const char *resource, struct error *err)
{
	int64_t now = time_now();

	if (!sas_verify(token, policy->secondary_key, resource, now, err))
		return ERROR_NONE;
	return sas_verify(token, policy->primary_key, resource, now, err);
}

/* A client may name the host with its port, or without. */
static enum error_code
verify_for_host(const struct sas_token *token, const struct policy *policy,
    const char *host, struct error *err)
{
	CLEANUP(string) char *bare = strndup(host, strcspn(host, ":"));

	if (!bare)
		return error_no_memory(err);
	if (!verify(token, policy, bare, err))
		return ERROR_NONE;
	return verify(token, policy, host, err);
}

enum error_code
access_check(struct cloud *cloud, enum surface surface,
    const struct request *request, struct error *err)
{
	CLEANUP_DONE(sas_token) struct sas_token token = {0};
	CLEANUP_DONE(policy) struct policy policy = {0};

	if (!request->headers.authorization)
		return error_set(err, ERROR_DENIED,
		    "An Authorization header with a shared access signature is "
		    "needed.");
	if (!request->headers.host)
		return error_set(
		    err, ERROR_INVALID, "A Host header is needed.");
	if (sas_parse(request->headers.authorization, &token, err))
		return err->code;
	if (policy_get(cloud->database, surface, token.policy, &policy, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : error_set(err, ERROR_DENIED,
				 "There is no shared access policy '%s'.",
				 token.policy);
	return verify_for_host(&token, &policy, request->headers.host, err);
}
