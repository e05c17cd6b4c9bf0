/* SPDX-License-Identifier: MIT */
#include "template.h"

#include <assert.h>
#include <string.h>

#include "object.h"

void
template_put(struct template *template, CK_ATTRIBUTE_TYPE type,
    const void *data, size_t length)
{
	assert(template->count < TEMPLATE_MAX);
	template->items[template->count++] =
	    object_attribute(type, data, length);
}

void
template_put_flag(struct template *template, CK_ATTRIBUTE_TYPE type, bool flag)
{
	static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

	template_put(template, type, flag ? &yes : &no, sizeof(CK_BBOOL));
}

void
template_put_names(
    struct template *template, const char *label, const struct key_tag *tag)
{
	template_put_flag(template, CKA_TOKEN, true);
	template_put(template, CKA_LABEL, label, strlen(label));
	if (tag->length > 0)
		template_put(template, CKA_ID, tag->data, tag->length);
}

void
template_put_guards(struct template *template)
{
	template_put_flag(template, CKA_PRIVATE, true);
	template_put_flag(template, CKA_SENSITIVE, true);
	template_put_flag(template, CKA_EXTRACTABLE, false);
}

static void
put_use(
    struct template *template, CK_ATTRIBUTE_TYPE type, bool is_used, bool lean)
{
	if (is_used || !lean)
		template_put_flag(template, type, is_used);
}

void
template_put_usage(struct template *template, unsigned usage, bool lean)
{
	put_use(template, CKA_SIGN, usage & KEY_SIGNS, lean);
	put_use(template, CKA_DECRYPT, usage & KEY_DECRYPTS, lean);
	put_use(template, CKA_UNWRAP, false, lean);
	/* Said only where it is so: some tokens know of no such attribute. */
	put_use(template, CKA_DERIVE, usage & KEY_DERIVES, true);
}

void
template_put_public_usage(struct template *template, unsigned usage, bool lean)
{
	put_use(template, CKA_VERIFY, usage & KEY_SIGNS, lean);
	put_use(template, CKA_ENCRYPT, usage & KEY_DECRYPTS, lean);
	put_use(template, CKA_WRAP, false, lean);
}

bool
template_is_refused(CK_RV rv)
{
	return rv == CKR_GENERAL_ERROR || rv == CKR_TEMPLATE_INCONSISTENT ||
	       rv == CKR_ATTRIBUTE_VALUE_INVALID ||
	       rv == CKR_ATTRIBUTE_TYPE_INVALID ||
	       rv == CKR_ATTRIBUTE_READ_ONLY;
}
