/* SPDX-License-Identifier: MIT */
#include "est_usages.h"

#include <openssl/x509v3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "settings.h"

#define DEFAULT "client"

typedef STACK_OF(X509_EXTENSION) extension_stack;

static inline void
extension_stack_free(extension_stack *extensions)
{
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}
DEFINE_CLEANUP(extension_stack, extension_stack, extension_stack_free)
DEFINE_CLEANUP(key_usages, EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free)
DEFINE_CLEANUP(constraints, BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free)

/* ---- the settings ---- */

static enum error_code
parse_path_length(const char *text, int *ret_length, struct error *err)
{
	if (strlen(text) != 1 || *text < '0' ||
	    *text > '0' + EST_PATH_LENGTH_MAX)
		return error_set(err, ERROR_INVALID,
		    "a path length is from 0 to %d, not '%s'",
		    EST_PATH_LENGTH_MAX, text);
	*ret_length = *text - '0';
	return ERROR_NONE;
}

static enum error_code
add_word(const char *word, struct est_usages *usages, struct error *err)
{
	if (strcmp(word, "client") == 0)
		usages->client = true;
	else if (strcmp(word, "server") == 0)
		usages->server = true;
	else if (strcmp(word, "ca") == 0)
		usages->ca = true;
	else if (strncmp(word, "ca:", 3) == 0) {
		usages->ca = true;
		return parse_path_length(word + 3, &usages->path_length, err);
	} else
		return error_set(err, ERROR_INVALID,
		    "there is no usage '%s'; there are client, server and "
		    "ca:N",
		    word);
	return ERROR_NONE;
}

static enum error_code
parse(const char *words, struct est_usages *ret_usages, struct error *err)
{
	struct est_usages usages = {.path_length = 0};
	CLEANUP(string) char *copy = strdup(words);
	char *rest = NULL;

	if (!copy)
		return error_no_memory(err);
	for (const char *word = strtok_r(copy, ",", &rest); word;
	     word = strtok_r(NULL, ",", &rest))
		if (add_word(word, &usages, err))
			return err->code;
	if (!usages.client && !usages.server)
		return error_set(err, ERROR_INVALID,
		    "who does not ask to be a CA gets 'client' or 'server': "
		    "name one of them");
	*ret_usages = usages;
	return ERROR_NONE;
}

enum error_code
est_usages_get(
    struct database *database, struct est_usages *ret_usages, struct error *err)
{
	CLEANUP(string) char *words = NULL;

	if (setting_get(database, SETTING_EST_USAGES, &words, err) &&
	    err->code != ERROR_NOT_FOUND)
		return err->code;
	return parse(words ? words : DEFAULT, ret_usages, err);
}

enum error_code
est_usages_set(struct database *database, const char *words, struct error *err)
{
	struct est_usages ignored;

	if (parse(words, &ignored, err))
		return err->code;
	return setting_put(database, SETTING_EST_USAGES, words, err);
}

/* ---- a request ---- */

/* NULL in *ret_value if the request has none. */
static enum error_code
read_extension(const extension_stack *extensions, int nid, void **ret_value,
    struct error *err)
{
	int critical = 0;

	*ret_value = X509V3_get_d2i(extensions, nid, &critical, NULL);
	if (!*ret_value && critical != -1)
		return error_set_openssl(err, ERROR_INVALID,
		    "An extension of the request cannot be read");
	return ERROR_NONE;
}

static enum error_code
read_usages(const extension_stack *extensions, struct est_usages *asked,
    struct error *err)
{
	CLEANUP(key_usages) EXTENDED_KEY_USAGE *usages = NULL;
	void *value;

	if (read_extension(extensions, NID_ext_key_usage, &value, err))
		return err->code;
	usages = value;
	for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++) {
		int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, i));

		asked->client |= nid == NID_client_auth;
		asked->server |= nid == NID_server_auth;
	}
	return ERROR_NONE;
}

static enum error_code
read_constraints(const extension_stack *extensions, struct est_usages *asked,
    struct error *err)
{
	CLEANUP(constraints) BASIC_CONSTRAINTS *constraints = NULL;
	int64_t length;
	void *value;

	if (read_extension(extensions, NID_basic_constraints, &value, err))
		return err->code;
	constraints = value;
	asked->ca = constraints && constraints->ca;
	asked->path_length = CERTIFICATE_NO_PATH_LENGTH;
	if (!asked->ca || !constraints->pathlen)
		return ERROR_NONE;
	if (!ASN1_INTEGER_get_int64(&length, constraints->pathlen) ||
	    length < 0)
		return error_set(
		    err, ERROR_INVALID, "The request's path length is wrong.");
	/* What is longer than any is any. */
	if (length <= EST_PATH_LENGTH_MAX)
		asked->path_length = (int)length;
	return ERROR_NONE;
}

static int
shorter(int a, int b)
{
	if (a == CERTIFICATE_NO_PATH_LENGTH)
		return b;
	return b == CERTIFICATE_NO_PATH_LENGTH || a < b ? a : b;
}

enum error_code
est_usages_choose(const struct est_usages *allowed, const X509_REQ *request,
    struct est_usages *ret_usages, struct error *err)
{
	CLEANUP(extension_stack)
	extension_stack *extensions =
	    X509_REQ_get_extensions((X509_REQ *)(uintptr_t)request);
	struct est_usages asked = {.path_length = CERTIFICATE_NO_PATH_LENGTH};
	struct est_usages usages = {.path_length = CERTIFICATE_NO_PATH_LENGTH};

	if (read_usages(extensions, &asked, err) ||
	    read_constraints(extensions, &asked, err))
		return err->code;
	if (asked.ca && allowed->ca) {
		usages.ca = true;
		usages.path_length =
		    shorter(asked.path_length, allowed->path_length);
	} else {
		usages.client = asked.client && allowed->client;
		usages.server = asked.server && allowed->server;
		if (!usages.client && !usages.server) {
			usages.client = allowed->client;
			usages.server = allowed->server;
		}
	}
	*ret_usages = usages;
	return ERROR_NONE;
}
