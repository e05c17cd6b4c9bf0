/* SPDX-License-Identifier: MIT */
/*
 * A reply, and how each surface refuses: DPS and the hub have their own numbers
 * or names and their own JSON form, EST has a line of text, the portal a page.
 */
#ifndef CLOUD_REPLY_H
#define CLOUD_REPLY_H

#include <stdbool.h>

#include "common/error.h"
#include "common/json.h"

enum surface { SURFACE_DPS, SURFACE_HUB, SURFACE_EST, SURFACE_PORTAL };

enum refusal {
	REFUSE_VERSION,
	REFUSE_ARGUMENT,
	REFUSE_REGISTRATION_ID,
	REFUSE_GROUP_ID,
	REFUSE_ENDORSEMENT_KEY,
	REFUSE_STORAGE_ROOT_KEY,
	REFUSE_UNAUTHORIZED,
	REFUSE_FORBIDDEN,
	REFUSE_ROUTE,
	REFUSE_DEVICE_NOT_FOUND,
	REFUSE_DEVICE_EXISTS,
	REFUSE_MODULE_NOT_FOUND,
	REFUSE_MODULE_EXISTS,
	REFUSE_TOO_MANY_MODULES,
	REFUSE_ENROLLMENT_NOT_FOUND,
	REFUSE_REGISTRATION_NOT_FOUND,
	REFUSE_OPERATION_NOT_FOUND,
	REFUSE_GROUP_NOT_FOUND,
	REFUSE_ENROLLMENT_EXISTS,
	REFUSE_GROUP_EXISTS,
	REFUSE_PRECONDITION,
	REFUSE_TOO_LARGE,
	REFUSE_MEDIA_TYPE,
	REFUSE_THROTTLED,
	REFUSE_SERVER,
	REFUSE_NOT_IMPLEMENTED,
	REFUSE_UNAVAILABLE,
};

#define CONTINUATION_MAX 512 /* of the ids of a device and its module */
#define REPLY_HEADERS_MAX 12

struct reply_header {
	const char *name; /* of static storage */
	char *value;      /* owned */
};

struct reply {
	enum surface surface;
	unsigned status;       /* 0: not answered yet */
	json_t *body;          /* NULL: none */
	char *text;            /* instead of a body, or NULL */
	const char *text_type; /* its media type */
	size_t header_count;
	struct reply_header headers[REPLY_HEADERS_MAX];
	unsigned retry_after_seconds;        /* 0: no header */
	const char *item_type;               /* x-ms-item-type, or NULL */
	char continuation[CONTINUATION_MAX]; /* "" : no header */
	bool dropped;           /* no reply: the connection is to be closed */
	unsigned stall_seconds; /* how long before it is */
	char reason[ERROR_MESSAGE_MAX]; /* of a refusal, for the log */
};

/* Releases the contents. */
void reply_done(struct reply *reply);

/*
 * Fills reply with status and body, which it takes; a NULL body is no memory.
 */
MUST_CHECK enum error_code reply_json(
    struct reply *reply, unsigned status, json_t *body, struct error *err);

/*
 * Fills reply with 200, a record, which it takes, and the record's "etag" as
 * the header ETag: in quotes (RFC 9110 section 8.8.3), which DPS has inside the
 * text and the hub has not. A NULL record is no memory.
 */
MUST_CHECK enum error_code reply_record(
    struct reply *reply, json_t *record, struct error *err);

/*
 * Fills reply with status and text, which it takes; NULL is no memory. type is
 * of static storage.
 */
MUST_CHECK enum error_code reply_text_of(struct reply *reply, unsigned status,
    const char *type, char *text, struct error *err);

/*
 * Fills reply with 303, which has the client GET location (RFC 9110 section
 * 15.4.4).
 */
MUST_CHECK enum error_code reply_see_other(
    struct reply *reply, const char *location, struct error *err);

/* Adds a header; name is of static storage. */
MUST_CHECK enum error_code reply_add_header(struct reply *reply,
    const char *name, const char *value, struct error *err);

/* Fills reply with a refusal. A refusal is an answer: returns ERROR_NONE. */
enum error_code refuse(struct reply *reply, enum refusal refusal,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Makes a reason fit for JSON and for a line of the log: it may quote what a
 * client sent, cut off within a character.
 */
void reason_make_plain(char *reason);

/* The number that DPS gives refusal. */
int refusal_code(enum refusal refusal);

/* Fills reply with the refusal that a handler's failure amounts to. */
void refuse_error(struct reply *reply, const struct error *err);

#endif
