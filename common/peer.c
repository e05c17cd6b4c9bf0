/* SPDX-License-Identifier: MIT */
#include "common/peer.h"

#include <sys/socket.h>

enum error_code
peer_of_socket(int socket, struct peer *ret_peer, struct error *err)
{
	struct ucred credentials;
	socklen_t length = sizeof(credentials);

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) <
	    0)
		return error_set_errno(err, ERROR_INTERNAL, "SO_PEERCRED");

	*ret_peer = (struct peer){.uid = credentials.uid,
	    .gid = credentials.gid,
	    .pid = credentials.pid};
	return ERROR_NONE;
}
