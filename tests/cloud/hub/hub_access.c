/* SPDX-License-Identifier: MIT */
#include "hub_access.h"

#include <string.h>
#include <strings.h>

#include "access.h"
#include "attest_x509.h"
#include "ca_store.h"
#include "certificate_info.h"
#include "common/file.h"
#include "dps_attest.h"
#include "sas.h"

/* ---- by certificate ---- */

/* Compares with the two thumbprints, which may be SHA-1 or SHA-256. */
static enum error_code
check_thumbprint(
    const X509 *leaf, const json_t *authentication, struct error *err)
{
	static const char *const members[] = {
	    "primaryThumbprint", "secondaryThumbprint"};
	const json_t *expected =
	    json_object_get(authentication, "x509Thumbprint");
	struct thumbprint sha1, sha256;

	if (thumbprint_create(leaf, EVP_sha1(), &sha1, err) ||
	    thumbprint_create(leaf, EVP_sha256(), &sha256, err))
		return err->code;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *text =
		    json_string_value(json_object_get(expected, members[i]));

		if (text && (strcasecmp(text, sha1.text) == 0 ||
				strcasecmp(text, sha256.text) == 0))
			return ERROR_NONE;
	}
	return error_set(err, ERROR_DENIED,
	    "The certificate presented is not the one that the device "
	    "registered with; register again.");
}

/* The search for a verified CA that a chain leads to. */
struct search {
	const x509_stack *chain;
	int64_t now;
	bool found;
};

static enum error_code
consider_ca(void *context, const struct ca_certificate *ca, struct error *err)
{
	struct search *search = context;
	const struct enrolled anchor = {
	    {ca->certificate, NULL}
        };
	X509 *found;
	struct error why;
	int depth;

	(void)err;
	if (ca->is_verified && !attest_chain(search->chain, &anchor,
				   search->now, &depth, &found, &why))
		search->found = true;
	return ERROR_NONE;
}

static enum error_code
check_chain(struct cloud *cloud, const struct request *request, const char *id,
    struct error *err)
{
	struct search search = {.chain = request->chain,
	    .now = attest_time(cloud, request, QUIRK_ANY_CHAIN_DATES)};

	if (ca_store_visit(cloud->database, consider_ca, &search, err))
		return err->code;
	if (!search.found)
		return error_set(err, ERROR_DENIED,
		    "The certificate presented is not by a CA that is "
		    "verified here.");
	return attest_common_name(sk_X509_value(request->chain, 0), id, err);
}

static enum error_code
check_certificate(struct cloud *cloud, const json_t *authentication,
    const char *id, const struct request *request, struct error *err)
{
	const X509 *leaf = sk_X509_value(request->chain, 0);
	const char *type =
	    json_string_value(json_object_get(authentication, "type"));
	bool by_ca = type && strcmp(type, "certificateAuthority") == 0;

	if (!leaf)
		return error_set(err, ERROR_DENIED,
		    "The device presented no client certificate in the TLS "
		    "handshake.");
	if (by_ca)
		return check_chain(cloud, request, id, err);
	if (check_thumbprint(leaf, authentication, err))
		return err->code;
	return attest_validity(
	    leaf, attest_time(cloud, request, QUIRK_ANY_PINNED_DATES), err);
}

/* ---- by key ---- */

static enum error_code
check_key(const json_t *authentication, const char *path,
    const struct request *request, struct error *err)
{
	const json_t *keys = json_object_get(authentication, "symmetricKey");
	const char *primary =
	    json_string_value(json_object_get(keys, "primaryKey"));
	const char *secondary =
	    json_string_value(json_object_get(keys, "secondaryKey"));
	CLEANUP_DONE(sas_token) struct sas_token token = {0};

	if (!primary || !secondary)
		return error_set(err, ERROR_DENIED,
		    "The device is known by its certificate, not by a key.");
	if (sas_parse(request->headers.authorization, &token, err))
		return err->code;
	return access_check_token(request, &token,
	    (const char *const[]){primary, secondary}, path, err);
}

/* ---- all ---- */

static enum error_code
check_enabled(const struct device *device, struct error *err)
{
	const char *status;

	if (json_get_string(device->record, "status", &status, err))
		return err->code;
	if (strcmp(status, "enabled") != 0)
		return error_set(err, ERROR_DENIED,
		    "The device '%s' is disabled.", device->id);
	return ERROR_NONE;
}

static enum error_code
authenticate(struct cloud *cloud, const json_t *record, const char *id,
    const char *path, const struct request *request, struct error *err)
{
	const json_t *authentication =
	    json_object_get(record, "authentication");

	if (!path)
		return error_no_memory(err);
	return request->headers.authorization
		   ? check_key(authentication, path, request, err)
		   : check_certificate(cloud, authentication, id, request, err);
}

enum error_code
hub_authenticate_device(struct cloud *cloud, const struct device *device,
    const struct request *request, struct error *err)
{
	CLEANUP(string) char *path = string_format("/devices/%s", device->id);

	if (authenticate(cloud, device->record, device->id, path, request, err))
		return err->code;
	return check_enabled(device, err);
}

enum error_code
hub_authenticate_module(struct cloud *cloud, const struct device *device,
    const struct module *module, const struct request *request,
    struct error *err)
{
	CLEANUP(string)
	char *path =
	    string_format("/devices/%s/modules/%s", device->id, module->id);
	CLEANUP(string)
	char *name = string_format("%s/%s", device->id, module->id);

	if (!name)
		return error_no_memory(err);
	if (authenticate(cloud, module->record, name, path, request, err))
		return err->code;
	return check_enabled(device, err);
}

enum error_code
hub_authorize(struct cloud *cloud, const struct device *device,
    const struct request *request, bool *ret_is_device, struct error *err)
{
	CLEANUP_DONE(sas_token) struct sas_token token = {0};

	*ret_is_device = true;
	if (!request->headers.authorization)
		return hub_authenticate_device(cloud, device, request, err);
	if (sas_parse(request->headers.authorization, &token, err))
		return err->code;
	*ret_is_device = !*token.policy;
	return *ret_is_device
		   ? hub_authenticate_device(cloud, device, request, err)
		   : access_check(cloud, SURFACE_HUB,
			 right_needed(
			     SURFACE_HUB, "/devices/", request->method),
			 request, err);
}

const char *
hub_of_request(const struct cloud *cloud, const struct request *request)
{
	const char *host = request->headers.host;
	size_t bare = host ? strcspn(host, ":") : 0;

	if (!host || cloud->options.hub_count < 2)
		return NULL;
	for (size_t i = 0; i < cloud->options.hub_count; i++) {
		const char *name = cloud->options.hubs[i].name;

		if (strcasecmp(name, host) == 0 ||
		    (strlen(name) == bare &&
			strncasecmp(name, host, bare) == 0))
			return name;
	}
	return NULL;
}

enum error_code
hub_get_device(struct cloud *cloud, const struct request *request,
    const char *id, struct device *ret_device, struct error *err)
{
	const char *hub = hub_of_request(cloud, request);
	CLEANUP_DONE(device) struct device device = {0};

	if (device_store_get(cloud->database, id, &device, err))
		return err->code;
	if (hub && strcasecmp(hub, device.hub) != 0)
		return error_set(
		    err, ERROR_NOT_FOUND, "the device is in another hub");
	*ret_device = TAKE_CONTENTS(device);
	return ERROR_NONE;
}

enum error_code
hub_find_device(struct cloud *cloud, const struct request *request,
    struct device *ret_device, struct error *err)
{
	return hub_get_device(
	    cloud, request, request->params[0], ret_device, err);
}
