/* SPDX-License-Identifier: MIT */
/* The engine interface is deprecated, and this file is why it is used. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "common/openssl_key.h"

#include <openssl/engine.h>
#include <openssl/ui.h>
#include <p11-kit/uri.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "common/api_client.h"
#include "common/file.h"
#include "common/http.h"
#include "common/paths.h"
#include "common/uri.h"

#define KEYD_TIMEOUT_MS 30000

typedef P11KitUri p11_uri;

DEFINE_CLEANUP(p11_uri, p11_uri, p11_kit_uri_free)
DEFINE_CLEANUP(engine, ENGINE, ENGINE_free)

/*
 * libp11 keeps one list of keys for the whole process and guards it badly, so
 * that loading goes one by one. Signing needs no lock of ours.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ENGINE *loaded_engine;
static char *loaded_module;

static enum error_code
load_engine(const char *module, struct error *err)
{
	CLEANUP(engine) ENGINE *engine = NULL;

	/* libp11 would say so on stderr only, and at each key again. */
	if (!file_exists(module))
		return error_set(err, ERROR_INTERNAL,
		    "the PKCS#11 module '%s' is not there", module);
	ENGINE_load_dynamic();
	engine = ENGINE_by_id("pkcs11");
	if (!engine)
		return error_set_openssl(err, ERROR_INTERNAL,
		    "the OpenSSL engine 'pkcs11' (libp11) cannot be loaded");
	/*
	 * curl_global_init() registers all engines for all algorithms, and then
	 * this one makes every EC key of the process, and fails.
	 */
	(void)ENGINE_set_flags(
	    engine, ENGINE_get_flags(engine) | ENGINE_FLAGS_NO_REGISTER_ALL);
	if (!ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module, 0) ||
	    !ENGINE_init(engine))
		return error_set_openssl(err, ERROR_INTERNAL,
		    "the OpenSSL engine 'pkcs11' (libp11) does not start");
	loaded_module = strdup(module);
	if (!loaded_module)
		return error_no_memory(err);
	loaded_engine = TAKE(engine);
	return ERROR_NONE;
}

static enum error_code
use_module(const char *module, struct error *err)
{
	if (!loaded_engine)
		return load_engine(module, err);
	if (strcmp(module, loaded_module) != 0)
		return error_set(err, ERROR_INVALID,
		    "this process already uses the PKCS#11 module '%s'",
		    loaded_module);
	return ERROR_NONE;
}

/* pin may be NULL. */
static enum error_code
load_key(const char *uri, const char *module, const char *pin,
    EVP_PKEY **ret_key, struct error *err)
{
	EVP_PKEY *key;

	if (use_module(module, err))
		return err->code;
	if (pin && !ENGINE_ctrl_cmd_string(loaded_engine, "PIN", pin, 0))
		return error_set_openssl(err, ERROR_INTERNAL,
		    "the OpenSSL engine 'pkcs11' (libp11) takes no PIN");
	/* UI_null(): never ask for a PIN on a terminal. */
	key = ENGINE_load_private_key(
	    loaded_engine, uri, (UI_METHOD *)(uintptr_t)UI_null(), NULL);
	if (!key)
		return error_set_openssl(err, ERROR_UNAVAILABLE,
		    "the OpenSSL engine 'pkcs11' (libp11) does not show it");
	*ret_key = key;
	return ERROR_NONE;
}

/* libp11 only says that there is no key; keyd says why. */
static enum error_code
ask_keyd(const char *key_id, struct error *err)
{
	CLEANUP(string) char *socket = paths_socket("keyd");
	CLEANUP(string) char *segment = http_encode_segment(key_id);
	CLEANUP(string) char *target = NULL;
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(json) json_t *key = NULL;
	const char *trouble;

	if (segment)
		target = string_format("/keys/%s" API_QUERY, segment);
	if (!socket || !target)
		return error_no_memory(err);
	if (unix_http_create(socket, KEYD_TIMEOUT_MS, &client, err) ||
	    api_call(client, "GET", target, NULL, &key, err) ||
	    json_get_optional_string(key, "error", &trouble, err))
		return err->code;
	return trouble ? error_set(err, ERROR_UNAVAILABLE, "%s", trouble)
		       : ERROR_NONE;
}

/* "pkcs11:object=<key_id>;type=private"; the caller frees it. */
static enum error_code
make_uri(const char *key_id, char **ret_text, struct error *err)
{
	CLEANUP(p11_uri) P11KitUri *uri = p11_kit_uri_new();
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE attributes[] = {
	    {CKA_LABEL, (void *)(uintptr_t)key_id, strlen(key_id)},
	    {CKA_CLASS, &class,                    sizeof(class) },
	};

	if (!uri || p11_kit_uri_set_attributes(uri, attributes, 2) ||
	    p11_kit_uri_format(uri, P11_KIT_URI_FOR_OBJECT, ret_text))
		return error_no_memory(err);
	return ERROR_NONE;
}

enum error_code
openssl_key_load(const char *key_id, EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(string) char *uri = NULL;
	enum error_code code;

	if (ask_keyd(key_id, err) || make_uri(key_id, &uri, err))
		return error_wrap(err, "key '%s'", key_id);
	(void)pthread_mutex_lock(&lock);
	code = load_key(uri, paths_pkcs11_module(), NULL, ret_key, err);
	(void)pthread_mutex_unlock(&lock);
	return code ? error_wrap(err, "key '%s'", key_id) : ERROR_NONE;
}

enum error_code
openssl_key_load_uri(
    const char *uri, const char *module, EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(uri) struct uri *parsed = NULL;
	CLEANUP(secret) char *pin = NULL;
	CLEANUP(string) char *text = NULL;
	enum error_code code;

	if (uri_parse(uri, &parsed, err))
		return err->code;
	if (uri_kind(parsed) != URI_PKCS11)
		return error_set(
		    err, ERROR_INVALID, "the key needs a pkcs11: URI");
	/* libp11 crashes on a pin-source: it gets the PIN apart from the URI.
	 */
	if (uri_read_pin(parsed, &pin, err))
		return err->code;
	text = uri_public_text(parsed);
	if (!text)
		return error_no_memory(err);
	(void)pthread_mutex_lock(&lock);
	code = load_key(text, module, pin, ret_key, err);
	(void)pthread_mutex_unlock(&lock);
	return code ? error_wrap(err, "key '%s'", text) : ERROR_NONE;
}
