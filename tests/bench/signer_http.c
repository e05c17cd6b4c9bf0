/* SPDX-License-Identifier: MIT */
#include "signer_http.h"

#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/http.h"
#include "keyd/client.h"

struct signer_http {
	struct unix_http *client;
	char *target;
	const char *algorithm;
};

enum error_code
signer_http_open(const struct signer_options *options,
    struct signer_http **ret_signer, struct error *err)
{
	CLEANUP(string) char *segment = http_encode_segment(options->key);
	struct signer_http *signer = calloc(1, sizeof(*signer));

	if (!signer || !segment) {
		free(signer);
		return error_no_memory(err);
	}
	signer->algorithm = options->is_rsa ? "RS256" : "ES256";
	signer->target =
	    string_format("/keys/%s/sign?api-version=2026-12-01", segment);
	if (!signer->target)
		(void)error_no_memory(err);
	else if (keyd_client_create(0, &signer->client, err) == ERROR_NONE) {
		*ret_signer = signer;
		return ERROR_NONE;
	}
	signer_http_close(signer);
	return err->code;
}

static enum error_code
request(struct signer_http *signer, const char *digest, json_t **ret_reply,
    struct error *err)
{
	/* As libsignet-pkcs11.so does it; base64 needs no escapes. */
	CLEANUP(string)
	char *body = string_format("{\"algorithm\":\"%s\",\"digest\":\"%s\"}",
	    signer->algorithm, digest);

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
	unsigned char *data;
	size_t length;

	if (!text)
		return error_no_memory(err);
	if (request(signer, text, &reply, err) ||
	    json_get_bytes(reply, "signature", &data, &length, err))
		return err->code;
	if (length <= sizeof(ret_signature->data)) {
		memcpy(ret_signature->data, data, length);
		ret_signature->length = length;
	}
	free(data);
	return ERROR_NONE;
}

void
signer_http_close(struct signer_http *signer)
{
	if (!signer)
		return;
	unix_http_free(signer->client);
	free(signer->target);
	free(signer);
}
