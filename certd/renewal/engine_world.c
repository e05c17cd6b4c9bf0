/* SPDX-License-Identifier: MIT */
#include "engine_world.h"

#include <stdlib.h>

#include "common/file.h"
#include "common/time.h"
#include "enroll.h"
#include "keys.h"
#include "unit.h"

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

/* An EST server may say in csrattrs which kind of key it wants. */
static enum error_code
world_make_key(void *context, const struct managed *managed, const char *key_id,
    struct error *err)
{
	const struct enroll enroll = enroll_of(context, managed);
	struct est_wishes wishes = {.key_kind = NULL};

	if (managed->policy.method == POLICY_EST &&
	    enroll_wishes(&enroll, &wishes, err))
		return err->code;
	return keys_make(key_id, wishes.key_kind, err);
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

	return certs_check_candidate(
	    world->certs, managed->id, key_id, pem, &arranged, err);
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
	    .notify = world_notify,
	};
}
