/* SPDX-License-Identifier: MIT */
#include "fleet_group.h"

#include <stdlib.h>
#include <string.h>

#include "enrollment_change.h"
#include "instance.h"
#include "registration_store.h"

#define REGISTRATIONS_MAX 1000000

static enum error_code
make_body(const struct fleet_plant *plant, const char *group, json_t **ret_body,
    struct error *err)
{
	CLEANUP(string) char *pem = NULL;

	if (certificate_to_pem(plant->ca, &pem, err))
		return err->code;
	*ret_body = json_pack("{s:s, s:{s:s, s:{s:{s:{s:s}}}}}",
	    "enrollmentGroupId", group, "attestation", "type", "x509", "x509",
	    "signingCertificates", "primary", "certificate", pem);
	return *ret_body ? ERROR_NONE : error_no_memory(err);
}

enum error_code
fleet_group_enroll(const char *directory, const char *group,
    const struct fleet_plant *plant, struct error *err)
{
	static const struct enrollment_condition condition = {
	    .may_create = true, .may_replace = true};
	CLEANUP_DONE(instance) struct instance instance = {0};
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};
	CLEANUP(json) json_t *body = NULL;
	enum enrollment_obstacle obstacle;
	struct id_text id;

	if (id_parse(group, &id, err) || make_body(plant, group, &body, err) ||
	    instance_open(directory, &instance, err) ||
	    database_begin(instance.database, err) ||
	    enrollment_write(instance.database, ENROLLMENT_GROUP, &id, body,
		&condition, &obstacle, &enrollment, err))
		return error_wrap(err, "cannot enroll the fleet");
	return database_commit(instance.database, err);
}

/* The ids of those that are assigned, as members of ids. */
static void
collect_assigned(const json_t *states, json_t *ids)
{
	for (size_t i = 0; i < json_array_size(states); i++) {
		const json_t *state = json_array_get(states, i);
		const char *status =
		    json_string_value(json_object_get(state, "status"));
		const char *id =
		    json_string_value(json_object_get(state, "registrationId"));

		if (status && strcmp(status, "assigned") == 0)
			(void)json_object_set_new(ids, id, json_true());
	}
}

enum error_code
fleet_group_count(const char *directory, const char *group,
    const struct fleet_plant *plant, size_t *ret_count, struct error *err)
{
	static const struct listing everything = {.limit = REGISTRATIONS_MAX};
	CLEANUP_DONE(instance) struct instance instance = {0};
	CLEANUP(json) json_t *states = json_array();
	CLEANUP(json) json_t *ids = json_object();
	size_t count = 0;

	if (!states || !ids)
		return error_no_memory(err);
	if (instance_open(directory, &instance, err) ||
	    registration_store_list(
		instance.database, group, &everything, states, err))
		return err->code;
	collect_assigned(states, ids);
	for (size_t i = 0; i < plant->count; i++)
		if (json_object_get(ids, plant->devices[i].id))
			count++;
	*ret_count = count;
	return ERROR_NONE;
}
