/* SPDX-License-Identifier: MIT */
#include "renewal_world.h"

#include <stdio.h>
#include <string.h>

#include "cmocka_wrap.h"

#include "common/file.h"

#define BACKDATED_SECONDS 300

/* file_write() has no context of its own. */
static struct renewal_fake *world;

/* One for all: a test opens many worlds, and its keys take the longest. */
static struct est_fixture pki;

void
renewal_fake_open(struct renewal_fake *fake)
{
	*fake = (struct renewal_fake){
	    .now = FIXTURE_NOW, .lifetime = 100 * FIXTURE_DAY};
	if (!pki.root)
		est_fixture_open(&pki);
	world = fake;
}

void
renewal_fake_close(struct renewal_fake *fake)
{
	for (size_t i = 0; i < fake->key_count; i++) {
		free(fake->keys[i].id);
		EVP_PKEY_free(fake->keys[i].key);
	}
	free(fake->keys);
	for (size_t i = 0; i < fake->certificate_count; i++) {
		free(fake->certificates[i].id);
		free(fake->certificates[i].pem);
	}
	free(fake->certificates);
	world = NULL;
}

void
renewal_fake_doom(
    struct renewal_fake *fake, enum world_fate fate, unsigned fated)
{
	fake->fate = fate;
	fake->fated = fated;
	fake->steps = 0;
	fake->is_dead = false;
}

/* ---- fate ---- */

/* True if the step is to be done. */
static bool
step_begins(struct renewal_fake *fake)
{
	if (fake->is_dead)
		return false;
	if (++fake->steps != fake->fated || fake->fate == WORLD_WHOLE ||
	    fake->fate == WORLD_DIES_AFTER)
		return true;
	fake->is_dead = fake->fate == WORLD_DIES_BEFORE;
	return false;
}

static enum error_code
step_ends(struct renewal_fake *fake, struct error *err)
{
	if (fake->fate != WORLD_DIES_AFTER || fake->steps != fake->fated)
		return ERROR_NONE;
	fake->is_dead = true;
	return error_set(err, ERROR_UNAVAILABLE, "it died after the step");
}

static enum error_code
not_done(struct error *err)
{
	return error_set(err, ERROR_UNAVAILABLE, "the step was not done");
}

/* As file_write(), but it does not wait for the disk. */
static enum error_code
write_quickly(
    const char *path, const void *data, size_t length, struct error *err)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return error_set_errno(err, ERROR_INTERNAL, "%s", path);
	if (fwrite(data, 1, length, file) != length) {
		(void)fclose(file);
		return error_set_errno(err, ERROR_INTERNAL, "%s", path);
	}
	return fclose(file) ? error_set_errno(err, ERROR_INTERNAL, "%s", path)
			    : ERROR_NONE;
}

/* The linker (--wrap) names it so. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
enum error_code __wrap_file_write(const char *path, const void *data,
    size_t length, mode_t mode, struct error *err);

enum error_code
__wrap_file_write(const char *path, const void *data, size_t length,
    mode_t mode, struct error *err)
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
{
	(void)mode;
	if (world && !step_begins(world))
		return error_set(err, ERROR_INTERNAL, "no space left");
	if (write_quickly(path, data, length, err))
		return err->code;
	return world ? step_ends(world, err) : ERROR_NONE;
}

/* ---- keyd ---- */

static struct world_key *
find_key(const struct renewal_fake *fake, const char *id)
{
	for (size_t i = 0; i < fake->key_count; i++)
		if (strcmp(fake->keys[i].id, id) == 0)
			return &fake->keys[i];
	return NULL;
}

static void
add_key(struct renewal_fake *fake, const char *id)
{
	size_t count = fake->key_count + 1;
	struct world_key *keys = reallocarray(fake->keys, count, sizeof(*keys));

	assert_non_null(keys);
	fake->keys = keys;
	fake->key_count = count;
	keys[count - 1] = (struct world_key){strdup(id), fixture_key("P-256")};
}

static void
remove_key(struct renewal_fake *fake, struct world_key *key)
{
	free(key->id);
	EVP_PKEY_free(key->key);
	*key = fake->keys[--fake->key_count];
}

bool
renewal_fake_has_key(const struct renewal_fake *fake, const char *key_id)
{
	return find_key(fake, key_id) != NULL;
}

static enum error_code
fake_make_key(void *context, const struct managed *managed, const char *key_id,
    struct error *err)
{
	struct renewal_fake *fake = context;

	(void)managed;
	if (!step_begins(fake))
		return not_done(err);
	if (!find_key(fake, key_id))
		add_key(fake, key_id);
	return step_ends(fake, err);
}

static enum error_code
fake_drop_key(void *context, const char *key_id, struct error *err)
{
	struct renewal_fake *fake = context;
	struct world_key *key = find_key(fake, key_id);

	if (!step_begins(fake))
		return not_done(err);
	if (key)
		remove_key(fake, key);
	return step_ends(fake, err);
}

static void
digest_of(const EVP_PKEY *key, char ret_digest[static JOURNAL_DIGEST_MAX])
{
	unsigned char *der = NULL;
	int length = i2d_PUBKEY(key, &der);
	struct error err;

	assert_int_equal(
	    sha256_hex(der, (size_t)length, ret_digest, &err), ERROR_NONE);
	OPENSSL_free(der);
}

static enum error_code
fake_key_digest(void *context, const char *key_id,
    char ret_digest[static JOURNAL_DIGEST_MAX], struct error *err)
{
	struct renewal_fake *fake = context;
	const struct world_key *key = find_key(fake, key_id);

	if (fake->is_dead)
		return not_done(err);
	if (!key)
		return error_set(err, ERROR_NOT_FOUND, "no key '%s'", key_id);
	digest_of(key->key, ret_digest);
	return ERROR_NONE;
}

static enum error_code
fake_move_key(
    void *context, const char *from, const char *to, struct error *err)
{
	struct renewal_fake *fake = context;
	struct world_key *key;

	if (!step_begins(fake))
		return not_done(err);
	if (!find_key(fake, from))
		return error_set(err, ERROR_NOT_FOUND, "no key '%s'", from);
	if (find_key(fake, to))
		remove_key(fake, find_key(fake, to));
	key = find_key(fake, from);
	free(key->id);
	key->id = strdup(to);
	return step_ends(fake, err);
}

/* ---- certd ---- */

static struct world_certificate *
find_certificate(const struct renewal_fake *fake, const char *id)
{
	for (size_t i = 0; i < fake->certificate_count; i++)
		if (strcmp(fake->certificates[i].id, id) == 0)
			return &fake->certificates[i];
	return NULL;
}

const char *
renewal_fake_pem(const struct renewal_fake *fake, const char *id)
{
	const struct world_certificate *found = find_certificate(fake, id);

	return found ? found->pem : NULL;
}

static void
put_certificate(struct renewal_fake *fake, const char *id, const char *pem)
{
	struct world_certificate *found = find_certificate(fake, id);

	if (!found) {
		size_t count = fake->certificate_count + 1;

		found = reallocarray(fake->certificates, count, sizeof(*found));
		assert_non_null(found);
		fake->certificates = found;
		fake->certificate_count = count;
		found += count - 1;
		*found = (struct world_certificate){strdup(id), NULL};
	}
	free(found->pem);
	found->pem = strdup(pem);
}

static char *
issue(struct renewal_fake *fake, const char *common_name, EVP_PKEY *key)
{
	CLEANUP(x509_name) X509_NAME *subject = fixture_name(common_name);
	struct certificate_plan plan = {.subject = subject,
	    .public_key = key,
	    .for_client = true,
	    .not_before = fake->now - BACKDATED_SECONDS,
	    .not_after = fake->now + fake->lifetime};
	CLEANUP(x509) X509 *leaf = est_fixture_issue(&pki, plan);

	fake->issued++;
	return fixture_pem(leaf);
}

void
renewal_fake_put_pair(
    struct renewal_fake *fake, const char *id, const char *key_id)
{
	CLEANUP(string) char *pem = NULL;

	add_key(fake, key_id);
	pem = issue(fake, id, find_key(fake, key_id)->key);
	put_certificate(fake, id, pem);
}

bool
renewal_fake_is_key(const struct renewal_fake *fake, const char *key_id,
    const X509 *certificate)
{
	const struct world_key *key = find_key(fake, key_id);

	return key && certificate_matches_key(certificate, key->key);
}

bool
renewal_fake_is_pair(
    const struct renewal_fake *fake, const char *id, const char *key_id)
{
	const char *pem = renewal_fake_pem(fake, id);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	int64_t until;
	struct error err;

	if (!pem || certificates_from_pem(pem, &chain, &err) ||
	    time_from_asn1(
		X509_get0_notAfter(sk_X509_value(chain, 0)), &until, &err))
		return false;
	return fake->now < until &&
	       renewal_fake_is_key(fake, key_id, sk_X509_value(chain, 0));
}

static enum error_code
fake_read(void *context, const char *id, char **ret_pem, struct error *err)
{
	struct renewal_fake *fake = context;
	const char *pem = renewal_fake_pem(fake, id);
	void (*after_reading)(void *context) = fake->after_reading;

	if (!pem)
		return error_set(err, ERROR_NOT_FOUND, "no '%s'", id);
	*ret_pem = strdup(pem);
	fake->after_reading = NULL;
	if (after_reading)
		after_reading(fake->context);
	return ERROR_NONE;
}

static enum error_code
fake_replace(void *context, const char *id, const char *pem, struct error *err)
{
	struct renewal_fake *fake = context;

	if (!step_begins(fake))
		return not_done(err);
	put_certificate(fake, id, pem);
	return step_ends(fake, err);
}

static enum error_code
fake_obtain(void *context, const struct managed *managed, const char *key_id,
    char **ret_pem, int64_t *ret_wait_seconds, struct error *err)
{
	struct renewal_fake *fake = context;
	const struct world_key *key = find_key(fake, key_id);

	*ret_wait_seconds = 0;
	if (!step_begins(fake))
		return not_done(err);
	if (fake->refuses)
		return error_set(err, fake->refuses, "refused");
	if (!key)
		return error_set(err, ERROR_NOT_FOUND, "no key '%s'", key_id);
	*ret_pem = issue(fake, managed->id, key->key);
	if (step_ends(fake, err)) {
		free(TAKE(*ret_pem));
		return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
fake_prove(void *context, const struct managed *managed, const char *key_id,
    const char *pem, struct error *err)
{
	struct renewal_fake *fake = context;

	(void)managed;
	(void)key_id;
	(void)pem;
	if (!step_begins(fake))
		return not_done(err);
	if (fake->refuses_proof)
		return error_set(err, fake->refuses_proof, "not trusted");
	return step_ends(fake, err);
}

static enum error_code
fake_notify(void *context, const struct managed *managed, struct error *err)
{
	struct renewal_fake *fake = context;

	(void)managed;
	if (!step_begins(fake))
		return not_done(err);
	if (fake->refuses_notice)
		return error_set(err, fake->refuses_notice, "nobody there");
	fake->notices++;
	return step_ends(fake, err);
}

static int64_t
fake_now(void *context)
{
	return ((struct renewal_fake *)context)->now;
}

static void
fake_wake(void *context, unsigned lane)
{
	(void)context;
	(void)lane;
}

static void
fake_changed(void *context, const char *id)
{
	(void)context;
	(void)id;
}

static void
fake_failed(void *context, const char *id, const struct error *why)
{
	struct renewal_fake *fake = context;

	(void)id;
	fake->failures++;
	fake->last_failure = *why;
}

struct renewal_world
renewal_fake_world(struct renewal_fake *fake)
{
	return (struct renewal_world){
	    .context = fake,
	    .now = fake_now,
	    .read = fake_read,
	    .replace = fake_replace,
	    .make_key = fake_make_key,
	    .drop_key = fake_drop_key,
	    .key_digest = fake_key_digest,
	    .move_key = fake_move_key,
	    .obtain = fake_obtain,
	    .prove = fake_prove,
	    .notify = fake_notify,
	    .wake = fake_wake,
	    .changed = fake_changed,
	    .failed = fake_failed,
	};
}
