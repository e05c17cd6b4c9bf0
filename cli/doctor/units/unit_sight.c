/* SPDX-License-Identifier: MIT */
#include "unit_sight.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

#define BLANKS " \t"

static bool
is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	while (length > 1 && folder[length - 1] == '/')
		length--;
	return length > 0 && strncmp(path, folder, length) == 0 &&
	       (!path[length] || path[length] == '/' || length == 1);
}

static bool
is_below_one(const char *path, const char *const *folders)
{
	for (; *folders; folders++)
		if (is_below(path, *folders))
			return true;
	return false;
}

/* --- lists of paths ------------------------------------------------------- */

struct path_list {
	const char *name;
	const char *below;   /* what its words are relative to; "": nothing */
	bool has_two_places; /* "SOURCE:DESTINATION:OPTIONS", else "PATH:..." */
};

/* The folder that a word of list stands for, as the service sees it. */
static void
folder_of(const struct path_list *list, const char *word, size_t length,
    char *folder, size_t size)
{
	const char *end = word + length;
	const char *colon = memchr(word, ':', length);

	if (colon && list->has_two_places) {
		word = colon + 1;
		colon = memchr(word, ':', (size_t)(end - word));
	}
	if (colon)
		end = colon;
	while (word < end && strchr("-+\"", *word))
		word++;
	while (word < end && end[-1] == '"')
		end--;
	(void)snprintf(
	    folder, size, "%s%.*s", list->below, (int)(end - word), word);
}

/* The setting of list that has path, or a folder above it; NULL: none. */
static const struct unit_setting *
listed(const struct unit_settings *settings, const struct path_list *list,
    const char *path)
{
	const struct unit_setting *setting = NULL;
	char folder[4096];

	while ((setting = unit_setting_next(settings, list->name, setting))) {
		const char *word = setting->value;

		while (*word) {
			size_t length = strcspn(word, BLANKS);

			folder_of(list, word, length, folder, sizeof(folder));
			if (is_below(path, folder))
				return setting;
			word += length;
			word += strspn(word, BLANKS);
		}
	}
	return NULL;
}

/* --- what is in the way --------------------------------------------------- */

static const struct path_list inaccessible = {"InaccessiblePaths", "", false};
static const struct path_list covered = {"TemporaryFileSystem", "", false};
static const struct path_list bound = {"BindPaths", "", true};
static const struct path_list bound_to_read = {"BindReadOnlyPaths", "", true};
static const struct path_list read_only = {"ReadOnlyPaths", "", false};
static const struct path_list read_write = {"ReadWritePaths", "", false};
static const struct path_list states = {"StateDirectory", "/var/lib/", false};

static const char *const homes[] = {"/home", "/root", "/run/user", NULL};
static const char *const temporary[] = {"/tmp", "/var/tmp", NULL};
static const char *const kernels[] = {"/dev", "/proc", "/sys", NULL};
static const char *const system_folders[] = {
    "/usr", "/boot", "/efi", "/etc", NULL};

static const struct unit_setting *
set(const struct unit_settings *settings, const char *name)
{
	const struct unit_setting *setting = unit_setting_last(settings, name);

	return setting && unit_value_is_true(setting->value) ? setting : NULL;
}

/* The same with a word in the place of a truth. */
static const struct unit_setting *
set_to(const struct unit_settings *settings, const char *name, const char *word)
{
	const struct unit_setting *setting = unit_setting_last(settings, name);

	return setting && strcmp(setting->value, word) == 0 ? setting : NULL;
}

/* Nothing can be mounted below a folder that is inaccessible. */
static const struct unit_setting *
what_hides(const struct unit_settings *settings, const char *path)
{
	const struct unit_setting *setting =
	    listed(settings, &inaccessible, path);

	if (!setting && is_below_one(path, homes))
		setting = set(settings, "ProtectHome");
	if (setting || listed(settings, &bound, path) ||
	    listed(settings, &bound_to_read, path))
		return setting;
	if (is_below_one(path, homes))
		setting = set_to(settings, "ProtectHome", "tmpfs");
	if (!setting && is_below_one(path, temporary))
		setting = set(settings, "PrivateTmp");
	return setting ? setting : listed(settings, &covered, path);
}

static const struct unit_setting *
what_locks(const struct unit_settings *settings, const char *path)
{
	const struct unit_setting *setting;

	if (is_below_one(path, kernels) ||
	    listed(settings, &read_write, path) ||
	    listed(settings, &states, path) || listed(settings, &bound, path))
		return NULL;
	setting = set_to(settings, "ProtectSystem", "strict");
	if (!setting && is_below_one(path, system_folders))
		setting = set_to(settings, "ProtectSystem", "full");
	if (!setting && is_below_one(path, homes))
		setting = set_to(settings, "ProtectHome", "read-only");
	return setting ? setting : listed(settings, &read_only, path);
}

static bool
obstructs(const struct unit_settings *settings, const char *path, bool writable,
    struct unit_obstacle *ret_obstacle)
{
	const struct unit_setting *hides = what_hides(settings, path);
	const struct unit_setting *locks =
	    writable && !hides ? what_locks(settings, path) : NULL;

	if (!hides && !locks)
		return false;
	*ret_obstacle = (struct unit_obstacle){
	    .setting = hides ? hides : locks,
	    .is_hidden = hides,
	};
	return true;
}

bool
unit_obstructs(const struct unit_settings *settings, const char *path,
    bool writable, struct unit_obstacle *ret_obstacle)
{
	CLEANUP(string) char *target = realpath(path, NULL);

	return obstructs(settings, path, writable, ret_obstacle) ||
	       (target && obstructs(settings, target, writable, ret_obstacle));
}
