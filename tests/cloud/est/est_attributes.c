/* SPDX-License-Identifier: MIT */
#include "est_attributes.h"

#include <openssl/asn1.h>
#include <openssl/conf.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/openssl.h"
#include "settings.h"

#define DEFAULT "key:P-256,ecdsa-with-SHA256"

DEFINE_CLEANUP(conf, CONF, NCONF_free)
DEFINE_CLEANUP(asn1_type, ASN1_TYPE, ASN1_TYPE_free)
DEFINE_CLEANUP(der, unsigned char, OPENSSL_free)

/*
 * The value is described in the language of ASN1_generate_nconf(3): sequence
 * grows by a line for each word, sections by what a line refers to.
 */
struct description {
	char *sequence;
	char *sections;
	unsigned count;
};

static void
description_done(struct description *description)
{
	free(description->sequence);
	free(description->sections);
}

static enum error_code
replace(char **text, char *by, struct error *err)
{
	if (!by)
		return error_no_memory(err);
	free(*text);
	*text = by;
	return ERROR_NONE;
}

static enum error_code
add_line(struct description *description, const char *value, struct error *err)
{
	return replace(&description->sequence,
	    string_format(
		"%sw%u=%s\n", description->sequence, description->count, value),
	    err);
}

/* Attribute ::= SEQUENCE { type, values SET } (RFC 5652 section 5.3) */
static enum error_code
add_attribute(struct description *description, const char *type,
    const char *value, struct error *err)
{
	CLEANUP(string)
	char *line = string_format("SEQUENCE:a%u", description->count);

	if (!line)
		return error_no_memory(err);
	if (add_line(description, line, err))
		return err->code;
	return replace(&description->sections,
	    string_format("%s[a%u]\ntype=OID:%s\nvalues=SET:v%u\n[v%u]\n"
			  "value=%s\n",
		description->sections, description->count, type,
		description->count, description->count, value),
	    err);
}

static enum error_code
add_key(struct description *description, const char *kind, struct error *err)
{
	static const struct {
		const char *kind;
		const char *type;
		const char *value;
	} keys[] = {
	    {"P-256",    "id-ecPublicKey", "OID:prime256v1"},
	    {"P-384",    "id-ecPublicKey", "OID:secp384r1" },
	    {"P-521",    "id-ecPublicKey", "OID:secp521r1" },
	    {"rsa-2048", "rsaEncryption",  "INTEGER:2048"  },
	    {"rsa-3072", "rsaEncryption",  "INTEGER:3072"  },
	    {"rsa-4096", "rsaEncryption",  "INTEGER:4096"  },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].kind, kind) == 0)
			return add_attribute(
			    description, keys[i].type, keys[i].value, err);
	return error_set(err, ERROR_INVALID,
	    "no key '%s'; there are P-256, P-384, P-521, rsa-2048, rsa-3072 "
	    "and rsa-4096",
	    kind);
}

static enum error_code
add_identifier(
    struct description *description, const char *word, struct error *err)
{
	ASN1_OBJECT *object = OBJ_txt2obj(word, 0);
	CLEANUP(string) char *line = NULL;
	char dotted[128];
	int length;

	if (!object)
		return error_set(
		    err, ERROR_INVALID, "'%s' is no object identifier", word);
	length = OBJ_obj2txt(dotted, sizeof(dotted), object, 1);
	ASN1_OBJECT_free(object);
	if (length <= 0 || (size_t)length >= sizeof(dotted))
		return error_set(err, ERROR_INVALID, "'%s' is too long", word);
	line = string_format("OID:%s", dotted);
	if (!line)
		return error_no_memory(err);
	return add_line(description, line, err);
}

static enum error_code
describe(char *words, struct description *description, struct error *err)
{
	char *rest = NULL;

	description->sequence = strdup("");
	description->sections = strdup("");
	if (!description->sequence || !description->sections)
		return error_no_memory(err);
	for (const char *word = strtok_r(words, ",", &rest); word;
	     word = strtok_r(NULL, ",", &rest)) {
		bool is_key = strncmp(word, "key:", 4) == 0;

		if (is_key ? add_key(description, word + 4, err)
			   : add_identifier(description, word, err))
			return err->code;
		description->count++;
	}
	if (description->count == 0)
		return error_set(err, ERROR_INVALID,
		    "nothing is asked for; say 'none' for that");
	return ERROR_NONE;
}

static enum error_code
encode(
    const struct description *description, char **ret_text, struct error *err)
{
	CLEANUP(string)
	char *text = string_format(
	    "[words]\n%s%s", description->sequence, description->sections);
	CLEANUP(bio) BIO *bio = text ? BIO_new_mem_buf(text, -1) : NULL;
	CLEANUP(conf) CONF *conf = NCONF_new(NULL);
	CLEANUP(asn1_type) ASN1_TYPE *value = NULL;
	CLEANUP(der) unsigned char *der = NULL;
	int length;

	if (!bio || !conf)
		return error_no_memory(err);
	if (NCONF_load_bio(conf, bio, NULL) <= 0)
		return error_set_openssl(err, ERROR_INTERNAL, "CsrAttrs");
	value = ASN1_generate_nconf("SEQUENCE:words", conf);
	length = value ? i2d_ASN1_TYPE(value, &der) : -1;
	if (length < 0)
		return error_set_openssl(err, ERROR_INTERNAL, "CsrAttrs");
	*ret_text = base64_encode(der, (size_t)length);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
encode_words(const char *words, char **ret_text, struct error *err)
{
	CLEANUP_DONE(description) struct description description = {0};
	CLEANUP(string) char *copy = strdup(words);

	if (!copy)
		return error_no_memory(err);
	if (describe(copy, &description, err))
		return err->code;
	return encode(&description, ret_text, err);
}

enum error_code
est_attributes_get(
    struct database *database, char **ret_text, struct error *err)
{
	if (setting_get(database, SETTING_EST_ATTRIBUTES, ret_text, err) ==
	    ERROR_NONE)
		return ERROR_NONE;
	if (err->code != ERROR_NOT_FOUND)
		return err->code;
	return encode_words(DEFAULT, ret_text, err);
}

enum error_code
est_attributes_set(
    struct database *database, const char *words, struct error *err)
{
	CLEANUP(string) char *text = NULL;

	if (strcmp(words, "none") == 0)
		return setting_put(database, SETTING_EST_ATTRIBUTES, "", err);
	if (strcmp(words, "default") == 0)
		words = DEFAULT;
	if (encode_words(words, &text, err))
		return err->code;
	return setting_put(database, SETTING_EST_ATTRIBUTES, text, err);
}
