/* SPDX-License-Identifier: MIT */
/* signet-certd: issues, keeps and shows certificates. */
#include <stdlib.h>

#include "common/daemon.h"
#include "common/log.h"
#include "routes.h"

/* Issuing waits for keyd and for EST servers. */
static const struct http_lane lanes[] = {
    {"certd", .workers = 8, .wait_ms = 30000, .run_ms = 0}
};

static enum error_code
open_certs(const struct daemon_options *options, struct certs **ret_certs,
    struct error *err)
{
	CLEANUP_DONE(certd_config) struct certd_config config = {0};

	if (certd_config_load(options->config_path, &config, err))
		return err->code;
	return certs_open(&config, options->state_path, ret_certs, err);
}

static enum error_code
run(const struct daemon_options *options, struct error *err)
{
	CLEANUP(certs) struct certs *certs = NULL;
	struct certd certd = {
	    .problem = {ERROR_NONE, ""}
        };
	struct daemon_service service = {
	    .http = certd_service(&certd), .lanes = lanes, .lane_count = 1};
	struct error problem;

	/* Who asks on the socket must learn what is wrong: stay up. */
	if (open_certs(options, &certs, &certd.problem))
		log_error("degraded: %s", certd.problem.message);
	else if (certs_check(certs, &problem))
		log_warning("degraded: %s", problem.message);
	certd.certs = certs;
	return daemon_serve(options, &service, err);
}

int
main(int argc, char *argv[])
{
	CLEANUP_DONE(daemon_options) struct daemon_options options = {0};
	struct error err;

	daemon_start("certd", argc, argv, &options);
	if (run(&options, &err)) {
		log_error("%s", err.message);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
