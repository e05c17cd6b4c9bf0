/* SPDX-License-Identifier: MIT */
/* GET /metrics: figures of keyd, without the name of a key or of a caller. */
#include <string.h>

#include "audit.h"
#include "common/http_metrics.h"
#include "routes_shared.h"

/* ---- tokens ---- */

struct tokens {
	size_t count;
	struct token_figures items[KEY_STORE_TOKENS_MAX];
};

/* A sample of a token, with one label more, whose name may be NULL. */
static void
sample(struct metrics_text *text, const struct token_figures *token,
    const char *name, const char *value, uint64_t count)
{
	const struct metrics_label labels[] = {
	    {"token",  token->label },
	    {"serial", token->serial},
	    {name,     value        },
	    {NULL,     NULL         },
	};

	metrics_sample(text, labels, count);
}

static void
write_conditions(struct metrics_text *text, const struct tokens *tokens)
{
	static const enum token_condition conditions[] = {
	    TOKEN_SHUT, TOKEN_OPEN, TOKEN_FAILS, TOKEN_HANGS};

	metrics_family(text, "signet_token_state", METRICS_GAUGE,
	    "1 for the state that a token is in, 0 for the others.");
	for (size_t i = 0; i < tokens->count; i++)
		for (size_t c = 0; c < 4; c++)
			sample(text, &tokens->items[i], "state",
			    token_condition_name(conditions[c]),
			    tokens->items[i].condition == conditions[c]);
	metrics_family(text, "signet_token_state_since_seconds", METRICS_GAUGE,
	    "When a token was last opened or shut, since 1970.");
	for (size_t i = 0; i < tokens->count; i++)
		sample(text, &tokens->items[i], NULL, NULL,
		    (uint64_t)tokens->items[i].since);
}

static void
write_sessions(struct metrics_text *text, const struct tokens *tokens)
{
	metrics_family(text, "signet_token_sessions", METRICS_GAUGE,
	    "Sessions of a token: open, leased for signing, hung in a call "
	    "that does not return, and how many may sign at once.");
	for (size_t i = 0; i < tokens->count; i++) {
		const struct token_figures *token = &tokens->items[i];

		sample(text, token, "state", "open", token->sessions);
		sample(text, token, "state", "leased", token->leased);
		sample(text, token, "state", "hung", token->hung);
		sample(text, token, "state", "limit", token->limit);
	}
}

#define FIGURE(member) offsetof(struct token_figures, member)

/* What is counted since keyd started: an unsigned long each. */
static const struct token_counter {
	const char *name;
	size_t offset;
	const char *help;
} token_counters[] = {
    {"signet_token_faults_total",         FIGURE(faults),
     "Faults after which a token was opened anew."     },
    {"signet_token_openings_total",       FIGURE(openings),
     "How often a token was opened."                   },
    {"signet_token_logins_total",         FIGURE(logins),
     "How often a token accepted the PIN."             },
    {"signet_token_login_refusals_total", FIGURE(refusals),
     "How often a token refused the PIN."              },
    {"signet_token_module_starts_total",  FIGURE(starts),
     "How often the module of a token was initialised."},
};

static void
write_token_counters(struct metrics_text *text, const struct tokens *tokens)
{
	size_t count = sizeof(token_counters) / sizeof(token_counters[0]);

	for (size_t c = 0; c < count; c++) {
		const struct token_counter *counter = &token_counters[c];

		metrics_family(
		    text, counter->name, METRICS_COUNTER, counter->help);
		for (size_t i = 0; i < tokens->count; i++) {
			const char *figures = (const char *)&tokens->items[i];
			unsigned long value;

			memcpy(
			    &value, figures + counter->offset, sizeof(value));
			sample(text, &tokens->items[i], NULL, NULL, value);
		}
	}
}

static void
write_errors(struct metrics_text *text, const struct token_figures *token)
{
	for (size_t i = 0; i < token->error_count; i++) {
		const struct token_error *error = &token->errors[i];
		const struct metrics_label labels[] = {
		    {"token",    token->label   },
		    {"serial",   token->serial  },
		    {"function", error->function},
		    {"ckr",      error->name    },
		    {NULL,       NULL           },
		};

		metrics_sample(text, labels, error->count);
	}
}

static void
write_tokens(struct metrics_text *text, struct key_store *store)
{
	struct tokens tokens = {0};

	if (store)
		tokens.count = key_store_figures(store, tokens.items);
	write_conditions(text, &tokens);
	write_sessions(text, &tokens);
	write_token_counters(text, &tokens);
	metrics_family(text, "signet_token_errors_total", METRICS_COUNTER,
	    "What functions of PKCS#11 returned, beside CKR_OK.");
	for (size_t i = 0; i < tokens.count; i++)
		write_errors(text, &tokens.items[i]);
}

/* ---- the audit log ---- */

static void
write_one(struct metrics_text *text, const char *name, enum metrics_kind kind,
    const char *help, uint64_t value)
{
	metrics_family(text, name, kind, help);
	metrics_sample(text, NULL, value);
}

static void
write_audit(struct metrics_text *text, struct audit *audit)
{
	struct audit_figures figures;

	audit_figures(audit, &figures);
	write_one(text, "signet_audit_records_total", METRICS_COUNTER,
	    "Records of the audit log.", figures.records);
	write_one(text, "signet_audit_lost_total", METRICS_COUNTER,
	    "Records that could not be written.", figures.lost);
	write_one(text, "signet_audit_journal_lost_total", METRICS_COUNTER,
	    "Records that the journal did not take.", figures.journal_lost);
	write_one(text, "signet_audit_backlog_bytes", METRICS_GAUGE,
	    "What is written and not known to be on disk.",
	    figures.backlog_bytes);
	write_one(text, "signet_audit_syncs_total", METRICS_COUNTER,
	    "How often the log was brought to the disk.", figures.syncs);
	write_one(text, "signet_audit_sync_failures_total", METRICS_COUNTER,
	    "How often that failed.", figures.sync_failures);
	write_one(text, "signet_audit_failing", METRICS_GAUGE,
	    "1 while the log cannot be written.", figures.failing);
}

/* ---- all of it ---- */

enum error_code
handle_metrics(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP(metrics_text)
	struct metrics_text *text = metrics_text_create();
	const char *figures;

	if (!text)
		return error_no_memory(err);
	metrics_build_info(text, "keyd");
	write_one(text, "signet_degraded", METRICS_GAUGE,
	    "1 if the configuration or the state keeps keyd from working.",
	    !keyd->keys);
	if (keyd->metrics)
		http_metrics_write(keyd->metrics, text);
	http_metrics_write_server(request->call, text);
	write_tokens(text, keyd->store);
	write_audit(text, keyd->audit);
	if (metrics_text_end(text, &figures, err))
		return err->code;
	reply->body = json_string(figures);
	reply->type = METRICS_TYPE;
	return reply->body ? ERROR_NONE : error_no_memory(err);
}
