/* SPDX-License-Identifier: MIT */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "common/https_client.h"

DEFINE_CLEANUP(url, CURLU, curl_url_cleanup)

enum error_code
https_authority(const char *url, bool allow_http,
    char ret_authority[static HTTPS_AUTHORITY_MAX], struct error *err)
{
	CLEANUP(url) CURLU *parsed = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL;
	bool is_ours;

	if (!parsed)
		return error_no_memory(err);
	is_ours =
	    !curl_url_set(parsed, CURLUPART_URL, url, 0) &&
	    !curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) &&
	    (strcmp(scheme, "https") == 0 ||
		(allow_http && strcmp(scheme, "http") == 0)) &&
	    !curl_url_get(parsed, CURLUPART_HOST, &host, 0) &&
	    !curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	if (is_ours)
		(void)snprintf(
		    ret_authority, HTTPS_AUTHORITY_MAX, "%s:%s", host, port);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	/* Its query may hold a secret. */
	return is_ours ? ERROR_NONE
		       : error_set(err, ERROR_INVALID, "'%.*s' is no https URL",
			     (int)strcspn(url, "?#"), url);
}
