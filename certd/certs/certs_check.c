/* SPDX-License-Identifier: MIT */
/* What every certificate passes before it replaces another. */
#include "certs_state.h"

#include <openssl/err.h>
#include <string.h>

#include "common/file.h"
#include "common/public_key.h"
#include "common/time.h"
#include "keys.h"
#include "lint.h"

#define PRIVATE_KEY_MARK "PRIVATE KEY-----"

/* Ids that IoT Edge's programs use, and what for. */
static const struct {
	const char *id;
	enum lint_role role;
} well_known[] = {
    {"device-id",        LINT_CLIENT},
    {"est-id",           LINT_CLIENT},
    {"est-bootstrap-id", LINT_CLIENT},
    {"aziot-edged-ca",   LINT_CA    },
};

enum lint_role
certs_role(const struct certs *certs, const char *id)
{
	const struct policy policy = certs_policy(certs, id);

	switch (policy.profile.kind) {
	case PROFILE_CA:
		return LINT_CA;
	case PROFILE_SERVER:
		return LINT_SERVER;
	case PROFILE_CLIENT:
	case PROFILE_DEVICE_IDENTITY:
		return LINT_CLIENT;
	case PROFILE_BY_REQUEST:
		break;
	}
	if (policy_is_issuer(&certs->config, id))
		return LINT_CA;
	for (size_t i = 0; i < sizeof(well_known) / sizeof(well_known[0]); i++)
		if (strcmp(well_known[i].id, id) == 0)
			return well_known[i].role;
	return LINT_ANY;
}

void
certs_note(const struct certs *certs, const char *id, const char *text)
{
	if (certs->watcher.noted)
		certs->watcher.noted(certs->watcher.context, id, text);
}

/* keys_digest(), keys_known_digest() or keys_glance(). */
typedef enum error_code digest_of_key(
    const char *key_id, char ret_digest[static 65], struct error *err);

/* By what keyd shows of the key, or, if that is encoded in two ways, by both.
 */
static enum error_code
compare_with_key(const char *key_id, const X509_PUBKEY *public_key,
    digest_of_key *digest_of, bool *ret_is_same, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	CLEANUP(pkey) EVP_PKEY *own_key = NULL;
	char digest[65], own_digest[65];

	if (digest_of(key_id, own_digest, err) ||
	    public_key_digest(public_key, digest, err))
		return err->code;
	*ret_is_same = strcmp(digest, own_digest) == 0;
	if (*ret_is_same)
		return ERROR_NONE;
	if (keys_load(key_id, &own_key, err) ||
	    public_key_read(public_key, &key, err))
		return err->code;
	*ret_is_same = EVP_PKEY_eq(key, own_key) == 1;
	ERR_clear_error();
	return ERROR_NONE;
}

/*
 * A key pair and a certificate of the same id belong together. If keyd shows
 * us no such key pair there is nothing to compare.
 */
static enum error_code
judge(const char *key_id, enum error_code code, bool is_same, struct error *err)
{
	if (code == ERROR_NOT_FOUND)
		return ERROR_NONE;
	if (code)
		return error_wrap(err,
		    "cannot compare the certificate with key '%s'", key_id);
	if (!is_same)
		return error_set(err, ERROR_INVALID,
		    "the certificate is not for key '%s', which keyd has",
		    key_id);
	return ERROR_NONE;
}

static enum error_code
check_key_of(const char *key_id, const X509 *leaf, digest_of_key *digest_of,
    struct error *err)
{
	bool is_same = false;
	enum error_code code = compare_with_key(
	    key_id, X509_get_X509_PUBKEY(leaf), digest_of, &is_same, err);

	return judge(key_id, code, is_same, err);
}

enum error_code
certs_glance_at_key(const struct certs *certs, const char *id, const X509 *leaf,
    struct error *err)
{
	return check_key_of(certs_policy(certs, id).pk, leaf, keys_glance, err);
}

enum error_code
certs_ask_for_key(const struct certs *certs, const char *id, const X509 *leaf,
    struct error *err)
{
	const struct policy policy = certs_policy(certs, id);
	bool is_same = false;
	enum error_code code = compare_with_key(policy.pk,
	    X509_get_X509_PUBKEY(leaf), keys_known_digest, &is_same, err);

	/* A key that cannot be read, or is there twice, is not another one. */
	if (code == ERROR_INVALID)
		code = err->code = ERROR_UNAVAILABLE;
	return judge(policy.pk, code, is_same, err);
}

/* Has chain in order, and its notes told; *ret_is_changed: it was not. */
static enum error_code
arrange(const struct certs *certs, const char *id, x509_stack *chain,
    bool *ret_is_changed, struct error *err)
{
	CLEANUP_DONE(lint_notes) struct lint_notes notes = {0, NULL};

	if (lint_arrange(chain, &notes, err))
		return err->code;
	for (size_t i = 0; i < notes.count; i++)
		certs_note(certs, id, notes.items[i]);
	*ret_is_changed = notes.count > 0;
	return ERROR_NONE;
}

static enum error_code
check_chain(const struct certs *certs, const char *id, const char *key_id,
    x509_stack *chain, digest_of_key *digest_of, bool *ret_is_changed,
    struct error *err)
{
	if (arrange(certs, id, chain, ret_is_changed, err) ||
	    check_key_of(key_id, sk_X509_value(chain, 0), digest_of, err) ||
	    lint_role_check(sk_X509_value(chain, 0), certs_role(certs, id),
		time_now(), err))
		return err->code;
	return ERROR_NONE;
}

static enum error_code
check_strictly(const struct certs *certs, const char *id, const char *key_id,
    const char *pem, char **ret_pem, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	bool is_changed;

	if (certificates_from_pem(pem, &chain, err) ||
	    check_chain(
		certs, id, key_id, chain, keys_digest, &is_changed, err))
		return err->code;
	if (is_changed)
		return certificates_to_pem(chain, ret_pem, err);
	*ret_pem = strdup(pem);
	return *ret_pem ? ERROR_NONE : error_no_memory(err);
}

static void
note_unchecked(
    const struct certs *certs, const char *id, const struct error *problem)
{
	CLEANUP(string)
	char *text = string_format(
	    "it is stored although it cannot be used (compat: aziot): %s",
	    problem->message);

	certs_note(certs, id, text ? text : problem->message);
}

/* aziot-certd stores any text. So do we then, but not in silence. */
static enum error_code
check_leniently(const struct certs *certs, const char *id, const char *key_id,
    const char *pem, char **ret_pem, struct error *err)
{
	struct error problem;

	if (check_strictly(certs, id, key_id, pem, ret_pem, &problem) ==
	    ERROR_NONE)
		return ERROR_NONE;
	note_unchecked(certs, id, &problem);
	*ret_pem = strdup(pem);
	return *ret_pem ? ERROR_NONE : error_no_memory(err);
}

enum error_code
certs_check_pem(const struct certs *certs, const char *id, const char *key_id,
    const char *pem, char **ret_pem, struct error *err)
{
	if (strstr(pem, PRIVATE_KEY_MARK))
		return error_set(err, ERROR_INVALID,
		    "the text holds a private key; certificates are public");
	if (certs->config.compat)
		return check_leniently(certs, id, key_id, pem, ret_pem, err);
	return check_strictly(certs, id, key_id, pem, ret_pem, err);
}

enum error_code
certs_check_issued(const struct certs *certs, const char *id, x509_stack *chain,
    char **ret_pem, struct error *err)
{
	const struct policy policy = certs_policy(certs, id);
	struct error problem;
	bool is_changed;

	/* A pair that keyd has not seen yet is of nobody who asks keyd. */
	if (check_chain(certs, id, policy.pk, chain, keys_known_digest,
		&is_changed, &problem)) {
		if (!certs->config.compat) {
			*err = problem;
			return err->code;
		}
		note_unchecked(certs, id, &problem);
	}
	return certificates_to_pem(chain, ret_pem, err);
}
