/* SPDX-License-Identifier: MIT */
/* What the templates of C_GenerateKeyPair ask for, as keyd is asked for it. */
#ifndef PKCS11_PAIR_H
#define PKCS11_PAIR_H

#include <p11-kit/pkcs11.h>

#include "key.h"

#define PAIR_ID_MAX 255    /* bytes: keyd makes none that is longer */
#define PAIR_CKA_ID_MAX 64 /* bytes: likewise */
#define PAIR_USAGE_MAX sizeof("sign,decrypt,derive")

struct pair_request {
	char id[PAIR_ID_MAX + 1];  /* CKA_LABEL */
	const char *algorithm;     /* one of keyd's preferredAlgorithms */
	const struct curve *curve; /* NULL: RSA */
	CK_ULONG bits;
	char usage[PAIR_USAGE_MAX]; /* "sign,derive" */
	struct bytes cka_id; /* borrowed from a template; none: as the id */
};

/* One of the two templates. */
struct pair_template {
	const CK_ATTRIBUTE *items;
	CK_ULONG count;
};

/*
 * Reads both templates. CKA_LABEL must be in one of them, for it is the id.
 * CKA_ID may be there; without it, it is the id, too.
 *
 * Returns CKR_MECHANISM_INVALID, CKR_TEMPLATE_INCOMPLETE (no label, no curve
 * or size), CKR_TEMPLATE_INCONSISTENT (something that keys of keyd are not),
 * CKR_ATTRIBUTE_VALUE_INVALID, CKR_ATTRIBUTE_TYPE_INVALID,
 * CKR_CURVE_NOT_SUPPORTED or CKR_KEY_SIZE_RANGE if that cannot be.
 */
CK_RV pair_read(const CK_MECHANISM *mechanism,
    const struct pair_template *public_half,
    const struct pair_template *private_half, struct pair_request *ret_request);

#endif
