/* SPDX-License-Identifier: MIT */
/* What an object tells about itself. */
#ifndef PKCS11_ATTRIBUTE_H
#define PKCS11_ATTRIBUTE_H

#include "object.h"

/*
 * Answers one attribute of a C_GetAttributeValue: fills in its value, or only
 * its length if it has no buffer. Returns CKR_ATTRIBUTE_SENSITIVE,
 * CKR_ATTRIBUTE_TYPE_INVALID or CKR_BUFFER_TOO_SMALL, and a length of
 * CK_UNAVAILABLE_INFORMATION, if it cannot.
 */
CK_RV attribute_copy(const struct object *object, CK_ATTRIBUTE *attribute);

/* True if object has attribute with just that value. */
bool attribute_matches(
    const struct object *object, const CK_ATTRIBUTE *attribute);

#endif
