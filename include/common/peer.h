/* SPDX-License-Identifier: MIT */
/* Who is at the other end of a Unix socket, as the kernel says (SO_PEERCRED).
 */
#ifndef COMMON_PEER_H
#define COMMON_PEER_H

#include <sys/types.h>

#include "common/error.h"

struct peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;
};

/* Fails with ERROR_INTERNAL if the kernel does not tell. */
MUST_CHECK enum error_code peer_of_socket(
    int socket, struct peer *ret_peer, struct error *err);

#endif
