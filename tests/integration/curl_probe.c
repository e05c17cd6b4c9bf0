/* SPDX-License-Identifier: MIT */
/*
 * A long-lived program that uses libcurl with a client certificate whose key
 * is behind OpenSSL's engine, as an agent does: for each line of its input it
 * gets the page once more, on a new connection, with the same handle. It
 * answers each with "ok" or what libcurl says.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define TIMEOUT_SECONDS 50L

static size_t
swallow(char *data, size_t size, size_t count, void *context)
{
	(void)data;
	(void)context;
	return size * count;
}

/* Sets an option, and says which one it was if libcurl does not like it. */
#define SET(curl, option, value)                                               \
	do {                                                                   \
		CURLcode code = curl_easy_setopt((curl), (option), (value));   \
		if (code) {                                                    \
			(void)fprintf(stderr, "%s: %s\n", #option,             \
			    curl_easy_strerror(code));                         \
			return false;                                          \
		}                                                              \
	} while (0)

static bool
configure(CURL *curl, char *argv[], struct curl_slist *addresses)
{
	SET(curl, CURLOPT_URL, argv[1]);
	SET(curl, CURLOPT_RESOLVE, addresses);
	SET(curl, CURLOPT_CAINFO, argv[3]);
	SET(curl, CURLOPT_SSLCERT, argv[4]);
	SET(curl, CURLOPT_SSLENGINE, "pkcs11");
	SET(curl, CURLOPT_SSLKEYTYPE, "ENG");
	SET(curl, CURLOPT_SSLKEY, argv[5]);
	SET(curl, CURLOPT_NOSIGNAL, 1L);
	SET(curl, CURLOPT_FORBID_REUSE, 1L);
	SET(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	SET(curl, CURLOPT_TIMEOUT, TIMEOUT_SECONDS);
	SET(curl, CURLOPT_WRITEFUNCTION, swallow);
	return true;
}

static void
answer_each_line(CURL *curl)
{
	char line[32];

	while (fgets(line, sizeof(line), stdin)) {
		CURLcode code = curl_easy_perform(curl);

		(void)puts(code ? curl_easy_strerror(code) : "ok");
		(void)fflush(stdout);
	}
}

int
main(int argc, char *argv[])
{
	struct curl_slist *addresses;
	CURL *curl;
	bool configured;

	if (argc != 6) {
		(void)fputs(
		    "usage: curl_probe URL HOST:PORT:ADDRESS CA CERT KEY\n",
		    stderr);
		return EXIT_FAILURE;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return EXIT_FAILURE;
	curl = curl_easy_init();
	addresses = curl_slist_append(NULL, argv[2]);
	configured = curl && addresses && configure(curl, argv, addresses);
	if (configured)
		answer_each_line(curl);
	curl_slist_free_all(addresses);
	curl_easy_cleanup(curl);
	curl_global_cleanup();
	return configured ? EXIT_SUCCESS : EXIT_FAILURE;
}
