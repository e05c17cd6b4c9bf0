/* SPDX-License-Identifier: MIT */
#include "import.h"

#include <openssl/rand.h>
#include <openssl/x509.h>
#include <string.h>

#include "change.h"
#include "ckr.h"
#include "facts.h"
#include "pair_parts.h"
#include "software.h"

#define IV_SIZE 16
#define WRAPPING_KEY_SIZE 32

/* What both halves are to be called. */
struct names {
	const char *label;
	struct key_tag tag;
};

static enum error_code
create_public(struct token_lease *lease, struct pair_parts *parts,
    const struct names *names, unsigned usage, CK_OBJECT_HANDLE *ret_public,
    struct error *err)
{
	const CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	CK_RV rv = CKR_OK;

	for (int lean = 0; lean < 2; lean++) {
		struct template template = {0};

		parts->used = 0;
		template_put(&template, CKA_CLASS, &class, sizeof(class));
		template_put_names(&template, names->label, &names->tag);
		template_put_public_usage(&template, usage, lean);
		if (pair_parts_put_public(parts, &template, err))
			return err->code;
		rv = lease->functions->C_CreateObject(
		    lease->session, template.items, template.count, ret_public);
		if (!template_is_refused(rv))
			break;
	}
	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_CreateObject", err);
	return ERROR_NONE;
}

static void
put_private_half(struct template *template, const struct names *names,
    unsigned usage, bool lean)
{
	static const CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;

	template_put(template, CKA_CLASS, &class, sizeof(class));
	template_put_names(template, names->label, &names->tag);
	template_put_guards(template);
	template_put_usage(template, usage, lean);
}

static enum error_code
create_private(struct token_lease *lease, struct pair_parts *parts,
    const EVP_PKEY *pair, const struct names *names, unsigned usage,
    CK_OBJECT_HANDLE *ret_private, CK_RV *ret_rv, struct error *err)
{
	for (int lean = 0; lean < 2; lean++) {
		struct template template = {0};

		parts->used = 0;
		put_private_half(&template, names, usage, lean);
		if (pair_parts_put_private(parts, pair, &template, err))
			return err->code;
		*ret_rv = lease->functions->C_CreateObject(lease->session,
		    template.items, template.count, ret_private);
		if (!template_is_refused(*ret_rv))
			break;
	}
	return ERROR_NONE;
}

/* ---- by C_UnwrapKey ---- */

/* An AES key that is made for one import, and lasts as long as its session. */
static CK_RV
make_wrapping_key(struct token_lease *lease, CK_OBJECT_HANDLE *ret_key)
{
	static const CK_ULONG size = WRAPPING_KEY_SIZE;
	CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
	struct template template = {0};

	template_put_flag(&template, CKA_TOKEN, false);
	template_put_guards(&template);
	template_put_flag(&template, CKA_ENCRYPT, true);
	template_put_flag(&template, CKA_UNWRAP, true);
	template_put(&template, CKA_VALUE_LEN, &size, sizeof(size));
	return lease->functions->C_GenerateKey(lease->session, &mechanism,
	    template.items, template.count, ret_key);
}

static CK_RV
wrap(struct token_lease *lease, CK_OBJECT_HANDLE key, CK_MECHANISM *mechanism,
    const struct key_input *plain, unsigned char *room, CK_ULONG *length)
{
	CK_RV rv =
	    lease->functions->C_EncryptInit(lease->session, mechanism, key);

	if (rv != CKR_OK)
		return rv;
	return lease->functions->C_Encrypt(
	    lease->session, object_input(plain), plain->length, room, length);
}

static CK_RV
unwrap_private(struct token_lease *lease, const struct key_input *pkcs8,
    CK_KEY_TYPE type, const struct names *names, unsigned usage,
    CK_OBJECT_HANDLE *ret_private)
{
	unsigned char iv[IV_SIZE], room[PAIR_PARTS_SIZE];
	CK_MECHANISM mechanism = {CKM_AES_CBC_PAD, iv, sizeof(iv)};
	CK_ULONG length = sizeof(room);
	struct template template = {0};
	CK_OBJECT_HANDLE key;
	CK_RV rv;

	if (RAND_bytes(iv, sizeof(iv)) != 1)
		return CKR_FUNCTION_FAILED;
	rv = make_wrapping_key(lease, &key);
	if (rv != CKR_OK)
		return rv;
	put_private_half(&template, names, usage, true);
	template_put(&template, CKA_KEY_TYPE, &type, sizeof(type));
	rv = wrap(lease, key, &mechanism, pkcs8, room, &length);
	if (rv == CKR_OK)
		rv = lease->functions->C_UnwrapKey(lease->session, &mechanism,
		    key, room, length, template.items, template.count,
		    ret_private);
	change_undo(lease, key);
	return rv;
}

/* The DER of PKCS#8; *ret_length 0 if there is no memory. */
static unsigned char *
pkcs8_of(const EVP_PKEY *pair, size_t *ret_length)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pair);
	unsigned char *der = NULL;
	int length = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;

	PKCS8_PRIV_KEY_INFO_free(info);
	*ret_length = length > 0 ? (size_t)length : 0;
	return der;
}

/* Many HSMs take no private key in plain, but one that is wrapped. */
static enum error_code
unwrap(struct token_lease *lease, const EVP_PKEY *pair, CK_KEY_TYPE type,
    const struct names *names, unsigned usage, CK_OBJECT_HANDLE *ret_private,
    CK_RV refusal, struct error *err)
{
	size_t length;
	unsigned char *der = pkcs8_of(pair, &length);
	const struct key_input pkcs8 = {der, length};
	CK_RV rv;

	if (length == 0)
		return error_set_openssl(err, ERROR_INTERNAL, "PKCS#8");
	rv = unwrap_private(lease, &pkcs8, type, names, usage, ret_private);
	OPENSSL_clear_free(der, length);
	if (rv == CKR_OK)
		return ERROR_NONE;
	(void)token_failed(lease, refusal, "C_CreateObject", err);
	return error_set(err, ERROR_INVALID,
	    "the token takes no private key from outside: C_CreateObject: %s, "
	    "C_UnwrapKey: %s",
	    ckr_name(refusal).text, ckr_name(rv).text);
}

/* True if the token may take the key by another way. */
static bool
is_refusal(CK_RV rv)
{
	return template_is_refused(rv) ||
	       ckr_class_of(rv) == CKR_CLASS_REQUEST ||
	       rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_ACTION_PROHIBITED;
}

static enum error_code
put_private(struct token_lease *lease, struct pair_parts *parts,
    const EVP_PKEY *pair, const struct names *names, unsigned usage,
    CK_OBJECT_HANDLE *ret_private, struct error *err)
{
	CK_RV rv;

	if (create_private(
		lease, parts, pair, names, usage, ret_private, &rv, err))
		return err->code;
	if (rv == CKR_OK)
		return ERROR_NONE;
	if (is_refusal(rv))
		return unwrap(lease, pair, parts->type, names, usage,
		    ret_private, rv, err);
	return token_failed(lease, rv, "C_CreateObject", err);
}

/* What the token has now must be this key, and guarded. */
static enum error_code
check(struct token_lease *lease, CK_OBJECT_HANDLE private,
    const struct key_public *expected, struct key_facts *ret_facts,
    struct error *err)
{
	struct key_tag made, wanted;

	if (facts_read_pair(lease, private, NULL, ret_facts, err) ||
	    facts_check_guards(ret_facts, err) ||
	    key_public_tag(&ret_facts->public, &made, err) ||
	    key_public_tag(expected, &wanted, err))
		return err->code;
	if (!key_tag_equal(&made, &wanted))
		return error_set(
		    err, ERROR_INVALID, "the token made another key of it");
	return ERROR_NONE;
}

/* The public half goes first: alone it does no harm. */
static enum error_code
import(struct token_lease *lease, struct pair_parts *parts,
    const EVP_PKEY *pair, const struct names *names, unsigned usage,
    struct key_facts *ret_facts, struct error *err)
{
	CK_OBJECT_HANDLE public, private;

	if (create_public(lease, parts, names, usage, &public, err))
		return err->code;
	if (put_private(lease, parts, pair, names, usage, &private, err)) {
		change_undo(lease, public);
		return err->code;
	}
	if (check(lease, private, &parts->public, ret_facts, err)) {
		change_undo(lease, private);
		change_undo(lease, public);
		return err->code;
	}
	return ERROR_NONE;
}

enum error_code
import_pair(struct token_lease *lease, EVP_PKEY *pair,
    const struct generate_wish *wish, struct key_facts *ret_facts,
    struct error *err)
{
	CLEANUP_DONE(pair_parts) struct pair_parts parts;
	struct names names = {.label = wish->label};
	struct key_public public;
	unsigned usage;

	parts.used = 0;
	if (key_public_from_pkey(pair, &public, err) ||
	    key_public_tag(&public, &names.tag, err))
		return err->code;
	usage = wish->usage & software_usage_of_pair(public.algorithm);
	pair_parts_start(&parts, &public);
	return import(lease, &parts, pair, &names, usage, ret_facts, err);
}
