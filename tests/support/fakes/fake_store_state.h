/* SPDX-License-Identifier: MIT */
/* For fake_store*.c. */
#ifndef FAKE_STORE_STATE_H
#define FAKE_STORE_STATE_H

#include "fake_store.h"

#define KEYS_MAX 32

struct fake_key {
	bool is_used, is_local, in_file;
	enum key_kind kind;
	unsigned usage;
	char *uri; /* of a preloaded key */
	char label[KEY_ID_MAX + 1];
	struct key_tag tag;
	EVP_PKEY *pair;
	size_t length; /* of a secret */
	unsigned char secret[KEY_SECRET_MAX];
};

struct fake_certificate {
	char label[KEY_ID_MAX + 1];
	unsigned char tag;
};

struct key_store {
	bool is_unplugged, is_protected, hangs;
	bool refuses[KEY_SPEC_COUNT], refuses_secrets, allows_files;
	char serial[KEY_SERIAL_MAX + 1];
	unsigned char next_tag;
	struct fake_key keys[KEYS_MAX];
	struct fake_certificate certificate;
};

/* The pair of its kind; another reference, for the caller. */
EVP_PKEY *fake_store_pair(enum key_spec spec);

MUST_CHECK enum error_code fake_store_check_plugged(
    const struct key_store *store, struct error *err);

MUST_CHECK enum error_code fake_store_find(struct key_store *store,
    const struct key_name *name, struct fake_key **ret_key, struct error *err);

#endif
