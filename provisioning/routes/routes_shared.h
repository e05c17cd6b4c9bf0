/* SPDX-License-Identifier: MIT */
/* What the handlers of provisiond share. */
#ifndef PROVISIONING_ROUTES_SHARED_H
#define PROVISIONING_ROUTES_SHARED_H

#include "routes.h"

/* Fails with ERROR_UNAVAILABLE if the daemon cannot work, and says why. */
MUST_CHECK enum error_code routes_check_fault(
    const struct provisiond *provisiond, struct error *err);

/* Fails with ERROR_INTERNAL if body, which the reply takes, is NULL. */
MUST_CHECK enum error_code routes_reply(
    struct http_reply *reply, json_t *body, struct error *err);

/*
 * Finds what the device is assigned to. While nobody knows that yet, the reply
 * is deferred instead: then the call is not the handler's any more, and
 * *ret_view is empty. The contents of ret_view are the caller's.
 *
 * Fails with ERROR_NOT_FOUND if the device is not provisioned, and why.
 */
MUST_CHECK enum error_code routes_find_device(
    const struct provisiond *provisiond, const struct http_request *request,
    struct http_reply *reply, struct provision_view *ret_view,
    struct error *err);

/*
 * Has the call run in lane instead, unless it does already. Returns true if it
 * will: then the reply is deferred, the call is not the handler's any more, and
 * its handler is called again there.
 */
bool routes_hand_over(const struct http_request *request,
    enum provisiond_lane lane, struct http_reply *reply);

/* The identity of the module that the caller is named like. */
MUST_CHECK enum error_code routes_reply_own_module(
    const struct provisiond *provisiond, const struct http_request *request,
    struct http_reply *reply, struct error *err);

http_handler handle_list_modules, handle_make_module, handle_show_module,
    handle_renew_module, handle_remove_module, handle_trust_bundle;

#endif
