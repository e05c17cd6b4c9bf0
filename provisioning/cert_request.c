/* SPDX-License-Identifier: MIT */
#include "cert_request.h"

enum error_code
cert_request_make(EVP_PKEY *key, const char *common_name,
    x509_extensions *extensions, char **ret_pem, struct error *err)
{
	CLEANUP(x509_req) X509_REQ *request = X509_REQ_new();
	CLEANUP(x509_name) X509_NAME *name = NULL;

	if (!request)
		return error_no_memory(err);
	if (name_from_common_name(common_name, &name, err))
		return err->code;
	if ((extensions && !X509_REQ_add_extensions(request, extensions)) ||
	    !X509_REQ_set_subject_name(request, name) ||
	    !X509_REQ_set_pubkey(request, key) ||
	    !X509_REQ_sign(request, key, EVP_sha256()))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "signing the certificate request");
	return request_to_pem(request, ret_pem, err);
}
