/* SPDX-License-Identifier: MIT */
/*
 * What PKCS#11 functions return, by name, and what follows from it.
 */
#ifndef KEYD_CKR_H
#define KEYD_CKR_H

#include <p11-kit/pkcs11.h>

#include "common/error.h"

#define CKR_TEXT_MAX 48

struct ckr_text {
	char text[CKR_TEXT_MAX];
};

enum ckr_class {
	CKR_CLASS_OK,
	CKR_CLASS_REQUEST, /* the caller asked for what cannot be done */
	CKR_CLASS_STALE,   /* an object handle is out of date: find it again */
	CKR_CLASS_PIN,     /* never try again by ourselves */
	CKR_CLASS_BROKEN,  /* sessions, module or token are gone: open anew */
	CKR_CLASS_OTHER,   /* the token cannot, and will not the next time */
};

/* "CKR_PIN_INCORRECT", or the number if PKCS#11 2.40 has no name for it. */
struct ckr_text ckr_name(CK_RV value);

enum ckr_class ckr_class_of(CK_RV value);

/*
 * Records that function returned value: "C_Login: CKR_PIN_INCORRECT (correct
 * the PIN)", as ERROR_INVALID if the request is to blame, else as
 * ERROR_UNAVAILABLE.
 */
enum error_code error_set_ckr(
    struct error *err, CK_RV value, const char *function);

#endif
