/* SPDX-License-Identifier: MIT */
#include "peers.h"

#include <string.h>
#include <unistd.h>

#include "common/acl.h"
#include "principals.h"

struct entry {
	uid_t uid;
	unsigned classes;
	const char *name;
};

struct peers {
	size_t count;
	struct entry entries[];
};

void
peers_free(struct peers *peers)
{
	free(peers);
}

static enum error_code
class_of(const char *identity, unsigned *ret_class)
{
	static const struct {
		const char *name;
		unsigned class;
	} known[] = {
	    {"device", PEER_DEVICE},
	    {"module", PEER_MODULE},
	    {"local",  PEER_LOCAL },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(identity, known[i].name) == 0) {
			*ret_class = known[i].class;
			return ERROR_NONE;
		}
	return ERROR_INVALID;
}

static enum error_code
read_identities(const struct principal_settings *principal,
    unsigned *ret_classes, struct error *err)
{
	const struct config_strings *identity = &principal->identity;
	unsigned classes = HTTP_PRINCIPAL;

	for (size_t i = 0; i < identity->count; i++) {
		unsigned class = 0;

		if (class_of(identity->items[i], &class))
			return error_set(err, ERROR_INVALID,
			    "principal '%s': there is no identity '%s', only "
			    "device, module and local",
			    principal->user, identity->items[i]);
		classes |= class;
	}
	/* A list that is there, though empty, gives nothing. */
	if (!identity->items)
		classes |= PEER_DAEMON;
	*ret_classes = classes;
	return ERROR_NONE;
}

static const struct entry *
find(const struct peers *peers, uid_t uid)
{
	for (size_t i = 0; i < peers->count; i++)
		if (peers->entries[i].uid == uid)
			return &peers->entries[i];
	return NULL;
}

static enum error_code
add(struct peers *peers, const struct principal_settings *principal,
    struct error *err)
{
	struct entry entry = {.name = principal_name(principal)};

	if (user_lookup(principal->user, &entry.uid, err) ||
	    read_identities(principal, &entry.classes, err))
		return err->code;
	if (find(peers, entry.uid))
		return error_set(err, ERROR_INVALID,
		    "there are two principals for user '%s'", principal->user);
	peers->entries[peers->count++] = entry;
	return ERROR_NONE;
}

enum error_code
peers_create(
    const struct config *config, struct peers **ret_peers, struct error *err)
{
	const struct principal_settings *principals = config->principals.items;
	size_t count = config->principals.count;
	CLEANUP(peers)
	struct peers *peers =
	    calloc(1, sizeof(*peers) + count * sizeof(struct entry));

	if (!peers)
		return error_no_memory(err);
	for (size_t i = 0; i < count; i++)
		if (add(peers, &principals[i], err))
			return err->code;
	*ret_peers = TAKE(peers);
	return ERROR_NONE;
}

unsigned
peers_classify(const struct peers *peers, uid_t uid)
{
	const struct entry *entry = find(peers, uid);

	if (entry)
		return entry->classes;
	/* Who can debug us or replace our files needs no permission. */
	return uid == 0 || uid == geteuid() ? PEER_ROOT : 0;
}

const char *
peers_name(const struct peers *peers, uid_t uid)
{
	const struct entry *entry = find(peers, uid);

	return entry ? entry->name : NULL;
}
