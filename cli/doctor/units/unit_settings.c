/* SPDX-License-Identifier: MIT */
#include "unit_settings.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/file.h"

#define FILE_MAX ((size_t)256 * 1024)
#define BLANKS " \t\r"

/* systemd.unit(5), without what lasts for a boot and is not ours. */
static const char default_path[] =
    "/etc/systemd/system.control:/run/systemd/system.control:"
    "/etc/systemd/system:/run/systemd/system:/usr/local/lib/systemd/system:"
    "/lib/systemd/system:/usr/lib/systemd/system";

void
unit_settings_done(struct unit_settings *settings)
{
	for (size_t i = 0; i < settings->count; i++) {
		free(settings->items[i].name);
		free(settings->items[i].value);
		free(settings->items[i].place);
	}
	free(settings->items);
	free(settings->file);
	*settings = (struct unit_settings){0};
}

/* --- a file --------------------------------------------------------------- */

/*
 * The next line of *rest, with those that go on in the following ones as one;
 * *number is that of the line behind it. NULL: there is none.
 */
static char *
next_line(char **rest, unsigned *number)
{
	char *line = *rest;
	char *end = line;
	bool is_comment = strchr("#;", line[strspn(line, BLANKS)]) != NULL;

	if (!*line)
		return NULL;
	for (;;) {
		end += strcspn(end, "\n");
		*number += 1;
		if (!*end || end == line || end[-1] != '\\' || is_comment)
			break;
		end[-1] = ' ';
		*end++ = ' ';
	}
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

/* text without blanks around it, in place. */
static char *
trim(char *text)
{
	size_t length;

	text += strspn(text, BLANKS);
	length = strlen(text);
	while (length > 0 && strchr(BLANKS, text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

static enum error_code
add(struct unit_settings *settings, const char *name, const char *value,
    char *place, struct error *err)
{
	CLEANUP(string) char *owned_place = place;
	CLEANUP(string) char *owned_name = strdup(name);
	CLEANUP(string) char *owned_value = strdup(value);
	struct unit_setting *items =
	    reallocarray(settings->items, settings->count + 1, sizeof(*items));

	if (items)
		settings->items = items;
	if (!items || !owned_place || !owned_name || !owned_value)
		return error_no_memory(err);
	items[settings->count++] = (struct unit_setting){
	    .name = TAKE(owned_name),
	    .value = TAKE(owned_value),
	    .place = TAKE(owned_place),
	};
	return ERROR_NONE;
}

/* Adds what file says of the service. */
static enum error_code
read_file(const char *file, struct unit_settings *settings, struct error *err)
{
	CLEANUP(string) char *text = NULL;
	bool is_service = false;
	unsigned number = 1;
	unsigned behind = 1;
	char *rest;
	char *line;

	if (file_read(file, FILE_MAX, &text, NULL, err))
		return err->code;
	for (rest = text; (line = next_line(&rest, &behind)); number = behind) {
		char *equals = strchr(line, '=');

		line = trim(line);
		if (line[0] == '[')
			is_service = strcmp(line, "[Service]") == 0;
		if (!is_service || !equals || strchr("[#;", line[0]))
			continue;
		*equals = '\0';
		if (add(settings, trim(line), trim(equals + 1),
			string_format("%s:%u", file, number), err))
			return err->code;
	}
	return ERROR_NONE;
}

/* False for a link to /dev/null, which takes a file away. */
static bool
is_regular(const char *file)
{
	struct stat status;

	return stat(file, &status) == 0 && S_ISREG(status.st_mode);
}

/* --- where the files are -------------------------------------------------- */

/* Drop-ins, each of another name; the first that is found of a name counts. */
struct dropins {
	char **files;
	size_t count;
};

static void
dropins_done(struct dropins *dropins)
{
	for (size_t i = 0; i < dropins->count; i++)
		free(dropins->files[i]);
	free(dropins->files);
}

static const char *
base_name(const char *file)
{
	return strrchr(file, '/') + 1;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(
	    base_name(*(char *const *)a), base_name(*(char *const *)b));
}

static bool
is_known(const struct dropins *dropins, const char *name)
{
	for (size_t i = 0; i < dropins->count; i++)
		if (strcmp(base_name(dropins->files[i]), name) == 0)
			return true;
	return false;
}

static enum error_code
add_dropin(struct dropins *dropins, const char *folder, const char *name,
    struct error *err)
{
	const char *suffix = strrchr(name, '.');
	char **files;

	if (!suffix || strcmp(suffix, ".conf") != 0 || name[0] == '.' ||
	    is_known(dropins, name))
		return ERROR_NONE;
	files =
	    reallocarray(dropins->files, dropins->count + 1, sizeof(*files));
	if (!files)
		return error_no_memory(err);
	dropins->files = files;
	files[dropins->count] = string_format("%s/%s", folder, name);
	if (!files[dropins->count])
		return error_no_memory(err);
	dropins->count++;
	return ERROR_NONE;
}

static void
close_folder(DIR *folder)
{
	(void)closedir(folder);
}
DEFINE_CLEANUP(folder, DIR, close_folder)

/* A folder that is not there has none. */
static enum error_code
add_folder(struct dropins *dropins, const char *folder, struct error *err)
{
	CLEANUP(folder) DIR *open = opendir(folder);
	const struct dirent *entry;

	while (open && (entry = readdir(open)))
		if (add_dropin(dropins, folder, entry->d_name, err))
			return err->code;
	return ERROR_NONE;
}

/*
 * Calls each with every directory of path, in their order, and with name, until
 * it says that this is enough.
 */
static enum error_code
for_each(const char *path, const char *name,
    enum error_code (*each)(void *context, const char *file, struct error *err),
    void *context, struct error *err)
{
	while (*path) {
		size_t length = strcspn(path, ":");
		CLEANUP(string)
		char *file = string_format("%.*s/%s", (int)length, path, name);

		if (!file)
			return error_no_memory(err);
		if (each(context, file, err))
			return err->code;
		path += length;
		path += *path == ':';
	}
	return ERROR_NONE;
}

static enum error_code
collect_folder(void *context, const char *folder, struct error *err)
{
	return add_folder(context, folder, err);
}

static enum error_code
take_first(void *context, const char *file, struct error *err)
{
	struct unit_settings *settings = context;

	if (settings->file || access(file, F_OK) < 0)
		return ERROR_NONE;
	settings->file = strdup(file);
	return settings->file ? ERROR_NONE : error_no_memory(err);
}

/* "signet-keyd.service.d", "signet-.service.d" and "service.d". */
static enum error_code
find_dropins(const char *unit, const char *path, struct dropins *dropins,
    struct error *err)
{
	const char *suffix = strrchr(unit, '.');
	CLEANUP(string) char *own = string_format("%s.d", unit);
	CLEANUP(string)
	char *common = string_format("%.*s%s.d", (int)(strcspn(unit, "-") + 1),
	    unit, suffix ? suffix : "");
	CLEANUP(string) char *all = string_format("%s.d", suffix + 1);

	if (!own || !common || !all)
		return error_no_memory(err);
	if (for_each(path, own, collect_folder, dropins, err) ||
	    for_each(path, common, collect_folder, dropins, err) ||
	    for_each(path, all, collect_folder, dropins, err))
		return err->code;
	if (dropins->count > 0)
		qsort(dropins->files, dropins->count, sizeof(char *), by_name);
	return ERROR_NONE;
}

enum error_code
unit_settings_read(const char *unit, const char *path,
    struct unit_settings *ret_settings, struct error *err)
{
	CLEANUP_DONE(unit_settings) struct unit_settings settings = {0};
	CLEANUP_DONE(dropins) struct dropins dropins = {0};

	*ret_settings = (struct unit_settings){0};
	if (!path)
		path = getenv("SYSTEMD_UNIT_PATH");
	if (!path || !*path)
		path = default_path;
	if (for_each(path, unit, take_first, &settings, err))
		return err->code;
	if (!settings.file || !is_regular(settings.file))
		return ERROR_NONE;
	if (read_file(settings.file, &settings, err) ||
	    find_dropins(unit, path, &dropins, err))
		return err->code;
	for (size_t i = 0; i < dropins.count; i++)
		if (is_regular(dropins.files[i]) &&
		    read_file(dropins.files[i], &settings, err))
			return err->code;
	*ret_settings = TAKE_CONTENTS(settings);
	return ERROR_NONE;
}

/* --- what counts ---------------------------------------------------------- */

const struct unit_setting *
unit_setting_last(const struct unit_settings *settings, const char *name)
{
	for (size_t i = settings->count; i > 0; i--) {
		const struct unit_setting *setting = &settings->items[i - 1];

		if (strcmp(setting->name, name) == 0)
			return setting->value[0] ? setting : NULL;
	}
	return NULL;
}

const struct unit_setting *
unit_setting_next(const struct unit_settings *settings, const char *name,
    const struct unit_setting *after)
{
	size_t start = after ? (size_t)(after - settings->items) + 1 : 0;
	const struct unit_setting *next = NULL;

	for (size_t i = start; i < settings->count; i++) {
		const struct unit_setting *setting = &settings->items[i];

		if (strcmp(setting->name, name) != 0)
			continue;
		if (!setting->value[0])
			next = NULL;
		else if (!next)
			next = setting;
	}
	return next;
}

bool
unit_value_is_true(const char *value)
{
	static const char *const words[] = {"1", "yes", "y", "true", "t", "on"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(value, words[i]) == 0)
			return true;
	return false;
}
