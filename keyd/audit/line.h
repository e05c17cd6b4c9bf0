/* SPDX-License-Identifier: MIT */
/*
 * One record of the audit log: a line of JSON, chained to the one before.
 *
 *	{"seq":7,"time":"2026-12-01T08:00:00.123Z",...,"hash":"<64 hex>"}
 *
 * "seq" is the first member and "hash" the last. The hash is the SHA-256 of
 * the hash before (64 hex digits; zeros before the first record) followed by
 * the bytes of the line up to, and without, the text ,"hash":.
 */
#ifndef KEYD_AUDIT_LINE_H
#define KEYD_AUDIT_LINE_H

#include <openssl/evp.h>
#include <stdint.h>
#include <time.h>

#include "keyd/audit_log.h"

#define AUDIT_LINE_MAX 8192 /* bytes, with the line feed */
#define AUDIT_TEXT_MAX 512  /* bytes of a text, before it is escaped */

/* A line while it is written: two texts and a dozen short members fit. */
struct audit_line {
	size_t length;
	char text[AUDIT_LINE_MAX];
};

/* What computes hashes, one at a time. */
struct audit_hasher {
	EVP_MD *algorithm;
	EVP_MD_CTX *context;
};

/* Fails with ERROR_INTERNAL. */
MUST_CHECK enum error_code audit_hasher_init(
    struct audit_hasher *hasher, struct error *err);
void audit_hasher_done(struct audit_hasher *hasher);

/* Starts the line of the record with this number. */
void audit_line_begin(struct audit_line *line, uint64_t sequence,
    const struct timespec *now /* CLOCK_REALTIME */);

void audit_line_number(
    struct audit_line *line, const char *member, int64_t value);

/*
 * A text of length bytes, of which AUDIT_TEXT_MAX are taken. Bytes that are no
 * UTF-8 become U+FFFD.
 */
void audit_line_bytes(struct audit_line *line, const char *member,
    const char *value, size_t length);

/* As audit_line_bytes(); NULL: no member. */
void audit_line_text(
    struct audit_line *line, const char *member, const char *value);

/*
 * Ends the line, with a line feed, and moves chain on to it. chain is as it was
 * on failure, which is ERROR_INTERNAL.
 */
MUST_CHECK enum error_code audit_line_seal(struct audit_line *line,
    struct audit_hasher *hasher, struct audit_chain *chain, struct error *err);

/* What a line says about its place in the chain. */
struct audit_place {
	struct audit_chain chain;             /* its number and hash */
	size_t hashed;                        /* bytes that its hash is of */
	char previous[AUDIT_HASH_LENGTH + 1]; /* "" if it does not say */
};

/* Reads a line (without its line feed); false if it has not the form. */
bool audit_line_parse(
    const char *text, size_t length, struct audit_place *ret_place);

/* The hash of length bytes of text behind the hash previous, in hex. */
MUST_CHECK enum error_code audit_hash(struct audit_hasher *hasher,
    const char *previous, const char *text, size_t length,
    char ret_hash[static AUDIT_HASH_LENGTH + 1], struct error *err);

#endif
