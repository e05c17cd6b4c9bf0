/* SPDX-License-Identifier: MIT */
/* Whether a host's name can stand in certificates and in URLs (RFC 1035). */
#ifndef CLI_HOSTNAME_H
#define CLI_HOSTNAME_H

#define HOSTNAME_BYTES_MAX 255

/*
 * What is wrong with name on a machine that is called machine; NULL: nothing.
 * It is the machine's name, or has it as its first label. Static text.
 */
const char *hostname_problem(const char *name, const char *machine);

#endif
