/* SPDX-License-Identifier: MIT */
/* GET /metrics: when certificates end, and how it went with their renewal. */
#include "common/http_metrics.h"
#include "routes_shared.h"

static void
sample(struct metrics_text *text, const char *id, const char *name,
    const char *value, uint64_t count)
{
	const struct metrics_label labels[] = {
	    {"id", id   },
	    {name, value},
	    {NULL, NULL },
	};

	metrics_sample(text, labels, count);
}

static void
write_dates(struct metrics_text *text, const struct cert_list *list)
{
	metrics_family(text, "signet_certificate_not_before_seconds",
	    METRICS_GAUGE, "When a certificate begins, since 1970.");
	for (size_t i = 0; i < list->count; i++)
		if (!list->items[i].problem.code)
			sample(text, list->items[i].id, NULL, NULL,
			    (uint64_t)list->items[i].about.not_before);
	metrics_family(text, "signet_certificate_not_after_seconds",
	    METRICS_GAUGE, "When a certificate ends, since 1970.");
	for (size_t i = 0; i < list->count; i++)
		if (!list->items[i].problem.code)
			sample(text, list->items[i].id, NULL, NULL,
			    (uint64_t)list->items[i].about.not_after);
	metrics_family(text, "signet_certificate_unreadable", METRICS_GAUGE,
	    "1 for a file in which there is no certificate.");
	for (size_t i = 0; i < list->count; i++)
		sample(text, list->items[i].id, NULL, NULL,
		    list->items[i].problem.code != ERROR_NONE);
}

/* --- attempts --------------------------------------------------------------
 */

static void
write_counts(void *context, const char *id, const struct attempt_record *record)
{
	sample(context, id, "result", "success", record->succeeded);
	sample(context, id, "result", "failure", record->failed);
}

static void
write_last(void *context, const char *id, const struct attempt_record *record)
{
	sample(context, id, NULL, NULL, (uint64_t)record->last);
}

static void
write_error(void *context, const char *id, const struct attempt_record *record)
{
	if (record->last_error.code)
		sample(context, id, "code",
		    error_code_name(record->last_error.code), 1);
}

static void
write_attempts(struct attempts *attempts, struct metrics_text *text)
{
	metrics_family(text, "signet_certificate_attempts_total",
	    METRICS_COUNTER, "How often a certificate was asked for.");
	attempts_each(attempts, write_counts, text);
	metrics_family(text, "signet_certificate_last_attempt_seconds",
	    METRICS_GAUGE, "When it was last asked for, since 1970.");
	attempts_each(attempts, write_last, text);
	metrics_family(text, "signet_certificate_last_error", METRICS_GAUGE,
	    "1 if that failed; 'code' says how, GET /certificates/{id} why.");
	attempts_each(attempts, write_error, text);
}

/* --- all of it --------------------------------------------------------------
 */

static enum error_code
write_certificates(
    const struct certd *certd, struct metrics_text *text, struct error *err)
{
	CLEANUP_DONE(cert_list) struct cert_list list = {0, NULL};

	metrics_family(text, "signet_certd_up", METRICS_GAUGE,
	    "1 if the configuration is usable.");
	metrics_sample(text, NULL, certd->certs != NULL);
	if (!certd->certs)
		return ERROR_NONE;
	if (certs_list(certd->certs, &list, err))
		return err->code;
	write_dates(text, &list);
	write_attempts(certs_attempts(certd->certs), text);
	write_renewals(certd, text);
	return ERROR_NONE;
}

enum error_code
handle_metrics(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct certd *certd = context;
	CLEANUP(metrics_text) struct metrics_text *text = metrics_text_create();
	const char *all;

	if (!text)
		return error_no_memory(err);
	metrics_build_info(text, "certd");
	if (write_certificates(certd, text, err))
		return err->code;
	metrics_family(text, "signet_certd_waiting", METRICS_GAUGE,
	    "Calls that wait for a certificate to change.");
	metrics_sample(
	    text, NULL, certd->waiters ? waiters_count(certd->waiters) : 0);
	if (certd->metrics)
		http_metrics_write(certd->metrics, text);
	http_metrics_write_server(request->call, text);
	if (metrics_text_end(text, &all, err))
		return err->code;
	reply->type = METRICS_TYPE;
	reply->body = json_string(all);
	return reply->body ? ERROR_NONE : error_no_memory(err);
}
