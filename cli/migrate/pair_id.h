/* SPDX-License-Identifier: MIT */
/*
 * Which key pair is in a file of aziot-keyd's: the name has the SHA-256 of its
 * id, and before that only the letters and digits of it.
 */
#ifndef CLI_PAIR_ID_H
#define CLI_PAIR_ID_H

#include "common/config_node.h"

/*
 * The id of the pair in the file called name, if it is one of aziot's own, has
 * letters and digits only, or root, the configuration, names it: as a
 * certificate that is preloaded, or for a principal. NULL: it is none of these.
 * The caller's.
 */
char *pair_id(const char *name, const struct config_node *root);

#endif
