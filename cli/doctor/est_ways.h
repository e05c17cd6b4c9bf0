/* SPDX-License-Identifier: MIT */
/* As whom, and of which servers, certd asks for certificates by EST. */
#ifndef CLI_EST_WAYS_H
#define CLI_EST_WAYS_H

#include "doctor.h"

struct est_way {
	const char *id;        /* of the certificate; NULL: the defaults */
	struct config_est est; /* its url is not NULL; borrowed */
};

/*
 * The next way behind *place, which starts at 0: the defaults, if they name a
 * server, and each certificate that is issued by EST. False: there is none.
 */
bool est_next(
    const struct doctor *doctor, size_t *place, struct est_way *ret_way);

#endif
