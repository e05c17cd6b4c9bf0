/* SPDX-License-Identifier: MIT */
#include "routes.h"

#include <string.h>

#include "audit.h"
#include "lanes.h"
#include "routes_shared.h"

#define AZIOT 20200901U
#define OURS HTTP_VERSION_SIGNET
#define ANYONE HTTP_ANYONE
#define ALLOWED (HTTP_PRINCIPAL | HTTP_ROOT)

/*
 * The attack surface. Beside the class of the caller, every handler asks
 * whether the caller's uid has the right to the key in question. Whoever shows
 * a handle need not be a principal: it may have been made for him.
 */
const struct http_route keyd_routes[] = {
    {"POST",   "/keypair",           AZIOT, ALLOWED, KEYD_TOKEN,  handle_create_pair  },
    {"DELETE", "/keypair",           AZIOT, ANYONE,  KEYD_CHANGE, handle_delete_pair  },
    {"GET",    "/keypair/{}",        AZIOT, ALLOWED, KEYD_TOKEN,  handle_load_pair    },
    {"POST",   "/keypair/{}",        AZIOT, ALLOWED, KEYD_CHANGE, handle_move_pair    },
    {"POST",   "/key",               AZIOT, ALLOWED, KEYD_TOKEN,  handle_create_secret},
    {"DELETE", "/key",               AZIOT, ANYONE,  KEYD_CHANGE, handle_delete_secret},
    {"GET",    "/key/{}",            AZIOT, ALLOWED, KEYD_TOKEN,  handle_load_secret  },
    {"POST",   "/parameters/{}",     AZIOT, ANYONE,  KEYD_TOKEN,  handle_parameter    },
    {"POST",   "/sign",              AZIOT, ANYONE,  KEYD_TOKEN,  handle_sign         },
    {"POST",   "/encrypt",           AZIOT, ANYONE,  KEYD_TOKEN,  handle_encrypt      },
    {"POST",   "/decrypt",           AZIOT, ANYONE,  KEYD_TOKEN,  handle_decrypt      },
    {"POST",   "/derivedkey",        AZIOT, ANYONE,  KEYD_TOKEN,  handle_derive_handle},
    {"POST",   "/derivedkey/export", AZIOT, ANYONE,  KEYD_TOKEN,  handle_export       },
    {"GET",    "/keys",              OURS,  ANYONE,  KEYD_DESK,   handle_list_keys    },
    {"GET",    "/keys/{}",           OURS,  ALLOWED, KEYD_TOKEN,  handle_get_key      },
    {"DELETE", "/keys/{}",           OURS,  ALLOWED, KEYD_TOKEN,  handle_delete_key   },
    {"GET",    "/keys/{}/public",    OURS,  ALLOWED, KEYD_TOKEN,  handle_get_public   },
    {"POST",   "/keys/{}/import",    OURS,  ALLOWED, KEYD_CHANGE, handle_import_pair  },
    {"POST",   "/keys/{}/sign",      OURS,  ALLOWED, KEYD_TOKEN,  handle_key_sign     },
    {"POST",   "/keys/{}/verify",    OURS,  ALLOWED, KEYD_TOKEN,  handle_key_verify   },
    {"POST",   "/keys/{}/decrypt",   OURS,  ALLOWED, KEYD_TOKEN,  handle_key_decrypt  },
    {"POST",   "/keys/{}/derive",    OURS,  ALLOWED, KEYD_TOKEN,  handle_key_agree    },
    {"POST",   "/handles/delegate",  OURS,  ALLOWED, KEYD_TOKEN,  handle_delegate     },
    {"POST",   "/random",            OURS,  ALLOWED, KEYD_TOKEN,  handle_random       },
    {"GET",    "/health",            OURS,  ANYONE,  KEYD_DESK,   handle_health       },
    {"GET",    "/metrics",           OURS,  ANYONE,  KEYD_DESK,   handle_metrics      },
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

/* Who has no right to any key is on record, too. */
static void
record_denial(void *context, const struct http_route *route,
    const struct http_request *request)
{
	const struct keyd *keyd = context;
	struct audit_record record = {
	    .operation = "call",
	    .algorithm = route->pattern,
	    .key = strstr(route->pattern, "{}") ? request->params[0] : NULL,
	    .uid = request->peer.uid,
	    .pid = request->peer.pid,
	    .result = ERROR_DENIED,
	};
	struct error ignored;

	(void)!audit_append(keyd->audit, &record, &ignored);
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
	    .denied = record_denial,
	    .lane = routes_lane,
	    .context = keyd,
	    .metrics = keyd->metrics,
	};
}
