/* SPDX-License-Identifier: MIT */
#include "hub_device.h"

#include <string.h>
#include <strings.h>

#include "access.h"
#include "attest_x509.h"
#include "certificate_info.h"
#include "common/file.h"
#include "common/time.h"
#include "device_store.h"
#include "sas.h"

#define MESSAGE_BYTES_MAX ((size_t)256 * 1024)

/* Compares with the device's two thumbprints, which may be SHA-1 or SHA-256. */
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

static enum error_code
authenticate_by_certificate(const struct device *device,
    const struct request *request, struct error *err)
{
	const X509 *leaf = sk_X509_value(request->chain, 0);

	if (!leaf)
		return error_set(err, ERROR_DENIED,
		    "The device presented no client certificate in the TLS "
		    "handshake.");
	if (check_thumbprint(
		leaf, json_object_get(device->record, "authentication"), err))
		return err->code;
	return attest_validity(leaf, time_now(), err);
}

static enum error_code
authenticate_by_key(const struct device *device, const struct request *request,
    struct error *err)
{
	const json_t *keys = json_object_get(
	    json_object_get(device->record, "authentication"), "symmetricKey");
	const char *primary =
	    json_string_value(json_object_get(keys, "primaryKey"));
	const char *secondary =
	    json_string_value(json_object_get(keys, "secondaryKey"));
	CLEANUP_DONE(sas_token) struct sas_token token = {0};
	CLEANUP(string) char *path = string_format("/devices/%s", device->id);

	if (!path)
		return error_no_memory(err);
	if (!primary || !secondary)
		return error_set(err, ERROR_DENIED,
		    "The device is known by its certificate, not by a key.");
	if (sas_parse(request->headers.authorization, &token, err))
		return err->code;
	return access_check_token(request, &token,
	    (const char *const[]){primary, secondary}, path, err);
}

static enum error_code
authenticate(const struct device *device, const struct request *request,
    struct error *err)
{
	const char *status;

	if (request->headers.authorization
		? authenticate_by_key(device, request, err)
		: authenticate_by_certificate(device, request, err))
		return err->code;
	if (json_get_string(device->record, "status", &status, err))
		return err->code;
	if (strcmp(status, "enabled") != 0)
		return error_set(err, ERROR_DENIED,
		    "The device '%s' is disabled.", device->id);
	return ERROR_NONE;
}

static enum error_code
store(struct cloud *cloud, struct device *device, const struct request *request,
    struct error *err)
{
	const X509 *leaf = sk_X509_value(request->chain, 0);
	struct key_text key = {"SAS"};
	struct message message = {.device_id = device->id,
	    .key_algorithm = key.text,
	    .tls_version = request->tls_version,
	    .content_type = request->headers.content_type,
	    .body = request->body,
	    .body_length = request->body_length};

	if (!request->headers.authorization && leaf)
		key = key_text(leaf);
	if (message_store_add(cloud->database, &message, err))
		return err->code;
	if (json_object_set_new(device->record, "lastActivityTime",
		json_string(utc_now().text)))
		return error_no_memory(err);
	return device_store_put(cloud->database, device, err);
}

enum error_code
hub_telemetry(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};
	const char *id = request->params[0];

	if (device_store_get(cloud->database, id, &device, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_UNAUTHORIZED,
				 "The device '%s' is not known to this hub.",
				 id);
	if (authenticate(&device, request, err))
		return err->code;
	if (request->body_length > MESSAGE_BYTES_MAX)
		return refuse(reply, REFUSE_TOO_LARGE,
		    "A message has at most %zu bytes.", MESSAGE_BYTES_MAX);
	if (store(cloud, &device, request, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}
