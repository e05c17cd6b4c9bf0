/* SPDX-License-Identifier: MIT */
#include "proof.h"

#include <inttypes.h>
#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/http.h"
#include "common/time.h"

/* What is signed is what is sent, byte for byte; so it is encoded first. */
static enum error_code
sign_text(const struct proof *proof, const char *resource, int64_t expires,
    char **ret_signature, struct error *err)
{
	CLEANUP(string)
	char *text = string_format("%s\n%" PRId64, resource, expires);
	CLEANUP(string) char *base64 = NULL;
	unsigned char mac[PROOF_MAC_LENGTH];

	if (!text)
		return error_no_memory(err);
	if (proof->sign(proof->context, text, strlen(text), mac, err))
		return err->code;
	base64 = base64_encode(mac, sizeof(mac));
	*ret_signature = base64 ? http_encode_segment(base64) : NULL;
	return *ret_signature ? ERROR_NONE : error_no_memory(err);
}

enum error_code
proof_signature(const struct proof *proof, const char *resource,
    const char *policy, int64_t expires, char **ret_header, struct error *err)
{
	CLEANUP(string) char *encoded = http_encode_segment(resource);
	CLEANUP(string) char *signature = NULL;

	if (!encoded)
		return error_no_memory(err);
	if (sign_text(proof, encoded, expires, &signature, err))
		return err->code;
	*ret_header = string_format("Authorization: SharedAccessSignature "
				    "sr=%s&sig=%s&se=%" PRId64 "%s%s",
	    encoded, signature, expires, policy ? "&skn=" : "",
	    policy ? policy : "");
	return *ret_header ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
append_header(
    struct https_request *request, const char *header, struct error *err)
{
	for (size_t i = 0; i < HTTPS_HEADERS_MAX; i++)
		if (!request->headers[i]) {
			request->headers[i] = header;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INTERNAL, "there are too many headers");
}

enum error_code
proof_apply(const struct proof *proof, const char *resource, const char *policy,
    struct https_request *request, char **ret_header, struct error *err)
{
	CLEANUP(string) char *header = NULL;

	*ret_header = NULL;
	request->key = proof->key;
	request->chain = proof->chain;
	if (!proof->sign)
		return ERROR_NONE;
	if (proof_signature(proof, resource, policy,
		time_now() + PROOF_SIGNATURE_SECONDS, &header, err) ||
	    append_header(request, header, err))
		return err->code;
	*ret_header = TAKE(header);
	return ERROR_NONE;
}
