/* SPDX-License-Identifier: MIT */
/*
 * Certificates of certd, shown beside the keys that they are for. certd is
 * asked at each search that may find one, so that a new one is there at once;
 * while certd is not there, neither are they.
 *
 * A handle means one certificate for as long as the module is initialised. When
 * an id gets another, that has a new handle and the old one is gone.
 */
#ifndef PKCS11_CERTIFICATE_H
#define PKCS11_CERTIFICATE_H

#include "key.h"

/* Handles of certificates begin here; those of secrets are above. */
#define CERTIFICATE_HANDLE_MIN 0x20000000UL
#define CERTIFICATES_MAX 0x10000000UL

struct certificate {
	char *id;     /* in certd: CKA_LABEL */
	char *key_id; /* in keyd: CKA_ID */
	bool is_ca;
	struct bytes value; /* DER, as the rest */
	struct bytes subject;
	struct bytes issuer;
	struct bytes serial;

	CK_OBJECT_HANDLE handle; /* of the table */
	bool gone;
	bool listed; /* in the latest list */
};

struct certificate_list {
	size_t count;
	struct certificate *items;
};

/* Releases the contents and zeroes them. */
void certificate_list_done(struct certificate_list *list);

/*
 * Reads the answer to GET /certificate-objects. Fails with ERROR_MALFORMED if
 * it is not what certd documents.
 */
MUST_CHECK enum error_code certificate_list_from_json(
    const json_t *answer, struct certificate_list *ret_list, struct error *err);

/*
 * Takes in a new list from certd, and empties it. Returns CKR_HOST_MEMORY if it
 * cannot; the table is as it was then.
 */
CK_RV certificate_table_update(
    struct certificate_list *table, struct certificate_list *latest);

/* NULL: none. Valid until the table changes. */
const struct certificate *certificate_find(
    const struct certificate_list *table, CK_OBJECT_HANDLE handle);

/*
 * Its attribute of type: bytes, a flag or a number. Returns
 * CKR_ATTRIBUTE_TYPE_INVALID.
 */
struct certificate_value {
	const void *data; /* NULL: see scalar */
	size_t length;
	CK_ULONG scalar;
	bool is_flag;
};
CK_RV certificate_read(const struct certificate *certificate,
    CK_ATTRIBUTE_TYPE type, struct certificate_value *ret_value);

#endif
