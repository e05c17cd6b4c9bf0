/* SPDX-License-Identifier: MIT */
#include "signer_http.h"

#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/http.h"
#include "keyd/client.h"

#define VERSION "api-version=2026-12-01"
#define FRAME_VERSION_LENGTH 1 /* in front of what keyd encrypts */

struct signer_http {
	struct unix_http *client;
	char *target;
	char *body;         /* all of it that stands in front of the digest */
	const char *member; /* of the answer */
	size_t skip;        /* bytes in front of what it is compared with */
};

/* Base64 and names need no escapes, as libsignet-pkcs11.so knows, too. */
static char *
body_of_signing(enum signer_operation operation)
{
	if (operation == SIGNER_HMAC)
		return strdup("{\"algorithm\":\"HS256\",\"message\":\"");
	return string_format("{\"algorithm\":\"%s\",\"digest\":\"",
	    operation == SIGNER_RSA ? "RS256" : "ES256");
}

static char *
body_of_encrypting(const char *handle)
{
	CLEANUP(string) char *iv = base64_encode(SIGNER_IV, SIGNER_IV_LENGTH);
	CLEANUP(string)
	char *aad = base64_encode(SIGNER_AAD, SIGNER_AAD_LENGTH);

	return iv && aad ? string_format(
			       "{\"keyHandle\":\"%s\",\"algorithm\":\"AEAD\","
			       "\"parameters\":{\"iv\":\"%s\",\"aad\":\"%s\"},"
			       "\"plaintext\":\"",
			       handle, iv, aad)
			 : NULL;
}

static enum error_code
prepare_signing(struct signer_http *signer, const char *segment,
    enum signer_operation operation, struct error *err)
{
	signer->target = string_format("/keys/%s/sign?" VERSION, segment);
	signer->body = body_of_signing(operation);
	signer->member = "signature";
	return signer->target && signer->body ? ERROR_NONE
					      : error_no_memory(err);
}

static enum error_code
prepare_encrypting(
    struct signer_http *signer, const char *segment, struct error *err)
{
	CLEANUP(string)
	char *target = string_format("/key/%s?" VERSION, segment);
	CLEANUP(json) json_t *reply = NULL;
	const char *handle;

	if (!target)
		return error_no_memory(err);
	if (api_call(signer->client, "GET", target, NULL, &reply, err) ||
	    json_get_string(reply, "keyHandle", &handle, err))
		return err->code;
	signer->target = strdup("/encrypt?" VERSION);
	signer->body = body_of_encrypting(handle);
	signer->member = "ciphertext";
	signer->skip = FRAME_VERSION_LENGTH;
	return signer->target && signer->body ? ERROR_NONE
					      : error_no_memory(err);
}

enum error_code
signer_http_open(const struct signer_options *options,
    struct signer_http **ret_signer, struct error *err)
{
	CLEANUP(string) char *segment = http_encode_segment(options->key);
	CLEANUP(signer_http)
	struct signer_http *signer = calloc(1, sizeof(*signer));

	if (!signer || !segment)
		return error_no_memory(err);
	if (keyd_client_create(0, &signer->client, err))
		return err->code;
	if (options->operation == SIGNER_AEAD
		? prepare_encrypting(signer, segment, err)
		: prepare_signing(signer, segment, options->operation, err))
		return err->code;
	*ret_signer = TAKE(signer);
	return ERROR_NONE;
}

static enum error_code
request(struct signer_http *signer, const char *digest, json_t **ret_reply,
    struct error *err)
{
	CLEANUP(string)
	char *body = string_format("%s%s\"}", signer->body, digest);

	if (!body)
		return error_no_memory(err);
	return api_call_text(
	    signer->client, "POST", signer->target, body, ret_reply, err);
}

enum error_code
signer_http_sign(struct signer_http *signer,
    const unsigned char digest[static SIGNER_DIGEST_LENGTH],
    struct signature *ret_signature, struct error *err)
{
	CLEANUP(string)
	char *text = base64_encode(digest, SIGNER_DIGEST_LENGTH);
	CLEANUP(json) json_t *reply = NULL;
	CLEANUP(bytes) unsigned char *data = NULL;
	size_t length;

	if (!text)
		return error_no_memory(err);
	if (request(signer, text, &reply, err) ||
	    json_get_bytes(reply, signer->member, &data, &length, err))
		return err->code;
	if (length < signer->skip ||
	    length - signer->skip > sizeof(ret_signature->data))
		return error_set(
		    err, ERROR_INTERNAL, "the answer has %zu bytes", length);
	ret_signature->length = length - signer->skip;
	memcpy(ret_signature->data, data + signer->skip, ret_signature->length);
	return ERROR_NONE;
}

void
signer_http_close(struct signer_http *signer)
{
	if (!signer)
		return;
	unix_http_free(signer->client);
	free(signer->target);
	free(signer->body);
	free(signer);
}
