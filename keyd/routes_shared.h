/* SPDX-License-Identifier: MIT */
/* For routes*.c: what handlers have in common, and the handlers. */
#ifndef KEYD_ROUTES_SHARED_H
#define KEYD_ROUTES_SHARED_H

#include "routes.h"

/* Fails with what keeps keyd from working. */
MUST_CHECK enum error_code routes_ready(
    const struct keyd *keyd, struct error *err);

/*
 * Fails unless keyd is ready and the request has a body with the handle of a
 * key pair. The caller frees *ret_id.
 */
MUST_CHECK enum error_code routes_key_of_handle(const struct keyd *keyd,
    const struct http_request *request, char **ret_id, struct error *err);

/* Replies with one member, the base64 of data. */
MUST_CHECK enum error_code routes_reply_bytes(struct http_reply *reply,
    const char *member, const void *data, size_t length, struct error *err);

http_handler handle_create_pair;
http_handler handle_load_pair;
http_handler handle_move_pair;
http_handler handle_delete_pair;
http_handler handle_parameter;
http_handler handle_sign;
http_handler handle_encrypt;
http_handler handle_list_keys;
http_handler handle_get_key;
http_handler handle_sign_by_id;
http_handler handle_health;
http_handler handle_metrics;

#endif
