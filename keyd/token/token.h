/* SPDX-License-Identifier: MIT */
/*
 * One token: its login, its sessions, and how it comes back after a fault.
 *
 * A session is leased for one operation. No lock is held meanwhile. Signing
 * has a fixed number of sessions; generating a key takes minutes on some
 * tokens, so changes have one session more, which signing never waits for.
 * One further session stays idle and keeps the login.
 *
 * When an operation says that sessions, token or module are gone, everything
 * is opened anew at the next lease: first the sessions, and if that does not
 * help C_Finalize and C_Initialize, each time later. The PIN is never part of
 * a retry: one that was refused is not tried again until it is another one.
 *
 * A call that takes longer than it may is written off, and its session with
 * it: the others go on, and when none is left, whoever wants one is told so at
 * once. Should the call return, its session is good again.
 */
#ifndef KEYD_TOKEN_H
#define KEYD_TOKEN_H

#include "common/uri.h"
#include "refusals.h"
#include "slot.h"
#include "token_figures.h"

#define TOKEN_SESSIONS_DEFAULT 4
#define TOKEN_SESSIONS_MAX 32

struct token;

enum token_use { TOKEN_SIGN, TOKEN_CHANGE };

struct token_lease {
	struct token *token;
	enum token_use use;
	struct visit visit;
	CK_FUNCTION_LIST *functions;
	CK_SLOT_ID slot_id;
	CK_SESSION_HANDLE session;
	unsigned generation; /* object handles of another one are gone */
	unsigned module_generation;
	CK_RV rv;            /* the first thing that went wrong, else CKR_OK */
	const char *culprit; /* the function that returned it */
};

/*
 * Prepares the token in slot; opens nothing. sessions 0 means as many as suit
 * the token. refusals is borrowed.
 */
MUST_CHECK enum error_code token_create(const struct slot *slot,
    unsigned sessions, struct refusals *refusals, struct token **ret_token,
    struct error *err);

/* Logs out and closes. Nothing is leased. NULL is allowed. */
void token_free(struct token *token);
DEFINE_CLEANUP(token, struct token, token_free)

/* Where the PIN is, unless the token has one already. uri is borrowed. */
void token_offer_pin(struct token *token, const struct uri *uri);

/* What the token is. Where it was found at first is no longer of interest. */
const struct slot *token_slot(const struct token *token);

/*
 * How many callers can be at work at once: as many as there are sessions less
 * those that hang, and those who wait in token_lock_objects(), who have none,
 * while somebody has the objects for long.
 * 0 if it is not open, or if all hang.
 */
unsigned token_limit(struct token *token);

/* True if there is a PIN to log in with. */
bool token_has_pin(struct token *token);

unsigned token_generation(struct token *token);

/* How the token is now. Asks nothing of the token. */
void token_figures(struct token *token, struct token_figures *ret_figures);

/* Which call hangs, as ERROR_UNAVAILABLE; ERROR_NONE if none does. */
MUST_CHECK enum error_code token_hang(struct token *token, struct error *err);

/*
 * False if every session of the token hangs. Only a restart of keyd may help
 * then.
 */
bool token_is_alive(struct token *token);

/* Opens and logs in unless that is done. Fails as token_lease(). */
MUST_CHECK enum error_code token_open(struct token *token, struct error *err);

/*
 * Waits for a session. The lease is given back with token_return().
 *
 * Fails with ERROR_UNAVAILABLE: the token cannot be opened (the reason; the
 * next try is made after a pause), its PIN is wrong, or all sessions are busy
 * for too long or hang.
 */
MUST_CHECK enum error_code token_lease(struct token *token, enum token_use use,
    struct token_lease *ret_lease, struct error *err);

/*
 * Looking for objects, making, copying, changing and destroying them goes one
 * by one. SoftHSM needs that: it shows, and damages, objects that another
 * thread is still making. Signing with an object that was found before goes
 * on meanwhile: while this waits it gives its session back, so object handles
 * of the lease may be gone afterwards. Of no effect with other tokens. Fails as
 * token_lease(); then there is no lease any more.
 */
MUST_CHECK enum error_code token_lock_objects(
    struct token_lease *lease, struct error *err);
void token_unlock_objects(struct token_lease *lease);

/*
 * Records that function (a constant) returned rv within lease, in lease and in
 * err. Returns the code that it gives err.
 */
enum error_code token_failed(struct token_lease *lease, CK_RV rv,
    const char *function, struct error *err);

/* Ends lease. What went wrong in it may end all sessions. */
void token_return(struct token_lease *lease);

#endif
