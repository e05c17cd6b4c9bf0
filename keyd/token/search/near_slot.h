/* SPDX-License-Identifier: MIT */
/* Why a slot is not the one that a URI names. */
#ifndef KEYD_NEAR_SLOT_H
#define KEYD_NEAR_SLOT_H

#include "slot.h"

#define NEAR_SLOT_TEXT_MAX 256

/*
 * How many attributes of uri differ. If it is almost the one, because only one
 * does, and others do not, or only in case, the text says so to people; else
 * it is "".
 */
unsigned near_slot_differences(const struct slot *slot,
    const CK_SLOT_INFO *info, P11KitUri *uri,
    char ret_text[NEAR_SLOT_TEXT_MAX]);

#endif
