/* SPDX-License-Identifier: MIT */
/* Messages that devices have sent to the hub, stored. */
#ifndef CLOUD_MESSAGE_STORE_H
#define CLOUD_MESSAGE_STORE_H

#include "common/json.h"
#include "database.h"

/*
 * What a message carries besides its body: what the application named, and
 * what the hub knows itself (messageId, contentType, ...). Owned; NULL: none.
 */
struct message_properties {
	json_t *application;
	json_t *system;
};

/* Releases the contents. */
void message_properties_done(struct message_properties *properties);

/*
 * Notes a header of HTTP, or a member of a batch, if it is a property: by the
 * prefix iothub-app-, or one of IoTHub-MessageId, IoTHub-CorrelationId,
 * IoTHub-UserId, IoTHub-Expiry, iothub-contenttype, iothub-contentencoding, in
 * any case. What is not UTF-8 is left out.
 */
void message_properties_note(
    struct message_properties *properties, const char *name, const char *value);

/* A device-to-cloud message. Everything is borrowed. */
struct message {
	const char *device_id;
	const char *module_id;     /* NULL: of the device itself */
	const char *key_algorithm; /* of the certificate used */
	const char *tls_version;
	const char *content_type; /* of the request; NULL if absent */
	struct message_properties properties;
	const void *body;
	size_t body_length;
};

MUST_CHECK enum error_code message_store_add(struct database *database,
    const struct message *message, struct error *err);

/* Which messages. */
struct message_filter {
	const char *device_id; /* and of its modules; NULL: of all */
	int64_t after;         /* only those with a greater id */
	size_t last;           /* of those only so many, the newest; 0: all */
};

/*
 * Appends messages, the oldest first, to messages (an array) as objects of id,
 * deviceId, moduleId (of a module's), received, keyAlgorithm, tlsVersion,
 * contentType, properties and systemProperties (if there are any), and body
 * (text) or bodyBase64 (anything else).
 */
MUST_CHECK enum error_code message_store_list(struct database *database,
    const struct message_filter *filter, json_t *messages, struct error *err);

#endif
