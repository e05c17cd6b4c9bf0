/* SPDX-License-Identifier: MIT */
#include "sas.h"

#include <errno.h>
#include <openssl/hmac.h>
#include <string.h>
#include <strings.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/http.h"
#include "common/openssl.h"
#include "percent.h"

#define SCHEME "SharedAccessSignature "

void
sas_token_done(struct sas_token *token)
{
	free(token->sent);
	*token = (struct sas_token){0};
}

static enum error_code
refuse(const char *why, struct error *err)
{
	return error_set(err, ERROR_DENIED,
	    "The shared access signature is refused: %s.", why);
}

/* Puts the value of one field "name=value" where it belongs. */
static bool
take_field(char *field, struct sas_token *token)
{
	char *value = strchr(field, '=');

	if (!value)
		return false;
	*value++ = '\0';
	if (strcmp(field, "sr") == 0)
		token->resource = value;
	else if (strcmp(field, "se") == 0)
		token->expiry = value;
	else if (strcmp(field, "sig") == 0 && percent_decode(value))
		token->signature = value;
	else if (strcmp(field, "skn") == 0 && percent_decode(value))
		token->policy = value;
	else
		return false;
	return true;
}

static enum error_code
take_fields(struct sas_token *token, struct error *err)
{
	char *rest = token->sent;

	for (char *field = strsep(&rest, "&"); field;
	     field = strsep(&rest, "&"))
		if (!take_field(field, token))
			return refuse("a field of it cannot be read", err);
	if (!token->resource || !token->expiry || !token->signature)
		return refuse("it needs sr, sig and se", err);
	if (!token->policy)
		token->policy = token->sent + strlen(token->sent);
	return ERROR_NONE;
}

enum error_code
sas_parse(
    const char *authorization, struct sas_token *ret_token, struct error *err)
{
	CLEANUP_DONE(sas_token) struct sas_token token = {0};

	if (!authorization)
		return error_set(err, ERROR_DENIED,
		    "An Authorization header with a shared access signature is "
		    "needed.");
	if (strncasecmp(authorization, SCHEME, strlen(SCHEME)) != 0)
		return refuse("the Authorization header must begin with "
			      "'" SCHEME "'",
		    err);
	token.sent = strdup(authorization + strlen(SCHEME));
	if (!token.sent)
		return error_no_memory(err);
	if (take_fields(&token, err))
		return err->code;
	*ret_token = TAKE_CONTENTS(token);
	return ERROR_NONE;
}

/* The MAC as base64. The caller frees *ret_signature. */
static enum error_code
sign(const char *resource, const char *expiry, const char *key,
    char **ret_signature, struct error *err)
{
	CLEANUP(string) char *text = string_format("%s\n%s", resource, expiry);
	CLEANUP(bytes) unsigned char *secret = NULL;
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_length;
	size_t length;

	if (!text)
		return error_no_memory(err);
	if (base64_decode(key, &secret, &length, err))
		return error_wrap(err, "shared access key");
	if (!HMAC(EVP_sha256(), secret, (int)length,
		(const unsigned char *)text, strlen(text), mac, &mac_length))
		return error_set_openssl(err, ERROR_INTERNAL, "HMAC");
	*ret_signature = base64_encode(mac, mac_length);
	return *ret_signature ? ERROR_NONE : error_no_memory(err);
}

static bool
is_equal(const char *expected, const char *given)
{
	size_t length = strlen(expected);

	return strlen(given) == length &&
	       CRYPTO_memcmp(expected, given, length) == 0;
}

static enum error_code
check_resource(
    const struct sas_token *token, const char *resource, struct error *err)
{
	CLEANUP(string) char *decoded = strdup(token->resource);

	if (!decoded)
		return error_no_memory(err);
	if (!percent_decode(decoded))
		return refuse("its sr is badly encoded", err);
	if (strcasecmp(decoded, resource) != 0)
		return error_set(err, ERROR_DENIED,
		    "The shared access signature is for '%s', not for '%s'.",
		    decoded, resource);
	return ERROR_NONE;
}

static enum error_code
check_expiry(const struct sas_token *token, int64_t now, struct error *err)
{
	char *end;
	long long expiry;

	errno = 0;
	expiry = strtoll(token->expiry, &end, 10);
	if (errno || *end || end == token->expiry)
		return refuse("its se is not a number of seconds", err);
	if (expiry <= now)
		return refuse("it has expired", err);
	return ERROR_NONE;
}

enum error_code
sas_verify(const struct sas_token *token, const char *key, const char *resource,
    int64_t now, struct error *err)
{
	CLEANUP(string) char *expected = NULL;

	if (sign(token->resource, token->expiry, key, &expected, err))
		return err->code;
	if (!is_equal(expected, token->signature))
		return refuse("its signature does not match", err);
	if (check_resource(token, resource, err))
		return err->code;
	return check_expiry(token, now, err);
}

enum error_code
sas_create(const char *resource, const char *policy, const char *key,
    int64_t expiry, char **ret_token, struct error *err)
{
	CLEANUP(string)
	char *expiry_text = string_format("%jd", (intmax_t)expiry);
	CLEANUP(string) char *signature = NULL;
	CLEANUP(string) char *encoded = NULL;

	if (!expiry_text)
		return error_no_memory(err);
	if (sign(resource, expiry_text, key, &signature, err))
		return err->code;
	encoded = http_encode_segment(signature);
	*ret_token = encoded ? string_format(SCHEME "sr=%s&sig=%s&se=%s&skn=%s",
				   resource, encoded, expiry_text, policy)
			     : NULL;
	return *ret_token ? ERROR_NONE : error_no_memory(err);
}
