/* SPDX-License-Identifier: MIT */
/* For routes*.c: what handlers have in common, and the handlers. */
#ifndef KEYD_ROUTES_SHARED_H
#define KEYD_ROUTES_SHARED_H

#include "routes.h"

/* The key that an id means. */
#define KEY_OF(of_kind, of_id)                                                 \
	(&(const struct key_ref){.kind = (of_kind), .id = (of_id)})

/* Fails with what keeps keyd from working. */
MUST_CHECK enum error_code routes_ready(
    const struct keyd *keyd, struct error *err);

/* Fails unless keyd is ready and the request has a body. */
MUST_CHECK enum error_code routes_ready_for_body(const struct keyd *keyd,
    const struct http_request *request, struct error *err);

/*
 * Fails unless keyd is ready and the request has a body whose member is a
 * handle of ours; ret_handle is released with handle_done().
 */
MUST_CHECK enum error_code routes_read_handle(const struct keyd *keyd,
    const struct http_request *request, const char *member,
    struct handle *ret_handle, struct error *err);

/* Decoded base64, wiped when it is released. */
struct bytes {
	struct key_input input;
	unsigned char *owned;
};

void bytes_done(struct bytes *bytes);

MUST_CHECK enum error_code routes_read_bytes(const json_t *object,
    const char *member, struct bytes *ret_bytes, struct error *err);

/* Absent or null: ret_bytes->owned is NULL. */
MUST_CHECK enum error_code routes_read_optional_bytes(const json_t *object,
    const char *member, struct bytes *ret_bytes, struct error *err);

/* Replies with one member, the base64 of data. */
MUST_CHECK enum error_code routes_reply_bytes(struct http_reply *reply,
    const char *member, const void *data, size_t length, struct error *err);

/* Replies with one member, a text. */
MUST_CHECK enum error_code routes_reply_text(struct http_reply *reply,
    const char *member, const char *text, struct error *err);

/* Replies with a handle of the key. */
MUST_CHECK enum error_code routes_reply_handle(const struct keyd *keyd,
    enum key_kind kind, const char *id, struct http_reply *reply,
    struct error *err);

/*
 * Has the request dispatched again in the lane for changes. Returns false if it
 * is there already.
 */
bool routes_hand_over(
    const struct http_request *request, struct http_reply *reply);

/* A text that is none of those that are known, as aziot answers it (422). */
enum error_code routes_unknown_algorithm(
    const char *algorithm, const char *known, struct error *err);

/* routes_lane.c; as http_service says. */
unsigned routes_lane(void *context, const struct http_route *route,
    const struct http_message *message, const char *param);

/* routes_pair.c */
/* Deletes the key of kind that the body has a handle of. */
MUST_CHECK enum error_code routes_delete(const struct keyd *keyd,
    const struct http_request *request, enum key_kind kind,
    struct http_reply *reply, struct error *err);

http_handler handle_create_pair;
http_handler handle_load_pair;
http_handler handle_move_pair;
http_handler handle_delete_pair;
http_handler handle_parameter;
/* routes_secret.c */
http_handler handle_create_secret;
http_handler handle_load_secret;
http_handler handle_delete_secret;
http_handler handle_derive_handle;
http_handler handle_export;
/* routes_use.c */
http_handler handle_sign;
http_handler handle_encrypt;
http_handler handle_decrypt;
/* routes_keys.c */
http_handler handle_list_keys;
http_handler handle_get_key;
http_handler handle_delete_key;
http_handler handle_get_public;
http_handler handle_import_pair;
/* routes_key_use.c */
http_handler handle_key_sign;
http_handler handle_key_verify;
http_handler handle_key_decrypt;
http_handler handle_key_agree;
http_handler handle_random;
/* routes_handles.c */
http_handler handle_delegate;
/* routes.c */
http_handler handle_health;
http_handler handle_metrics;

#endif
