/* SPDX-License-Identifier: MIT */
/*
 * What a service's unit keeps from it, whatever the modes of a file say:
 * ProtectHome=, PrivateTmp=, ProtectSystem= and the lists of paths
 * (systemd.exec(5)).
 */
#ifndef CLI_UNIT_SIGHT_H
#define CLI_UNIT_SIGHT_H

#include "unit_settings.h"

struct unit_obstacle {
	const struct unit_setting *setting; /* borrowed from the settings */
	bool is_hidden; /* else it can be read, and not be written */
};

/*
 * True if the service cannot see the file or folder at path, which is absolute,
 * or, with writable, not write to it. A link is followed as far as we can.
 */
bool unit_obstructs(const struct unit_settings *settings, const char *path,
    bool writable, struct unit_obstacle *ret_obstacle);

#endif
