/* SPDX-License-Identifier: MIT */
/*
 * Certificates that are kept fresh: when each is due, how far its renewal has
 * come, and what the next step is. The world outside is reached through struct
 * renewal_world, so that tests can stop it anywhere.
 *
 * A renewal makes a candidate, a new pair or a new certificate for the same
 * key, beside the pair in use; who uses it proves that it works; then it takes
 * the other's place (journal.h). Nothing is locked during network or token
 * work: the rest of certd goes on, and so do the other lanes.
 */
#ifndef CERTD_RENEWALS_H
#define CERTD_RENEWALS_H

#include "journal.h"
#include "policy.h"

#define RENEWAL_NEVER INT64_MAX

/*
 * Behind the id of a key: that of the key which is to take its place. Where
 * that is taken, "-2" to "-9" are behind it.
 */
#define RENEWAL_KEY_SUFFIX "-next"

/* Who proves that a candidate works. */
enum renewal_proof {
	RENEWAL_PROOF_NONE, /* nobody needs to */
	RENEWAL_PROOF_EST,  /* certd itself, at the EST server */
	RENEWAL_PROOF_USER, /* who uses it: renewals_confirm() */
};

/* One certificate that is kept fresh. */
struct managed {
	char *id;
	struct policy policy; /* policy.id is id */
	enum renewal_proof proof;
	bool create;   /* obtain it also if there is none yet */
	unsigned lane; /* those of a lane are worked on one by one */
};

/*
 * What renewing needs of the rest of the world. Any of it may take long and is
 * called without a lock; all but now() may fail. context is the first
 * parameter of each.
 */
struct renewal_world {
	void *context;
	int64_t (*now)(void *context);
	/* The certificate in place, as PEM. ERROR_NOT_FOUND. */
	enum error_code (*read)(
	    void *context, const char *id, char **ret_pem, struct error *err);
	/* Puts it in its place, in one step. ERROR_INVALID: it never will. */
	enum error_code (*replace)(
	    void *context, const char *id, const char *pem, struct error *err);
	/* Makes key_id, or finds it. */
	enum error_code (*make_key)(void *context,
	    const struct managed *managed, const char *key_id,
	    struct error *err);
	/* Removes a key that no certificate is for; none is success. */
	enum error_code (*drop_key)(
	    void *context, const char *key_id, struct error *err);
	/* SHA-256 of its public half. ERROR_NOT_FOUND. */
	enum error_code (*key_digest)(void *context, const char *key_id,
	    char ret_digest[static JOURNAL_DIGEST_MAX], struct error *err);
	/* Renames from, in place of to. ERROR_NOT_FOUND: there is no from. */
	enum error_code (*move_key)(
	    void *context, const char *from, const char *to, struct error *err);
	/*
	 * Whether pem, for key_id, could take the place of managed's.
	 * ERROR_INVALID: it never will.
	 */
	enum error_code (*check)(void *context, const struct managed *managed,
	    const char *key_id, const char *pem, struct error *err);
	/*
	 * Has a certificate for key_id issued, checked, and not stored. After
	 * a failure *ret_wait_seconds is how long the issuer wants to be left
	 * alone.
	 */
	enum error_code (*obtain)(void *context, const struct managed *managed,
	    const char *key_id, char **ret_pem, int64_t *ret_wait_seconds,
	    struct error *err);
	/* RENEWAL_PROOF_EST. ERROR_UPSTREAM: it does not serve. */
	enum error_code (*prove)(void *context, const struct managed *managed,
	    const char *key_id, const char *pem, struct error *err);
	/*
	 * Whether the certificate in place is for the key of managed.
	 * ERROR_INVALID: it is not, or, of one that is to be obtained also if
	 * there is none, there is no such key; otherwise that cannot be told
	 * now.
	 */
	enum error_code (*check_pair)(
	    void *context, const struct managed *managed, struct error *err);
	/* Whether keyd loads it from elsewhere; false: or has no such pair. */
	enum error_code (*is_fixed)(
	    void *context, const char *key_id, bool *ret_is, struct error *err);
	/* Tells who waits for a renewed certificate. */
	enum error_code (*notify)(
	    void *context, const struct managed *managed, struct error *err);
	/* Has renewals_work() called for lane soon. Must not block. */
	void (*wake)(void *context, unsigned lane);
	/* The renewal of id has come further. Must not block. */
	void (*changed)(void *context, const char *id);
	/*
	 * An attempt to renew id failed, at whatever step. The message of why
	 * is UTF-8. Must not block.
	 */
	void (*failed)(void *context, const char *id, const struct error *why);
	/* Something that somebody should know of. Must not block. */
	void (*noted)(void *context, const char *id, const char *text);
};

/*
 * What is to be said if the next key of key could not be made under the name
 * for it. The caller's; NULL: no memory.
 */
char *renewals_describe_other_name(const char *key);

/* The error of a key that is to be replaced and cannot be: ERROR_INVALID. */
enum error_code renewals_refuse_fixed_key(const char *key, struct error *err);

struct renewals;

void renewals_free(struct renewals *renewals);
DEFINE_CLEANUP(renewals, struct renewals, renewals_free)

/*
 * Takes over the ids of managed, whose policies must outlive the result, and
 * keeps journals in directory, which is made. A journal that cannot be read is
 * begun anew, and *ret_problem says so. world is copied.
 *
 * Fails with ERROR_INTERNAL.
 */
MUST_CHECK enum error_code renewals_create(struct managed *managed,
    size_t count, const char *directory, const struct renewal_world *world,
    struct renewals **ret_renewals, struct error *ret_problem,
    struct error *err);

/*
 * Does what can be done now in lane, and returns when to be called again, or
 * RENEWAL_NEVER. Without a trustworthy time only what is confirmed goes on.
 * One thread for each lane.
 */
int64_t renewals_work(
    struct renewals *renewals, unsigned lane, bool is_time_trusted);

/*
 * True if lane, of whose thread it is, has to work again soon though nothing is
 * due: whether a pair belongs together could not be asked, or it does not, and
 * could not be mended.
 */
bool renewals_look_again(const struct renewals *renewals, unsigned lane);

/* The certificate id was replaced or removed by somebody else. */
void renewals_note_change(struct renewals *renewals, const char *id);

/*
 * Has id renewed at once, and tried again until it has been, also by the next
 * process. Fails with ERROR_NOT_FOUND if it is not managed, and as file_write()
 * does if that cannot be written down: then nothing has changed.
 */
MUST_CHECK enum error_code renewals_hurry(
    struct renewals *renewals, const char *id, struct error *err);

/* A candidate that waits for proof. */
struct renewal_candidate {
	char *key; /* its id in keyd */
	char *pem;
	char digest[JOURNAL_DIGEST_MAX]; /* SHA-256 of the certificate */
};

void renewal_candidate_done(struct renewal_candidate *candidate);

/* Fails with ERROR_NOT_FOUND. The contents are the caller's. */
MUST_CHECK enum error_code renewals_candidate(struct renewals *renewals,
    const char *id, struct renewal_candidate *ret_candidate, struct error *err);

/*
 * The candidate of id with this digest works: it will take the old one's place,
 * whatever happens. Repeating it is success. Fails with ERROR_NOT_FOUND if
 * there is no such candidate, and with ERROR_INTERNAL if that cannot be
 * written down.
 */
MUST_CHECK enum error_code renewals_confirm(struct renewals *renewals,
    const char *id, const char *digest, struct error *err);

/* It does not: it is dropped, and another made later. Fails as above. */
MUST_CHECK enum error_code renewals_reject(struct renewals *renewals,
    const char *id, const char *digest, const char *why, struct error *err);

/*
 * The certificate that is to be shown for id instead of the one in place: the
 * key has been switched, the certificate not yet, because the disk is full or
 * it is about to be. Returns false if the one in place is the right one.
 * *ret_pem is the caller's; NULL: no memory.
 */
bool renewals_shown(struct renewals *renewals, const char *id, char **ret_pem);

/* How it stands with one certificate. */
struct renewal_status {
	enum journal_stage stage;
	int64_t since;       /* 0: no certificate, or not known */
	int64_t until;       /* 0: no certificate */
	bool is_window_cut;  /* it does not fit into that life */
	int64_t due;         /* by that life; RENEWAL_NEVER: when told to */
	int64_t next;        /* RENEWAL_NEVER: somebody else is waited for */
	bool waits_for_user; /* there is a candidate that who uses it proves */
	int64_t candidate_since; /* when it came; 0: not known */
	bool has_other_name;     /* renewals_describe_other_name() */
	/* The one in place has no key, and another is not there yet. */
	bool is_pair_lost;
	bool is_key_fixed; /* renewals_refuse_fixed_key() */
	bool is_ours;      /* what is in place is for a key of keyd's */
	unsigned attempts;
	int64_t failing_since; /* the first of them; 0: not known, or none */
	int64_t last_attempt;  /* 0: none */
	int64_t last_success;
	char error[ERROR_MESSAGE_MAX];
};

/* Returns false if id is not managed. */
bool renewals_status(struct renewals *renewals, const char *id,
    struct renewal_status *ret_status);

/*
 * Calls tell for each that is managed; it must not call functions of renewals.
 */
void renewals_each(struct renewals *renewals,
    void (*tell)(
	void *context, const char *id, const struct renewal_status *status),
    void *context);

/* How it stands with all of them. */
struct renewal_outlook {
	size_t count;
	size_t failing; /* the last attempt at them has failed */
	size_t waiting; /* for who uses them to prove a candidate */
	const char *id; /* what is due next, NULL: none; renewals' own */
	int64_t next;   /* when */
};

struct renewal_outlook renewals_outlook(struct renewals *renewals);

#endif
