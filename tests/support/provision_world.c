/* SPDX-License-Identifier: MIT */
#include "cmocka_wrap.h"

#include "provision_world.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attestation.h"
#include "common/file.h"
#include "common/log.h"
#include "common/time.h"
#include "dps.h"
#include "preflight.h"

struct provision_world world;
struct config world_config;
char world_directory[32];

enum error_code
attestation_obtain(const struct attestation_settings *attestation,
    const char *name, struct credentials *ret_credentials, struct error *err)
{
	(void)attestation;
	(void)name;
	world.obtained++;
	if (world.attestation)
		return error_set(err, world.attestation, "no credentials");
	*ret_credentials = (struct credentials){
	    .chain = world.has_certificate ? sk_X509_new_null() : NULL};
	(void)snprintf(ret_credentials->digest, sizeof(ret_credentials->digest),
	    "%s", world.thumbprint);
	return ERROR_NONE;
}

bool
attestation_is_unchanged(
    const struct attestation_settings *attestation, const char *digest)
{
	(void)attestation;
	world.peeks++;
	return world.has_certificate && !world.attestation &&
	       strcmp(world.thumbprint, digest) == 0;
}

void
credentials_done(struct credentials *credentials)
{
	x509_stack_free(credentials->chain);
}

struct proof
credentials_proof(const struct credentials *credentials)
{
	(void)credentials;
	return (struct proof){0};
}

enum error_code
preflight_check(const x509_stack *chain, const EVP_PKEY *key,
    const char *configured, int64_t now, char **ret_registration_id,
    struct error *err)
{
	(void)chain;
	(void)key;
	(void)now;
	if (world.preflight)
		return error_set(err, world.preflight, "wrong certificate");
	*ret_registration_id = strdup(configured ? configured : "dev-1");
	return ERROR_NONE;
}

enum error_code
preflight_check_credentials(const x509_stack *chain, const EVP_PKEY *key,
    int64_t now, struct error *err)
{
	(void)chain;
	(void)key;
	(void)now;
	return world.preflight
		   ? error_set(err, world.preflight, "wrong certificate")
		   : ERROR_NONE;
}

enum provision_status
world_status(struct provision *provision)
{
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	struct error err;

	assert_int_equal(provision_look(provision, &view, &err), ERROR_NONE);
	return view.status;
}

static void
note_view(struct provision *provision)
{
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	struct error err;

	assert_int_equal(provision_look(provision, &view, &err), ERROR_NONE);
	world.status_during_dps = view.status;
	(void)snprintf(world.message_during_dps,
	    sizeof(world.message_during_dps), "%s", view.message);
}

enum error_code
dps_register(const struct dps_request *request,
    struct dps_assignment *ret_assignment, int64_t *ret_not_before,
    struct error *err)
{
	*ret_not_before =
	    world.busy_ms ? time_monotonic_ms() + world.busy_ms : 0;
	world.dps_calls++;
	world.dps_deadline_ms = request->deadline_ms;
	if (world.passing) {
		struct error why;

		(void)error_set(&why, world.passing, "passing trouble");
		if (!request->wait(request->context, 1000, &why))
			return error_set(err, ERROR_UNAVAILABLE, "given up");
	}
	note_view(world.provision);
	if (world.during_dps)
		world.during_dps(world.provision);
	if (world.dps)
		return error_set(err, world.dps, "DPS says no");
	*ret_assignment = (struct dps_assignment){
	    strdup(world.hub), strdup(request->registration_id)};
	return ERROR_NONE;
}

static bool
world_wait(void *context, int64_t milliseconds)
{
	(void)context;
	(void)milliseconds;
	return !world.ends;
}

static void
world_wake(void *context)
{
	(void)context;
	world.wakes++;
}

static void
world_changed(void *context)
{
	(void)context;
	world.changes++;
}

struct provision *
world_start(void)
{
	const struct provision_hooks hooks = {
	    .wait = world_wait, .wake = world_wake, .changed = world_changed};
	struct provision *provision = NULL;
	struct error err;

	assert_int_equal(provision_create(&world_config, world_directory,
			     &hooks, &provision, &err),
	    ERROR_NONE);
	world.provision = provision;
	return provision;
}

int
world_setup(void **state)
{
	static char endpoint[] = "https://dps.example", scope[] = "0ne1",
		    source[] = "dps";

	(void)state;
	memset(&world, 0, sizeof(world));
	world.hub = "hub-1";
	world.has_certificate = true;
	(void)snprintf(world.thumbprint, sizeof(world.thumbprint), "ab12");
	world_config = (struct config){0};
	world_config.provisioning.source = source;
	world_config.provisioning.global_endpoint = endpoint;
	world_config.provisioning.scope_id = scope;
	(void)snprintf(
	    world_directory, sizeof(world_directory), "/tmp/sgXXXXXX");
	log_set_level(LOG_LEVEL_ERROR);
	return mkdtemp(world_directory) ? 0 : -1;
}

char *
world_record_path(const char *suffix)
{
	char *path =
	    string_format("%s/device_info.json%s", world_directory, suffix);

	assert_non_null(path);
	return path;
}

int
world_teardown(void **state)
{
	CLEANUP(string) char *path = world_record_path("");
	CLEANUP(string) char *aside = world_record_path(".corrupt");

	(void)state;
	(void)unlink(path);
	(void)unlink(aside);
	return rmdir(world_directory);
}

bool
world_has_record(void)
{
	CLEANUP(string) char *path = world_record_path("");

	return file_exists(path);
}

void
assert_view(struct provision *provision, enum provision_status status,
    const char *hub, const char *message)
{
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	struct error err;

	assert_int_equal(provision_look(provision, &view, &err), ERROR_NONE);
	assert_string_equal(
	    provision_status_name(view.status), provision_status_name(status));
	if (hub)
		assert_string_equal(view.assignment.hub, hub);
	else
		assert_null(view.assignment.hub);
	assert_string_equal(view.message, message);
}
