/* SPDX-License-Identifier: MIT */
#include "endpoint.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/cleanup.h"

DEFINE_CLEANUP(parsed_url, CURLU, curl_url_cleanup)

/* Copies a part of url; false: it has none, or it is too long. */
static bool
copy_part(CURLU *url, CURLUPart part, unsigned flags, char *to, size_t size)
{
	char *text = NULL;
	bool fits;

	if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
		return false;
	fits = snprintf(to, size, "%s", text) < (int)size;
	curl_free(text);
	return fits;
}

static void
drop_brackets(char *host)
{
	size_t length = strlen(host);

	if (host[0] != '[' || host[length - 1] != ']')
		return;
	memmove(host, host + 1, length - 2);
	host[length - 2] = '\0';
}

bool
endpoint_parse(
    const char *text, const char *port, struct endpoint *ret_endpoint)
{
	CLEANUP(parsed_url) CURLU *url = curl_url();
	struct endpoint endpoint = {0};
	char user[100];
	char password[100];

	if (!url ||
	    curl_url_set(url, CURLUPART_URL, text, CURLU_GUESS_SCHEME) !=
		CURLUE_OK ||
	    !copy_part(
		url, CURLUPART_HOST, 0, endpoint.host, sizeof(endpoint.host)))
		return false;
	drop_brackets(endpoint.host);
	endpoint.has_port = copy_part(
	    url, CURLUPART_PORT, 0, endpoint.port, sizeof(endpoint.port));
	if (!endpoint.has_port)
		(void)snprintf(
		    endpoint.port, sizeof(endpoint.port), "%s", port);
	if (copy_part(
		url, CURLUPART_USER, CURLU_URLDECODE, user, sizeof(user)) &&
	    copy_part(url, CURLUPART_PASSWORD, CURLU_URLDECODE, password,
		sizeof(password)))
		(void)snprintf(endpoint.login, sizeof(endpoint.login), "%s:%s",
		    user, password);
	*ret_endpoint = endpoint;
	return true;
}

/* True if host is name, or below it. */
static bool
is_in(const char *host, const char *name, size_t length)
{
	size_t host_length = strlen(host);

	if (length > 0 && *name == '.') {
		name++;
		length--;
	}
	if (length == 0 || host_length < length ||
	    strncasecmp(host + host_length - length, name, length) != 0)
		return false;
	return host_length == length || host[host_length - length - 1] == '.';
}

bool
endpoint_is_exempt(const char *host, const char *no_proxy)
{
	static const char separators[] = ", ";

	if (no_proxy && strcmp(no_proxy, "*") == 0)
		return true;
	while (no_proxy && *no_proxy) {
		size_t length = strcspn(no_proxy, separators);

		if (is_in(host, no_proxy, length))
			return true;
		no_proxy += length;
		no_proxy += strspn(no_proxy, separators);
	}
	return false;
}
