/* SPDX-License-Identifier: MIT */
/*
 * Everything that is done with a key, on record: each function here is a rule
 * of rules.h, and one record of the audit log. What uses nothing secret is on
 * record only when it is denied.
 */
#include "audit.h"
#include "common/time.h"
#include "rules.h"

struct use {
	const char *operation;
	const char *algorithm; /* NULL: it has none */
	const struct peer *who;
	const struct key_ref *key;
	const char *to;       /* a move's other id; NULL: no move */
	const uid_t *for_uid; /* a delegation's; NULL: none */
	int64_t began_us;
};

/* Fails if what is done could not be recorded: then it is not done. */
static enum error_code
begin(struct keys *keys, struct use *use, struct error *err)
{
	use->began_us = time_monotonic_us();
	return audit_ready(keys->parts.audit, err);
}

static enum error_code
record(struct keys *keys, const struct use *use, enum error_code code,
    struct error *err)
{
	const struct key_ref *key = use->key;
	const struct audit_record record = {
	    .operation = use->operation,
	    .algorithm = use->algorithm,
	    .key = key->id,
	    .other = use->to,
	    .is_symmetric = key->kind == KEY_SECRET,
	    .levels = key->level_count,
	    .delegator = key->is_delegated ? &key->delegator : NULL,
	    .delegate = use->for_uid,
	    .uid = use->who->uid,
	    .pid = use->who->pid,
	    .result = code,
	    .microseconds = time_monotonic_us() - use->began_us,
	};

	return audit_append(keys->parts.audit, &record, err);
}

/*
 * Records how it went, and returns that; or, if it went well and cannot be
 * recorded, what is in the way.
 */
static enum error_code
end(struct keys *keys, const struct use *use, enum error_code code,
    struct error *err)
{
	struct error trouble;

	if (record(keys, use, code, &trouble) && code == ERROR_NONE) {
		*err = trouble;
		return err->code;
	}
	return code;
}

/* Records only that it was denied. */
static enum error_code
end_if_denied(struct keys *keys, const struct use *use, enum error_code code,
    struct error *err)
{
	return code == ERROR_DENIED ? end(keys, use, code, err) : code;
}

/* ---- showing ---- */

enum error_code
keys_get(struct keys *keys, const struct peer *who, const struct key_ref *key,
    struct key_info *ret_info, struct error *err)
{
	struct use use = {.operation = "load", .who = who, .key = key};

	if (begin(keys, &use, err))
		return err->code;
	return end_if_denied(
	    keys, &use, rules_get(keys, who, key, ret_info, err), err);
}

enum error_code
keys_load(struct keys *keys, const struct peer *who, const struct key_ref *key,
    struct key_info *ret_info, struct error *err)
{
	struct use use = {.operation = "load", .who = who, .key = key};

	if (begin(keys, &use, err))
		return err->code;
	return end_if_denied(
	    keys, &use, rules_load(keys, who, key, ret_info, err), err);
}

enum error_code
keys_resolve(struct keys *keys, const struct peer *who, struct key_ref *key,
    struct error *err)
{
	struct use use = {.operation = "load", .who = who, .key = key};

	if (begin(keys, &use, err))
		return err->code;
	return end_if_denied(
	    keys, &use, rules_resolve(keys, who, key, err), err);
}

/* ---- changes ---- */

enum error_code
keys_create_pair(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct pair_wish *wish, struct error *err)
{
	struct use use = {"create", wish->preferred, who, key, NULL, NULL, 0};

	if (begin(keys, &use, err))
		return err->code;
	return end(
	    keys, &use, rules_create_pair(keys, who, key, wish, err), err);
}

enum error_code
keys_import_pair(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const char *pem, unsigned usage,
    struct error *err)
{
	struct use use = {.operation = "import", .who = who, .key = key};

	if (begin(keys, &use, err))
		return err->code;
	return end(keys, &use,
	    rules_import_pair(keys, who, key, pem, usage, err), err);
}

enum error_code
keys_move_pair(struct keys *keys, const struct peer *who,
    const struct key_ref *from, const struct key_ref *to, struct error *err)
{
	struct use use = {
	    .operation = "move", .who = who, .key = from, .to = to->id};

	if (begin(keys, &use, err))
		return err->code;
	return end(keys, &use, rules_move_pair(keys, who, from, to, err), err);
}

enum error_code
keys_create_secret(struct keys *keys, const struct peer *who,
    const struct key_ref *key, unsigned usage, struct error *err)
{
	struct use use = {.operation = "create", .who = who, .key = key};

	if (begin(keys, &use, err))
		return err->code;
	return end(
	    keys, &use, rules_create_secret(keys, who, key, usage, err), err);
}

enum error_code
keys_import_secret(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_input *secret, unsigned usage,
    struct error *err)
{
	struct use use = {.operation = "import", .who = who, .key = key};

	if (begin(keys, &use, err))
		return err->code;
	return end(keys, &use,
	    rules_import_secret(keys, who, key, secret, usage, err), err);
}

enum error_code
keys_delete(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct error *err)
{
	struct use use = {.operation = "delete", .who = who, .key = key};

	if (begin(keys, &use, err))
		return err->code;
	return end(keys, &use, rules_delete(keys, who, key, err), err);
}

/* ---- using pairs ---- */

enum error_code
keys_sign_ecdsa(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_input *digest,
    struct key_signature *ret_signature, struct error *err)
{
	struct use use = {"sign", "ECDSA", who, key, NULL, NULL, 0};

	if (begin(keys, &use, err))
		return err->code;
	return end(keys, &use,
	    rules_sign_ecdsa(keys, who, key, digest, ret_signature, err), err);
}

enum error_code
keys_sign_rsa(struct keys *keys, const struct peer *who,
    const struct key_ref *key, enum key_mechanism mechanism,
    const struct key_input *message, struct key_signature *ret_signature,
    struct error *err)
{
	struct use use = {"sign",
	    mechanism == KEY_RSA_RAW ? "RSA-NO-PADDING" : "RSA-PKCS1", who, key,
	    NULL, NULL, 0};

	if (begin(keys, &use, err))
		return err->code;
	return end(keys, &use,
	    rules_sign_rsa(
		keys, who, key, mechanism, message, ret_signature, err),
	    err);
}

enum error_code
keys_decrypt(struct keys *keys, const struct peer *who,
    const struct key_ref *key, enum key_padding padding,
    const struct key_input *ciphertext, const struct key_input *label,
    struct key_plain *ret_plain, struct error *err)
{
	static const char *const paddings[] = {
	    [KEY_PADDING_NONE] = "RSA-NO-PADDING",
	    [KEY_PADDING_PKCS1] = "RSA1_5",
	    [KEY_PADDING_OAEP_SHA1] = "RSA-OAEP",
	    [KEY_PADDING_OAEP_SHA256] = "RSA-OAEP-256",
	    [KEY_PADDING_OAEP_SHA384] = "RSA-OAEP-384",
	    [KEY_PADDING_OAEP_SHA512] = "RSA-OAEP-512",
	};
	struct use use = {
	    "decrypt", paddings[padding], who, key, NULL, NULL, 0};

	if (begin(keys, &use, err))
		return err->code;
	return end(keys, &use,
	    rules_decrypt(
		keys, who, key, padding, ciphertext, label, ret_plain, err),
	    err);
}

enum error_code
keys_agree(struct keys *keys, const struct peer *who, const struct key_ref *key,
    const struct key_input *point, struct key_plain *ret_secret,
    struct error *err)
{
	struct use use = {"derive", "ECDH", who, key, NULL, NULL, 0};

	if (begin(keys, &use, err))
		return err->code;
	return end(keys, &use,
	    rules_agree(keys, who, key, point, ret_secret, err), err);
}

enum error_code
keys_agree_pem(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const char *pem, struct key_plain *ret_secret,
    struct error *err)
{
	struct use use = {"derive", "ECDH", who, key, NULL, NULL, 0};

	if (begin(keys, &use, err))
		return err->code;
	return end(keys, &use,
	    rules_agree_pem(keys, who, key, pem, ret_secret, err), err);
}

/* ---- by name ---- */

enum error_code
keys_sign(struct keys *keys, const struct peer *who, const struct key_ref *key,
    const struct key_task *task, struct key_signature *ret_signature,
    struct error *err)
{
	struct use use = {"sign", task->algorithm, who, key, NULL, NULL, 0};

	if (begin(keys, &use, err))
		return err->code;
	return end(keys, &use,
	    rules_sign(keys, who, key, task, ret_signature, err), err);
}

/* With a pair nothing secret is used. */
enum error_code
keys_verify(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_task *task,
    const struct key_input *signature, bool *ret_valid, struct error *err)
{
	struct use use = {"verify", task->algorithm, who, key, NULL, NULL, 0};
	enum error_code code;

	if (begin(keys, &use, err))
		return err->code;
	code = rules_verify(keys, who, key, task, signature, ret_valid, err);
	return key->kind == KEY_SECRET ? end(keys, &use, code, err)
				       : end_if_denied(keys, &use, code, err);
}

/* ---- using secrets ---- */

enum error_code
keys_mac(struct keys *keys, const struct peer *who, const struct key_ref *key,
    const struct key_input *message, unsigned char ret_mac[KEY_MAC_SIZE],
    struct error *err)
{
	struct use use = {"sign", "HMAC-SHA256", who, key, NULL, NULL, 0};

	if (begin(keys, &use, err))
		return err->code;
	return end(
	    keys, &use, rules_mac(keys, who, key, message, ret_mac, err), err);
}

enum error_code
keys_seal(struct keys *keys, const struct peer *who, const struct key_ref *key,
    const struct key_seal *seal, const struct key_input *plain,
    unsigned char *ret_ciphertext, struct error *err)
{
	struct use use = {"encrypt", "AEAD", who, key, NULL, NULL, 0};

	if (begin(keys, &use, err))
		return err->code;
	return end(keys, &use,
	    rules_seal(keys, who, key, seal, plain, ret_ciphertext, err), err);
}

/* A ciphertext that is not genuine is on record as invalid. */
enum error_code
keys_unseal(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_seal *seal,
    const struct key_input *ciphertext, unsigned char *ret_plain,
    size_t *ret_length, bool *ret_genuine, struct error *err)
{
	struct use use = {"decrypt", "AEAD", who, key, NULL, NULL, 0};
	struct error ignored;
	enum error_code code;

	if (begin(keys, &use, err))
		return err->code;
	code = rules_unseal(keys, who, key, seal, ciphertext, ret_plain,
	    ret_length, ret_genuine, err);
	if (code == ERROR_NONE && !*ret_genuine) {
		(void)end(keys, &use, ERROR_INVALID, &ignored);
		return ERROR_NONE;
	}
	return end(keys, &use, code, err);
}

/* A handle is no secret; what is done with it is on record. */
enum error_code
keys_check_derive(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct error *err)
{
	struct use use = {.operation = "derive", .who = who, .key = key};

	if (begin(keys, &use, err))
		return err->code;
	return end_if_denied(
	    keys, &use, rules_check_derive(keys, who, key, err), err);
}

enum error_code
keys_export(struct keys *keys, const struct peer *who,
    const struct key_ref *key, unsigned char ret_secret[KEY_MAC_SIZE],
    struct error *err)
{
	struct use use = {.operation = "export", .who = who, .key = key};

	if (begin(keys, &use, err))
		return err->code;
	return end(
	    keys, &use, rules_export(keys, who, key, ret_secret, err), err);
}

/* ---- others ---- */

enum error_code
keys_check_delegate(struct keys *keys, const struct peer *who,
    const struct key_ref *key, uid_t delegate, struct error *err)
{
	struct use use = {"delegate", NULL, who, key, NULL, &delegate, 0};

	if (begin(keys, &use, err))
		return err->code;
	return end(keys, &use, rules_check_delegate(keys, who, key, err), err);
}
