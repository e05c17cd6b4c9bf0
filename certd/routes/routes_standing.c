/* SPDX-License-Identifier: MIT */
/* How renewals stand, as the answers of other calls tell it. */
#include "common/file.h"
#include "common/time.h"
#include "keys.h"
#include "routes_shared.h"
#include "standing.h"

static bool
status_of(const struct certd *certd, const char *id,
    struct renewal_status *ret_status)
{
	return certd->engine &&
	       renewals_status(engine_renewals(certd->engine), id, ret_status);
}

/* --- one certificate ------------------------------------------------------ */

/* Sets key of object, unless there is no such time. */
static bool
set_time(json_t *object, const char *key, int64_t when)
{
	return when == 0 || when == RENEWAL_NEVER ||
	       json_object_set_new(
		   object, key, json_string(time_format(when).text)) == 0;
}

static json_t *
status_to_json(const struct renewal_status *status, const char *trouble)
{
	CLEANUP(json)
	json_t *object = json_pack("{s:s, s:i, s:b, s:s*}", "stage",
	    journal_stage_name(status->stage), "failures",
	    (int)status->attempts, "late", standing_is_late(status, time_now()),
	    "trouble", trouble);

	if (!object || !set_time(object, "next", status->next) ||
	    (status->waits_for_user &&
		!set_time(object, "candidateSince", status->candidate_since)))
		return NULL;
	return TAKE(object);
}

enum error_code
add_renewal(const struct certd *certd, const char *id, json_t *object,
    struct error *err)
{
	CLEANUP(string) char *trouble = NULL;
	struct renewal_status status;

	if (!status_of(certd, id, &status))
		return ERROR_NONE;
	if (standing_describe(&status, &trouble, err))
		return err->code;
	if (json_object_set_new(
		object, "renewal", status_to_json(&status, trouble)))
		return error_no_memory(err);
	return ERROR_NONE;
}

static enum error_code
note_fixed_key(const struct certd *certd, const char *id,
    struct lint_notes *notes, struct error *err)
{
	struct error why;

	(void)renewals_refuse_fixed_key(
	    certs_policy(certd->certs, id).pk, &why);
	return lint_note(notes, err, "%s", why.message);
}

/* Somebody may have deleted it since; then, or if keyd does not say, nothing.
 */
static enum error_code
note_other_name(const struct certd *certd, const char *id,
    struct lint_notes *notes, struct error *err)
{
	const struct policy policy = certs_policy(certd->certs, id);
	CLEANUP(string)
	char *key = string_format("%s" RENEWAL_KEY_SUFFIX, policy.pk);
	CLEANUP(string) char *text = renewals_describe_other_name(policy.pk);
	char digest[JOURNAL_DIGEST_MAX];
	struct error why;

	if (!key || !text)
		return error_no_memory(err);
	if (keys_glance(key, digest, &why))
		return ERROR_NONE;
	return lint_note(notes, err, "%s", text);
}

enum error_code
note_key(const struct certd *certd, const char *id, struct lint_notes *notes,
    struct error *err)
{
	struct renewal_status status = {.is_ours = false};
	struct error why;

	(void)status_of(certd, id, &status);
	if (certs_check_key(certd->certs, id, status.is_ours, &why))
		return lint_note(notes, err, "%s", why.message);
	return ERROR_NONE;
}

enum error_code
note_renewal(const struct certd *certd, const char *id,
    struct lint_notes *notes, struct error *err)
{
	CLEANUP(string) char *trouble = NULL;
	struct renewal_status status;

	if (!status_of(certd, id, &status))
		return ERROR_NONE;
	if (status.is_key_fixed && note_fixed_key(certd, id, notes, err))
		return err->code;
	if (status.has_other_name && note_other_name(certd, id, notes, err))
		return err->code;
	if (!status.waits_for_user && !standing_is_late(&status, time_now()))
		return ERROR_NONE;
	if (standing_describe(&status, &trouble, err))
		return err->code;
	return trouble ? lint_note(notes, err, "%s", trouble) : ERROR_NONE;
}

/* --- all of them ---------------------------------------------------------- */

/* The label by which a certificate is known. */
#define OF(id)                                                                 \
	(struct metrics_label[])                                               \
	{                                                                      \
		{"id", id},                                                    \
		{                                                              \
			NULL, NULL                                             \
		}                                                              \
	}

struct late {
	const struct certs *certs;
	int64_t now;
	struct error *err;
};

static void
note_late(void *context, const char *id, const struct renewal_status *status)
{
	const struct late *late = context;

	if (late->err->code)
		return;
	if (status->is_key_fixed) {
		(void)renewals_refuse_fixed_key(
		    certs_policy(late->certs, id).pk, late->err);
		(void)error_wrap(late->err, "certificate '%s'", id);
		return;
	}
	if (status->is_ours &&
	    certs_check_key(late->certs, id, true, late->err)) {
		(void)error_wrap(late->err, "certificate '%s'", id);
		return;
	}
	/* Of the first try nothing is said: it may be all that is needed. */
	if (status->is_pair_lost && status->attempts > 0) {
		(void)error_set(late->err, ERROR_INVALID,
		    "certificate '%s' is not for the key that keyd has, or its "
		    "key is lost, and each try to have another has failed; "
		    "'signetctl cert show' tells why",
		    id);
		return;
	}
	if (!standing_is_late(status, late->now))
		return;
	if (status->waits_for_user)
		(void)error_set(late->err, ERROR_TIMEOUT,
		    "certificate '%s': its renewal waits since %s for who uses "
		    "it to prove the new one; 'signetctl cert show' tells more",
		    id, time_format(status->candidate_since).text);
	else if (status->until == 0)
		(void)error_set(late->err, ERROR_TIMEOUT,
		    "certificate '%s' could not be obtained yet; the log says "
		    "why",
		    id);
	else
		(void)error_set(late->err, ERROR_TIMEOUT,
		    "certificate '%s' was to be renewed on %s, and each try "
		    "has failed; 'signetctl cert show' tells why",
		    id, time_format(status->due).text);
}

enum error_code
check_renewals(const struct certd *certd, struct error *err)
{
	struct late late = {
	    .certs = certd->certs, .now = time_now(), .err = err};

	err->code = ERROR_NONE;
	if (certd->engine)
		renewals_each(engine_renewals(certd->engine), note_late, &late);
	return err->code;
}

static void
write_due(void *context, const char *id, const struct renewal_status *status)
{
	if (status->due != RENEWAL_NEVER)
		metrics_sample(context, OF(id), (uint64_t)status->due);
}

static void
write_waiting(
    void *context, const char *id, const struct renewal_status *status)
{
	if (status->waits_for_user && status->candidate_since != 0)
		metrics_sample(
		    context, OF(id), (uint64_t)status->candidate_since);
}

static void
write_late(void *context, const char *id, const struct renewal_status *status)
{
	metrics_sample(context, OF(id), standing_is_late(status, time_now()));
}

void
write_renewals(const struct certd *certd, struct metrics_text *text)
{
	struct renewals *renewals;

	if (!certd->engine)
		return;
	renewals = engine_renewals(certd->engine);
	metrics_family(text, "signet_certificate_renewal_due_seconds",
	    METRICS_GAUGE, "When a certificate is to be renewed, since 1970.");
	renewals_each(renewals, write_due, text);
	metrics_family(text, "signet_certificate_candidate_since_seconds",
	    METRICS_GAUGE,
	    "Since when a new one waits for the proof that it works.");
	renewals_each(renewals, write_waiting, text);
	metrics_family(text, "signet_certificate_renewal_late", METRICS_GAUGE,
	    "1 if somebody has to look why it is not renewed.");
	renewals_each(renewals, write_late, text);
}
