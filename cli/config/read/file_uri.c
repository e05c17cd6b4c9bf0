/* SPDX-License-Identifier: MIT */
#include "file_uri.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/file.h"

#define SCHEME "file:"

/* What may stand in a path as it is (RFC 3986 section 3.3). */
static bool
is_plain(char c)
{
	return isascii((unsigned char)c) &&
	       (isalnum((unsigned char)c) || strchr("/-._~!$&'()*+,;=:@", c));
}

/* Percent-encodes path behind the scheme and an empty host. */
static char *
encode(const char *path)
{
	static const char begin[] = SCHEME "//";
	size_t size = sizeof(begin) + 3 * strlen(path);
	size_t used = strlen(begin);
	char *uri = malloc(size);

	if (!uri)
		return NULL;
	memcpy(uri, begin, sizeof(begin));
	for (; *path; path++) {
		if (is_plain(*path))
			uri[used++] = *path;
		else
			used += (size_t)snprintf(uri + used, size - used,
			    "%%%02X", (unsigned)(unsigned char)*path);
	}
	uri[used] = '\0';
	return uri;
}

char *
file_uri(const char *path)
{
	CLEANUP(string) char *folder = NULL;
	CLEANUP(string) char *absolute = NULL;

	if (strncmp(path, SCHEME, strlen(SCHEME)) == 0 ||
	    strncmp(path, "pkcs11:", strlen("pkcs11:")) == 0)
		return strdup(path);
	if (*path == '/')
		return encode(path);
	folder = getcwd(NULL, 0);
	absolute = folder ? string_format("%s/%s", folder, path) : NULL;
	return absolute ? encode(absolute) : NULL;
}
