/* SPDX-License-Identifier: MIT */
/*
 * How far the renewal of one certificate has come, on disk before it is done,
 * so that whatever kills the daemon, the next one goes on from there:
 *
 *	idle       nothing is under way
 *	key        the key of the candidate is being made
 *	asked      it is there; its certificate is being asked for
 *	candidate  the pair is there; who uses it has to prove it
 *	confirmed  it is proved and takes the old one's place, step by step
 *	switched   it has; who wants to know is being told
 *
 * Until "confirmed" the old pair is in place and whole. From then on only the
 * way forward is open, and each step may be repeated. A candidate that can
 * never take its place, as it has expired meanwhile, is dropped: "idle" again,
 * with the old pair, or "key", with the key that has been switched already.
 *
 * That somebody wants a new certificate although none is due is there, too.
 */
#ifndef CERTD_JOURNAL_H
#define CERTD_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/error.h"

#define JOURNAL_DIGEST_MAX 65 /* SHA-256 as hexadecimal digits */
#define JOURNAL_BYTES_MAX ((size_t)1024 * 1024)

enum journal_stage {
	JOURNAL_IDLE,
	JOURNAL_KEY,
	JOURNAL_ASKED,
	JOURNAL_CANDIDATE,
	JOURNAL_CONFIRMED,
	JOURNAL_SWITCHED,
};

/* Whether somebody wants a new certificate, due or not. */
enum journal_wish {
	JOURNAL_NO_WISH,
	JOURNAL_WANTED,
	/* By who has seen the candidate: that one is not what is wanted. */
	JOURNAL_WANTED_AGAIN,
};

struct journal {
	enum journal_stage stage;
	enum journal_wish wish;
	char *key;           /* id in keyd of the candidate's; NULL when idle */
	bool has_other_name; /* as the name for it was taken; also when idle */
	/* Of its public half; when idle of the last one's. */
	char key_digest[JOURNAL_DIGEST_MAX];
	char *certificate;       /* PEM of the candidate; NULL before */
	int64_t candidate_since; /* when it came; 0: not known */

	/* Of the certificate in place: which it is, and when we got it. */
	char leaf_digest[JOURNAL_DIGEST_MAX];
	int64_t since; /* 0: not known */
	bool is_ours;  /* it was obtained here, for a key that is keyd's */

	int64_t next;          /* no try before this time; 0: any */
	unsigned attempts;     /* that have failed since the last success */
	int64_t failing_since; /* the first of them; 0: not known, or none */
	int64_t last_attempt;
	int64_t last_success;
	char error[ERROR_MESSAGE_MAX]; /* of the last attempt; "": none */
};

/* Releases the contents, not the struct. */
void journal_done(struct journal *journal);

/* The contents are the caller's. False: no memory. */
bool journal_copy(const struct journal *journal, struct journal *ret_copy);

/* The name of stage, as it stands in the file and is shown. */
const char *journal_stage_name(enum journal_stage stage);

/* The text of a file; id says whose it is. Free it; NULL: no memory. */
char *journal_text(const char *id, const struct journal *journal);

/*
 * Reads what journal_text() writes. On success the contents of ret_journal are
 * the caller's. Fails with ERROR_INVALID: no journal, that of another id, or
 * one that lacks what its stage needs.
 */
MUST_CHECK enum error_code journal_parse(const char *id, const char *text,
    size_t length, struct journal *ret_journal, struct error *err);

/*
 * Reads the journal at path, an idle one if there is none. Fails as
 * file_read() and journal_parse() do.
 */
MUST_CHECK enum error_code journal_load(const char *path, const char *id,
    struct journal *ret_journal, struct error *err);

/* Replaces the file. Fails as file_write() does. */
MUST_CHECK enum error_code journal_save(const char *path, const char *id,
    const struct journal *journal, struct error *err);

#endif
