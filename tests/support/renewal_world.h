/* SPDX-License-Identifier: MIT */
/*
 * keyd, a store, an issuer and a clock in memory for the renewal of
 * certificates, in which every step, and every write to the disk, can be made
 * the last one of a process, or fail once. Takes the place of file_write().
 */
#ifndef RENEWAL_WORLD_H
#define RENEWAL_WORLD_H

#include "est_fixture.h"
#include "renewals.h"

enum world_fate {
	WORLD_WHOLE,
	WORLD_DIES_BEFORE, /* the step is not done, and nothing after it */
	WORLD_DIES_AFTER,  /* the step is done, and nothing after it */
	WORLD_FAILS,       /* the step is not done; all after it are */
};

struct world_key {
	char *id;
	EVP_PKEY *key;
};

struct world_certificate {
	char *id;
	char *pem;
};

struct renewal_fake {
	int64_t now;
	int64_t lifetime;        /* of what is issued; begins 5 minutes ago */
	enum error_code refuses; /* obtain fails so */
	enum error_code refuses_proof;
	enum error_code refuses_notice;
	unsigned notices;
	unsigned failures; /* that the world was told of */
	struct error last_failure;
	unsigned issued;
	/* Is called, once, when a certificate has been read; or NULL. */
	void (*after_reading)(void *context);
	void *context;

	size_t key_count;
	struct world_key *keys;
	size_t certificate_count;
	struct world_certificate *certificates;

	enum world_fate fate;
	unsigned fated; /* the number of the step, from 1 on */
	unsigned steps; /* so far */
	bool is_dead;
};

void renewal_fake_open(struct renewal_fake *fake);
void renewal_fake_close(struct renewal_fake *fake);

/* What renewals_create() wants; fake must outlive it. */
struct renewal_world renewal_fake_world(struct renewal_fake *fake);

/* Counts steps anew; the fated-th will meet fate. */
void renewal_fake_doom(
    struct renewal_fake *fake, enum world_fate fate, unsigned fated);

/* A pair is put into place as if it had always been there. */
void renewal_fake_put_pair(
    struct renewal_fake *fake, const char *id, const char *key_id);

/* True if certificate id is there, valid now, and for key key_id. */
bool renewal_fake_is_pair(
    const struct renewal_fake *fake, const char *id, const char *key_id);

/* True if certificate is for key key_id. */
bool renewal_fake_is_key(const struct renewal_fake *fake, const char *key_id,
    const X509 *certificate);

bool renewal_fake_has_key(const struct renewal_fake *fake, const char *key_id);

/* Borrowed; NULL: there is none. */
const char *renewal_fake_pem(const struct renewal_fake *fake, const char *id);

#endif
