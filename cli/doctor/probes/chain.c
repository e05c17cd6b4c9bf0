/* SPDX-License-Identifier: MIT */
#include "chain.h"

#include "common/file.h"

/* For people: the common name, or that there is none. */
static char *
name_of(const X509 *certificate)
{
	char *name;
	struct error ignored;

	return name_common_name(
		   X509_get_subject_name(certificate), &name, &ignored)
		   ? strdup("(no common name)")
		   : name;
}

static enum error_code
check_issuer(X509 *certificate, X509 *issuer, struct error *err)
{
	CLEANUP(string) char *name = name_of(certificate);
	CLEANUP(string) char *issuer_name = name_of(issuer);

	if (!name || !issuer_name)
		return error_no_memory(err);
	if (!certificate_is_ca(issuer))
		return error_set(err, ERROR_INVALID,
		    "'%s', which stands behind '%s' in the chain, is not a "
		    "CA's",
		    issuer_name, name);
	if (X509_check_issued(issuer, certificate) != X509_V_OK ||
	    X509_verify(certificate, X509_get0_pubkey(issuer)) != 1) {
		(void)error_set_openssl(err, ERROR_INVALID, "verifying");
		return error_set(err, ERROR_INVALID,
		    "'%s' was not issued by '%s', which stands behind it in "
		    "the chain",
		    name, issuer_name);
	}
	return ERROR_NONE;
}

enum error_code
chain_check(const x509_stack *chain, struct error *err)
{
	if (certificate_is_ca(sk_X509_value(chain, 0)))
		return error_set(err, ERROR_INVALID,
		    "the first certificate is one of a CA; a device proves "
		    "itself with a leaf");
	for (int i = 0; i + 1 < sk_X509_num(chain); i++)
		if (check_issuer(sk_X509_value(chain, i),
			sk_X509_value(chain, i + 1), err))
			return err->code;
	return ERROR_NONE;
}
