/* SPDX-License-Identifier: MIT */
/* For store_pkcs11*.c: how one operation is done on a token. */
#ifndef KEYD_PKCS11_CALL_H
#define KEYD_PKCS11_CALL_H

#include "generate.h"
#include "key_cache.h"
#include "object.h"
#include "source.h"
#include "store_pkcs11.h"

struct pkcs11_store {
	struct sources *sources;
	struct key_cache *cache;
	struct source *base; /* keyd's own token, or NULL */
	char *state;         /* folder for files, or NULL */
	enum key_copies copies;
};

/* What one operation needs; each uses what it needs. */
struct call {
	struct source *source; /* of a name with a URI, else NULL */
	const struct key_name *name;
	struct generate_wish wish;
	const struct key_input *input;
	const struct key_input *label; /* of OAEP */
	const struct key_seal *seal;
	const struct key_public *peer;
	const CK_ATTRIBUTE *attribute;
	EVP_PKEY *pair;
	enum key_kind kind;
	enum key_mechanism mechanism;
	enum key_padding padding;
	/* results */
	struct key_facts *facts;
	struct key_signature *signature;
	struct key_plain *plain;
	unsigned char *bytes;
	size_t length; /* of bytes */
	bool *genuine;
	key_visitor *visit;
	void *context;
};

typedef enum error_code operation(struct pkcs11_store *store,
    struct token_lease *lease, const struct call *call, struct error *err);

/* Sets ->source. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code call_set_source(
    struct pkcs11_store *store, struct call *call, struct error *err);

/*
 * The token of call, which must be the one that the name was made in. Fails
 * with ERROR_NOT_FOUND if none is configured, with ERROR_UNAVAILABLE if the
 * name says that there was one.
 */
MUST_CHECK enum error_code call_token(struct pkcs11_store *store,
    const struct call *call, struct token **ret_token, struct error *err);

/*
 * Runs work on the token, again after a fault that opening anew may mend, and
 * after an object was no longer there.
 */
MUST_CHECK enum error_code call_run(struct pkcs11_store *store,
    const struct call *call, enum token_use use, operation *work,
    struct error *err);

/* Finds the key of call, unless that was done before in these sessions. */
MUST_CHECK enum error_code call_load(struct pkcs11_store *store,
    struct token_lease *lease, const struct call *call,
    struct key_entry **ret_entry, struct error *err);

/*
 * Ends the use of a key that call_load() found, and that ended with code.
 * Whose key was removed or renamed meanwhile has used an object that may be
 * another key by now; it looks again.
 */
MUST_CHECK enum error_code call_conclude(struct pkcs11_store *store,
    struct token_lease *lease, const struct call *call,
    const struct key_entry *key, enum error_code code, struct error *err);

#endif
