/* SPDX-License-Identifier: MIT */
/* Whose name stands in a certificate: the configuration's or the request's. */
#include "subject.h"

#include <string.h>

#include "parts.h"

/* A byte that continues a character of UTF-8: 10xxxxxx. */
static bool
is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0U) == 0x80;
}

char *
profile_cut_common_name(const char *text)
{
	const char *end = text;
	size_t characters = 0;

	for (; *end; end++)
		if (!is_continuation(*end) &&
		    ++characters > PROFILE_COMMON_NAME_MAX)
			break;
	return strndup(text, (size_t)(end - text));
}

static enum error_code
refuse_rdn(const struct config_pair *pair, struct error *err)
{
	(void)error_set_openssl(err, ERROR_INVALID, pair->value);
	return error_wrap(err, "'%s' cannot be", pair->key);
}

static enum error_code
add_rdn(X509_NAME *name, const struct config_pair *pair, struct error *err)
{
	CLEANUP(string) char *value = NULL;
	int nid = OBJ_txt2nid(pair->key);

	if (nid == NID_undef || !pair->value)
		return error_set(err, ERROR_INVALID,
		    "'%s' is no attribute of a name with one value", pair->key);
	value = nid == NID_commonName ? profile_cut_common_name(pair->value)
				      : strdup(pair->value);
	if (!value)
		return error_no_memory(err);
	if (!X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8,
		(const unsigned char *)value, -1, -1, 0))
		return refuse_rdn(pair, err);
	return ERROR_NONE;
}

static enum error_code
name_from_map(
    const struct config_map *map, X509_NAME **ret_name, struct error *err)
{
	CLEANUP(x509_name) X509_NAME *name = X509_NAME_new();

	if (!name)
		return error_no_memory(err);
	for (size_t i = 0; i < map->count; i++)
		if (add_rdn(name, &map->items[i], err))
			return err->code;
	*ret_name = TAKE(name);
	return ERROR_NONE;
}

enum error_code
profile_subject_check(const struct config_map *map, struct error *err)
{
	CLEANUP(x509_name) X509_NAME *name = NULL;

	return name_from_map(map, &name, err);
}

enum error_code
profile_own_subject(
    const struct profile *profile, X509_NAME **ret_subject, struct error *err)
{
	CLEANUP(string) char *common_name = NULL;

	*ret_subject = NULL;
	if (profile->subject && profile->subject->count > 0)
		return name_from_map(profile->subject, ret_subject, err);
	if (!profile->common_name)
		return ERROR_NONE;
	common_name = profile_cut_common_name(profile->common_name);
	if (!common_name)
		return error_no_memory(err);
	return name_from_common_name(common_name, ret_subject, err);
}

/* Each RDN for itself: of one with several values, what is accepted. */
static enum error_code
filter(const X509_NAME *asked, unsigned accept, X509_NAME **ret_subject,
    struct error *err)
{
	CLEANUP(x509_name) X509_NAME *name = X509_NAME_new();
	int last_set = -1;

	if (!name)
		return error_no_memory(err);
	for (int i = 0; i < X509_NAME_entry_count(asked); i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(asked, i);
		int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
		int set = X509_NAME_ENTRY_set(entry);

		if (!(accept & parts_of_rdn(nid)))
			continue;
		if (!X509_NAME_add_entry(
			name, entry, -1, set == last_set ? -1 : 0))
			return error_no_memory(err);
		last_set = set;
	}
	if (X509_NAME_entry_count(name) == 0)
		return error_set(err, ERROR_INVALID,
		    "of the request's subject nothing is accepted, and no "
		    "common_name is configured");
	*ret_subject = TAKE(name);
	return ERROR_NONE;
}

enum error_code
subject_choose(const struct profile *profile, unsigned accept,
    const X509_REQ *request, X509_NAME **ret_subject, struct error *err)
{
	const X509_NAME *asked = X509_REQ_get_subject_name(request);

	if (profile_own_subject(profile, ret_subject, err))
		return err->code;
	if (*ret_subject)
		return ERROR_NONE;
	if (X509_NAME_entry_count(asked) == 0)
		return error_set(err, ERROR_INVALID,
		    "the request has no subject, and no common_name is "
		    "configured");
	return filter(asked, accept, ret_subject, err);
}
