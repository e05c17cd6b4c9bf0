/* SPDX-License-Identifier: MIT */
/* One stand-in: a directory with its database and its CA certificate. */
#ifndef CLOUD_INSTANCE_H
#define CLOUD_INSTANCE_H

#include "database.h"

struct instance {
	char *ca_path; /* absolute, DIR/ca.pem */
	char *id_scope;
	struct database *database;
};

/* Releases the contents. */
void instance_done(struct instance *instance);

/*
 * Makes this process the one that serves directory (made if it is missing), for
 * as long as *ret_lock, which the caller closes, is open. Fails with
 * ERROR_EXISTS, naming the process, if there is one.
 */
MUST_CHECK enum error_code instance_lock(
    const char *directory, int *ret_lock, struct error *err);

/*
 * Opens the instance in directory and makes what is missing of it: directory,
 * database, shared access policies, CA and server certificate. On success the
 * contents of ret_instance are the caller's.
 */
MUST_CHECK enum error_code instance_init(
    const char *directory, struct instance *ret_instance, struct error *err);

/* Opens what instance_init() made. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code instance_open(
    const char *directory, struct instance *ret_instance, struct error *err);

#endif
