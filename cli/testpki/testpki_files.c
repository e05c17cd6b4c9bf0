/* SPDX-License-Identifier: MIT */
#include "testpki_files.h"

#include <openssl/pem.h>
#include <string.h>

#include "common/file.h"

#define FILE_MAX (1024 * 1024)

void
testpki_paths_done(struct testpki_paths *paths)
{
	free(paths->certificate);
	free(paths->chain);
	free(paths->private_key);
	*paths = (struct testpki_paths){0};
}

enum error_code
testpki_paths_create(const char *directory, const char *stem,
    struct testpki_paths *ret_paths, struct error *err)
{
	CLEANUP_DONE(testpki_paths)
	struct testpki_paths paths = {
	    .certificate =
		string_format("%s/certs/%s.cert.pem", directory, stem),
	    .chain = string_format(
		"%s/certs/%s-full-chain.cert.pem", directory, stem),
	    .private_key =
		string_format("%s/private/%s.key.pem", directory, stem)};

	if (!paths.certificate || !paths.chain || !paths.private_key)
		return error_no_memory(err);
	*ret_paths = TAKE_CONTENTS(paths);
	return ERROR_NONE;
}

enum error_code
testpki_check_free(const char *path, struct error *err)
{
	if (path && file_exists(path))
		return error_set(err, ERROR_EXISTS,
		    "'%s' exists already (--force replaces it)", path);
	return ERROR_NONE;
}

enum error_code
testpki_make_folders(const char *directory, struct error *err)
{
	CLEANUP(string) char *certs = string_format("%s/certs", directory);
	CLEANUP(string) char *private = string_format("%s/private", directory);

	if (!certs || !private)
		return error_no_memory(err);
	if (file_make_directory(certs, 0755, err))
		return err->code;
	return file_make_directory(private, 0700, err);
}

static enum error_code
read_certificate(const char *path, X509 **ret_certificate, struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;

	if (file_read(path, FILE_MAX, &pem, NULL, err))
		return err->code;
	if (certificates_from_pem(pem, &chain, err))
		return error_wrap(err, "'%s'", path);
	*ret_certificate = sk_X509_shift(chain);
	return ERROR_NONE;
}

static enum error_code
read_key(const char *path, EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(secret) char *pem = NULL;

	if (file_read(path, FILE_MAX, &pem, NULL, err))
		return err->code;
	if (private_key_from_pem(pem, ret_key, err))
		return error_wrap(err, "'%s'", path);
	return ERROR_NONE;
}

enum error_code
testpki_read_pair(const struct testpki_paths *paths, X509 **ret_certificate,
    EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(x509) X509 *certificate = NULL;
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	if (read_certificate(paths->certificate, &certificate, err) ||
	    read_key(paths->private_key, &key, err))
		return err->code;
	if (!certificate_matches_key(certificate, key))
		return error_set(err, ERROR_INVALID,
		    "'%s' is not the key of '%s'", paths->private_key,
		    paths->certificate);
	*ret_certificate = TAKE(certificate);
	*ret_key = TAKE(key);
	return ERROR_NONE;
}

enum error_code
testpki_read_public_key(const char *path, EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	CLEANUP(bio) BIO *bio = NULL;
	EVP_PKEY *key;

	if (file_read(path, FILE_MAX, &pem, NULL, err))
		return err->code;
	bio = BIO_new_mem_buf(pem, -1);
	if (!bio)
		return error_no_memory(err);
	key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	if (!key) {
		(void)error_set_openssl(
		    err, ERROR_INVALID, "not a PEM public key");
		return error_wrap(err, "'%s'", path);
	}
	*ret_key = key;
	return ERROR_NONE;
}

enum error_code
testpki_write_key(const char *path, const EVP_PKEY *key, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_secmem());
	char *data;
	long length;

	if (!bio ||
	    !PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "writing a private key");
	length = BIO_get_mem_data(bio, &data);
	return file_write(path, data, (size_t)length, 0600, err);
}

enum error_code
testpki_write_certificates(
    const char *path, const x509_stack *chain, struct error *err)
{
	CLEANUP(string) char *pem = NULL;

	if (certificates_to_pem(chain, &pem, err))
		return err->code;
	return file_write(path, pem, strlen(pem), 0644, err);
}
