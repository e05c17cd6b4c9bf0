/* SPDX-License-Identifier: MIT */
/* HTTPS on loopback: libmicrohttpd with GnuTLS. */
#ifndef CLOUD_SERVER_H
#define CLOUD_SERVER_H

#include <stdint.h>

#include "cloud.h"

/*
 * Opens a listening socket on 127.0.0.1. Port 0 takes any that is free;
 * *ret_port says which. Fails with ERROR_UNAVAILABLE if the port is taken.
 */
MUST_CHECK enum error_code server_listen(
    uint16_t port, int *ret_socket, uint16_t *ret_port, struct error *err);

struct server;

/*
 * Serves cloud on socket, which it takes, in threads of its own, with the
 * certificate in the settings. Until server_stop() nobody else may use cloud.
 */
MUST_CHECK enum error_code server_start(struct cloud *cloud, int socket,
    struct server **ret_server, struct error *err);

/* Ends what is under way, and stops. NULL is allowed. */
void server_stop(struct server *server);
DEFINE_CLEANUP(server, struct server, server_stop)

#endif
