/* SPDX-License-Identifier: MIT */
#include "token_probe.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/config.h"
#include "common/uri.h"
#include "output.h"

#define SLOTS_MAX 64
#define TOKENS_MAX 64

/* --- in a process of its own ---------------------------------------------- */

static void
take_environment(const struct token_probe *probe)
{
	const char *variable = probe->environment;
	const char *end = variable + probe->environment_length;

	while (variable && variable < end) {
		const char *equals = strchr(variable, '=');
		CLEANUP(string) char *name = NULL;

		if (equals)
			name = strndup(variable, (size_t)(equals - variable));
		if (name && *name)
			(void)setenv(name, equals + 1, /* overwrite */ 1);
		variable += strlen(variable) + 1;
	}
}

/* Fixed-width text, padded with blanks. */
static json_t *
padded(const unsigned char *text, size_t width)
{
	while (width > 0 && text[width - 1] == ' ')
		width--;
	return json_stringn((const char *)text, width);
}

static void
add_tokens(CK_FUNCTION_LIST *module, json_t *tokens)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX;
	CK_TOKEN_INFO info;

	if (module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
		return;
	for (CK_ULONG i = 0; i < count; i++) {
		if (module->C_GetTokenInfo(slots[i], &info) != CKR_OK)
			continue;
		(void)json_array_append_new(tokens,
		    json_pack("{s:o?, s:o?, s:o?, s:o?, s:I}", "label",
			padded(info.label, sizeof(info.label)), "serial",
			padded(info.serialNumber, sizeof(info.serialNumber)),
			"model", padded(info.model, sizeof(info.model)),
			"manufacturer",
			padded(
			    info.manufacturerID, sizeof(info.manufacturerID)),
			"flags", (json_int_t)info.flags));
	}
}

static json_t *
failure(const char *what)
{
	const char *message = p11_kit_message();

	return json_pack("{s:s+++}", "error", what, ": ",
	    message ? message : "p11-kit does not say why", "");
}

bool
token_module_is_named(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return strstr(slash ? slash + 1 : path, name) != NULL;
}

/* The tokens of the registered modules that name, if there is one, means. */
static void
add_registered(const char *name, json_t *tokens)
{
	CK_FUNCTION_LIST **modules = p11_kit_modules_load_and_initialize(0);

	for (size_t i = 0; modules && modules[i]; i++) {
		char *path = p11_kit_module_get_filename(modules[i]);

		if (!name || (path && token_module_is_named(path, name)))
			add_tokens(modules[i], tokens);
		free(path);
	}
}

json_t *
token_probe_run(const void *context)
{
	const struct token_probe *probe = context;
	json_t *tokens = json_array();
	CK_FUNCTION_LIST *module;

	take_environment(probe);
	if (probe->module) {
		module = p11_kit_module_load(probe->module, 0);
		if (!module || p11_kit_module_initialize(module) != CKR_OK) {
			json_decref(tokens);
			return failure("the module cannot be used");
		}
		add_tokens(module, tokens);
		return tokens; /* the process ends */
	}
	add_registered(probe->name, tokens);
	return tokens;
}

/* --- what it means -------------------------------------------------------- */

#define WANTED(name, a_reason, a_fix)                                          \
	{                                                                      \
		.flag = CKF_##name, .wanted = true, .severe = true,            \
		.reason = a_reason " (CKF_" #name ")", .fix = a_fix            \
	}
#define UNWANTED(name, is_severe, a_reason, a_fix)                             \
	{                                                                      \
		.flag = CKF_##name, .wanted = false, .severe = is_severe,      \
		.reason = a_reason " (CKF_" #name ")", .fix = a_fix            \
	}

static const struct token_flaw flaws[] = {
    WANTED(TOKEN_INITIALIZED, "the token is not initialised",
	"initialise it, as the guide on its kind says"),
    WANTED(USER_PIN_INITIALIZED, "the token has no user PIN",
	"set one with the tool of the token"),
    UNWANTED(USER_PIN_LOCKED, true, "the PIN is locked",
	"unlock it with the SO PIN; then see that keyd has the right one"),
    UNWANTED(USER_PIN_FINAL_TRY, true, "the next wrong PIN locks the token",
	"see that the configured PIN is right before keyd is restarted"),
    UNWANTED(USER_PIN_COUNT_LOW, false, "a wrong PIN was given",
	"see that the configured PIN is right"),
    UNWANTED(USER_PIN_TO_BE_CHANGED, false,
	"the PIN is still that of the factory",
	"change it with the tool of the token"),
    UNWANTED(WRITE_PROTECTED, false, "the token cannot be written",
	"no key can be made in it"),
};

const struct token_flaw *
token_flaw(unsigned long flags, size_t i)
{
	for (size_t j = 0; j < sizeof(flaws) / sizeof(flaws[0]); j++)
		if (((flags & flaws[j].flag) != 0) != flaws[j].wanted &&
		    i-- == 0)
			return &flaws[j];
	return NULL;
}

/* With the zeros that stand there, as the token has them. */
static void
pad(unsigned char *field, size_t width, const json_t *text)
{
	size_t length = json_string_length(text);

	memset(field, ' ', width);
	if (length > 0)
		memcpy(field, json_string_value(text),
		    length < width ? length : width);
}

static void
to_token_info(const json_t *token, CK_TOKEN_INFO *info)
{
	pad(info->label, sizeof(info->label), json_object_get(token, "label"));
	pad(info->serialNumber, sizeof(info->serialNumber),
	    json_object_get(token, "serial"));
	pad(info->model, sizeof(info->model), json_object_get(token, "model"));
	pad(info->manufacturerID, sizeof(info->manufacturerID),
	    json_object_get(token, "manufacturer"));
}

/* The label in uri; NULL: it has none. The caller frees it. */
static char *
wanted_label(P11KitUri *uri)
{
	const CK_TOKEN_INFO *info = p11_kit_uri_get_token_info(uri);
	size_t length = sizeof(info->label);

	/* What stands in no attribute is NUL. */
	if (info->label[0] == '\0')
		return NULL;
	while (length > 0 && (info->label[length - 1] == ' ' ||
				 info->label[length - 1] == '\0'))
		length--;
	return strndup((const char *)info->label, length);
}

static const char *
near_label(const json_t *tokens, P11KitUri *uri)
{
	struct config_field labels[TOKENS_MAX] = {0};
	struct config_table table = {.fields = labels};
	CLEANUP(string) char *wanted = wanted_label(uri);

	for (size_t i = 0; i < json_array_size(tokens) && i < TOKENS_MAX; i++)
		labels[table.count++].key =
		    output_member(json_array_get(tokens, i), "label");
	return wanted ? config_suggest(&table, wanted) : NULL;
}

int
token_find(const json_t *tokens, const char *uri, const char **ret_near)
{
	CLEANUP(uri) struct uri *parsed = NULL;
	struct error ignored;
	CK_TOKEN_INFO info = {0};

	*ret_near = NULL;
	if (uri_parse(uri, &parsed, &ignored) || uri_kind(parsed) != URI_PKCS11)
		return -1;
	for (size_t i = 0; i < json_array_size(tokens); i++) {
		to_token_info(json_array_get(tokens, i), &info);
		if (p11_kit_uri_match_token_info(uri_pkcs11(parsed), &info))
			return (int)i;
	}
	*ret_near = near_label(tokens, uri_pkcs11(parsed));
	return -1;
}
