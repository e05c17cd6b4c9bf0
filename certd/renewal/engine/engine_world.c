/* SPDX-License-Identifier: MIT */
#include "engine_world.h"

#include <stdlib.h>

#include "certs_state.h"
#include "common/file.h"
#include "common/public_key.h"
#include "common/time.h"
#include "enroll.h"
#include "keys.h"
#include "unit.h"

#define SECONDS_PER_DAY INT64_C(86400)

static int64_t
world_now(void *context)
{
	(void)context;
	return time_now();
}

static enum error_code
world_read(void *context, const char *id, char **ret_pem, struct error *err)
{
	const struct engine_world *world = context;

	return certs_get(world->certs, id, ret_pem, err);
}

static enum error_code
world_replace(void *context, const char *id, const char *pem, struct error *err)
{
	const struct engine_world *world = context;

	return certs_replace(world->certs, id, pem, err);
}

static struct enroll
enroll_of(struct engine_world *world, const struct managed *managed)
{
	return (struct enroll){.certs = world->certs,
	    .policy = &managed->policy,
	    .now = time_now(),
	    .stops = &world->stops};
}

/* Of the certificate in place; NULL: there is none, or keyd makes no such. */
static const char *
kind_in_place(const struct engine_world *world, const char *id)
{
	CLEANUP(string) char *pem = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error ignored;

	if (certs_get(world->certs, id, &pem, &ignored) ||
	    certificates_from_pem(pem, &chain, &ignored))
		return NULL;
	return est_key_kind(X509_get0_pubkey(sk_X509_value(chain, 0)));
}

/*
 * An EST server may say in csrattrs which kind of key it wants. Else it is as
 * the old one, which somebody may have chosen, or what the token can make.
 */
static enum error_code
world_make_key(void *context, const struct managed *managed, const char *key_id,
    struct error *err)
{
	const struct enroll enroll = enroll_of(context, managed);
	struct est_wishes wishes = {.key_kind = NULL};
	CLEANUP(string) char *kinds = NULL;
	const char *kind;

	if (managed->policy.method == POLICY_EST &&
	    enroll_wishes(&enroll, &wishes, err))
		return err->code;
	kind = wishes.key_kind ? NULL : kind_in_place(context, managed->id);
	if (!kind)
		return keys_make(key_id, wishes.key_kind, err);
	kinds = string_format("%s:*", kind);
	return kinds ? keys_make(key_id, kinds, err) : error_no_memory(err);
}

static enum error_code
world_drop_key(void *context, const char *key_id, struct error *err)
{
	(void)context;
	return keys_drop(key_id, err);
}

static enum error_code
world_key_digest(void *context, const char *key_id,
    char ret_digest[static JOURNAL_DIGEST_MAX], struct error *err)
{
	(void)context;
	return keys_digest(key_id, ret_digest, err);
}

static enum error_code
world_move_key(
    void *context, const char *from, const char *to, struct error *err)
{
	(void)context;
	return keys_move(from, to, err);
}

static enum error_code
world_check(void *context, const struct managed *managed, const char *key_id,
    const char *pem, struct error *err)
{
	const struct engine_world *world = context;
	CLEANUP(string) char *arranged = NULL;

	if (certs_check_candidate(
		world->certs, managed->id, key_id, pem, &arranged, err) ||
	    certs_try_place(world->certs, managed->id, arranged, err))
		return err->code;
	return ERROR_NONE;
}

/*
 * How long a new certificate of the CA would be good: as it is told, or, where
 * somebody else decides, as the present one was, but for a day, since that is
 * back-dated and time passes.
 */
static int64_t
seconds_of_issuer(const struct policy *issuer, int64_t from, int64_t until)
{
	bool is_told = issuer->method != POLICY_EST &&
		       issuer->profile.expiry_days && !issuer->profile.clip;

	return is_told ? issuer->profile.expiry_days * SECONDS_PER_DAY
		       : until - from - SECONDS_PER_DAY;
}

/*
 * True if a certificate of so many days, which outlives issuer, would fit into
 * a new one of that, which certd keeps fresh.
 */
static bool
would_fit(const struct engine_world *world, const char *issuer, unsigned days)
{
	const struct policy policy = certs_policy(world->certs, issuer);
	CLEANUP(string) char *pem = NULL;
	CLEANUP(x509) X509 *ca = NULL;
	int64_t from, until;
	struct error ignored;

	if (!policy.renewal.automatic || policy.is_read_only ||
	    certs_get(world->certs, issuer, &pem, &ignored) ||
	    certificate_from_pem_without_key(pem, &ca, &ignored) ||
	    time_from_asn1(X509_get0_notBefore(ca), &from, &ignored) ||
	    time_from_asn1(X509_get0_notAfter(ca), &until, &ignored))
		return false;
	return seconds_of_issuer(&policy, from, until) > days * SECONDS_PER_DAY;
}

/* Unless that is under way. One tried in vain is tried by its own rules. */
static enum error_code
hurry_issuer(const struct engine_world *world, const char *issuer,
    unsigned days, const struct renewal_status *status, struct error *err)
{
	if (status->waits_for_user)
		return error_set(err, ERROR_UNAVAILABLE,
		    "CA '%s' ends before the %u days of expiry_days are over, "
		    "and its renewal waits for who uses it to prove the new "
		    "one; 'signetctl cert show' tells more",
		    issuer, days);
	if (status->attempts > 0)
		return error_set(err, ERROR_UNAVAILABLE,
		    "CA '%s' ends before the %u days of expiry_days are over, "
		    "and could not be renewed yet: %s",
		    issuer, days, status->error);
	if (status->stage == JOURNAL_IDLE &&
	    renewals_hurry(world->renewals, issuer, err))
		return err->code;
	return error_set(err, ERROR_UNAVAILABLE,
	    "CA '%s' ends before the %u days of expiry_days are over, and is "
	    "renewed first; try again when it has been",
	    issuer, days);
}

void
engine_world_outlived(const struct engine_world *world, const char *issuer,
    unsigned days, struct error *err)
{
	struct renewal_status status;

	if (would_fit(world, issuer, days) &&
	    renewals_status(world->renewals, issuer, &status))
		(void)hurry_issuer(world, issuer, days, &status, err);
}

static enum error_code
world_obtain(void *context, const struct managed *managed, const char *key_id,
    char **ret_pem, int64_t *ret_wait_seconds, struct error *err)
{
	struct engine_world *world = context;
	const struct enroll enroll = enroll_of(world, managed);
	CLEANUP(string) char *pem = NULL;
	enum error_code code;

	*ret_wait_seconds = 0;
	code = managed->policy.method == POLICY_EST
		   ? enroll_key(&enroll, key_id, &pem, ret_wait_seconds, err)
		   : certs_obtain(
			 world->certs, &managed->policy, key_id, &pem, err);
	return code ? code
		    : certs_check_candidate(
			  world->certs, managed->id, key_id, pem, ret_pem, err);
}

static enum error_code
world_prove(void *context, const struct managed *managed, const char *key_id,
    const char *pem, struct error *err)
{
	const struct enroll enroll = enroll_of(context, managed);

	return enroll_prove(&enroll, key_id, pem, err);
}

/* An EST identity without its key is of no use, whoever has stored it. */
static enum error_code
check_key_of_identity(const struct managed *managed, struct error *err)
{
	const char *key = managed->policy.pk;
	char digest[JOURNAL_DIGEST_MAX];

	if (!managed->create || keys_digest(key, digest, err) == ERROR_NONE)
		return ERROR_NONE;
	if (err->code == ERROR_NOT_FOUND)
		return error_set(err, ERROR_INVALID,
		    "keyd does not have its key '%s' any more", key);
	/* A key that cannot be read, or is there twice, is there. */
	if (err->code == ERROR_INVALID)
		err->code = ERROR_UNAVAILABLE;
	return err->code;
}

/* Under compat: aziot a program may have stored what is for a key of its own.
 */
static enum error_code
world_check_pair(
    void *context, const struct managed *managed, struct error *err)
{
	const struct engine_world *world = context;
	CLEANUP(string) char *pem = NULL;
	CLEANUP(x509) X509 *leaf = NULL;

	if (check_key_of_identity(managed, err))
		return err->code;
	if (world->certs->config.compat)
		return ERROR_NONE;
	if (certs_get(world->certs, managed->id, &pem, err) ||
	    certificate_from_pem_without_key(pem, &leaf, err))
		return error_set(err, ERROR_NOT_FOUND, "there is none");
	return certs_ask_for_key(world->certs, managed->id, leaf, err);
}

static enum error_code
world_is_fixed(
    void *context, const char *key_id, bool *ret_is, struct error *err)
{
	(void)context;
	return keys_is_preloaded(key_id, ret_is, err);
}

static void
world_noted(void *context, const char *id, const char *text)
{
	const struct engine_world *world = context;

	certs_note(world->certs, id, text);
}

/* The last step: only now it has succeeded. */
static enum error_code
world_notify(void *context, const struct managed *managed, struct error *err)
{
	const struct engine_world *world = context;
	const char *unit = managed->policy.renewal.on_renewed;

	if (unit && unit_start(unit, err))
		return err->code;
	attempts_note(
	    certs_attempts(world->certs), managed->id, time_now(), NULL);
	return ERROR_NONE;
}

struct renewal_world
engine_world(struct engine_world *world)
{
	return (struct renewal_world){
	    .context = world,
	    .now = world_now,
	    .read = world_read,
	    .replace = world_replace,
	    .make_key = world_make_key,
	    .drop_key = world_drop_key,
	    .key_digest = world_key_digest,
	    .move_key = world_move_key,
	    .check = world_check,
	    .obtain = world_obtain,
	    .prove = world_prove,
	    .check_pair = world_check_pair,
	    .is_fixed = world_is_fixed,
	    .notify = world_notify,
	    .noted = world_noted,
	};
}
