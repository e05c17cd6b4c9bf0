/* SPDX-License-Identifier: MIT */
#include "signer.h"

#include <stdlib.h>

#include "signer_http.h"
#include "signer_pkcs11.h"

struct signer {
	struct signer_pkcs11 *pkcs11;
	struct signer_http *http;
};

enum error_code
signer_open(const struct signer_options *options, struct signer **ret_signer,
    struct error *err)
{
	struct signer *signer = calloc(1, sizeof(*signer));

	if (!signer)
		return error_no_memory(err);
	if (options->module ? signer_pkcs11_open(options, &signer->pkcs11, err)
			    : signer_http_open(options, &signer->http, err)) {
		signer_close(signer);
		return err->code;
	}
	*ret_signer = signer;
	return ERROR_NONE;
}

enum error_code
signer_sign(struct signer *signer,
    const unsigned char digest[static SIGNER_DIGEST_LENGTH],
    struct signature *ret_signature, struct error *err)
{
	return signer->pkcs11
		   ? signer_pkcs11_sign(
			 signer->pkcs11, digest, ret_signature, err)
		   : signer_http_sign(signer->http, digest, ret_signature, err);
}

void
signer_close(struct signer *signer)
{
	if (!signer)
		return;
	signer_pkcs11_close(signer->pkcs11);
	signer_http_close(signer->http);
	free(signer);
}
