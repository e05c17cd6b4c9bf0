/* SPDX-License-Identifier: MIT */
/*
 * What provisioning meets, made up: it takes the place of attestation.c,
 * preflight.c and dps.c. The store is real, in a directory of its own.
 */
#ifndef TESTS_PROVISION_WORLD_H
#define TESTS_PROVISION_WORLD_H

#include "provision.h"

/* What the world does, and what was done to it. */
struct provision_world {
	enum error_code attestation; /* how obtaining credentials ends */
	enum error_code preflight;
	enum error_code dps;
	enum error_code passing; /* a failure that DPS has on the way */
	const char *hub;
	bool has_certificate; /* else a key */
	char thumbprint[65];

	bool ends;                /* the daemon does */
	int64_t busy_ms;          /* how long DPS then wants to be left alone */
	unsigned peeks, obtained; /* how often credentials were looked at */
	unsigned dps_calls;
	int64_t dps_deadline_ms;
	unsigned changes;
	unsigned wakes;
	void (*during_dps)(struct provision *provision);
	struct provision *provision;
	enum provision_status status_during_dps;
	char message_during_dps[ERROR_MESSAGE_MAX];
};

extern struct provision_world world;
extern struct config world_config;
extern char world_directory[32];

/* For cmocka: an empty store, and a world in which all goes well. */
int world_setup(void **state);
int world_teardown(void **state);

/* The daemon starts, with whatever the last one left in the store. */
struct provision *world_start(void);

enum provision_status world_status(struct provision *provision);

/* The stored assignment, or with a suffix what is beside it; to be freed. */
char *world_record_path(const char *suffix);
bool world_has_record(void);

/* hub may be NULL: there is none. */
void assert_view(struct provision *provision, enum provision_status status,
    const char *hub, const char *message);

#endif
