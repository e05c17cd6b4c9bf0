/* SPDX-License-Identifier: MIT */
#include "stamp.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <time.h>

#include "common/openssl.h"

#define NS_PER_MS 1000000

enum error_code
random_hex(char *text, size_t size, struct error *err)
{
	unsigned char byte;

	*text = '\0';
	for (size_t i = 0; i < size; i++) {
		if (RAND_bytes(&byte, 1) != 1)
			return error_set_openssl(
			    err, ERROR_INTERNAL, "random bytes");
		(void)snprintf(text + 2 * i, 3, "%02x", byte);
	}
	return ERROR_NONE;
}

enum error_code
uuid_create(struct uuid_text *ret_uuid, struct error *err)
{
	unsigned char b[16];

	if (RAND_bytes(b, sizeof(b)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "random bytes");
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	(void)snprintf(ret_uuid->text, sizeof(ret_uuid->text),
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x",
	    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
	    b[11], b[12], b[13], b[14], b[15]);
	return ERROR_NONE;
}

enum error_code
etag_create(struct etag_text *ret_etag, struct error *err)
{
	struct uuid_text uuid;

	if (uuid_create(&uuid, err))
		return err->code;
	(void)snprintf(
	    ret_etag->text, sizeof(ret_etag->text), "\"%s\"", uuid.text);
	return ERROR_NONE;
}

struct utc_text
utc_now(void)
{
	struct utc_text result;
	struct timespec now;
	struct tm parts;
	char seconds[24];

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &parts);
	(void)strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &parts);
	(void)snprintf(result.text, sizeof(result.text), "%s.%03ldZ", seconds,
	    now.tv_nsec / NS_PER_MS);
	return result;
}
