/* SPDX-License-Identifier: MIT */
#include "uri_attributes.h"

#include <string.h>

/* RFC 7512 section 2.3, and "object-type" of its drafts. */
static const char *const path_names[] = {"token", "manufacturer", "serial",
    "model", "library-manufacturer", "library-version", "library-description",
    "object", "type", "object-type", "id", "slot-manufacturer",
    "slot-description", "slot-id", NULL};
static const char *const query_names[] = {
    "pin-source", "pin-value", "module-name", "module-path", NULL};

/* The position in names of what starts at text and has length; -1: none. */
static int
find_name(const char *const *names, const char *text, size_t length)
{
	for (int i = 0; names[i]; i++)
		if (strlen(names[i]) == length &&
		    strncmp(names[i], text, length) == 0)
			return i;
	return -1;
}

static enum error_code
check_path(const char *path, const char *end, struct error *err)
{
	unsigned seen = 0;

	while (path < end) {
		size_t size = strcspn(path, ";?");
		int length = (int)strcspn(path, "=;?");
		int name = find_name(path_names, path, (size_t)length);

		if (find_name(query_names, path, (size_t)length) >= 0)
			return error_set(err, ERROR_INVALID,
			    "'%.*s' must not stand in the path part of a "
			    "PKCS#11 URI, it belongs behind '?'",
			    length, path);
		if (name < 0)
			return error_set(err, ERROR_INVALID,
			    "PKCS#11 URIs have no attribute '%.*s' (RFC 7512)",
			    length > 40 ? 40 : length, path);
		if (seen & 1U << name)
			return error_set(err, ERROR_INVALID,
			    "'%s' stands twice in the PKCS#11 URI",
			    path_names[name]);
		seen |= 1U << name;
		path += size + (path[size] == ';');
	}
	return ERROR_NONE;
}

/* Says nothing of what stands there: it may be half a PIN. */
static enum error_code
check_query(const char *query, struct error *err)
{
	unsigned seen = 0;

	if (strstr(query, "%00"))
		return error_set(err, ERROR_INVALID,
		    "the query of the PKCS#11 URI has a NUL in it");
	while (*query) {
		size_t size = strcspn(query, "&");
		int name = find_name(query_names, query, strcspn(query, "=&"));

		if (name < 0 || seen & 1U << name)
			return error_set(err, ERROR_INVALID,
			    "behind '?' a PKCS#11 URI has pin-source, "
			    "pin-value, module-name and module-path, each once "
			    "at most");
		seen |= 1U << name;
		query += size + (query[size] == '&');
	}
	return ERROR_NONE;
}

enum error_code
uri_check_attributes(const char *text, struct error *err)
{
	const char *query = strchrnul(text, '?');

	if (check_path(text, query, err))
		return err->code;
	return *query ? check_query(query + 1, err) : ERROR_NONE;
}
