/* SPDX-License-Identifier: MIT */
/* The keys that devices sign with, for who may read the database anyway. */
#include "cli_enroll.h"

#include "cli.h"
#include "common/file.h"
#include "enrollment_store.h"
#include "instance.h"
#include "symmetric_key.h"

static const char *const members[] = {"primaryKey", "secondaryKey"};

/* The keys of one device, by those of its group. */
static enum error_code
derive_keys(const struct enrollment *group, const char *registration_id,
    json_t **ret_keys, struct error *err)
{
	CLEANUP(json) json_t *keys = json_object();
	struct id_text id;

	if (id_parse(registration_id, &id, err))
		return err->code;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		CLEANUP(secret) char *key = NULL;

		if (symmetric_key_derive(
			enrollment_key(group, members[i]), id.text, &key, err))
			return err->code;
		if (json_object_set_new(keys, members[i], json_string(key)))
			return error_no_memory(err);
	}
	*ret_keys = TAKE(keys);
	return ERROR_NONE;
}

enum error_code
enroll_get_keys(
    const struct enroll_options *options, json_t **ret_keys, struct error *err)
{
	bool is_group = options->group_id != NULL;
	CLEANUP_DONE(instance) struct instance instance = {0};
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};
	struct id_text id;

	if (id_parse(is_group ? options->group_id : options->registration_id,
		&id, err) ||
	    instance_open(options->directory, &instance, err))
		return err->code;
	if (enrollment_store_get(instance.database,
		is_group ? ENROLLMENT_GROUP : ENROLLMENT_INDIVIDUAL, &id,
		&enrollment, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : error_set(err, ERROR_NOT_FOUND,
				 "there is no enrollment '%s'", id.text);
	if (!enrollment.keys)
		return error_set(err, ERROR_INVALID,
		    "the enrollment '%s' is not by symmetric keys", id.text);
	if (is_group && options->registration_id)
		return derive_keys(
		    &enrollment, options->registration_id, ret_keys, err);
	*ret_keys = json_incref(enrollment.keys);
	return ERROR_NONE;
}
