/* SPDX-License-Identifier: MIT */
/* GET /health: whether keyd and its tokens work, and what is wrong. */
#include "common/daemon.h"
#include "common/time.h"
#include "routes_shared.h"

static json_t *
show_token(const struct token_figures *figures)
{
	const char *message =
	    figures->trouble.code ? figures->trouble.message : "";

	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "label", figures->label,
	    "serial", figures->serial, "state",
	    token_condition_name(figures->condition), "since",
	    time_format(figures->since).text, "message", message);
}

/* The tokens that were found so far; asks nothing of them. */
static enum error_code
add_tokens(struct key_store *store, json_t *body, struct error *err)
{
	struct token_figures figures[KEY_STORE_TOKENS_MAX];
	CLEANUP(json) json_t *list = json_array();
	size_t count = store ? key_store_figures(store, figures) : 0;

	if (!list)
		return error_no_memory(err);
	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(list, show_token(&figures[i])))
			return error_no_memory(err);
	if (json_object_set(body, "tokens", list))
		return error_no_memory(err);
	return ERROR_NONE;
}

/* How the TPM does that DPS is to know the device by. */
static enum tpm_condition
condition_of_tpm(const struct keyd *keyd, struct error *ret_trouble)
{
	if (!keyd->tpm_trouble.code)
		return tpm_turn_condition(keyd->tpm, ret_trouble);
	*ret_trouble = keyd->tpm_trouble;
	return TPM_TROUBLE;
}

static enum error_code
add_tpm(const struct keyd *keyd, struct daemon_health *health,
    struct error *trouble, json_t **ret_tpm, struct error *err)
{
	enum tpm_condition condition = condition_of_tpm(keyd, trouble);
	const char *message = condition == TPM_TROUBLE ? trouble->message : "";

	if (condition == TPM_TROUBLE)
		*health = (struct daemon_health){"degraded", message, false};
	*ret_tpm = json_pack("{s:s, s:s}", "state",
	    tpm_condition_name(condition), "message", message);
	return *ret_tpm ? ERROR_NONE : error_no_memory(err);
}

enum error_code
handle_health(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct keyd *keyd = context;
	struct daemon_health health = {"ok", "", false};
	CLEANUP(json) json_t *tpm = NULL;
	struct error trouble, tpm_trouble;

	if ((keyd->tpm || keyd->tpm_trouble.code) &&
	    add_tpm(keyd, &health, &tpm_trouble, &tpm, err))
		return err->code;
	if (routes_ready(keyd, &trouble) ||
	    keys_check(keyd->keys, &request->peer, &trouble))
		health =
		    (struct daemon_health){"degraded", trouble.message, false};
	if (daemon_health_reply(&health, reply, err))
		return err->code;
	if (tpm && json_object_set(reply->body, "tpm", tpm))
		return error_no_memory(err);
	return add_tokens(keyd->store, reply->body, err);
}
