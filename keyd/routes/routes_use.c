/* SPDX-License-Identifier: MIT */
/* aziot's calls that use keys: POST /sign, /encrypt, /decrypt. */
#include <stdlib.h>
#include <string.h>

#include "routes_shared.h"

/* A request that shows a handle and names an algorithm. */
struct use {
	const struct keyd *keyd;
	const struct http_request *request;
	struct handle handle;
	const char *algorithm;
};

static void
use_done(struct use *use)
{
	handle_done(&use->handle);
}

static enum error_code
read_use(const struct keyd *keyd, const struct http_request *request,
    struct use *use, struct error *err)
{
	use->keyd = keyd;
	use->request = request;
	if (routes_read_handle(keyd, request, "keyHandle", &use->handle, err))
		return err->code;
	return json_get_string(
	    request->body, "algorithm", &use->algorithm, err);
}

/* ---- POST /sign ---- */

static enum error_code
sign_ecdsa(const struct use *use, const json_t *parameters,
    struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(bytes) struct bytes digest = {.owned = NULL};
	struct key_signature signature;

	if (routes_read_bytes(parameters, "digest", &digest, err) ||
	    keys_sign_ecdsa(use->keyd->keys, &use->request->peer,
		&use->handle.key, &digest.input, &signature, err))
		return err->code;
	return routes_reply_bytes(
	    reply, "signature", signature.data, signature.length, err);
}

static enum error_code
sign_hmac(const struct use *use, const json_t *parameters,
    struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(bytes) struct bytes message = {.owned = NULL};
	unsigned char mac[KEY_MAC_SIZE];

	if (routes_read_bytes(parameters, "message", &message, err) ||
	    keys_mac(use->keyd->keys, &use->request->peer, &use->handle.key,
		&message.input, mac, err))
		return err->code;
	return routes_reply_bytes(reply, "signature", mac, sizeof(mac), err);
}

enum error_code
handle_sign(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(use) struct use use = {.keyd = NULL};
	const json_t *parameters;

	if (read_use(context, request, &use, err) ||
	    json_get_object(request->body, "parameters", &parameters, err))
		return err->code;
	if (strcmp(use.algorithm, "ECDSA") == 0)
		return sign_ecdsa(&use, parameters, reply, err);
	if (strcmp(use.algorithm, "HMAC-SHA256") == 0)
		return sign_hmac(&use, parameters, reply, err);
	return routes_unknown_algorithm(
	    use.algorithm, "ECDSA or HMAC-SHA256", err);
}

/* ---- AEAD ---- */

struct aead {
	struct bytes iv, aad, text;
};

static void
aead_done(struct aead *aead)
{
	bytes_done(&aead->iv);
	bytes_done(&aead->aad);
	bytes_done(&aead->text);
}

static enum error_code
read_aead(const json_t *body, const char *member, struct aead *aead,
    struct error *err)
{
	const json_t *parameters;

	if (json_get_object(body, "parameters", &parameters, err) ||
	    routes_read_bytes(parameters, "iv", &aead->iv, err) ||
	    routes_read_bytes(parameters, "aad", &aead->aad, err))
		return err->code;
	return routes_read_bytes(body, member, &aead->text, err);
}

static enum error_code
seal(const struct use *use, struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(aead) struct aead aead = {.iv.owned = NULL};
	CLEANUP(bytes) unsigned char *ciphertext = NULL;
	struct key_seal terms;
	size_t length;

	if (read_aead(use->request->body, "plaintext", &aead, err))
		return err->code;
	terms = (struct key_seal){aead.iv.input, aead.aad.input};
	length = aead.text.input.length + KEY_FRAME_SIZE;
	ciphertext = malloc(length);
	if (!ciphertext)
		return error_no_memory(err);
	if (keys_seal(use->keyd->keys, &use->request->peer, &use->handle.key,
		&terms, &aead.text.input, ciphertext, err))
		return err->code;
	return routes_reply_bytes(reply, "ciphertext", ciphertext, length, err);
}

/* aziot's clients expect an internal error. */
static enum error_code
not_genuine(const struct http_request *request, struct error *err)
{
	return error_set(err,
	    request->version < HTTP_VERSION_SIGNET ? ERROR_INTERNAL
						   : ERROR_INVALID,
	    "the ciphertext was not made with this key, iv and aad");
}

static enum error_code
unseal(const struct use *use, struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(aead) struct aead aead = {.iv.owned = NULL};
	CLEANUP_DONE(bytes) struct bytes plain = {.owned = NULL};
	struct key_seal terms;
	size_t length;
	bool genuine;

	if (read_aead(use->request->body, "ciphertext", &aead, err))
		return err->code;
	terms = (struct key_seal){aead.iv.input, aead.aad.input};
	plain.input.length = aead.text.input.length;
	plain.owned = malloc(plain.input.length + 1);
	if (!plain.owned)
		return error_no_memory(err);
	if (keys_unseal(use->keyd->keys, &use->request->peer, &use->handle.key,
		&terms, &aead.text.input, plain.owned, &length, &genuine, err))
		return err->code;
	if (!genuine)
		return not_genuine(use->request, err);
	return routes_reply_bytes(reply, "plaintext", plain.owned, length, err);
}

/* ---- POST /encrypt, POST /decrypt ---- */

/* What aziot calls encrypting is the private operation: a signature. */
static enum error_code
encrypt_rsa(const struct use *use, enum key_mechanism mechanism,
    struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(bytes) struct bytes message = {.owned = NULL};
	struct key_signature signature;

	if (routes_read_bytes(use->request->body, "plaintext", &message, err) ||
	    keys_sign_rsa(use->keyd->keys, &use->request->peer,
		&use->handle.key, mechanism, &message.input, &signature, err))
		return err->code;
	return routes_reply_bytes(
	    reply, "ciphertext", signature.data, signature.length, err);
}

enum error_code
handle_encrypt(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(use) struct use use = {.keyd = NULL};

	if (read_use(context, request, &use, err))
		return err->code;
	if (strcmp(use.algorithm, "AEAD") == 0)
		return seal(&use, reply, err);
	if (strcmp(use.algorithm, "RSA-PKCS1") == 0)
		return encrypt_rsa(&use, KEY_RSA_PKCS1, reply, err);
	if (strcmp(use.algorithm, "RSA-NO-PADDING") == 0)
		return encrypt_rsa(&use, KEY_RSA_RAW, reply, err);
	return routes_unknown_algorithm(
	    use.algorithm, "AEAD, RSA-PKCS1 or RSA-NO-PADDING", err);
}

enum error_code
handle_decrypt(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(use) struct use use = {.keyd = NULL};

	if (read_use(context, request, &use, err))
		return err->code;
	if (strcmp(use.algorithm, "AEAD") == 0)
		return unseal(&use, reply, err);
	if (strcmp(use.algorithm, "RSA-PKCS1") == 0 ||
	    strcmp(use.algorithm, "RSA-NO-PADDING") == 0)
		return error_set(err, ERROR_INVALID,
		    "%s is not decrypted here; POST /keys/{id}/decrypt does it",
		    use.algorithm);
	return routes_unknown_algorithm(use.algorithm, "AEAD", err);
}
