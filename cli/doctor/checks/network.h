/* SPDX-License-Identifier: MIT */
/* What checks of the network share: TLS to a server as a daemon would have it.
 */
#ifndef CLI_CHECKS_NETWORK_H
#define CLI_CHECKS_NETWORK_H

#include "doctor.h"
#include "tls_probe.h"

/* Connects as daemon would. request has the server, and whom to trust. */
void network_probe(const struct doctor *doctor, enum effective_daemon daemon,
    struct tls_probe_request request, struct tls_probe *ret_probe);

/* What to do if a connection ended there, but for trust. Static. */
const char *network_advice(enum tls_stage stage);

#endif
