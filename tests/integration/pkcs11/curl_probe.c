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

#define TIMEOUT_SECONDS 50
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
configure(CURL *curl, char *argv[], struct curl_slist *addresses, FILE *nowhere)
{
	const struct {
		CURLoption option;
		const char *value;
	} texts[] = {
	    {CURLOPT_URL,        argv[1] },
	    {CURLOPT_CAINFO,     argv[3] },
	    {CURLOPT_SSLCERT,    argv[4] },
	    {CURLOPT_SSLENGINE,  "pkcs11"},
	    {CURLOPT_SSLKEYTYPE, "ENG"   },
	    {CURLOPT_SSLKEY,     argv[5] },
	};
	static const struct {
		CURLoption option;
		long value;
	} numbers[] = {
	    {CURLOPT_NOSIGNAL,            1              },
	    {CURLOPT_FORBID_REUSE,        1              },
	    {CURLOPT_SSL_SESSIONID_CACHE, 0              },
	    {CURLOPT_TIMEOUT,             TIMEOUT_SECONDS},
	};

	for (size_t i = 0; i < COUNT(texts); i++)
		if (curl_easy_setopt(curl, texts[i].option, texts[i].value))
			return false;
	for (size_t i = 0; i < COUNT(numbers); i++)
		if (curl_easy_setopt(curl, numbers[i].option, numbers[i].value))
			return false;
	return !curl_easy_setopt(curl, CURLOPT_RESOLVE, addresses) &&
	       !curl_easy_setopt(curl, CURLOPT_WRITEDATA, nowhere);
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
	FILE *nowhere;
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
	nowhere = fopen("/dev/null", "we");
	configured = curl && addresses && nowhere &&
		     configure(curl, argv, addresses, nowhere);
	if (configured)
		answer_each_line(curl);
	if (nowhere)
		(void)fclose(nowhere);
	curl_slist_free_all(addresses);
	curl_easy_cleanup(curl);
	curl_global_cleanup();
	return configured ? EXIT_SUCCESS : EXIT_FAILURE;
}
