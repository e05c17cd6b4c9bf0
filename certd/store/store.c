/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "common/utf8.h"
#include "folder_sync.h"
#include "preloaded.h"

#define EXTENSION "cer"
#define ID_LINE "# certificate "

/* NAME_MAX, less what file_write() puts behind a temporary file's name. */
#define FILE_NAME_MAX 230

#define FILE_MODE 0644

struct cert_store {
	char *directory;
	struct folder_sync *sync; /* of directory */
	struct preloaded *preloaded;
	/* Set before there are threads. */
	bool (*shown)(void *context, const char *id, char **ret_pem);
	void *context;
};

DEFINE_CLEANUP(directory, DIR, closedir)

void
cert_store_close(struct cert_store *store)
{
	if (!store)
		return;
	free(store->directory);
	folder_sync_close(store->sync);
	preloaded_free(store->preloaded);
	free(store);
}

static enum error_code
set_directory(
    struct cert_store *store, const char *directory, struct error *err)
{
	store->directory = strdup(directory);
	if (!store->directory)
		return error_no_memory(err);
	if (file_make_directory(directory, 0755, err))
		return err->code;
	return folder_sync_open(directory, &store->sync, err);
}

enum error_code
cert_store_open(const char *directory, const struct config_map *preloaded,
    struct cert_store **ret_store, struct error *err)
{
	CLEANUP(cert_store)
	struct cert_store *store = calloc(1, sizeof(*store));

	if (!store)
		return error_no_memory(err);
	if (preloaded_create(preloaded, &store->preloaded, err) ||
	    set_directory(store, directory, err))
		return err->code;
	*ret_store = TAKE(store);
	return ERROR_NONE;
}

void
cert_store_overlay(struct cert_store *store,
    bool (*shown)(void *context, const char *id, char **ret_pem), void *context)
{
	store->shown = shown;
	store->context = context;
}

/* Where id's file is or would be. The caller frees *ret_path. */
static enum error_code
path_of(const struct cert_store *store, const char *id, char **ret_path,
    struct error *err)
{
	const char *preloaded = preloaded_path(store->preloaded, id);
	CLEANUP(string) char *name = NULL;

	if (preloaded) {
		*ret_path = strdup(preloaded);
		return *ret_path ? ERROR_NONE : error_no_memory(err);
	}
	name = file_name_of_id(id, EXTENSION);
	if (!name)
		return error_no_memory(err);
	if (strlen(name) > FILE_NAME_MAX)
		return error_set(
		    err, ERROR_INVALID, "the certificate id is too long");
	*ret_path = string_format("%s/%s", store->directory, name);
	return *ret_path ? ERROR_NONE : error_no_memory(err);
}

/* The text behind the line with the id, if text begins with one. */
static const char *
skip_id_line(const char *text)
{
	const char *end;

	if (strncmp(text, ID_LINE, strlen(ID_LINE)) != 0)
		return text;
	end = strchr(text, '\n');
	return end ? end + 1 : text;
}

static enum error_code
read_file(const struct cert_store *store, const char *id, char **ret_pem,
    struct error *err)
{
	CLEANUP(string) char *path = NULL;
	CLEANUP(string) char *text = NULL;
	const char *pem;

	if (store->shown && store->shown(store->context, id, ret_pem))
		return *ret_pem ? ERROR_NONE : error_no_memory(err);
	if (path_of(store, id, &path, err))
		return err->code;
	if (file_read(path, CERT_FILE_MAX, &text, NULL, err)) {
		if (err->code != ERROR_NOT_FOUND)
			return err->code;
		return error_set(
		    err, ERROR_NOT_FOUND, "there is no certificate '%s'", id);
	}
	pem = skip_id_line(text);
	/* What others write between certificates is often Latin-1. */
	*ret_pem = utf8_repair(pem, strlen(pem));
	return *ret_pem ? ERROR_NONE : error_no_memory(err);
}

/* Puts more behind *text, on a line of its own. */
static enum error_code
append(char **text, const char *more, struct error *err)
{
	size_t length = *text ? strlen(*text) : 0;
	bool is_open = length > 0 && (*text)[length - 1] != '\n';
	char *longer = string_format(
	    "%s%s%s", *text ? *text : "", is_open ? "\n" : "", more);

	if (!longer)
		return error_no_memory(err);
	free(*text);
	*text = longer;
	return ERROR_NONE;
}

static enum error_code
read_members(const struct cert_store *store, const char *id,
    const struct preloaded_members *members, char **ret_pem, struct error *err)
{
	CLEANUP(string) char *all = NULL;

	for (size_t i = 0; i < members->count; i++) {
		CLEANUP(string) char *pem = NULL;
		enum error_code code =
		    read_file(store, members->ids[i], &pem, err);

		if (code == ERROR_NOT_FOUND)
			continue;
		if (code || append(&all, pem, err))
			return error_wrap(err, "list '%s'", id);
	}
	if (!all)
		return error_set(err, ERROR_NOT_FOUND,
		    "no certificate of the list '%s' exists", id);
	*ret_pem = TAKE(all);
	return ERROR_NONE;
}

enum error_code
cert_store_read(const struct cert_store *store, const char *id, char **ret_pem,
    struct error *err)
{
	const struct preloaded_members *members =
	    preloaded_list(store->preloaded, id);

	if (members)
		return read_members(store, id, members, ret_pem, err);
	return read_file(store, id, ret_pem, err);
}

bool
cert_store_is_list(const struct cert_store *store, const char *id)
{
	return preloaded_list(store->preloaded, id) != NULL;
}

static bool
has_member(const struct preloaded_members *members, const char *id)
{
	for (size_t i = 0; i < members->count; i++)
		if (strcmp(members->ids[i], id) == 0)
			return true;
	return false;
}

void
cert_store_each_list_with(const struct cert_store *store, const char *id,
    void (*tell)(void *context, const char *list), void *context)
{
	for (size_t i = 0; i < preloaded_count(store->preloaded); i++) {
		const char *list = preloaded_id(store->preloaded, i);
		const struct preloaded_members *members =
		    preloaded_list(store->preloaded, list);

		if (members && has_member(members, id))
			tell(context, list);
	}
}

static enum error_code
refuse_list(const struct cert_store *store, const char *id, struct error *err)
{
	if (preloaded_list(store->preloaded, id))
		return error_set(err, ERROR_INVALID,
		    "'%s' is a list of other certificates (preloaded_certs); "
		    "change those",
		    id);
	return ERROR_NONE;
}

enum error_code
cert_store_write(const struct cert_store *store, const char *id,
    const char *pem, struct error *err)
{
	CLEANUP(string) char *path = NULL;
	CLEANUP(string) char *text = NULL;

	if (refuse_list(store, id, err) || path_of(store, id, &path, err))
		return err->code;
	/* The administrator's own file holds what it is told, no more. */
	if (preloaded_path(store->preloaded, id))
		return file_write(path, pem, strlen(pem), FILE_MODE, err);
	text = string_format(ID_LINE "%s\n%s", id, pem);
	if (!text)
		return error_no_memory(err);
	if (file_write_unsynced(path, text, strlen(text), FILE_MODE, err))
		return err->code;
	return folder_sync_wait(store->sync, err);
}

enum error_code
cert_store_check_place(
    const struct cert_store *store, const char *id, struct error *err)
{
	const char *path = preloaded_path(store->preloaded, id);
	CLEANUP(string) char *copy = path ? strdup(path) : NULL;
	const char *folder;

	if (!path)
		return ERROR_NONE;
	if (!copy)
		return error_no_memory(err);
	folder = dirname(copy);
	if (access(folder, W_OK | X_OK) == 0)
		return ERROR_NONE;
	return error_set_errno(err, ERROR_INTERNAL,
	    "folder '%s' cannot be written, so certificate '%s' cannot be "
	    "renewed; let certd write there (ReadWritePaths= in a drop-in of "
	    "its unit, and the folder's mode)",
	    folder, id);
}

enum error_code
cert_store_try_place(const struct cert_store *store, const char *id,
    const char *pem, struct error *err)
{
	const char *path = preloaded_path(store->preloaded, id);
	CLEANUP(string) char *beside = NULL;

	if (!path)
		return ERROR_NONE;
	beside = string_format("%s.try", path);
	if (!beside)
		return error_no_memory(err);
	if (cert_store_check_place(store, id, err) ||
	    file_write_unsynced(beside, pem, strlen(pem), FILE_MODE, err))
		return err->code;
	return file_remove(beside, err);
}

enum error_code
cert_store_remove(
    const struct cert_store *store, const char *id, struct error *err)
{
	CLEANUP(string) char *path = NULL;

	if (refuse_list(store, id, err) || path_of(store, id, &path, err))
		return err->code;
	return file_remove(path, err);
}

void
cert_files_done(struct cert_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->items[i].id);
		free(files->items[i].path);
	}
	free(files->items);
	*files = (struct cert_files){.items = NULL};
}

/* Appends copies of id and path. */
static enum error_code
add_file(struct cert_files *files, const char *id, const char *path,
    struct error *err)
{
	struct cert_file *grown =
	    reallocarray(files->items, files->count + 1, sizeof(*files->items));
	struct cert_file file = {strdup(id), strdup(path)};

	if (grown)
		files->items = grown;
	if (!grown || !file.id || !file.path) {
		free(file.id);
		free(file.path);
		return error_no_memory(err);
	}
	files->items[files->count++] = file;
	return ERROR_NONE;
}

/* The id that the text of a file says it is for; NULL: none, or no memory. */
static char *
id_of(const char *text)
{
	const char *pem = skip_id_line(text);

	return pem == text ? NULL
			   : strndup(text + strlen(ID_LINE),
				 (size_t)(pem - text) - strlen(ID_LINE) - 1);
}

/* Fails with ERROR_INVALID if the file at path is not where that of id is. */
static enum error_code
check_place(const struct cert_store *store, const char *id, const char *path,
    struct error *err)
{
	CLEANUP(string) char *expected = NULL;

	if (!utf8_is_line(id))
		return error_set(
		    err, ERROR_INVALID, "the id in its first line is none");
	if (path_of(store, id, &expected, err))
		return err->code;
	if (strcmp(expected, path) != 0)
		return error_set(err, ERROR_INVALID,
		    "its first line says that it is certificate '%.200s', "
		    "which is elsewhere",
		    id);
	return ERROR_NONE;
}

/*
 * The id of the file at path; *ret_id stays NULL, which is success, if it says
 * none, as those do that aziot left, if another file is preloaded for it, or if
 * it has just gone. Fails if it cannot be listed.
 */
static enum error_code
read_id(const struct cert_store *store, const char *path, char **ret_id,
    struct error *err)
{
	CLEANUP(string) char *text = NULL;
	CLEANUP(string) char *id = NULL;

	if (file_read(path, CERT_FILE_MAX, &text, NULL, err))
		return err->code == ERROR_NOT_FOUND ? ERROR_NONE : err->code;
	id = id_of(text);
	/* What was stored before the id was preloaded is kept, and not shown.
	 */
	if (!id || preloaded_path(store->preloaded, id))
		return ERROR_NONE;
	if (check_place(store, id, path, err))
		return err->code;
	*ret_id = TAKE(id);
	return ERROR_NONE;
}

/* One file that cannot be listed does not hide the others. */
static void
note_problem(
    const char *path, const struct error *why, struct cert_files *files)
{
	CLEANUP(string) char *text = utf8_repair(path, strlen(path));

	files->problem = *why;
	(void)error_wrap(&files->problem, "file '%s' is left out of all lists",
	    text ? text : "?");
}

static enum error_code
add_stored(const struct cert_store *store, const char *name,
    struct cert_files *files, struct error *err)
{
	CLEANUP(string) char *path = NULL;
	CLEANUP(string) char *id = NULL;
	const char *dot = strrchr(name, '.');
	struct error problem;

	if (!dot || strcmp(dot + 1, EXTENSION) != 0)
		return ERROR_NONE;
	path = string_format("%s/%s", store->directory, name);
	if (!path)
		return error_no_memory(err);
	if (read_id(store, path, &id, &problem))
		note_problem(path, &problem, files);
	return id ? add_file(files, id, path, err) : ERROR_NONE;
}

static enum error_code
add_all_stored(
    const struct cert_store *store, struct cert_files *files, struct error *err)
{
	CLEANUP(directory) DIR *directory = opendir(store->directory);
	const struct dirent *entry;

	if (!directory)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot list '%s'", store->directory);
	while ((entry = readdir(directory)))
		if (add_stored(store, entry->d_name, files, err))
			return err->code;
	return ERROR_NONE;
}

static enum error_code
add_all_preloaded(
    const struct cert_store *store, struct cert_files *files, struct error *err)
{
	for (size_t i = 0; i < preloaded_count(store->preloaded); i++) {
		const char *id = preloaded_id(store->preloaded, i);
		const char *path = preloaded_path(store->preloaded, id);

		if (path && add_file(files, id, path, err))
			return err->code;
	}
	return ERROR_NONE;
}

static int
compare_ids(const void *left, const void *right)
{
	const struct cert_file *one = left;
	const struct cert_file *other = right;

	return strcmp(one->id, other->id);
}

enum error_code
cert_store_list(const struct cert_store *store, struct cert_files *ret_files,
    struct error *err)
{
	CLEANUP_DONE(cert_files) struct cert_files files = {.items = NULL};

	if (add_all_preloaded(store, &files, err) ||
	    add_all_stored(store, &files, err))
		return err->code;
	if (files.count > 0)
		qsort(files.items, files.count, sizeof(*files.items),
		    compare_ids);
	*ret_files = TAKE_CONTENTS(files);
	return ERROR_NONE;
}
