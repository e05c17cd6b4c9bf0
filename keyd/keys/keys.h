/* SPDX-License-Identifier: MIT */
/*
 * What keyd does with keys: the rules, without HTTP above or PKCS#11 below.
 *
 * Every function asks whether who calls has the right to the key, and fails
 * with ERROR_DENIED if not, before anything else is looked at: ACL_USE to use
 * it, ACL_MANAGE to make, move or delete it, either to see it. Nobody, not even
 * root, has a right to KEY_ID_RESERVED. A preloaded key is the operator's: it
 * is used, but neither moved nor deleted.
 *
 * Keys are used from any thread. Changes (create, move, delete) are made by
 * one thread at a time.
 */
#ifndef KEYD_KEYS_H
#define KEYD_KEYS_H

#include <stdint.h>
#include <sys/types.h>

#include "common/acl.h"
#include "common/peer.h"
#include "index.h"
#include "key_ref.h"
#include "store.h"

/* The parts that keys are made of; all are borrowed. */
struct keys_parts {
	struct key_store *store;
	struct index *index;
	const struct acl *acl;
	size_t preloaded_count;
	const struct keys_preloaded {
		const char *id;
		const char *uri;
	} * preloaded;
};

struct keys;

MUST_CHECK enum error_code keys_create(
    const struct keys_parts *parts, struct keys **ret_keys, struct error *err);
void keys_free(struct keys *keys);
DEFINE_CLEANUP(keys, struct keys, keys_free)

/* True if uid has a right to any key at all. */
bool keys_know(const struct keys *keys, uid_t uid);

/*
 * Tries the token and every preloaded key. Fails with what is wrong and what
 * to do, if anything is; a preloaded key to which who has no right is not
 * named.
 */
MUST_CHECK enum error_code keys_check(
    struct keys *keys, const struct peer *who, struct error *err);

/*
 * Does what a crash or a fault of the token left undone: destroys objects that
 * no id has any more, corrects labels. What cannot be done now stays for the
 * next time.
 */
void keys_repair(struct keys *keys);

/* One key as it is shown. */
struct key_info {
	char id[KEY_ID_MAX + 1];
	struct key_facts facts;
	int64_t created;      /* 0 if not known */
	unsigned rights;      /* of who asks, enum acl_right bits */
	struct error trouble; /* ERROR_NONE, else there are no facts */
};

/* Fails with ERROR_NOT_FOUND if there is no such key pair. */
MUST_CHECK enum error_code keys_get(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct key_info *ret_info, struct error *err);

typedef enum error_code keys_visitor(
    void *context, const struct key_info *info, struct error *err);

/*
 * As keys_get(), for who is to use the key: ACL_MANAGE is not enough.
 */
MUST_CHECK enum error_code keys_load(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct key_info *ret_info, struct error *err);

/* Calls visit for each key that who has a right to, until it fails. */
MUST_CHECK enum error_code keys_list(struct keys *keys, const struct peer *who,
    keys_visitor *visit, void *context, struct error *err);

/*
 * Generates the key pair unless it exists, for which either right is enough.
 * preferred is a list like
 * "ec-p256:rsa-2048:*"; NULL means "*". The first that the token can make is
 * made.
 *
 * Fails with ERROR_INVALID if the list has nothing that is known or that the
 * token can make.
 */
MUST_CHECK enum error_code keys_create_pair(struct keys *keys,
    const struct peer *who, const struct key_ref *key, const char *preferred,
    struct error *err);

/*
 * Renames a key pair; an existing key pair to is replaced. A move that has
 * been made before (no from, but to) is success.
 *
 * Fails with ERROR_NOT_FOUND if there is neither, and with ERROR_INVALID if
 * the ids are the same or one is preloaded.
 */
MUST_CHECK enum error_code keys_move_pair(struct keys *keys,
    const struct peer *who, const struct key_ref *from,
    const struct key_ref *to, struct error *err);

/* That there is no such key pair is success. ERROR_INVALID: preloaded. */
MUST_CHECK enum error_code keys_delete_pair(struct keys *keys,
    const struct peer *who, const struct key_ref *key, struct error *err);

/*
 * ECDSA over a digest of any length, of which as much as the group's order has
 * is used (FIPS 186-4 section 6.4). The signature is DER.
 */
MUST_CHECK enum error_code keys_sign_ecdsa(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    const struct key_input *digest, struct key_signature *ret_signature,
    struct error *err);

/* The RSA private operation on a DigestInfo, or on a block (no padding). */
MUST_CHECK enum error_code keys_sign_rsa(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    enum key_mechanism mechanism, const struct key_input *message,
    struct key_signature *ret_signature, struct error *err);

/*
 * Signs a digest by the name of RFC 7518 section 3.1: ES256, ES384, ES512
 * (signature r||s), RS256 ... RS512, PS256 ... PS512. The digest is exactly as
 * long as the hash.
 */
MUST_CHECK enum error_code keys_sign_digest(struct keys *keys,
    const struct peer *who, const struct key_ref *key, const char *algorithm,
    const struct key_input *digest, struct key_signature *ret_signature,
    struct error *err);

#endif
