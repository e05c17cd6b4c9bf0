/* SPDX-License-Identifier: MIT */
#include "sign.h"

#include <string.h>

#include "object.h"

static CK_MECHANISM_TYPE
type_of(enum key_mechanism mechanism)
{
	switch (mechanism) {
	case KEY_ECDSA:
		return CKM_ECDSA;
	case KEY_EDDSA:
		return CKM_EDDSA;
	case KEY_RSA_PKCS1:
		return CKM_RSA_PKCS;
	case KEY_RSA_RAW:
		return CKM_RSA_X_509;
	case KEY_PSS_SHA256:
	case KEY_PSS_SHA384:
	case KEY_PSS_SHA512:
		break;
	}
	return CKM_RSA_PKCS_PSS;
}

static CK_RSA_PKCS_PSS_PARAMS
pss_parameters(enum key_mechanism mechanism)
{
	if (mechanism == KEY_PSS_SHA256)
		return (CK_RSA_PKCS_PSS_PARAMS){
		    CKM_SHA256, CKG_MGF1_SHA256, 32};
	if (mechanism == KEY_PSS_SHA384)
		return (CK_RSA_PKCS_PSS_PARAMS){
		    CKM_SHA384, CKG_MGF1_SHA384, 48};
	return (CK_RSA_PKCS_PSS_PARAMS){CKM_SHA512, CKG_MGF1_SHA512, 64};
}

/*
 * One C_SignInit and one C_Sign, into room for any signature: asking for the
 * length first makes many tokens compute it twice.
 */
enum error_code
sign_with(struct token_lease *lease, CK_OBJECT_HANDLE signer,
    enum key_mechanism mechanism, const struct key_input *input,
    struct key_signature *ret_signature, struct error *err)
{
	CK_RSA_PKCS_PSS_PARAMS pss = pss_parameters(mechanism);
	CK_MECHANISM how = {type_of(mechanism), NULL, 0};
	CK_ULONG got = sizeof(ret_signature->data);
	CK_RV rv;

	if (how.mechanism == CKM_RSA_PKCS_PSS) {
		how.pParameter = &pss;
		how.ulParameterLen = sizeof(pss);
	}

	rv = lease->functions->C_SignInit(lease->session, &how, signer);
	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_SignInit", err);
	rv = lease->functions->C_Sign(lease->session, object_input(input),
	    input->length, ret_signature->data, &got);
	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_Sign", err);
	ret_signature->length = got;
	return ERROR_NONE;
}
