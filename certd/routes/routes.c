/* SPDX-License-Identifier: MIT */
#include "common/daemon.h"
#include "routes_shared.h"

#define OURS HTTP_VERSION_SIGNET
#define ANYONE HTTP_ANYONE
#define WRITERS (HTTP_PRINCIPAL | HTTP_ROOT)

enum error_code
require_certs(const struct certd *certd, const struct certs **ret_certs,
    struct error *err)
{
	if (!certd->certs)
		return error_set(
		    err, ERROR_UNAVAILABLE, "%s", certd->problem.message);
	*ret_certs = certd->certs;
	return ERROR_NONE;
}

enum error_code
reply_pem(struct http_reply *reply, unsigned status, const char *pem,
    struct error *err)
{
	reply->body = json_pack("{s:s}", "pem", pem);
	if (!reply->body)
		return error_no_memory(err);
	reply->status = status;
	return ERROR_NONE;
}

enum error_code
require_time(const struct certd *certd, struct error *err)
{
	const char *doubt = certd->engine ? engine_doubt(certd->engine) : NULL;

	if (doubt)
		return error_set(err, ERROR_UNAVAILABLE, "%s", doubt);
	return ERROR_NONE;
}

static enum error_code
handle_health(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct certd *certd = context;
	struct error problem = certd->problem;
	/* By a wrong clock any certificate is over, or not valid yet. */
	bool is_doubted = certd->certs && require_time(certd, &problem);
	bool is_broken = !certd->certs ||
			 (!is_doubted && certs_check(certd->certs, &problem));
	bool is_late = !is_doubted && !is_broken &&
		       (check_renewals(certd, &problem) ||
			   certs_check_ends(certd->certs, &problem));
	bool is_ok = !is_doubted && !is_broken && !is_late;
	struct daemon_health health = {.status = is_ok ? "ok" : "degraded",
	    .message = is_ok ? "" : problem.message,
	    .passing =
		is_doubted || (is_late && problem.code == ERROR_TIMEOUT)};

	(void)request;
	return daemon_health_reply(&health, reply, err);
}

/* Certificates are public: whoever reaches the socket may read them all. */
const struct http_route certd_routes[] = {
    {"GET",    "/health",			    OURS,  ANYONE,  0,           handle_health      },
    {"GET",    "/metrics",			   OURS,  ANYONE,  0,           handle_metrics     },
    {"GET",    "/trust-bundle",                      OURS,  ANYONE,  0,           handle_trust_bundle},
    {"GET",    "/certificate-objects",               OURS,  ANYONE,  0,           handle_objects     },
    {"GET",    "/certificates",                      OURS,  ANYONE,  0,           handle_list        },
    {"POST",   "/certificates",                      AZIOT, WRITERS, CERTD_ISSUE, handle_create      },
    {"GET",    "/certificates/{}",                   AZIOT, ANYONE,  0,           handle_get         },
    {"PUT",    "/certificates/{}",                   AZIOT, WRITERS, CERTD_ISSUE, handle_import      },
    {"DELETE", "/certificates/{}",                   AZIOT, WRITERS, 0,           handle_delete      },
    {"POST",   "/certificates/{}/renew",             OURS,  WRITERS, CERTD_ISSUE,
     handle_renew										    },
    {"GET",    "/certificates/{}/explain",           OURS,  ANYONE,  0,           handle_explain     },
    {"GET",    "/certificates/{}/candidate",         OURS,  WRITERS, 0,           handle_candidate   },
    {"POST",   "/certificates/{}/candidate/confirm", OURS,  WRITERS, 0,
     handle_confirm										  },
    {"POST",   "/certificates/{}/candidate/reject",  OURS,  WRITERS, 0,
     handle_reject										   },
};
const size_t certd_route_count = sizeof(certd_routes) / sizeof(certd_routes[0]);

static const unsigned versions[] = {AZIOT, HTTP_VERSION_SIGNET};

/* A certd without certificates lets everybody through to the reason for it. */
static unsigned
classify(void *context, const struct peer *peer)
{
	const struct certd *certd = context;

	if (!certd->certs || certs_knows(certd->certs, peer->uid))
		return HTTP_PRINCIPAL;
	return 0;
}

struct http_service
certd_service(struct certd *certd)
{
	return (struct http_service){.routes = certd_routes,
	    .route_count = certd_route_count,
	    .versions = versions,
	    .version_count = sizeof(versions) / sizeof(versions[0]),
	    .classify = classify,
	    .context = certd,
	    .metrics = certd->metrics};
}
