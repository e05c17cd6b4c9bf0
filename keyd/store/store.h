/* SPDX-License-Identifier: MIT */
/*
 * Where keys live. The private half never leaves the store.
 *
 * store.c is the store of the daemon: PKCS#11 tokens and PEM files.
 * tests/support/fake_store.c is the store of the unit tests. Which one a
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

#define KEY_SERIAL_MAX 16 /* CK_TOKEN_INFO.serialNumber */
#define KEY_LOCATION_MAX 1024
#define KEY_SIGNATURE_MAX KEY_MODULUS_MAX
#define KEY_STORE_SESSIONS_MAX 32

/* Which kind of key pair to generate. */
enum key_spec { KEY_SPEC_P256, KEY_SPEC_RSA2048, KEY_SPEC_RSA4096 };

/* What to do with the private half. */
enum key_mechanism {
	KEY_ECDSA,      /* input: a digest; output: r||s */
	KEY_RSA_PKCS1,  /* input: a DigestInfo */
	KEY_RSA_RAW,    /* input: as long as the modulus */
	KEY_PSS_SHA256, /* input: a digest of that hash; salt as long as it */
	KEY_PSS_SHA384,
	KEY_PSS_SHA512,
};

/* Names one key pair. All pointers are borrowed. */
struct key_name {
	const char *uri; /* of a preloaded key; NULL: in keyd's own token */
	const char
	    *serial;       /* of the token that must hold it; "" or NULL: any */
	const char *label; /* CKA_LABEL, for a name without tag or object= */
	struct key_tag tag; /* CKA_ID; length 0: find it by label */
	bool candid;        /* an error may say which keys there are instead */
};

/* What is known of a key pair, and may be shown. */
struct key_facts {
	struct key_public public;
	/* As the token reports them; all false for a file but extractable. */
	bool sensitive, extractable, always_sensitive, never_extractable;
	bool local;                      /* generated where it is */
	struct key_tag tag;              /* CKA_ID, if it has one */
	char serial[KEY_SERIAL_MAX + 1]; /* of its token; "" for a file */
	char location[KEY_LOCATION_MAX]; /* a URI without query part */
};

struct key_signature {
	size_t length;
	unsigned char data[KEY_SIGNATURE_MAX];
};

struct key_store_settings {
	const char *module;      /* a PKCS#11 module; NULL: all of p11-kit's */
	const char *module_args; /* what it is initialized with, or NULL */
	const char *token_uri;   /* where keys are generated; NULL: nowhere */
	unsigned sessions;       /* 0: as many as suit the token */
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

/* Fails with ERROR_NOT_FOUND if there is no such key pair. */
MUST_CHECK enum error_code key_store_find(struct key_store *store,
    const struct key_name *name, struct key_facts *ret_facts,
    struct error *err);

/*
 * Signs input with the private half. The caller has checked that mechanism and
 * input suit the key. Fails with ERROR_NOT_FOUND if there is no such key, and
 * with ERROR_INVALID if the key or its token cannot do this.
 */
MUST_CHECK enum error_code key_store_sign(struct key_store *store,
    const struct key_name *name, enum key_mechanism mechanism,
    const unsigned char *input, size_t length,
    struct key_signature *ret_signature, struct error *err);

/*
 * Generates a key pair in keyd's own token: sensitive, never extractable, with
 * label, and with the tag that key_public_tag() computes.
 *
 * Fails with ERROR_INVALID if the token cannot make such a key.
 */
MUST_CHECK enum error_code key_store_generate(struct key_store *store,
    const char *label, enum key_spec spec, struct key_facts *ret_facts,
    struct error *err);

/* Destroys both halves. That there is no such key is success. */
MUST_CHECK enum error_code key_store_destroy(
    struct key_store *store, const struct key_name *name, struct error *err);

/* Sets CKA_LABEL on both halves. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code key_store_set_label(struct key_store *store,
    const struct key_name *name, const char *label, struct error *err);

/*
 * Gives a key pair that was found by its label a CKA_ID on both halves. Fails
 * with ERROR_NOT_FOUND, or if the token does not let it be changed.
 */
MUST_CHECK enum error_code key_store_set_tag(struct key_store *store,
    const struct key_name *name, const struct key_tag *tag, struct error *err);

typedef void key_visitor(
    void *context, const char *label, const struct key_tag *tag);

/*
 * Calls visit for each private key in keyd's own token that has a label, or,
 * if label is not NULL, for each that has this label. Without a token it calls
 * nobody.
 */
MUST_CHECK enum error_code key_store_list(struct key_store *store,
    const char *label, key_visitor *visit, void *context, struct error *err);

/* How many requests are worth being worked on at once. */
unsigned key_store_parallelism(const struct key_store *store);

#endif
