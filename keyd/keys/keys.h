/* SPDX-License-Identifier: MIT */
/*
 * What keyd does with keys: the rules, without HTTP above or PKCS#11 below.
 *
 * Every function asks whether who calls has the right to the key, and fails
 * with ERROR_DENIED if not, before anything else is looked at: ACL_USE to use
 * it, ACL_EXPORT to be given what is derived from it, ACL_MANAGE to make, move
 * or delete it, any of these to see it. Nobody, not even root, has a right to
 * KEY_ID_RESERVED. A preloaded key is the operator's: it is used, but neither
 * moved nor deleted.
 *
 * Each function fails with ERROR_NOT_FOUND if there is no such key, with
 * ERROR_INVALID if it is of another kind or not for this, and as the store
 * does.
 *
 * Keys are used from any thread. Changes (create, import, move, delete) are
 * made by one thread at a time.
 */
#ifndef KEYD_KEYS_H
#define KEYD_KEYS_H

#include <stdint.h>

#include "access.h"
#include "common/peer.h"
#include "index.h"
#include "key_ref.h"
#include "store.h"

/* The parts that keys are made of; all but access are borrowed. */
struct keys_parts {
	struct key_store *store;
	struct index *index;
	struct access *access; /* taken over, also on failure */
	struct audit *audit;   /* NULL: nothing is recorded */
	size_t preloaded_count;
	const struct keys_preloaded {
		const char *id;
		const char *uri;
		unsigned place; /* as preloaded_place() */
	} * preloaded;
};

struct keys;
struct audit;

MUST_CHECK enum error_code keys_create(
    const struct keys_parts *parts, struct keys **ret_keys, struct error *err);
void keys_free(struct keys *keys);
DEFINE_CLEANUP(keys, struct keys, keys_free)

/* From now on access says who may. Takes it over. Any thread. */
void keys_set_access(struct keys *keys, struct access *access);

/* What keys_check() is to fail with from now on; NULL: nothing. Any thread. */
void keys_set_trouble(struct keys *keys, const struct error *trouble);

/* True if uid has a right to any key at all. */
bool keys_know(struct keys *keys, uid_t uid);

/*
 * Tries the token and every preloaded key, unless there is other trouble. Fails
 * with what is wrong and what to do, if anything is; a preloaded key to which
 * who has no right is not named.
 */
MUST_CHECK enum error_code keys_check(
    struct keys *keys, const struct peer *who, struct error *err);

/*
 * Does what a crash or a fault of the token left undone: destroys objects that
 * no id has any more, corrects labels. What cannot be done now stays for the
 * next time.
 */
void keys_repair(struct keys *keys);

/* ---- showing ---- */

/* One key as it is shown. */
struct key_info {
	char id[KEY_ID_MAX + 1];
	struct key_facts facts;
	int64_t created;          /* 0 if not known */
	struct key_tag pkcs11_id; /* CKA_ID for programs; length 0: id */
	unsigned rights;          /* of who asks, enum acl_right bits */
	bool preloaded;           /* it is where the configuration says */
	struct error trouble;     /* ERROR_NONE, else there are no facts */
};

MUST_CHECK enum error_code keys_get(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct key_info *ret_info, struct error *err);

/* As keys_get(), for who is to use the key: ACL_MANAGE is not enough. */
MUST_CHECK enum error_code keys_load(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct key_info *ret_info, struct error *err);

/* Sets key->kind to that of the pair id, or, if there is none, of the secret.
 */
MUST_CHECK enum error_code keys_resolve(struct keys *keys,
    const struct peer *who, struct key_ref *key, struct error *err);

typedef enum error_code keys_visitor(
    void *context, const struct key_info *info, struct error *err);

/* Calls visit for each key that who has a right to, until it fails. */
MUST_CHECK enum error_code keys_list(struct keys *keys, const struct peer *who,
    keys_visitor *visit, void *context, struct error *err);

/* Calls visit with the label of each certificate beside a pair in its token. */
MUST_CHECK enum error_code keys_certificates(struct keys *keys,
    const struct peer *who, const struct key_ref *key, key_visitor *visit,
    void *context, struct error *err);

/* ---- changes ---- */

/* What a new pair is to be. */
struct pair_wish {
	const char *preferred; /* "ec-p256:rsa-2048:*"; NULL means "*" */
	unsigned usage;
	struct key_tag pkcs11_id; /* as in struct key_info */
};

/*
 * Generates the key pair unless it exists, for which ACL_USE is enough. The
 * first of wish->preferred that the token can make is made.
 *
 * Fails with ERROR_INVALID if the list has nothing that is known or that the
 * token can make.
 */
MUST_CHECK enum error_code keys_create_pair(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    const struct pair_wish *wish, struct error *err);

/*
 * Puts the private key of a PEM text into the token. Fails with ERROR_EXISTS if
 * there is a pair of this id.
 */
MUST_CHECK enum error_code keys_import_pair(struct keys *keys,
    const struct peer *who, const struct key_ref *key, const char *pem,
    unsigned usage, struct error *err);

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

/* Makes a secret unless it exists, for which ACL_USE is enough. */
MUST_CHECK enum error_code keys_create_secret(struct keys *keys,
    const struct peer *who, const struct key_ref *key, unsigned usage,
    struct error *err);

/* Makes secret the key, in place of what it was. */
MUST_CHECK enum error_code keys_import_secret(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    const struct key_input *secret, unsigned usage, struct error *err);

/* That there is no such key is success. ERROR_INVALID: preloaded, derived. */
MUST_CHECK enum error_code keys_delete(struct keys *keys,
    const struct peer *who, const struct key_ref *key, struct error *err);

/* ---- using pairs ---- */

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

/* Decrypts with an RSA key. label is that of OAEP; empty in most cases. */
MUST_CHECK enum error_code keys_decrypt(struct keys *keys,
    const struct peer *who, const struct key_ref *key, enum key_padding padding,
    const struct key_input *ciphertext, const struct key_input *label,
    struct key_plain *ret_plain, struct error *err);

/* ECDH with the public key of somebody else: the X coordinate. */
MUST_CHECK enum error_code keys_agree(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_input *point,
    struct key_plain *ret_secret, struct error *err);

/* The same, with a public key in PEM (SPKI). */
MUST_CHECK enum error_code keys_agree_pem(struct keys *keys,
    const struct peer *who, const struct key_ref *key, const char *pem,
    struct key_plain *ret_secret, struct error *err);

/* ---- by the name of RFC 7518 and RFC 8037, pairs and secrets ---- */

/*
 * An algorithm: ES256, ES384, ES512 (signature r||s), EdDSA, RS256 ... RS512,
 * PS256 ... PS512, ECDSA-SHA256 ... SHA512 (likewise), RSA-PKCS1,
 * RSA-NO-PADDING, and HS256, which is for secrets; and its input, one of digest
 * (exactly as long as the hash) and message.
 */
struct key_task {
	const char *algorithm;
	const struct key_input *digest, *message; /* the other is NULL */
};

/* The kind of key that an algorithm is for; KEY_PAIR if it is not known. */
enum key_kind keys_kind_for(const char *name);

MUST_CHECK enum error_code keys_sign(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_task *task,
    struct key_signature *ret_signature, struct error *err);

/* That signature is none of the key is *ret_valid false, not a failure. */
MUST_CHECK enum error_code keys_verify(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    const struct key_task *task, const struct key_input *signature,
    bool *ret_valid, struct error *err);

/* ---- using secrets, and what is derived from them ---- */

/* HMAC-SHA256. */
MUST_CHECK enum error_code keys_mac(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_input *message,
    unsigned char ret_mac[KEY_MAC_SIZE], struct error *err);

/*
 * AES-GCM, framed as aziot does: a byte 2, the ciphertext, the tag.
 * ret_ciphertext has room for plain->length + KEY_FRAME_SIZE.
 */
#define KEY_FRAME_SIZE (1 + KEY_SEAL_SIZE)
MUST_CHECK enum error_code keys_seal(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_seal *seal,
    const struct key_input *plain, unsigned char *ret_ciphertext,
    struct error *err);

/*
 * Undoes it; ret_plain has room for ciphertext->length. The older frame, a byte
 * 1, the tag, the ciphertext, is read with keys in files and derived ones.
 * *ret_genuine is false, and nothing is written, if it was not made with this
 * key and seal.
 */
MUST_CHECK enum error_code keys_unseal(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    const struct key_seal *seal, const struct key_input *ciphertext,
    unsigned char *ret_plain, size_t *ret_length, bool *ret_genuine,
    struct error *err);

/*
 * May who have keys derived from key? Whether it exists shows when they are
 * used.
 */
MUST_CHECK enum error_code keys_check_derive(struct keys *keys,
    const struct peer *who, const struct key_ref *key, struct error *err);

/* The bytes of a derived key: ACL_EXPORT to what it is derived from. */
MUST_CHECK enum error_code keys_export(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    unsigned char ret_secret[KEY_MAC_SIZE], struct error *err);

/* ---- others ---- */

/* May who let delegate use key? Only by a right of his own. */
MUST_CHECK enum error_code keys_check_delegate(struct keys *keys,
    const struct peer *who, const struct key_ref *key, uid_t delegate,
    struct error *err);

/* Random bytes, of the token if there is one. For anybody. */
MUST_CHECK enum error_code keys_random(struct keys *keys,
    unsigned char *ret_data, size_t length, struct error *err);

#endif
