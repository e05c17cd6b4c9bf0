/* SPDX-License-Identifier: MIT */
#include "preloaded.h"

#include <string.h>

#include "common/uri.h"

void
preloaded_done(struct preloaded *preloaded)
{
	free(preloaded->keys);
	*preloaded = (struct preloaded){0};
}

/* What the URI says of the token, in p11-kit's spelling; of a file "". */
static enum error_code
token_text(const char *text, char **ret_token, struct error *err)
{
	CLEANUP(uri) struct uri *uri = NULL;
	P11KitUri *pkcs11;

	if (uri_parse(text, &uri, err))
		return err->code;
	pkcs11 = uri_pkcs11(uri);
	if (!pkcs11) {
		*ret_token = strdup("");
		return *ret_token ? ERROR_NONE : error_no_memory(err);
	}
	p11_kit_uri_clear_attributes(pkcs11);
	p11_kit_uri_set_pin_source(pkcs11, NULL);
	if (p11_kit_uri_format(pkcs11, P11_KIT_URI_FOR_ANY, ret_token) !=
	    P11_KIT_URI_OK)
		return error_no_memory(err);
	return ERROR_NONE;
}

/* The texts of the places so far. */
struct places {
	char **texts;
	unsigned count;
};

static void
places_done(struct places *places)
{
	for (unsigned i = 0; i < places->count; i++)
		free(places->texts[i]);
	free(places->texts);
}

/* There is room for one more. */
static enum error_code
number_of(struct places *places, const char *uri, unsigned *ret_number,
    struct error *err)
{
	CLEANUP(string) char *token = NULL;
	unsigned number = 0;

	if (token_text(uri, &token, err))
		return err->code;
	while (
	    number < places->count && strcmp(places->texts[number], token) != 0)
		number++;
	if (number == places->count)
		places->texts[places->count++] = TAKE(token);
	*ret_number = number;
	return ERROR_NONE;
}

enum error_code
preloaded_read(const struct keyd_config *config,
    struct preloaded *ret_preloaded, struct error *err)
{
	const struct config_map *map = &config->preloaded_keys;
	CLEANUP_DONE(preloaded)
	struct preloaded preloaded = {
	    .keys = calloc(map->count + 1, sizeof(*preloaded.keys))};
	CLEANUP_DONE(places)
	struct places places = {
	    .texts = calloc(map->count + 1, sizeof(*places.texts))};
	unsigned number;

	if (!preloaded.keys || !places.texts)
		return error_no_memory(err);
	if (config->token.uri &&
	    number_of(&places, config->token.uri, &number, err))
		return error_wrap(err, "token.uri");
	for (; preloaded.count < map->count; preloaded.count++) {
		const struct config_pair *pair = &map->items[preloaded.count];

		if (number_of(&places, pair->value, &number, err))
			return err->code;
		preloaded.keys[preloaded.count] =
		    (struct keys_preloaded){pair->key, pair->value, number};
	}
	if (places.count > 0)
		preloaded.other_places = places.count - 1;
	*ret_preloaded = TAKE_CONTENTS(preloaded);
	return ERROR_NONE;
}

unsigned
preloaded_place(const struct preloaded *preloaded, const char *id)
{
	for (size_t i = 0; i < preloaded->count; i++)
		if (strcmp(preloaded->keys[i].id, id) == 0)
			return preloaded->keys[i].place;
	return 0;
}
