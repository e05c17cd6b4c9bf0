/* SPDX-License-Identifier: MIT */
/*
 * keyd without its socket and without a token: the rules and the routes on the
 * store of fake_store.h, with an index in a folder of their own.
 *
 * ROOT may everything; ALICE all with a* and shared, BOB with b* and shared,
 * and, as far as a pattern can give it, the reserved id. Of c*, CAROL may use,
 * and DAVE manage; both nothing else. BEARER may do nothing but use what he
 * has a handle of. The key "old" is preloaded.
 */
#ifndef KEYD_FIXTURE_H
#define KEYD_FIXTURE_H

#include "audit.h"
#include "fake_store.h"
#include "routes.h"

#define ROOT 0
#define ALICE 1001
#define BOB 1002
#define CAROL 1003
#define DAVE 1004
#define BEARER 1005
#define STRANGER 1009

/* Who asks, and which key is meant. */
#define AS(asker) (&(const struct peer){.uid = (asker)})
#define WISH(algorithms)                                                       \
	(&(const struct pair_wish){                                            \
	    .preferred = (algorithms), .usage = KEY_SIGNS})
#define PAIR(name) (&(const struct key_ref){.kind = KEY_PAIR, .id = (name)})
#define SYMMETRIC(name)                                                        \
	(&(const struct key_ref){.kind = KEY_SECRET, .id = (name)})

#define AZIOT "?api-version=2020-09-01"
#define AZIOT_NEWER "?api-version=2021-05-01"
#define OURS "?api-version=2026-12-01"

struct keyd_fixture {
	char directory[32];
	char *index_path;
	struct key_store *store;
	struct index *index;
	struct handles *handles;
	struct keys *keys;
	struct audit *audit; /* NULL until keyd_fixture_record() */
	struct keyd keyd;
};

/* cmocka's setup and teardown; *state is a struct keyd_fixture. */
int keyd_fixture_setup(void **state);
int keyd_fixture_teardown(void **state);

/* Everything anew but for the file of the index and the store. */
void keyd_fixture_restart(struct keyd_fixture *fixture);

/* From now on what is done is on record, in the folder audit. */
void keyd_fixture_record(struct keyd_fixture *fixture);

/* Makes every write of the index fail, until it is allowed again. */
void keyd_fixture_forbid_writing(struct keyd_fixture *fixture);
void keyd_fixture_allow_writing(struct keyd_fixture *fixture);

/* Sends one request; the caller owns the body of the reply. */
struct http_reply keyd_fixture_send(struct keyd_fixture *fixture, uid_t uid,
    const char *method, const char *target, const char *body);

/* The status of the reply. */
unsigned keyd_fixture_status(struct keyd_fixture *fixture, uid_t uid,
    const char *method, const char *target, const char *body);

/*
 * The body of the reply, which must have this status; the request's body is
 * made from format, unless that is NULL. The caller owns it.
 */
json_t *keyd_fixture_ask(struct keyd_fixture *fixture, uid_t uid,
    const char *method, const char *target, unsigned status, const char *format,
    ...) __attribute__((format(printf, 6, 7)));

/* Likewise, of one that must be 200: one of its members, a text, to be freed.
 */
char *keyd_fixture_get(struct keyd_fixture *fixture, uid_t uid,
    const char *member, const char *method, const char *target,
    const char *format, ...) __attribute__((format(printf, 6, 7)));

/* A string member of root's reply with 200; the caller frees it. */
char *keyd_fixture_string(struct keyd_fixture *fixture, const char *method,
    const char *target, const char *body, const char *member);

/* Creates a key as root; the caller frees the handle. */
char *keyd_fixture_create(
    struct keyd_fixture *fixture, const char *id, const char *preferred);

/* Make keys by our api-version, as root; a symmetric one is for signing. */
void keyd_fixture_make_pair(struct keyd_fixture *fixture, const char *id,
    const char *algorithm, const char *usage);
void keyd_fixture_make_secret(struct keyd_fixture *fixture, const char *id);

/*
 * Makes, by aziot's, the symmetric key id of bytes (base64) or, if that is
 * NULL, at random; the caller frees the handle.
 */
char *keyd_fixture_import(struct keyd_fixture *fixture, const char *id,
    const char *usage, const char *bytes);

/* A handle derived from base at target; the caller frees it. */
char *keyd_fixture_derive(struct keyd_fixture *fixture, const char *target,
    const char *base, const char *data);

/* The path of a call on a key, with our api-version; the caller frees it. */
char *keyd_fixture_path(const char *id, const char *call);

#endif
