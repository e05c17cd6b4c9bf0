/* SPDX-License-Identifier: MIT */
/*
 * The HTTP interface on tpmd.sock: aziot-tpmd's calls, and ours.
 * docs/protocol-tpmd.md describes it.
 */
#ifndef KEYD_ROUTES_TPM_H
#define KEYD_ROUTES_TPM_H

#include "audit.h"
#include "common/http.h"
#include "tpm.h"
#include "tpm_users.h"

/* What needs no TPM is never held up by what does. */
enum tpmd_lane { TPMD_DESK, TPMD_TPM, TPMD_LANES };

/* What the handlers work on; all pointers are borrowed. */
struct tpm_service {
	struct tpm *tpm; /* NULL: none is configured */
	struct tpm_users *users;
	unsigned call_seconds; /* how long a call may take */
	struct audit *audit;
	struct http_metrics *metrics; /* NULL: requests are not counted */
};

extern const struct http_route tpm_routes[];
extern const size_t tpm_route_count;

/* The interface on top of service, which must outlive it. */
struct http_service tpm_http_service(struct tpm_service *service);

#endif
