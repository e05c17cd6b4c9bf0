/* SPDX-License-Identifier: MIT */
/* What is stored: the assignment, and by TPM the hub's key that goes with it.
 */
#include "provision_inside.h"

#include <string.h>

#include "attestation.h"
#include "common/log.h"

struct origin
provision_origin(const struct provision *provision)
{
	const struct provisioning_settings *settings =
	    &provision->config->provisioning;

	/* Nothing that is borrowed here is written to. */
	return (struct origin){
	    .endpoint = settings->global_endpoint,
	    .scope_id = settings->scope_id,
	    .registration_id = settings->attestation.registration_id,
	    .thumbprint = *provision->digest
			      ? (char *)(uintptr_t)provision->digest
			      : NULL,
	    .payload = *provision->payload
			   ? (char *)(uintptr_t)provision->payload
			   : NULL,
	};
}

bool
provision_stored_is_ours(const struct provision *provision)
{
	struct origin wanted = provision_origin(provision);

	return provision->has_stored && !provision->lacks_key &&
	       origin_agrees(&provision->stored.origin, &wanted);
}

void
provision_replace_stored(struct provision *provision, struct record *record)
{
	(void)pthread_mutex_lock(&provision->lock);
	record_done(&provision->stored);
	provision->stored = TAKE_CONTENTS(*record);
	provision->has_stored = true;
	(void)pthread_mutex_unlock(&provision->lock);
	provision->loaded = true;
}

/* What DPS has refused meanwhile does not come back. */
static void
take_late(struct provision *provision)
{
	if (provision->refused_until == 0)
		provision_start_over(provision);
	else if (provision_stored_is_ours(provision))
		provision_forget(provision);
}

void
provision_load(struct provision *provision)
{
	CLEANUP_DONE(record) struct record record = {0};
	struct error err;

	if (provision->loaded)
		return;
	provision->loaded = true;
	if (strcmp(provision->config->provisioning.source, "dps") != 0)
		return;
	if (store_load(provision->directory, STORE_ASSIGNMENT, &record, &err) ==
	    ERROR_NONE) {
		provision_replace_stored(provision, &record);
		take_late(provision);
		return;
	}
	if (err.code == ERROR_NOT_FOUND)
		return;
	log_warning("%s: asking DPS instead", err.message);
	provision->loaded = err.code == ERROR_INVALID;
	if (provision->loaded && store_set_aside(provision->directory, &err))
		log_warning("%s", err.message);
}

/* --- a new one ------------------------------------------------------------ */

/* What was expected is stored, for the credentials with digest. */
static void
drop_expected(struct provision *provision, const char *digest)
{
	struct error err;

	if (digest && provision_drop_expected(provision, digest, &err))
		log_warning("%s", err.message);
}

/* Where a void one may still lie: that is gone then. */
static enum error_code
write_record(
    struct provision *provision, const struct record *record, struct error *err)
{
	if (store_save(provision->directory, STORE_ASSIGNMENT, record, err))
		return err->code;
	provision->has_void_file = false;
	return ERROR_NONE;
}

static enum error_code
save(
    struct provision *provision, const struct record *record, struct error *err)
{
	if (write_record(provision, record, err))
		return err->code;
	drop_expected(provision, record->origin.thumbprint);
	return ERROR_NONE;
}

/*
 * DPS has been asked with these credentials before they took their place, and
 * the daemon has ended before it could be seen.
 */
void
provision_adopt_early(struct provision *provision)
{
	const struct origin wanted = provision_origin(provision);
	CLEANUP_DONE(record) struct record record = {0};
	struct error err;

	if (provision_stored_is_ours(provision) &&
	    provision->stored.origin.thumbprint) {
		drop_expected(provision, provision->digest);
		return;
	}
	if (!provision_find_expected(provision, &wanted, &record))
		return;
	if (save(provision, &record, &err))
		log_warning("%s", err.message);
	provision_replace_stored(provision, &record);
}

/*
 * An assignment and the key for its hub are in two places, the disk and the
 * TPM. So the new one is stored with its key, which the TPM alone can unwrap,
 * before that is brought into the TPM: whoever is stopped in between finds it
 * there, and brings it in once more (provision_finish_key()).
 */

/* The TPM does not take the key, so it has that of before: so do we. */
static void
put_back(struct provision *provision)
{
	struct error err;
	enum error_code code =
	    provision->has_stored
		? write_record(provision, &provision->stored, &err)
		: store_remove(provision->directory, STORE_ASSIGNMENT, &err);

	if (code)
		log_warning("%s", err.message);
}

/* keyd or the TPM is away, and may be back. */
static bool
is_passing(enum error_code code)
{
	return code == ERROR_UNAVAILABLE || code == ERROR_TIMEOUT;
}

/* False if keyd has refused the key before the TPM was touched. */
static bool
may_be_in(enum error_code code)
{
	return code != ERROR_INVALID && code != ERROR_MALFORMED &&
	       code != ERROR_DENIED;
}

/* Takes over record if it fails and nobody knows whether the key is in. */
static enum error_code
bring_in_key(struct provision *provision, struct record *record, bool is_saved,
    struct error *err)
{
	struct error ignored;

	/* What is stored must not meet a key that is not its own. */
	if (!is_saved &&
	    store_remove(provision->directory, STORE_ASSIGNMENT, err))
		return err->code;
	if (attestation_take_hub_key(record->assignment.tpm_key, err)) {
		if (!may_be_in(err->code))
			put_back(provision);
		else
			provision_replace_stored(provision, record);
		return err->code;
	}
	free(TAKE(record->assignment.tpm_key));
	provision->lacks_key = false;
	/* As long as it is stored, it is brought in at each start. */
	if (is_saved)
		(void)!write_record(provision, record, &ignored);
	return ERROR_NONE;
}

enum error_code
provision_take_assignment(
    struct provision *provision, struct record *record, struct error *err)
{
	enum error_code code = ERROR_NONE;

	provision->refused_until = 0;
	if (machine_next(provision->state, EVENT_ASSIGNED).act == ACT_SAVE)
		code = save(provision, record, err);
	if (record->assignment.tpm_key &&
	    bring_in_key(provision, record, code == ERROR_NONE, err))
		return err->code;
	if (provision->has_stored && strcmp(provision->stored.assignment.hub,
					 record->assignment.hub) != 0)
		log_info("DPS has moved the device from hub '%s' to '%s'",
		    provision->stored.assignment.hub, record->assignment.hub);
	provision_replace_stored(provision, record);
	provision_apply(provision, EVENT_ASSIGNED, "");
	return code;
}

void
provision_note_renewal(struct provision *provision)
{
	struct error ignored;

	if (!provision_stored_is_ours(provision) ||
	    provision->stored.is_renewed)
		return;
	provision->stored.is_renewed = true;
	/* A disk that takes nothing keeps nobody from asking. */
	(void)!write_record(provision, &provision->stored, &ignored);
}

static void
note_key(struct provision *provision)
{
	struct error ignored;

	(void)pthread_mutex_lock(&provision->lock);
	free(TAKE(provision->stored.assignment.tpm_key));
	(void)pthread_mutex_unlock(&provision->lock);
	(void)!write_record(provision, &provision->stored, &ignored);
	if (machine_callers(provision->state) != CALLERS_GET_IDENTITY)
		provision_start_over(provision);
}

enum error_code
provision_finish_key(struct provision *provision, struct error *err)
{
	struct origin wanted = provision_origin(provision);

	if (!provision->stored.assignment.tpm_key)
		return ERROR_NONE;
	provision->lacks_key = false;
	/* With another payload it is in use, too, until DPS has answered. */
	wanted.payload = NULL;
	if (!origin_agrees(&provision->stored.origin, &wanted))
		return ERROR_NONE;
	if (attestation_take_hub_key(
		provision->stored.assignment.tpm_key, err) == ERROR_NONE) {
		note_key(provision);
		return ERROR_NONE;
	}
	/* One that this TPM does not take is as good as none: DPS is asked. */
	provision->lacks_key = !is_passing(err->code);
	return provision->lacks_key ? ERROR_NONE : err->code;
}
