/* SPDX-License-Identifier: MIT */
/*
 * Where keys live. Private halves and secrets never leave the store.
 *
 * store.c is the store of the daemon: PKCS#11 tokens and files.
 * tests/support/fakes/fake_store.c is the store of the unit tests. Which one a
 * program gets is decided at link time.
 *
 * Every function may be called from any thread. A function that touches the
 * token fails with ERROR_UNAVAILABLE if the token cannot be used now, and the
 * message says which layer failed, why, and what to do.
 */
#ifndef KEYD_STORE_H
#define KEYD_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"
#include "key_id.h"
#include "key_public.h"
#include "token_figures.h"

#define KEY_SERIAL_MAX 16 /* CK_TOKEN_INFO.serialNumber */
#define KEY_LOCATION_MAX 1024
#define KEY_SIGNATURE_MAX KEY_MODULUS_MAX
#define KEY_STORE_SESSIONS_DEFAULT 4
#define KEY_STORE_TOKENS_MAX 32

/* Which kind of key pair to generate. */
enum key_spec {
	KEY_SPEC_P256,
	KEY_SPEC_P384,
	KEY_SPEC_P521,
	KEY_SPEC_ED25519,
	KEY_SPEC_RSA2048,
	KEY_SPEC_RSA3072,
	KEY_SPEC_RSA4096,
};
#define KEY_SPEC_COUNT (KEY_SPEC_RSA4096 + 1)

/* A token keeps both apart (CKA_CLASS), so that both may have one label. */
enum key_kind { KEY_PAIR, KEY_SECRET };

/*
 * What a key is for, as a set. A pair signs, decrypts and derives (agrees on a
 * secret). For a secret signing and deriving are one, HMAC; encrypting is
 * AES-GCM in both directions.
 */
enum key_usage {
	KEY_SIGNS = 1,
	KEY_DECRYPTS = 2,
	KEY_DERIVES = 4,
	KEY_ENCRYPTS = 8,
};

/* How to sign with the private half. */
enum key_mechanism {
	KEY_ECDSA,      /* input: a digest; output: r||s */
	KEY_EDDSA,      /* input: a message of any length */
	KEY_RSA_PKCS1,  /* input: a DigestInfo */
	KEY_RSA_RAW,    /* input: as long as the modulus */
	KEY_PSS_SHA256, /* input: a digest of that hash; salt as long as it */
	KEY_PSS_SHA384,
	KEY_PSS_SHA512,
};

/* How to decrypt with the private half of an RSA key. */
enum key_padding {
	KEY_PADDING_NONE, /* the plaintext is as long as the modulus */
	KEY_PADDING_PKCS1,
	KEY_PADDING_OAEP_SHA1, /* MGF1 is with the same hash */
	KEY_PADDING_OAEP_SHA256,
	KEY_PADDING_OAEP_SHA384,
	KEY_PADDING_OAEP_SHA512,
};

/* Names one key. All pointers are borrowed. */
struct key_name {
	enum key_kind kind;
	const char *uri; /* of a preloaded key; NULL: where keyd makes keys */
	const char
	    *serial;       /* of the token that must hold it; "" or NULL: any */
	const char *label; /* CKA_LABEL, for a name without tag or object= */
	struct key_tag tag; /* CKA_ID; length 0: find it by label */
	bool in_file; /* a secret in keyd's file for label, not in a token */
	bool candid;  /* an error may say which keys there are instead */
};

/* What is known of a key, and may be shown. */
struct key_facts {
	enum key_kind kind;
	unsigned usage;           /* enum key_usage */
	struct key_public public; /* of a pair */
	unsigned bits;            /* of a secret */
	/* As the token reports them; all false for a file but extractable. */
	bool sensitive, extractable, always_sensitive, never_extractable;
	bool local;                      /* generated where it is */
	bool in_file;                    /* as in struct key_name */
	struct key_tag tag;              /* CKA_ID, if it has one */
	char serial[KEY_SERIAL_MAX + 1]; /* of its token; "" for a file */
	char location[KEY_LOCATION_MAX]; /* a URI without query part */
};

struct key_input {
	const unsigned char *data;
	size_t length;
};

struct key_signature {
	size_t length;
	unsigned char data[KEY_SIGNATURE_MAX];
};

#define KEY_MAC_SIZE 32  /* HMAC-SHA256 */
#define KEY_SEAL_SIZE 16 /* the tag of AES-GCM, behind the ciphertext */
#define KEY_IV_MAX 256
#define KEY_SECRET_MAX 4096 /* bytes of a secret that is imported */

/* What must be the same on both sides of AES-GCM. */
struct key_seal {
	struct key_input iv; /* 1 to KEY_IV_MAX bytes */
	struct key_input aad;
};

/* A plaintext, or a secret that was agreed on. */
struct key_plain {
	size_t length;
	unsigned char data[KEY_MODULUS_MAX];
};

/* Wipes it; for CLEANUP_DONE. */
void key_plain_done(struct key_plain *plain);

/* auto: where it is known to be faster, which is SoftHSM. */
enum key_copies { KEY_COPIES_AUTO, KEY_COPIES_YES, KEY_COPIES_NO };

struct key_store_settings {
	const char *module;      /* a PKCS#11 module; NULL: all of p11-kit's */
	const char *module_args; /* what it is initialized with, or NULL */
	const char *token_uri;   /* where keys are generated; NULL: nowhere */
	unsigned sessions;       /* 0: as many as suit the token */
	enum key_copies copies;  /* sign with session copies of keys */
	const char *state; /* folder for what is kept in files; NULL: none is */
	bool secrets_in_files; /* if the token cannot have them */
	/* Seconds that a call of the token may take; 0: the default. */
	unsigned token_timeout;
	unsigned generation_timeout; /* one that makes a key */
};

struct key_store;

/*
 * Prepares a store. No module is loaded and no token is opened: that happens
 * when they are first needed, and again when it failed.
 *
 * Fails with ERROR_INVALID if the token's URI is none of a token.
 */
MUST_CHECK enum error_code key_store_open(
    const struct key_store_settings *settings, struct key_store **ret_store,
    struct error *err);

/* Releases store and every session it holds. NULL is allowed. */
void key_store_close(struct key_store *store);
DEFINE_CLEANUP(key_store, struct key_store, key_store_close)

/*
 * Opens keyd's own token unless it is open. *ret_serial is its serial number.
 * Fails with ERROR_NOT_FOUND if none is configured.
 */
MUST_CHECK enum error_code key_store_check(struct key_store *store,
    char ret_serial[KEY_SERIAL_MAX + 1], struct error *err);

/*
 * Fails with ERROR_NOT_FOUND if there is no such key. A name that is neither
 * in_file nor has a tag is looked for in the token, by its label.
 */
MUST_CHECK enum error_code key_store_find(struct key_store *store,
    const struct key_name *name, struct key_facts *ret_facts,
    struct error *err);

/* ---- use ---- */

/*
 * Each fails with ERROR_NOT_FOUND if there is no such key, and with
 * ERROR_INVALID if the key or its token cannot do this. The caller has checked
 * that what is asked suits the kind and the algorithm of the key.
 */

/* Signs input with the private half. */
MUST_CHECK enum error_code key_store_sign(struct key_store *store,
    const struct key_name *name, enum key_mechanism mechanism,
    const struct key_input *input, struct key_signature *ret_signature,
    struct error *err);

/*
 * Decrypts with the private half of an RSA key. ciphertext is as long as the
 * modulus and below it; label (of OAEP) may be empty. That it is none for this
 * key and padding is ERROR_INVALID too, and nothing says why.
 */
MUST_CHECK enum error_code key_store_decrypt(struct key_store *store,
    const struct key_name *name, enum key_padding padding,
    const struct key_input *ciphertext, const struct key_input *label,
    struct key_plain *ret_plain, struct error *err);

/*
 * ECDH: the X coordinate of the private half times peer, which is on the same
 * curve.
 */
MUST_CHECK enum error_code key_store_agree(struct key_store *store,
    const struct key_name *name, const struct key_public *peer,
    struct key_plain *ret_secret, struct error *err);

/* HMAC-SHA256 with a secret. */
MUST_CHECK enum error_code key_store_mac(struct key_store *store,
    const struct key_name *name, const struct key_input *message,
    unsigned char ret_mac[KEY_MAC_SIZE], struct error *err);

/*
 * AES-GCM with a secret. ret_sealed has room for plain->length +
 * KEY_SEAL_SIZE.
 */
MUST_CHECK enum error_code key_store_seal(struct key_store *store,
    const struct key_name *name, const struct key_seal *seal,
    const struct key_input *plain, unsigned char *ret_sealed,
    struct error *err);

/*
 * Undoes it. sealed has at least KEY_SEAL_SIZE bytes, and ret_plain has room
 * for the rest. *ret_genuine is false, and ret_plain not written, if it was not
 * sealed with this key and seal: that is no failure.
 */
MUST_CHECK enum error_code key_store_unseal(struct key_store *store,
    const struct key_name *name, const struct key_seal *seal,
    const struct key_input *sealed, unsigned char *ret_plain, bool *ret_genuine,
    struct error *err);

/* Random bytes of keyd's own token; without one, of OpenSSL. */
MUST_CHECK enum error_code key_store_random(struct key_store *store,
    unsigned char *ret_data, size_t length, struct error *err);

/* ---- changes ---- */

/*
 * Generates a key pair in keyd's own token for usage: sensitive, never
 * extractable, with label, and with the tag that key_public_tag() computes.
 *
 * Fails with ERROR_INVALID if the token cannot make such a key.
 */
MUST_CHECK enum error_code key_store_generate(struct key_store *store,
    const char *label, enum key_spec spec, unsigned usage,
    struct key_facts *ret_facts, struct error *err);

/*
 * Puts a pair that was made elsewhere into keyd's own token, as if generated,
 * but for CKA_LOCAL and the like. There may be others with this label.
 *
 * Fails with ERROR_INVALID if the token does not take it.
 */
MUST_CHECK enum error_code key_store_import_pair(struct key_store *store,
    const char *label, EVP_PKEY *pair, unsigned usage,
    struct key_facts *ret_facts, struct error *err);

/*
 * Makes a secret of 32 bytes for usage: HMAC, or AES-256 (AES-128 where the
 * token has no more), in keyd's own token, sensitive and never extractable,
 * with label and a random tag. If it cannot have it there, and if
 * secrets_in_files, then in a file, which must not exist.
 *
 * Fails with ERROR_INVALID if neither is possible; the message has the reason
 * and the way out.
 */
MUST_CHECK enum error_code key_store_generate_secret(struct key_store *store,
    const char *label, unsigned usage, struct key_facts *ret_facts,
    struct error *err);

/*
 * Likewise with secret, of 1 to KEY_SECRET_MAX bytes. In a token it is put
 * beside what has this label, which the caller destroys once the new one is
 * recorded; a file of this label is replaced.
 */
MUST_CHECK enum error_code key_store_import_secret(struct key_store *store,
    const char *label, const struct key_input *secret, unsigned usage,
    struct key_facts *ret_facts, struct error *err);

/* Destroys all of a key. That there is no such key is success. */
MUST_CHECK enum error_code key_store_destroy(
    struct key_store *store, const struct key_name *name, struct error *err);

/* Sets CKA_LABEL on all of a key. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code key_store_set_label(struct key_store *store,
    const struct key_name *name, const char *label, struct error *err);

/*
 * Gives a key that was found by its label a CKA_ID, a pair on both halves.
 * Fails with ERROR_NOT_FOUND, or if the token does not let it be changed.
 */
MUST_CHECK enum error_code key_store_set_tag(struct key_store *store,
    const struct key_name *name, const struct key_tag *tag, struct error *err);

/* ---- what there is ---- */

typedef void key_visitor(
    void *context, const char *label, const struct key_tag *tag);

/*
 * Calls visit for each key of kind in keyd's own token that has a label, or,
 * if label is not NULL, for each that has this label. Without a token it calls
 * nobody.
 */
MUST_CHECK enum error_code key_store_list(struct key_store *store,
    enum key_kind kind, const char *label, key_visitor *visit, void *context,
    struct error *err);

/*
 * Calls visit with the label of each certificate that is in the token of the
 * pair name and has its CKA_ID; with nobody for a file.
 */
MUST_CHECK enum error_code key_store_certificates(struct key_store *store,
    const struct key_name *name, key_visitor *visit, void *context,
    struct error *err);

/*
 * How many callers of the token of uri (NULL: keyd's own) have a session or
 * need none now: so many requests are worth being worked on at once. 0 if it is
 * not known or not open, or if all hang; it may change at any time. Does not
 * wait.
 */
unsigned key_store_sessions(struct key_store *store, const char *uri);

/*
 * The tokens that were found so far; their number. Asks nothing of the tokens,
 * so it does not wait for them.
 */
size_t key_store_figures(struct key_store *store,
    struct token_figures ret_figures[KEY_STORE_TOKENS_MAX]);

/*
 * Which call of the token of uri (NULL: of any token) has not returned in time,
 * since when, and what to do, as ERROR_UNAVAILABLE; ERROR_NONE if there is
 * none. Does not wait.
 */
MUST_CHECK enum error_code key_store_hang(
    struct key_store *store, const char *uri, struct error *err);

/*
 * False if every session of keyd's own token hangs, so that only a restart of
 * keyd may help; without one, if every session of all tokens does. Does not
 * wait.
 */
bool key_store_alive(struct key_store *store);

#endif
