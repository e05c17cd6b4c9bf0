/* SPDX-License-Identifier: MIT */
#include "generate.h"

#include <openssl/rand.h>
#include <string.h>

#include "change.h"
#include "ckr.h"
#include "facts.h"
#include "template.h"

static void
put_parameters(struct template *template, enum key_spec spec)
{
	static const unsigned char exponent[] = {0x01, 0x00, 0x01};
	static const struct {
		CK_ULONG bits; /* of RSA */
		size_t length;
		unsigned char oid[10];
	} parameters[] = {
	    [KEY_SPEC_P256] = {0,							    10,
			       {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}},
	    [KEY_SPEC_P384] = {0, 7,
			       {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}},
	    [KEY_SPEC_P521] = {0,							    7,
			       {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23}},
	    [KEY_SPEC_ED25519] = {0,                   5, {0x06, 0x03, 0x2b, 0x65, 0x70}},
	    [KEY_SPEC_RSA2048] = {.bits = 2048							   },
	    [KEY_SPEC_RSA3072] = {.bits = 3072                  },
	    [KEY_SPEC_RSA4096] = {.bits = 4096							   },
	};

	if (parameters[spec].length > 0) {
		template_put(template, CKA_EC_PARAMS, parameters[spec].oid,
		    parameters[spec].length);
		return;
	}
	template_put(template, CKA_MODULUS_BITS, &parameters[spec].bits,
	    sizeof(CK_ULONG));
	template_put(template, CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent));
}

static CK_MECHANISM_TYPE
generator_of(enum key_spec spec)
{
	if (spec == KEY_SPEC_ED25519)
		return CKM_EC_EDWARDS_KEY_PAIR_GEN;
	return spec < KEY_SPEC_ED25519 ? CKM_EC_KEY_PAIR_GEN
				       : CKM_RSA_PKCS_KEY_PAIR_GEN;
}

static CK_RV
generate(struct token_lease *lease, const struct generate_wish *wish,
    const struct key_tag *tag, bool lean, CK_OBJECT_HANDLE *ret_public,
    CK_OBJECT_HANDLE *ret_private)
{
	CK_MECHANISM mechanism = {generator_of(wish->spec), NULL, 0};
	struct template public = {0}, private = {0};

	template_put_names(&public, wish->label, tag);
	template_put_public_usage(&public, wish->usage, lean);
	put_parameters(&public, wish->spec);

	template_put_names(&private, wish->label, tag);
	template_put_guards(&private);
	template_put_usage(&private, wish->usage, lean);
	return lease->functions->C_GenerateKeyPair(lease->session, &mechanism,
	    public.items, public.count, private.items, private.count,
	    ret_public, ret_private);
}

/*
 * Gives both halves the CKA_ID that follows from the key. A token that lets
 * nothing be changed is left with the one that both were made with.
 */
static enum error_code
set_tag(struct token_lease *lease, CK_OBJECT_HANDLE public,
    CK_OBJECT_HANDLE private, const struct key_tag *tag,
    struct key_facts *facts, struct error *err)
{
	CK_ATTRIBUTE id = object_attribute(CKA_ID, tag->data, tag->length);
	CK_ATTRIBUTE first =
	    object_attribute(CKA_ID, facts->tag.data, facts->tag.length);

	if (change_set_object(lease, public, &id, err))
		return err->code == ERROR_INVALID ? ERROR_NONE : err->code;
	if (change_set_object(lease, private, &id, err) == ERROR_NONE) {
		facts->tag = *tag;
		return ERROR_NONE;
	}
	if (err->code != ERROR_INVALID)
		return err->code;
	return change_set_object(lease, public, &first, err);
}

/* Gives a new pair its proper CKA_ID, and checks what the token made. */
static enum error_code
finish(struct token_lease *lease, CK_OBJECT_HANDLE public,
    CK_OBJECT_HANDLE private, struct key_facts *facts, struct error *err)
{
	struct key_tag tag;

	if (facts_read_pair(lease, private, NULL, facts, err) ||
	    key_public_tag(&facts->public, &tag, err) ||
	    facts_check_guards(facts, err))
		return err->code;
	return set_tag(lease, public, private, &tag, facts, err);
}

/* What a key of this kind cannot do is left to the next kind. */
static enum error_code
check_usage(enum key_spec spec, unsigned usage, struct error *err)
{
	bool is_rsa = spec > KEY_SPEC_ED25519;

	if (usage & KEY_DECRYPTS && !is_rsa)
		return error_set(err, ERROR_INVALID, "only RSA keys decrypt");
	if (usage & KEY_DERIVES && (is_rsa || spec == KEY_SPEC_ED25519))
		return error_set(err, ERROR_INVALID,
		    "only keys on P-256, P-384 and P-521 "
		    "derive");
	return ERROR_NONE;
}

enum error_code
generate_pair(struct token_lease *lease, const struct generate_wish *wish,
    struct key_facts *ret_facts, struct error *err)
{
	struct key_tag tag = {.length = TEMPLATE_TAG_SIZE};
	bool lean = module_refuses_late(token_slot(lease->token)->module);
	CK_OBJECT_HANDLE public, private;
	CK_RV rv;

	if (check_usage(wish->spec, wish->usage, err))
		return err->code;
	/* Tokens pair the halves by CKA_ID, before the real one is known. */
	if (RAND_bytes(tag.data, (int)tag.length) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "RAND_bytes");
	rv = generate(lease, wish, &tag, lean, &public, &private);
	if (!lean && template_is_refused(rv))
		rv = generate(lease, wish, &tag, true, &public, &private);
	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_GenerateKeyPair", err);

	if (finish(lease, public, private, ret_facts, err)) {
		change_undo(lease, public);
		change_undo(lease, private);
		return err->code;
	}
	return ERROR_NONE;
}
