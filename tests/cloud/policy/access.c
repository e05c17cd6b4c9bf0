/* SPDX-License-Identifier: MIT */
#include "access.h"

#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

#include "common/file.h"
#include "policy_store.h"
#include "sas.h"
#include "settings.h"

/* Tries both keys, as they are rolled one after the other. */
static enum error_code
verify(const struct sas_token *token, const char *const keys[static 2],
    const char *resource, int64_t now, struct error *err)
{
	if (!sas_verify(token, keys[1], resource, now, err))
		return ERROR_NONE;
	return sas_verify(token, keys[0], resource, now, err);
}

enum error_code
access_check_token(const struct request *request, const struct sas_token *token,
    const char *const keys[static 2], const char *path, struct error *err)
{
	const char *host = request->headers.host;
	CLEANUP(string) char *bare = NULL;
	CLEANUP(string) char *full = NULL;

	if (!host)
		return error_set(
		    err, ERROR_INVALID, "A Host header is needed.");
	bare = string_format("%.*s%s", (int)strcspn(host, ":"), host, path);
	full = string_format("%s%s", host, path);
	if (!bare || !full)
		return error_no_memory(err);
	if (!verify(token, keys, bare, request->now, err))
		return ERROR_NONE;
	return verify(token, keys, full, request->now, err);
}

enum error_code
access_check(struct cloud *cloud, enum surface surface, enum right right,
    const struct request *request, struct error *err)
{
	CLEANUP_DONE(sas_token) struct sas_token token = {0};
	CLEANUP_DONE(policy) struct policy policy = {0};

	if (sas_parse(request->headers.authorization, &token, err))
		return err->code;
	if (policy_get(cloud->database, surface, token.policy, &policy, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : error_set(err, ERROR_DENIED,
				 "There is no shared access policy '%s'.",
				 token.policy);
	if (access_check_token(request, &token,
		(const char *const[]){policy.primary_key, policy.secondary_key},
		"", err))
		return err->code;
	return policy.rights & right
		   ? ERROR_NONE
		   : error_set(err, ERROR_DENIED,
			 "The shared access policy '%s' has not the right %s.",
			 token.policy, right_name(right));
}

enum error_code
access_is_admin(struct cloud *cloud, const char *token, bool *ret_is_admin,
    struct error *err)
{
	CLEANUP(secret) char *expected = NULL;

	if (setting_get(cloud->database, SETTING_ADMIN_TOKEN, &expected, err))
		return err->code;
	*ret_is_admin = strlen(token) == strlen(expected) &&
			CRYPTO_memcmp(token, expected, strlen(expected)) == 0;
	return ERROR_NONE;
}

enum error_code
access_check_admin(
    struct cloud *cloud, const struct request *request, struct error *err)
{
	static const char scheme[] = "Bearer ";
	const char *header = request->headers.authorization;
	bool is_admin = false;

	if (header && strncasecmp(header, scheme, strlen(scheme)) == 0 &&
	    access_is_admin(cloud, header + strlen(scheme), &is_admin, err))
		return err->code;
	return is_admin ? ERROR_NONE
			: error_set(err, ERROR_DENIED,
			      "The administrator's token is needed: "
			      "'Authorization: Bearer TOKEN'; 'admin_token' in "
			      "cloud.json is it.");
}
