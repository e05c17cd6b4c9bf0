/* SPDX-License-Identifier: MIT */
#include "secret_make.h"

#include <openssl/rand.h>
#include <string.h>

#include "change.h"
#include "ckr.h"
#include "facts.h"
#include "secret.h"
#include "template.h"

#define HMAC_BLOCK_SIZE 64 /* of SHA-256 */
#define SECRET_SIZE 32
#define SECRET_SIZE_SMALL 16 /* ATECC608A has no AES-256 */

/* What is to be made. */
struct wish {
	const char *label;
	unsigned usage;
	struct key_tag tag;
	const struct key_input *value; /* NULL: the token makes it */
	CK_ULONG size;
};

static void
put_secret_usage(struct template *template, unsigned usage)
{
	bool encrypts = usage & KEY_ENCRYPTS;

	template_put_flag(template, CKA_SIGN, !encrypts);
	template_put_flag(template, CKA_VERIFY, !encrypts);
	template_put_flag(template, CKA_ENCRYPT, encrypts);
	template_put_flag(template, CKA_DECRYPT, encrypts);
}

static CK_RV
create(struct token_lease *lease, const struct wish *wish,
    CK_OBJECT_HANDLE *ret_secret, const char **ret_function)
{
	const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	const bool encrypts = wish->usage & KEY_ENCRYPTS;
	const CK_KEY_TYPE type = encrypts ? CKK_AES : CKK_GENERIC_SECRET;
	CK_MECHANISM mechanism = {
	    encrypts ? CKM_AES_KEY_GEN : CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};
	struct template template = {0};

	template_put_names(&template, wish->label, &wish->tag);
	template_put_guards(&template);
	template_put(&template, CKA_CLASS, &class, sizeof(class));
	template_put(&template, CKA_KEY_TYPE, &type, sizeof(type));
	put_secret_usage(&template, wish->usage);
	if (wish->value) {
		*ret_function = "C_CreateObject";
		template_put(&template, CKA_VALUE, wish->value->data,
		    wish->value->length);
		return lease->functions->C_CreateObject(
		    lease->session, template.items, template.count, ret_secret);
	}
	*ret_function = "C_GenerateKey";
	template_put(&template, CKA_VALUE_LEN, &wish->size, sizeof(wish->size));
	return lease->functions->C_GenerateKey(lease->session, &mechanism,
	    template.items, template.count, ret_secret);
}

static CK_RV
create_of_some_size(struct token_lease *lease, struct wish *wish,
    CK_OBJECT_HANDLE *ret_secret, const char **ret_function)
{
	CK_RV rv;

	wish->size = SECRET_SIZE;
	rv = create(lease, wish, ret_secret, ret_function);
	if (wish->value || !(wish->usage & KEY_ENCRYPTS) ||
	    (rv != CKR_KEY_SIZE_RANGE && !template_is_refused(rv)))
		return rv;
	wish->size = SECRET_SIZE_SMALL;
	return create(lease, wish, ret_secret, ret_function);
}

static enum error_code
make(struct token_lease *lease, struct wish *wish, struct key_facts *ret_facts,
    struct error *err)
{
	CK_OBJECT_HANDLE secret;
	const char *function;
	CK_RV rv = create_of_some_size(lease, wish, &secret, &function);

	if (rv != CKR_OK)
		return token_failed(lease, rv, function, err);
	if (facts_read_secret(lease, secret, ret_facts, err) ||
	    facts_check_guards(ret_facts, err) ||
	    secret_try(lease, secret, wish->usage, err)) {
		change_undo(lease, secret);
		return err->code;
	}
	return ERROR_NONE;
}

/*
 * HMAC itself hashes a longer secret and puts zeros behind a shorter one (RFC
 * 2104), so this one makes the same MACs. SoftHSM takes no shorter ones than
 * the hash, and tokens have their limits.
 */
static enum error_code
fit_for_hmac(const struct key_input *value, unsigned char room[SECRET_SIZE],
    struct key_input *ret_value, struct error *err)
{
	size_t length;

	*ret_value = *value;
	if (value->length >= SECRET_SIZE && value->length <= HMAC_BLOCK_SIZE)
		return ERROR_NONE;
	memset(room, 0, SECRET_SIZE);
	if (value->length < SECRET_SIZE)
		memcpy(room, value->data, value->length);
	else if (!EVP_Q_digest(NULL, "SHA256", NULL, value->data, value->length,
		     room, &length))
		return error_set_openssl(err, ERROR_INTERNAL, "SHA-256");
	*ret_value = (struct key_input){room, SECRET_SIZE};
	return ERROR_NONE;
}

enum error_code
secret_make(struct token_lease *lease, const char *label, unsigned usage,
    const struct key_input *value, struct key_facts *ret_facts,
    struct error *err)
{
	struct wish wish = {
	    .label = label,
	    .usage = usage,
	    .tag.length = TEMPLATE_TAG_SIZE,
	    .value = value,
	};
	unsigned char room[SECRET_SIZE];
	struct key_input fitting;
	enum error_code code;

	if ((usage & KEY_ENCRYPTS) && usage != KEY_ENCRYPTS)
		return error_set(err, ERROR_INVALID,
		    "a secret in a token is either for HMAC or for AES");
	if (RAND_bytes(wish.tag.data, (int)wish.tag.length) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "RAND_bytes");
	if (value && !(usage & KEY_ENCRYPTS)) {
		if (fit_for_hmac(value, room, &fitting, err))
			return err->code;
		wish.value = &fitting;
	}
	code = make(lease, &wish, ret_facts, err);
	OPENSSL_cleanse(room, sizeof(room));
	return code;
}
