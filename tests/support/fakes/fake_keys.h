/* SPDX-License-Identifier: MIT */
/* certd's keyd in memory, with a switch for the failure it can have. */
#ifndef FAKE_KEYS_H
#define FAKE_KEYS_H

#include "keys.h"

/* Handles of the fake are this, followed by the id. */
#define FAKE_HANDLE "handle-of:"

/* Forgets all keys and answers again. */
void fake_keys_reset(void);

/* Has key, which stays the caller's, under id. */
void fake_keys_add(const char *id, EVP_PKEY *key);

/* Makes every later look at a key fail as at one that is there twice. */
void fake_keys_break(void);

/* Makes every later call fail as a keyd that does not run would. */
void fake_keys_unplug(void);

#endif
