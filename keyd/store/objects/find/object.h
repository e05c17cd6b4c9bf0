/* SPDX-License-Identifier: MIT */
/*
 * Objects in a token: finding and reading them within a lease. Only token
 * objects are found: session copies of keys are nobody's business.
 */
#ifndef KEYD_OBJECT_H
#define KEYD_OBJECT_H

#include "store.h"
#include "token.h"

#define OBJECTS_MAX 512

/* Which objects. Pointers are borrowed; NULL and length 0: any. */
struct object_query {
	const char *label;
	const unsigned char *tag;
	size_t tag_length;
};

struct object_list {
	CK_ULONG count;
	CK_OBJECT_HANDLE items[OBJECTS_MAX];
};

/* The class of what must not leave the token. */
CK_OBJECT_CLASS object_class(enum key_kind kind);

/* An attribute of a template; data is only read. */
CK_ATTRIBUTE object_attribute(
    CK_ATTRIBUTE_TYPE type, const void *data, size_t length);

/* Data for a function that only reads it, without saying so. */
CK_BYTE_PTR object_input(const struct key_input *input);

/*
 * Finds objects of class; session_copies says which kind of objects. At most
 * OBJECTS_MAX are listed. That there is none is never said because a login was
 * lost: then it fails, and a call that is repeated works in a new session.
 */
MUST_CHECK enum error_code object_find(struct token_lease *lease,
    CK_OBJECT_CLASS class, const struct object_query *query,
    bool session_copies, struct object_list *ret_list, struct error *err);

/*
 * As object_find(), but what has the tag and not the label is found if nothing
 * has both. Some tools give one CKA_ID to several keys, and a label may just be
 * about to change. Without tag and label nothing is found.
 */
MUST_CHECK enum error_code object_find_named(struct token_lease *lease,
    CK_OBJECT_CLASS class, const struct object_query *query,
    bool session_copies, struct object_list *ret_list, struct error *err);

/*
 * Reads one attribute into data. An attribute that the object does not have,
 * or that does not fit, has length 0.
 */
MUST_CHECK enum error_code object_read(struct token_lease *lease,
    CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *data, size_t size,
    size_t *ret_length, struct error *err);

/* The CKA_LABEL as text; "" if there is none or it has a NUL. */
MUST_CHECK enum error_code object_read_label(struct token_lease *lease,
    CK_OBJECT_HANDLE object, char ret_label[KEY_ID_MAX + 1], struct error *err);

/* The CKA_ID; length 0 if there is none. */
MUST_CHECK enum error_code object_read_tag(struct token_lease *lease,
    CK_OBJECT_HANDLE object, struct key_tag *ret_tag, struct error *err);

#endif
