/* SPDX-License-Identifier: MIT */
#include "half_file.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "common/file.h"
#include "common/http.h"
#include "ecdsa.h"
#include "sign.h"

#define PEM_MAX (64 * 1024)
#define DIGEST_SIZE 32

DEFINE_CLEANUP(digest_ctx, EVP_MD_CTX, EVP_MD_CTX_free)

char *
half_file_path(const char *state, const char *id)
{
	CLEANUP(string) char *name = http_encode_segment(id);

	return name ? string_format("%s/public/%s.pem", state, name) : NULL;
}

static enum error_code
parse(const char *pem, EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new_mem_buf(pem, -1);
	CLEANUP(x509) X509 *certificate = NULL;
	EVP_PKEY *key = NULL;

	if (!bio)
		return error_no_memory(err);
	if (strstr(pem, "BEGIN CERTIFICATE")) {
		certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		key = certificate ? X509_get_pubkey(certificate) : NULL;
	} else {
		key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	}
	if (!key)
		return error_set_openssl(err, ERROR_INVALID,
		    "neither a public key nor a certificate");
	*ret_key = key;
	return ERROR_NONE;
}

static bool
verifies(EVP_PKEY *key, enum key_mechanism mechanism,
    const struct key_input *input, const struct key_signature *signature)
{
	CLEANUP(digest_ctx) EVP_MD_CTX *message = EVP_MD_CTX_new();
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);

	if (mechanism == KEY_EDDSA)
		return message &&
		       EVP_DigestVerifyInit(message, NULL, NULL, NULL, key) ==
			   1 &&
		       EVP_DigestVerify(message, signature->data,
			   signature->length, input->data, input->length) == 1;
	if (!context || EVP_PKEY_verify_init(context) != 1)
		return false;
	if (mechanism == KEY_RSA_PKCS1 &&
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) <= 0)
		return false;
	return EVP_PKEY_verify(context, signature->data, signature->length,
		   input->data, input->length) == 1;
}

static enum key_mechanism
mechanism_for(enum key_algorithm algorithm)
{
	switch (algorithm) {
	case KEY_EC:
		return KEY_ECDSA;
	case KEY_RSA:
		return KEY_RSA_PKCS1;
	case KEY_EDWARDS:
		break;
	}
	return KEY_EDDSA;
}

static enum error_code
check(struct token_lease *lease, CK_OBJECT_HANDLE private, EVP_PKEY *key,
    enum key_algorithm algorithm, struct error *err)
{
	static const unsigned char digest[DIGEST_SIZE] = {1};
	const struct key_input input = {digest, sizeof(digest)};
	enum key_mechanism mechanism = mechanism_for(algorithm);
	struct key_signature signature, der;

	if (sign_with(lease, private, mechanism, &input, &signature, err))
		return err->code;
	der = signature;
	if (mechanism == KEY_ECDSA && ecdsa_to_der(&signature, &der, err))
		return err->code;
	if (!verifies(key, mechanism, &input, &der))
		return error_set(err, ERROR_INVALID,
		    "it is not of the private half in the token");
	return ERROR_NONE;
}

enum error_code
half_file_read(const char *path, struct token_lease *lease,
    CK_OBJECT_HANDLE private, bool signs, struct key_public *ret_key,
    struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	struct key_public public;

	if (file_read(path, PEM_MAX, &pem, NULL, err))
		return err->code;
	if (parse(pem, &key, err) || key_public_from_pkey(key, &public, err) ||
	    (signs && check(lease, private, key, public.algorithm, err)))
		return error_wrap(err, "public half '%s'", path);
	*ret_key = public;
	return ERROR_NONE;
}

void
half_file_keep(const char *path, const struct key_public *key)
{
	CLEANUP(string)
	char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));
	CLEANUP(pkey) EVP_PKEY *pkey = NULL;
	CLEANUP(string) char *pem = NULL;
	struct error ignored;

	if (!folder || file_exists(path) ||
	    key_public_to_pkey(key, &pkey, &ignored) ||
	    public_key_to_pem(pkey, &pem, &ignored) ||
	    file_make_directory(folder, 0700, &ignored) ||
	    file_write(path, pem, strlen(pem), 0600, &ignored))
		return; /* the next time, then */
}
