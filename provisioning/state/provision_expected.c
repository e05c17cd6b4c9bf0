/* SPDX-License-Identifier: MIT */
/*
 * What a renewed certificate was assigned, from before certd is told to take it
 * until the assignment is stored as the device's: in a file beside that.
 */
#include "provision_inside.h"

#include <string.h>

#include "common/log.h"
#include "common/time.h"
#include "payload.h"

enum error_code
provision_expect(struct provision *provision, const char *digest,
    const char *registration_id, const struct dps_assignment *assignment,
    struct error *err)
{
	const struct provisioning_settings *settings =
	    &provision->config->provisioning;
	char payload[PAYLOAD_DIGEST_MAX];
	/* Nothing that is borrowed here is written to. */
	const struct record record = {
	    .origin =
		{
			 .endpoint = settings->global_endpoint,
			 .scope_id = settings->scope_id,
			 .registration_id = (char *)(uintptr_t)registration_id,
			 .thumbprint = (char *)(uintptr_t)digest,
			 .payload = payload,
			 },
	    .assignment = *assignment,
	    .assigned_at = time_now(),
	};
	enum error_code code;

	payload_digest(&settings->payload, payload);
	(void)pthread_mutex_lock(&provision->expected_lock);
	code = store_save(provision->directory, STORE_CANDIDATE, &record, err);
	if (code == ERROR_NONE)
		provision->expectations++;
	(void)pthread_mutex_unlock(&provision->expected_lock);
	return code;
}

static enum error_code
load(struct provision *provision, struct record *ret_record)
{
	struct error err;

	if (store_load(provision->directory, STORE_CANDIDATE, ret_record,
		&err) == ERROR_NONE)
		return ERROR_NONE;
	if (err.code != ERROR_NOT_FOUND)
		log_warning("%s", err.message);
	return err.code;
}

bool
provision_find_expected(struct provision *provision,
    const struct origin *wanted, struct record *ret_record)
{
	CLEANUP_DONE(record) struct record record = {0};

	/* If it cannot be read DPS is asked. */
	if (load(provision, &record) || !record.origin.thumbprint ||
	    !wanted->thumbprint || !origin_agrees(&record.origin, wanted))
		return false;
	*ret_record = TAKE_CONTENTS(record);
	return true;
}

/* Of this digest, or of no use to anybody. */
static bool
is_done_with(struct provision *provision, const char *digest)
{
	CLEANUP_DONE(record) struct record record = {0};
	enum error_code code = load(provision, &record);

	if (code)
		return code == ERROR_INVALID;
	return !record.origin.thumbprint ||
	       strcmp(record.origin.thumbprint, digest) == 0;
}

uint64_t
provision_count_expected(struct provision *provision)
{
	uint64_t count;

	(void)pthread_mutex_lock(&provision->expected_lock);
	count = provision->expectations;
	(void)pthread_mutex_unlock(&provision->expected_lock);
	return count;
}

enum error_code
provision_drop_expected(
    struct provision *provision, const char *digest, struct error *err)
{
	enum error_code code = ERROR_NONE;

	(void)pthread_mutex_lock(&provision->expected_lock);
	if (is_done_with(provision, digest))
		code = store_remove(provision->directory, STORE_CANDIDATE, err);
	(void)pthread_mutex_unlock(&provision->expected_lock);
	return code;
}

enum error_code
provision_void_expected(
    struct provision *provision, uint64_t count, struct error *err)
{
	enum error_code code = ERROR_NONE;

	(void)pthread_mutex_lock(&provision->expected_lock);
	if (provision->expectations == count)
		code = store_remove(provision->directory, STORE_CANDIDATE, err);
	(void)pthread_mutex_unlock(&provision->expected_lock);
	return code;
}
