/* SPDX-License-Identifier: MIT */
/*
 * A reply, and how DPS and the hub refuse: each has its own numbers or names
 * and its own JSON form.
 */
#ifndef CLOUD_REPLY_H
#define CLOUD_REPLY_H

#include <stdbool.h>

#include "common/error.h"
#include "common/json.h"

enum surface { SURFACE_DPS, SURFACE_HUB };

enum refusal {
	REFUSE_VERSION,
	REFUSE_ARGUMENT,
	REFUSE_REGISTRATION_ID,
	REFUSE_GROUP_ID,
	REFUSE_UNAUTHORIZED,
	REFUSE_ROUTE,
	REFUSE_DEVICE_NOT_FOUND,
	REFUSE_ENROLLMENT_NOT_FOUND,
	REFUSE_REGISTRATION_NOT_FOUND,
	REFUSE_OPERATION_NOT_FOUND,
	REFUSE_GROUP_NOT_FOUND,
	REFUSE_ENROLLMENT_EXISTS,
	REFUSE_GROUP_EXISTS,
	REFUSE_PRECONDITION,
	REFUSE_TOO_LARGE,
	REFUSE_THROTTLED,
	REFUSE_SERVER,
	REFUSE_UNAVAILABLE,
};

#define CONTINUATION_MAX 256

struct reply {
	enum surface surface;
	unsigned status;                     /* 0: not answered yet */
	json_t *body;                        /* NULL: none */
	unsigned retry_after_seconds;        /* 0: no header */
	const char *item_type;               /* x-ms-item-type, or NULL */
	char continuation[CONTINUATION_MAX]; /* "" : no header */
	bool dropped; /* no reply: the connection is to be closed */
	char reason[ERROR_MESSAGE_MAX]; /* of a refusal, for the log */
};

/* Releases the contents. */
void reply_done(struct reply *reply);

/*
 * Fills reply with status and body, which it takes; a NULL body is no memory.
 */
MUST_CHECK enum error_code reply_json(
    struct reply *reply, unsigned status, json_t *body, struct error *err);

/* Fills reply with a refusal. A refusal is an answer: returns ERROR_NONE. */
enum error_code refuse(struct reply *reply, enum refusal refusal,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Fills reply with the refusal that a handler's failure amounts to. */
void refuse_error(struct reply *reply, const struct error *err);

#endif
