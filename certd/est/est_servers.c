/* SPDX-License-Identifier: MIT */
#include "est_servers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/https_client.h"

struct est_server_item {
	char authority[HTTPS_AUTHORITY_MAX];
};

struct est_servers {
	size_t count;
	struct est_server_item *items;
};

enum error_code
est_servers_create(struct est_servers **ret_servers, struct error *err)
{
	*ret_servers = calloc(1, sizeof(**ret_servers));
	return *ret_servers ? ERROR_NONE : error_no_memory(err);
}

void
est_servers_free(struct est_servers *servers)
{
	if (!servers)
		return;
	free(servers->items);
	free(servers);
}

/* What is no URL leads nowhere: all of that is one server. */
static struct est_server_item
server_of(const char *url)
{
	struct est_server_item item = {""};
	struct error ignored;

	(void)!https_authority(url, true, item.authority, &ignored);
	return item;
}

static size_t
find(const struct est_servers *servers, const struct est_server_item *wanted)
{
	size_t number = 0;

	while (number < servers->count &&
	       strcasecmp(
		   servers->items[number].authority, wanted->authority) != 0)
		number++;
	return number;
}

enum error_code
est_servers_add(struct est_servers *servers, const char *url, struct error *err)
{
	const struct est_server_item item = server_of(url);
	struct est_server_item *more;

	if (find(servers, &item) < servers->count)
		return ERROR_NONE;
	more = reallocarray(servers->items, servers->count + 1, sizeof(*more));
	if (!more)
		return error_no_memory(err);
	more[servers->count++] = item;
	servers->items = more;
	return ERROR_NONE;
}

size_t
est_servers_count(const struct est_servers *servers)
{
	return servers->count;
}

size_t
est_servers_find(const struct est_servers *servers, const char *url)
{
	const struct est_server_item item = server_of(url);

	return find(servers, &item);
}
