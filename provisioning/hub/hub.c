/* SPDX-License-Identifier: MIT */
#include "provisiond/hub.h"

#include "certd/client.h"
#include "common/file.h"
#include "common/http.h"
#include "common/https_client.h"
#include "common/openssl_key.h"
#include "common/uri.h"
#include "keyd/client.h"
#include "keyd/tpm_client.h"
#include "proof.h"
#include "provisiond/client.h"

#define API_VERSION "2021-04-12"
#define TIMEOUT_MS 30000

/* The device as its hub knows it, and what it proves itself with. */
struct device {
	char *hub;
	char *gateway; /* who is asked: the device's parent, or the hub */
	char *id;
	char *ca_file;     /* NULL: the system's roots */
	x509_stack *chain; /* by certificate */
	EVP_PKEY *key;
	char *handle; /* by a symmetric key that keyd holds */
	struct proof proof;
};

static void
device_done(struct device *device)
{
	free(device->hub);
	free(device->gateway);
	free(device->id);
	free(device->ca_file);
	x509_stack_free(device->chain);
	EVP_PKEY_free(device->key);
	free(device->handle);
}

static enum error_code
load_key(const char *handle, EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(string) char *id = NULL;

	if (keyd_handle_key_id(handle, &id, err))
		return err->code;
	return openssl_key_load(id, ret_key, err);
}

static enum error_code
load_chain(const char *id, x509_stack **ret_chain, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *pem = NULL;

	if (certd_client_create(0, &client, err) ||
	    certd_get(client, id, &pem, err))
		return err->code;
	return certificates_from_pem(pem, ret_chain, err);
}

static enum error_code
load_certificate(const json_t *auth, struct device *device, struct error *err)
{
	const char *handle, *certificate_id;

	if (json_get_string(auth, "keyHandle", &handle, err) ||
	    json_get_string(auth, "certId", &certificate_id, err) ||
	    load_key(handle, &device->key, err) ||
	    load_chain(certificate_id, &device->chain, err))
		return err->code;
	device->proof.key = device->key;
	device->proof.chain = device->chain;
	return ERROR_NONE;
}

/* The context is the handle of keyd's key. */
static enum error_code
sign_by_key(const void *context, const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	if (keyd_client_create(0, &client, err))
		return err->code;
	return keyd_hmac(client, context, data, length, ret_mac, err);
}

static enum error_code
sign_by_tpm(const void *context, const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	(void)context;
	if (tpm_client_create(0, &client, err))
		return err->code;
	return tpm_client_sign(
	    client, TPM_CLIENT_HUB, data, length, ret_mac, err);
}

static enum error_code
load_credentials(const json_t *auth, struct device *device, struct error *err)
{
	const char *type;

	if (json_get_string(auth, "type", &type, err))
		return err->code;
	if (strcmp(type, "x509") == 0)
		return load_certificate(auth, device, err);
	if (strcmp(type, "tpm") == 0) {
		device->proof.sign = sign_by_tpm;
		return ERROR_NONE;
	}
	if (strcmp(type, "sas") != 0)
		return error_set(err, ERROR_INVALID,
		    "the device proves itself by '%s', which is not known",
		    type);
	if (json_copy_string(auth, "keyHandle", &device->handle, err))
		return err->code;
	device->proof.sign = sign_by_key;
	device->proof.context = device->handle;
	return ERROR_NONE;
}

/* provisiond says which roots the operator chose for DPS and hub. */
static enum error_code
load_trust(struct unix_http *client, struct device *device, struct error *err)
{
	CLEANUP(json) json_t *provisioning = NULL;
	CLEANUP(uri) struct uri *uri = NULL;
	const char *text;

	if (provisiond_get_provisioning(client, &provisioning, err) ||
	    json_get_optional_string(
		provisioning, "trust_bundle_cert", &text, err))
		return err->code;
	if (!text)
		return ERROR_NONE;
	if (uri_parse(text, &uri, err))
		return err->code;
	device->ca_file = strdup(uri_file_path(uri));
	return device->ca_file ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
load_device(struct device *device, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(json) json_t *identity = NULL;
	const json_t *spec, *auth;

	if (provisiond_client_create(0, &client, err) ||
	    provisiond_get_device_identity(client, &identity, err) ||
	    json_get_object(identity, "spec", &spec, err) ||
	    json_copy_string(spec, "hubName", &device->hub, err) ||
	    json_copy_string(spec, "gatewayHost", &device->gateway, err) ||
	    json_copy_string(spec, "deviceId", &device->id, err) ||
	    json_get_object(spec, "auth", &auth, err) ||
	    load_trust(client, device, err))
		return err->code;
	return load_credentials(auth, device, err);
}

static enum error_code
check_status(const struct device *device, long status, struct error *err)
{
	if (status >= 200 && status < 300)
		return ERROR_NONE;
	if (status == 401 || status == 403 || status == 404)
		return error_set(err, ERROR_UPSTREAM,
		    "hub '%s' does not accept device '%s' with this "
		    "%s (%ld): it is disabled or deleted there, or "
		    "must be provisioned again",
		    device->hub, device->id,
		    device->proof.sign ? "key" : "certificate", status);
	if (status == 429 || status >= 500)
		return error_set(err, ERROR_UNAVAILABLE,
		    "hub '%s' cannot take messages now (%ld): try again later",
		    device->hub, status);
	return error_set(err, ERROR_UPSTREAM,
	    "hub '%s' refuses the message (%ld)", device->hub, status);
}

static enum error_code
post(const struct device *device, const void *message, size_t length,
    struct error *err)
{
	CLEANUP(string) char *id = http_encode_segment(device->id);
	CLEANUP(string)
	char *url = id ? string_format("https://%s/devices/%s/messages/events"
				       "?api-version=" API_VERSION,
			     device->gateway, id)
		       : NULL;
	struct https_request request = {
	    .method = "POST",
	    .url = url,
	    .headers = {"Content-Type: application/octet-stream"},
	    .body = message,
	    .body_length = length,
	    .ca_file = device->ca_file,
	    .timeout_ms = TIMEOUT_MS,
	};
	CLEANUP(string)
	char *resource =
	    string_format("%s/devices/%s", device->hub, device->id);
	CLEANUP(string) char *signature = NULL;
	CLEANUP_DONE(https_response) struct https_response response = {0};

	if (!url || !resource)
		return error_no_memory(err);
	if (proof_apply(
		&device->proof, resource, NULL, &request, &signature, err))
		return error_wrap(
		    err, "the signature for hub '%s'", device->hub);
	if (https_send(&request, &response, err))
		return error_wrap(err, "hub '%s'", device->hub);
	return check_status(device, response.status, err);
}

enum error_code
hub_send_message(const void *message, size_t length, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (length > HUB_MESSAGE_MAX)
		return error_set(err, ERROR_INVALID,
		    "the message has %zu bytes, a hub takes at most %zu",
		    length, HUB_MESSAGE_MAX);
	if (load_device(&device, err))
		return err->code;
	return post(&device, message, length, err);
}
