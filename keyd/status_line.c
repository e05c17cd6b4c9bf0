/* SPDX-License-Identifier: MIT */
#include "status_line.h"

#include <stdio.h>

#include "index.h"
#include "store.h"

static int
describe_token(const struct token_figures *figures, char *text, size_t size)
{
	const struct error *trouble = &figures->trouble;

	return snprintf(text, size, "; token '%s': %s%s%s", figures->label,
	    token_condition_name(figures->condition), trouble->code ? ": " : "",
	    trouble->code ? trouble->message : "");
}

static size_t
count_keys(const struct keyd *keyd)
{
	size_t count = keyd->preloaded ? keyd->preloaded->count : 0;

	return keyd->index ? count + index_count(keyd->index) : count;
}

void
status_line(const struct keyd *keyd, char ret_text[static DAEMON_STATUS_MAX])
{
	struct token_figures figures[KEY_STORE_TOKENS_MAX];
	size_t keys, tokens, length;

	if (!keyd->keys) {
		(void)snprintf(ret_text, DAEMON_STATUS_MAX, "degraded: %s",
		    keyd->trouble.message);
		return;
	}
	keys = count_keys(keyd);
	tokens = key_store_figures(keyd->store, figures);
	length = (size_t)snprintf(ret_text, DAEMON_STATUS_MAX, "%zu key%s%s",
	    keys, keys == 1 ? "" : "s",
	    tokens == 0 ? "; no token is in use" : "");
	for (size_t i = 0; i < tokens && length < DAEMON_STATUS_MAX; i++)
		length += (size_t)describe_token(
		    &figures[i], ret_text + length, DAEMON_STATUS_MAX - length);
}
