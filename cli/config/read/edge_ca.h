/* SPDX-License-Identifier: MIT */
/*
 * The CA of Edge's own daemon, aziot-edged, from which its modules have their
 * certificates: what the files of IoT Edge say of it, and leave unsaid.
 */
#ifndef CLI_EDGE_CA_H
#define CLI_EDGE_CA_H

#include "common/config_node.h"

#define ID_EDGE_CA "aziot-edged-ca"
#define ID_EDGE_CA_NEXT ID_EDGE_CA "-temp"

/*
 * Says in aziot's newer names how long a CA lives that Edge makes for itself.
 * A file with an agent that names no CA is given that one, for 90 days, if
 * there is a token that its key can be made in.
 */
MUST_CHECK enum error_code edge_ca_change(
    struct config_node *root, struct error *err);

/*
 * Edge's daemon renews its CA itself: it has the next one issued under an id of
 * its own, then puts it in place. Both are issued alike; to be called when all
 * that is said of the first has its names.
 */
MUST_CHECK enum error_code edge_ca_add_next(
    struct config_node *root, struct error *err);

#endif
