/* SPDX-License-Identifier: MIT */
#include "aziot_state.h"

#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/acl.h"
#include "common/file.h"
#include "common/paths.h"
#include "common/time.h"
#include "file_uri.h"
#include "folder.h"
#include "node_edit.h"
#include "pair_id.h"
#include "toml.h"

#define FILE_MAX (1024 * 1024)
#define FILE_MODE 0600
#define FOLDER_MODE 0700
#define HANDLE_KEY_ID "handle-validation-key"
#define HANDLE_KEY_LENGTH 32
#define PEM_BEGIN "-----BEGIN"

void
takeover_file_done(struct takeover_file *file)
{
	free(file->from);
	free(file->to);
	OPENSSL_clear_free(file->data, file->length);
}

enum error_code
takeover_init(struct takeover *ret_takeover, struct error *err)
{
	*ret_takeover = (struct takeover){.notes = json_array()};
	return ret_takeover->notes ? ERROR_NONE : error_no_memory(err);
}

void
takeover_done(struct takeover *takeover)
{
	for (size_t i = 0; i < takeover->count; i++)
		takeover_file_done(&takeover->files[i]);
	free(takeover->files);
	json_decref(takeover->notes);
	*takeover = (struct takeover){0};
}

void
takeover_note(struct takeover *takeover, const char *what, const char *why)
{
	CLEANUP(string) char *text = string_format("'%s' %s", what, why);

	(void)json_array_append_new(takeover->notes, json_string(text));
}

enum error_code
takeover_add(
    struct takeover *takeover, struct takeover_file *file, struct error *err)
{
	struct takeover_file *files =
	    reallocarray(takeover->files, takeover->count + 1, sizeof(*files));

	if (!files || !file->to) {
		takeover_file_done(file);
		if (files)
			takeover->files = files;
		return error_no_memory(err);
	}
	takeover->files = files;
	files[takeover->count++] = TAKE_CONTENTS(*file);
	return ERROR_NONE;
}

/* --- keys ----------------------------------------------------------------- */

/* The section that says that the device's certificate is issued, or NULL. */
static struct config_node *
issued_credential(const struct config_node *root)
{
	static const char *const sections[] = {"attestation", "authentication"};
	const struct config_node *provisioning =
	    node_mapping(root, "provisioning");

	for (size_t i = 0; provisioning && i < 2; i++) {
		struct config_node *credential =
		    node_mapping(provisioning, sections[i]);

		if (credential && node_mapping(credential, "identity_cert"))
			return credential;
	}
	return NULL;
}

/* Says where the pair id is, unless the configuration knows better. */
static enum error_code
name_pair(struct config_node *root, const char *id, const char *path,
    struct error *err)
{
	const struct config_node place = *root;
	struct config_node *credential = issued_credential(root);
	CLEANUP(string) char *uri = file_uri(path);
	struct config_node *keys;

	if (!uri)
		return error_no_memory(err);
	if (strcmp(id, ID_DEVICE) == 0)
		return credential ? node_add_text(credential, "identity_pk",
					&place, uri, err)
				  : ERROR_NONE;
	if (node_make_mapping(root, "preloaded_keys", &place, &keys, err))
		return err->code;
	return node_add_text(keys, id, &place, uri, err);
}

static bool
is_handle_key(const char *name)
{
	CLEANUP(string)
	char *expected = file_name_of_id(HANDLE_KEY_ID, "key");

	return expected && strcmp(expected, name) == 0;
}

static char *
pair_path(const char *id)
{
	CLEANUP(string)
	char *name = strchr(id, '/') ? file_name_of_id(id, "pem")
				     : string_format("%s.pem", id);

	return name ? string_format(
			  "%s/keyd/pairs/%s", paths_state_directory(), name)
		    : NULL;
}

/* A pair is preloaded; a secret is found by its name; handles go on. */
static enum error_code
add_key(const char *name, struct takeover_file *file, struct config_node *root,
    struct takeover *takeover, struct error *err)
{
	const char *state = paths_state_directory();
	bool is_pair = strncmp(file->data, PEM_BEGIN, strlen(PEM_BEGIN)) == 0;
	CLEANUP(string) char *id = is_pair ? pair_id(name, root) : NULL;

	file->daemon = "keyd";
	if (is_pair && !id) {
		takeover_note(takeover, file->from,
		    "is a key pair of nobody whom we know; it stays there");
		takeover_file_done(file);
		return ERROR_NONE;
	}
	if (is_handle_key(name) && file->length != HANDLE_KEY_LENGTH) {
		takeover_note(takeover, file->from,
		    "is no key of handles; those that were given out end");
		takeover_file_done(file);
		return ERROR_NONE;
	}
	if (is_pair)
		file->to = pair_path(id);
	else if (is_handle_key(name))
		file->to = string_format("%s/keyd/handle-key", state);
	else
		file->to = string_format("%s/keyd/keys/%s", state, name);
	if (is_pair && file->to && name_pair(root, id, file->from, err)) {
		takeover_file_done(file);
		return err->code;
	}
	return takeover_add(takeover, file, err);
}

/* --- files of a folder -----------------------------------------------------
 */

enum error_code
takeover_read(
    const char *path, struct takeover_file *ret_file, struct error *err)
{
	*ret_file = (struct takeover_file){.from = strdup(path)};
	if (!ret_file->from)
		return error_no_memory(err);
	if (file_read(
		path, FILE_MAX, &ret_file->data, &ret_file->length, err)) {
		takeover_file_done(ret_file);
		return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
visit_key(const struct folder_visitor *visitor, const char *path,
    const char *name, struct error *err)
{
	struct takeover_file file;

	if (!folder_ends_in(name, ".key"))
		return ERROR_NONE;
	if (takeover_read(path, &file, err))
		return err->code;
	return add_key(name, &file, visitor->root, visitor->takeover, err);
}

/* certd finds by their names what aziot-certd has left. */
static enum error_code
visit_certificate(const struct folder_visitor *visitor, const char *path,
    const char *name, struct error *err)
{
	struct takeover_file file;

	if (!folder_ends_in(name, ".cer"))
		return ERROR_NONE;
	if (takeover_read(path, &file, err))
		return err->code;
	file.daemon = "certd";
	file.to =
	    string_format("%s/certd/certs/%s", paths_state_directory(), name);
	return takeover_add(visitor->takeover, &file, err);
}

static bool
takes_over_handle_key(const struct takeover *takeover)
{
	for (size_t i = 0; i < takeover->count; i++) {
		const char *slash = strrchr(takeover->files[i].from, '/');

		if (slash && is_handle_key(slash + 1))
			return true;
	}
	return false;
}

/* aziot makes it where it makes all keys; ours signs with a file only. */
static void
note_handle_key_in_token(
    const struct config_node *root, struct takeover *takeover)
{
	if (config_node_find(root, "token") && !takes_over_handle_key(takeover))
		takeover_note(takeover, HANDLE_KEY_ID,
		    "is in no file, so aziot has it in the token, where it "
		    "stays; handles that were given out end");
}

enum error_code
takeover_plan(const char *var, struct config_node *root,
    struct takeover *takeover, struct error *err)
{
	CLEANUP(string) char *keys = string_format("%s/keyd/keys", var);
	CLEANUP(string) char *certs = string_format("%s/certd/certs", var);
	const struct folder_visitor keeper = {visit_key, root, takeover};
	const struct folder_visitor clerk = {visit_certificate, root, takeover};

	if (!keys || !certs)
		return error_no_memory(err);
	if (folder_visit(keys, &keeper, err) ||
	    folder_visit(certs, &clerk, err))
		return err->code;
	note_handle_key_in_token(root, takeover);
	return ERROR_NONE;
}

/* --- the assignment ------------------------------------------------------- */

enum error_code
takeover_assignment(const char *var, const struct super_config *config,
    struct takeover *takeover, struct error *err)
{
	const struct super_provisioning *provisioning = &config->provisioning;
	CLEANUP(string)
	char *path = string_format("%s/identityd/device_info", var);
	CLEANUP_DONE(config_node) struct config_node info = {0};
	CLEANUP(json) json_t *record = NULL;
	struct takeover_file file;
	struct stat status;
	const char *registration_id = provisioning->attestation.registration_id;
	const char *device_id;
	const char *hub;

	if (!path)
		return error_no_memory(err);
	if (!provisioning->source || strcmp(provisioning->source, "dps") != 0 ||
	    !file_exists(path))
		return ERROR_NONE;
	if (takeover_read(path, &file, err))
		return err->code;
	if (toml_node_parse(path, file.data, file.length, &info, err) ||
	    !(hub = node_text(&info, "hub_name")) ||
	    !(device_id = node_text(&info, "device_id"))) {
		takeover_note(
		    takeover, path, "holds no assignment; DPS is asked");
		takeover_file_done(&file);
		return ERROR_NONE;
	}
	if (stat(path, &status) < 0) {
		takeover_file_done(&file);
		return error_set_errno(err, ERROR_INTERNAL, "'%s'", path);
	}
	record = json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s}}", "hub", hub,
	    "device_id", device_id, "assigned_at",
	    time_format(status.st_mtime).text, "made_for", "endpoint",
	    provisioning->global_endpoint, "scope_id", provisioning->scope_id,
	    "registration_id", registration_id ? registration_id : device_id);
	OPENSSL_clear_free(file.data, file.length);
	file.data = record ? json_dumps(record, JSON_INDENT(2)) : NULL;
	file.length = file.data ? strlen(file.data) : 0;
	file.daemon = "provisiond";
	file.to = string_format(
	    "%s/provisiond/device_info.json", paths_state_directory());
	return takeover_add(takeover, &file, err);
}

/* --- where the keys will be ----------------------------------------------- */

static enum error_code
change_all(struct config_node *node, const char *from, const char *to,
    struct error *err)
{
	if (node->kind == CONFIG_SCALAR && strcmp(node->text, from) == 0)
		return node_change(node, to, err);
	for (size_t i = 0; i < node->count; i++)
		if (change_all(&node->items[i], from, to, err))
			return err->code;
	return ERROR_NONE;
}

enum error_code
takeover_settle(const struct takeover *takeover, struct config_node *root,
    struct error *err)
{
	for (size_t i = 0; i < takeover->count; i++) {
		CLEANUP(string) char *from = file_uri(takeover->files[i].from);
		CLEANUP(string) char *to = file_uri(takeover->files[i].to);

		if (!from || !to)
			return error_no_memory(err);
		err->code = ERROR_NONE;
		if (change_all(root, from, to, err))
			return err->code;
	}
	return ERROR_NONE;
}

/* --- doing it ------------------------------------------------------------- */

/* One that holds what it shall has been left by a migration that ended there.
 */
static bool
holds_other(const struct takeover_file *file)
{
	CLEANUP(secret) char *data = NULL;
	struct error ignored;
	size_t length;

	return file_read(file->to, FILE_MAX, &data, &length, &ignored) ||
	       length != file->length || memcmp(data, file->data, length) != 0;
}

enum error_code
takeover_check(const struct takeover *takeover, struct error *err)
{
	for (size_t i = 0; i < takeover->count; i++)
		if (file_exists(takeover->files[i].to) &&
		    holds_other(&takeover->files[i]))
			return error_set(err, ERROR_EXISTS,
			    "there is state in '%s' already; --force replaces "
			    "it",
			    takeover->files[i].to);
	return ERROR_NONE;
}

static enum error_code
give(const char *path, const char *daemon, struct error *err)
{
	CLEANUP(string) char *user = string_format("signet-%s", daemon);
	struct error ignored;
	uid_t uid;

	if (!user)
		return error_no_memory(err);
	if (geteuid() != 0 || user_lookup(user, &uid, &ignored))
		return ERROR_NONE;
	if (chown(path, uid, (gid_t)-1) < 0)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot give away '%s'", path);
	return ERROR_NONE;
}

/* Makes the folder of path, and those above it, the daemon's. */
static enum error_code
make_folder(const char *path, const char *daemon, struct error *err)
{
	CLEANUP(string) char *state = paths_state_of(daemon);
	const char *slash = strrchr(path, '/');
	CLEANUP(string) char *folder = strndup(path, (size_t)(slash - path));

	if (!state || !folder)
		return error_no_memory(err);
	if (file_make_directory(folder, FOLDER_MODE, err) ||
	    give(state, daemon, err))
		return err->code;
	return give(folder, daemon, err);
}

enum error_code
takeover_write(const struct takeover *takeover, struct error *err)
{
	for (size_t i = 0; i < takeover->count; i++) {
		const struct takeover_file *file = &takeover->files[i];

		if (make_folder(file->to, file->daemon, err) ||
		    file_write(
			file->to, file->data, file->length, FILE_MODE, err) ||
		    give(file->to, file->daemon, err))
			return err->code;
	}
	return ERROR_NONE;
}
