/* SPDX-License-Identifier: MIT */
/* What provision.c, provision_attempt.c and the others of them share. */
#ifndef PROVISIONING_PROVISION_INSIDE_H
#define PROVISIONING_PROVISION_INSIDE_H

#include <pthread.h>

#include "attestation.h"
#include "common/backoff.h"
#include "machine.h"
#include "provision.h"
#include "store.h"

#define DIGEST_MAX 65

struct provision {
	const struct config *config;
	const char *directory;
	struct provision_hooks hooks;

	/* Of the step alone. */
	bool loaded;             /* the store need not be read any more */
	bool has_void_file;      /* which is still to be removed */
	bool serving;            /* somebody waits for this attempt */
	bool ended;              /* we have been told to give up */
	bool has_certificate;    /* which somebody may put another one for */
	bool lacks_key;          /* by TPM: the hub's, which DPS gives */
	int64_t valid_until;     /* of the certificate last seen; 0: none */
	int64_t not_before;      /* DPS wants to be left alone until then */
	int64_t settled_for;     /* the time of the assignment; -1: none yet */
	int64_t settle_at;       /* again, on the monotonic clock */
	char digest[DIGEST_MAX]; /* of the credentials, "" until it is known */
	char payload[DIGEST_MAX];
	char refused_digest[DIGEST_MAX]; /* DPS is spared these ... */
	int64_t refused_until;           /* ... until then; 0: none */
	uint64_t asked_at;   /* expectations so far, when DPS was asked */
	uint64_t refused_at; /* the same of when it was asked in vain */
	struct backoff soon;
	struct backoff later;
	struct backoff refused;

	/* Written by the step under the lock; others read under it. */
	pthread_mutex_t lock;
	enum machine_state state;
	char message[ERROR_MESSAGE_MAX];
	bool passing; /* what the message says */
	char modules_message[ERROR_MESSAGE_MAX];
	bool has_stored;
	struct record stored;
	uint64_t served;
	struct error outcome; /* of the last request served */

	/* Around the file of what is expected; nothing else is locked in it. */
	pthread_mutex_t expected_lock;
	uint64_t expectations; /* so far; under that lock */

	/* Written by others, under the lock. */
	uint64_t requests; /* made so far */
	struct backoff signals;
	int64_t signals_not_before;
};

/* --- provision.c ---------------------------------------------------------- */

/* Something happened; message is what callers are told now. */
void provision_apply(
    struct provision *provision, enum machine_event event, const char *message);

/* What is stored is void; its file goes now, or as soon as it can. */
void provision_forget(struct provision *provision);

/* As if nothing had been decided yet. */
void provision_start_over(struct provision *provision);

/* True if there is a request that no attempt has begun to serve. */
bool provision_is_requested(struct provision *provision);

/* --- provision_expected.c ------------------------------------------------- */

/*
 * True if what is expected was made for what wanted says, credentials included;
 * then the contents of *ret_record are the caller's.
 */
bool provision_find_expected(struct provision *provision,
    const struct origin *wanted, struct record *ret_record);

/* How often something was expected so far; what is there is of the last time.
 */
uint64_t provision_count_expected(struct provision *provision);

/*
 * Removes what is expected, if it was made for the credentials with digest or
 * is damaged.
 */
MUST_CHECK enum error_code provision_drop_expected(
    struct provision *provision, const char *digest, struct error *err);

/*
 * Removes what is expected, if it was that when provision_count_expected() said
 * count: DPS has refused the device since. What has come later stays.
 */
MUST_CHECK enum error_code provision_void_expected(
    struct provision *provision, uint64_t count, struct error *err);

/* --- provision_stored.c --------------------------------------------------- */

/* What a registration would be made for now. Everything is borrowed. */
struct origin provision_origin(const struct provision *provision);

/* True if what is stored was made for us, as far as that is known. */
bool provision_stored_is_ours(const struct provision *provision);

/*
 * Reads what is stored, until that has been possible once; what is damaged is
 * set aside.
 */
void provision_load(struct provision *provision);

/* In memory. Takes over record. */
void provision_replace_stored(
    struct provision *provision, struct record *record);

/*
 * Takes over record, which DPS has sent. It is in use even if it cannot be
 * stored, and fails then. With a key that the TPM does not take all is as it
 * was; if that is not known, provision_finish_key() has it to do.
 */
MUST_CHECK enum error_code provision_take_assignment(
    struct provision *provision, struct record *record, struct error *err);

/*
 * DPS has been asked with these credentials before they took their place, and
 * the daemon has ended before it could be seen.
 */
void provision_adopt_early(struct provision *provision);

/*
 * By TPM, before DPS is asked, which gives the hub another key: one that is
 * stopped before it has an answer is to ask again at its start.
 */
void provision_note_renewal(struct provision *provision);

/*
 * By TPM, once it is known which: brings in the key of what is stored, if that
 * was cut off. Fails if the TPM could not be asked.
 */
MUST_CHECK enum error_code provision_finish_key(
    struct provision *provision, struct error *err);

/* --- provision_sources.c -------------------------------------------------- */

/*
 * Source manual: the configuration is the assignment. Fails as
 * preflight_check_pair() and preflight_check_dates() do.
 */
MUST_CHECK enum error_code provision_configure(struct provision *provision,
    const struct credentials *credentials, struct error *err);

/* Source none. Fails, with ERROR_INVALID, if somebody waits for a device. */
MUST_CHECK enum error_code provision_without_source(
    struct provision *provision, struct error *err);

/* --- provision_attempt.c -------------------------------------------------- */

/* True if the certificate last seen, or an issuer of it, has ended. */
bool provision_has_expired(const struct provision *provision);

/*
 * Looks at what the device proves itself with, and asks DPS if the state says
 * so. On success *ret_rest_ms is when to look again.
 *
 * Fails with ERROR_UPSTREAM if DPS has refused the device, ERROR_UNAVAILABLE or
 * ERROR_TIMEOUT if it may pass, else with what must be put right.
 */
MUST_CHECK enum error_code provision_attempt(
    struct provision *provision, int64_t *ret_rest_ms, struct error *err);

#endif
