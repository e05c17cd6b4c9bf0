/* SPDX-License-Identifier: MIT */
#include "routes.h"

#include "common/daemon.h"
#include "routes_shared.h"

#define AZIOT 20200901U
#define ALLOWED (HTTP_PRINCIPAL | HTTP_ROOT)

/*
 * The attack surface. Beside the class of the caller, every handler asks
 * whether the caller's uid may use the key in question.
 */
const struct http_route keyd_routes[] = {
    {"POST",   "/keypair",       AZIOT,               ALLOWED,     handle_create_pair},
    {"DELETE", "/keypair",       AZIOT,               ALLOWED,     handle_delete_pair},
    {"GET",    "/keypair/{}",    AZIOT,               ALLOWED,     handle_load_pair  },
    {"POST",   "/keypair/{}",    AZIOT,               ALLOWED,     handle_move_pair  },
    {"POST",   "/parameters/{}", AZIOT,               ALLOWED,     handle_parameter  },
    {"POST",   "/sign",          AZIOT,               ALLOWED,     handle_sign       },
    {"POST",   "/encrypt",       AZIOT,               ALLOWED,     handle_encrypt    },
    {"GET",    "/keys",          HTTP_VERSION_SIGNET, HTTP_ANYONE, handle_list_keys  },
    {"GET",    "/keys/{}",       HTTP_VERSION_SIGNET, ALLOWED,     handle_get_key    },
    {"POST",   "/keys/{}/sign",  HTTP_VERSION_SIGNET, ALLOWED,     handle_sign_by_id },
    {"GET",    "/health",        HTTP_VERSION_SIGNET, HTTP_ANYONE, handle_health     },
    {"GET",    "/metrics",       HTTP_VERSION_SIGNET, HTTP_ANYONE, handle_metrics    },
};
const size_t keyd_route_count = sizeof(keyd_routes) / sizeof(keyd_routes[0]);

static const unsigned versions[] = {AZIOT, 20210501U, HTTP_VERSION_SIGNET};

/* While keyd knows no principals, everybody may learn why. */
static unsigned
classify(void *context, const struct peer *peer)
{
	const struct keyd *keyd = context;

	if (!keyd->keys || keys_know(keyd->keys, peer->uid))
		return HTTP_PRINCIPAL;
	return 0;
}

struct http_service
keyd_service(struct keyd *keyd)
{
	return (struct http_service){
	    .routes = keyd_routes,
	    .route_count = keyd_route_count,
	    .versions = versions,
	    .version_count = sizeof(versions) / sizeof(versions[0]),
	    .classify = classify,
	    .context = keyd,
	    .metrics = keyd->metrics,
	};
}

enum error_code
routes_ready(const struct keyd *keyd, struct error *err)
{
	if (keyd->keys)
		return ERROR_NONE;
	return error_set(err, ERROR_UNAVAILABLE, "%s", keyd->trouble.message);
}

enum error_code
routes_key_of_handle(const struct keyd *keyd,
    const struct http_request *request, char **ret_id, struct error *err)
{
	const char *handle;

	if (routes_ready(keyd, err) || http_require_body(request, err) ||
	    json_get_string(request->body, "keyHandle", &handle, err))
		return err->code;
	return handles_verify(keyd->handles, handle, ret_id, err);
}

enum error_code
routes_reply_bytes(struct http_reply *reply, const char *member,
    const void *data, size_t length, struct error *err)
{
	CLEANUP(json) json_t *body = json_object();

	if (!body)
		return error_no_memory(err);
	if (json_set_bytes(body, member, data, length, err))
		return err->code;
	reply->body = TAKE(body);
	return ERROR_NONE;
}

enum error_code
handle_health(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct keyd *keyd = context;
	struct daemon_health health = {"ok", ""};
	struct error trouble;

	if (routes_ready(keyd, &trouble) ||
	    keys_check(keyd->keys, &request->peer, &trouble))
		health = (struct daemon_health){"degraded", trouble.message};
	return daemon_health_reply(&health, reply, err);
}
