/* SPDX-License-Identifier: MIT */
/* What provision.c and provision_view.c share. */
#ifndef PROVISIONING_PROVISION_INSIDE_H
#define PROVISIONING_PROVISION_INSIDE_H

#include <pthread.h>

#include "common/backoff.h"
#include "provision.h"
#include "store.h"

struct provision {
	const struct config *config;
	const char *directory;
	struct provision_hooks hooks;

	/* Of the step alone. */
	bool loaded;         /* the store has been read */
	bool ask_dps;        /* whatever is stored */
	bool serving;        /* somebody waits for this attempt */
	bool ended;          /* we have been told to give up */
	int64_t not_before;  /* DPS wants to be left alone until then */
	char thumbprint[65]; /* of the certificate, "" until it is known */
	struct backoff soon;
	struct backoff later;
	struct backoff refused;

	/* Written by the step under the lock; others read under it. */
	pthread_mutex_t lock;
	enum provision_status status;
	char message[ERROR_MESSAGE_MAX];
	bool has_stored;
	struct record stored;
	uint64_t requests; /* made so far; the only one others write */
	uint64_t served;
	struct error outcome; /* of the last request served */
};

#endif
