/* SPDX-License-Identifier: MIT */
/*
 * What the blocking client of aziot-keyd sends and bears, against a real keyd:
 * a connection for each request, no Host, small writes. It gives up unless the
 * first read has the whole head, within 512 bytes and 16 fields, spins if it
 * meets the end of file before an answer, reads a 204 to its end, and takes
 * nothing for JSON but "application/json".
 *
 * SIGNET_RUNTIME_DIR says where keyd is; test_keyd_client.sh starts it.
 */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"
#include "common/paths.h"

#define FIRST_READ 512
#define FIELDS_MAX 16
#define ANSWER_MAX 65536
#define PIECE 7 /* bytes of a fragment */

/* How a request is sent. */
enum manner { WHOLE, IN_PIECES, CHUNKED, MANNERS };

static const char *const versions[] = {"2020-09-01", "2021-05-01"};
static const char *version;
static enum manner manner;

/* ---- the client ---- */

static int
dial(void)
{
	CLEANUP(string) char *path = paths_socket("keyd");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = 60};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_non_null(path);
	assert_true(strlen(path) < sizeof(address.sun_path));
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			     sizeof(patience)),
	    0);
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void
send_all(int fd, const char *text, size_t length)
{
	size_t piece = manner == WHOLE ? length : PIECE;

	while (length > 0) {
		size_t part = length < piece ? length : piece;
		ssize_t sent = send(fd, text, part, MSG_NOSIGNAL);

		assert_int_equal(sent, part);
		text += part;
		length -= part;
	}
}

static void
send_text(int fd, const char *text)
{
	send_all(fd, text, strlen(text));
}

static void
send_chunk(int fd, bool with_extension, const char *data, size_t length)
{
	char size[32];

	if (length == 0)
		return;
	(void)snprintf(size, sizeof(size), "%zx%s\r\n", length,
	    with_extension ? ";x=y" : "");
	send_text(fd, size);
	send_all(fd, data, length);
	send_text(fd, "\r\n");
}

static void
send_chunked(int fd, const char *body)
{
	size_t length = strlen(body), first = length / 2;

	send_text(fd, "transfer-encoding: chunked\r\n\r\n");
	send_chunk(fd, true, body, first);
	send_chunk(fd, false, body + first, length - first);
	send_text(fd, "0\r\n\r\n");
}

static void
send_request(int fd, const char *method, const char *path, const char *type,
    const char *body)
{
	CLEANUP(string)
	char *line = string_format(
	    "%s %s?api-version=%s HTTP/1.1\r\n", method, path, version);
	CLEANUP(string) char *length = NULL;

	send_text(fd, line);
	if (!body) {
		send_text(fd, "\r\n");
		return;
	}
	if (*type) {
		send_text(fd, "content-type: ");
		send_text(fd, type);
		send_text(fd, "\r\n");
	}
	if (manner == CHUNKED) {
		send_chunked(fd, body);
		return;
	}
	length = string_format("content-length: %zu\r\n\r\n", strlen(body));
	send_text(fd, length);
	send_text(fd, body);
}

struct answer {
	int status;
	size_t length, body_at;
	char text[ANSWER_MAX];
};

/* The value of a field of the head, or NULL; to be freed. */
static char *
field_of(const struct answer *answer, const char *name)
{
	CLEANUP(string) char *wanted = string_format("\r\n%s: ", name);
	const char *found = strstr(answer->text, wanted);

	if (!found || found >= answer->text + answer->body_at)
		return NULL;
	found += strlen(wanted);
	return strndup(found, strcspn(found, "\r"));
}

static void
read_head(int fd, struct answer *answer)
{
	ssize_t got = read(fd, answer->text, FIRST_READ);
	const char *end;
	size_t fields = 0;

	assert_true(got > 0);
	answer->length = (size_t)got;
	answer->text[got] = '\0';
	end = strstr(answer->text, "\r\n\r\n");
	assert_non_null(end);
	answer->body_at = (size_t)(end - answer->text) + 4;
	assert_int_equal(strncmp(answer->text, "HTTP/1.1 ", 9), 0);
	answer->status = (int)strtol(answer->text + 9, NULL, 10);
	for (const char *at = answer->text;
	     (at = strstr(at, "\r\n")) && at < end; at += 2)
		fields++;
	assert_true(fields <= FIELDS_MAX);
}

/* Reads until there are so many bytes of body, or to the end. */
static void
read_body(int fd, struct answer *answer, size_t wanted)
{
	while (answer->length < answer->body_at + wanted) {
		ssize_t got;

		assert_true(answer->length < ANSWER_MAX - 1);
		got = read(fd, answer->text + answer->length,
		    ANSWER_MAX - 1 - answer->length);
		assert_true(got >= 0);
		if (got == 0)
			break;
		answer->length += (size_t)got;
		answer->text[answer->length] = '\0';
	}
}

static void
read_answer(int fd, struct answer *answer)
{
	CLEANUP(string) char *length = NULL;
	CLEANUP(string) char *type = NULL;

	read_head(fd, answer);
	length = field_of(answer, "content-length");
	if (answer->status == 204) {
		/* To the end of the connection, which must come. */
		read_body(fd, answer, ANSWER_MAX);
		assert_int_equal(answer->length, answer->body_at);
		return;
	}
	assert_non_null(length);
	read_body(fd, answer, strtoul(length, NULL, 10));
	assert_int_equal(
	    answer->length, answer->body_at + strtoul(length, NULL, 10));
	type = field_of(answer, "content-type");
	assert_non_null(type);
	assert_string_equal(type, "application/json");
}

/* One request, one connection; the JSON of the answer is the caller's. */
static json_t *
exchange(const char *method, const char *path, const char *type,
    const char *body, int status)
{
	struct answer *answer = calloc(1, sizeof(*answer));
	int fd = dial();
	json_t *document = NULL;
	struct error err;

	assert_non_null(answer);
	send_request(fd, method, path, type, body);
	read_answer(fd, answer);
	(void)close(fd);
	if (answer->status != status)
		print_message("%s %s: %s\n", method, path, answer->text);
	assert_int_equal(answer->status, status);
	if (status != 204)
		assert_int_equal(
		    json_parse(answer->text + answer->body_at,
			answer->length - answer->body_at, &document, &err),
		    ERROR_NONE);
	if (status >= 400)
		assert_true(
		    json_is_string(json_object_get(document, "message")));
	free(answer);
	return document;
}

/* A member of what must be 200; the caller frees it. */
static char *
get(const char *member, const char *method, const char *path, const char *body)
{
	CLEANUP(json)
	json_t *answer = exchange(method, path, "application/json", body, 200);
	const char *text = json_string_value(json_object_get(answer, member));

	assert_non_null(text);
	return strdup(text);
}

static void
check(const char *method, const char *path, const char *body, int status)
{
	json_decref(exchange(method, path, "application/json", body, status));
}

static char *
with_handle(const char *handle, const char *rest)
{
	return string_format("{\"keyHandle\":\"%s\"%s}", handle, rest);
}

/* ---- what it does ---- */

/* As the OpenSSL engine loads a key and signs with it. */
static void
uses_an_ec_key_as_the_engine_does(void)
{
	CLEANUP(string)
	char *handle = get("keyHandle", "POST", "/keypair",
	    "{\"keyId\":\"device-id\",\"preferredAlgorithms\":null}");
	CLEANUP(string) char *body = with_handle(handle, "");
	CLEANUP(string)
	char *sign = with_handle(handle,
	    ",\"algorithm\":\"ECDSA\",\"parameters\":{\"digest\":\""
	    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"}");
	CLEANUP(string)
	char *algorithm = get("value", "POST", "/parameters/algorithm", body);
	CLEANUP(string)
	char *curve = get("value", "POST", "/parameters/ec-curve-oid", body);
	CLEANUP(string)
	char *point = get("value", "POST", "/parameters/ec-point", body);
	CLEANUP(string)
	char *signature = get("signature", "POST", "/sign", sign);

	assert_string_equal(algorithm, "ECDSA");
	assert_string_equal(curve, "BggqhkjOPQMBBw==");
	assert_int_equal(strlen(point), 44);
	assert_int_equal(strncmp(signature, "ME", 2), 0);
}

static void
uses_an_rsa_key_as_the_engine_does(void)
{
	CLEANUP(string)
	char *handle = get("keyHandle", "POST", "/keypair",
	    "{\"keyId\":\"rsa\",\"preferredAlgorithms\":\"rsa-2048:*\"}");
	CLEANUP(string) char *body = with_handle(handle, "");
	CLEANUP(string)
	char *sign = with_handle(handle,
	    ",\"algorithm\":\"RSA-PKCS1\",\"parameters\":null,"
	    "\"plaintext\":\"AAECAw==\"");
	CLEANUP(string)
	char *exponent = get("value", "POST", "/parameters/rsa-exponent", body);
	CLEANUP(string)
	char *signature = get("ciphertext", "POST", "/encrypt", sign);

	assert_string_equal(exponent, "AQAB");
	assert_int_equal(strlen(signature), 344);
}

static void
moves_and_deletes(void)
{
	CLEANUP(string)
	char *handle = get(
	    "keyHandle", "POST", "/keypair", "{\"keyId\":\"edged-ca-temp\"}");
	CLEANUP(string) char *body = with_handle(handle, "");
	CLEANUP(string) char *moved = NULL;
	CLEANUP(string) char *body_moved = NULL;

	check("POST", "/keypair/edged-ca", "{\"from\":\"edged-ca-temp\"}", 204);
	check("POST", "/keypair/edged-ca", "{\"from\":\"edged-ca-temp\"}", 204);
	check("GET", "/keypair/edged-ca-temp", NULL, 400);
	check("DELETE", "/keypair", body, 204);
	moved = get("keyHandle", "GET", "/keypair/edged-ca", NULL);
	body_moved = with_handle(moved, "");
	check("DELETE", "/keypair", body_moved, 204);
	check("DELETE", "/keypair", body_moved, 204);
}

static void
derives_and_exports(void)
{
	CLEANUP(string)
	char *handle = get("keyHandle", "POST", "/key",
	    "{\"keyId\":\"master\",\"keyBytes\":"
	    "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\","
	    "\"usage\":\"derive,sign\"}");
	CLEANUP(string)
	char *derive = string_format("{\"baseKeyHandle\":\"%s\","
				     "\"derivationData\":\"%s\"}",
	    handle, "bTE6NjM3OnByaW1hcnk=");
	CLEANUP(string)
	char *derived = get("keyHandle", "POST", "/derivedkey", derive);
	CLEANUP(string) char *body = with_handle(derived, "");
	CLEANUP(string)
	char *sign = with_handle(derived,
	    ",\"algorithm\":\"HMAC-SHA256\",\"parameters\":"
	    "{\"message\":\"\"}");
	CLEANUP(string)
	char *key = get("key", "POST", "/derivedkey/export", body);
	CLEANUP(string) char *mac = get("signature", "POST", "/sign", sign);
	CLEANUP(string) char *base = with_handle(handle, "");

	assert_string_equal(
	    key, "O1laCgfU7Du8/W8CmqYOSCKw9MhKj9+pTyg7MjHvZok=");
	assert_string_equal(
	    mac, "X4rA184INJ4QoZZLKMUPtnJyHC76sCXxwm8A7er4Thg=");
	check("POST", "/derivedkey/export", base, 400);
	check("DELETE", "/key", base, 204);
}

#define AEAD                                                                   \
	",\"algorithm\":\"AEAD\",\"parameters\":{\"iv\":\"AAAAAAAAAAAAAAAA\"," \
	"\"aad\":\"%s\"},\"%s\":\"%s\""

static void
encrypts_as_edged_does(void)
{
	CLEANUP(string)
	char *handle = get("keyHandle", "POST", "/key",
	    "{\"keyId\":\"iotedge_master_encryption_id\",\"keyBytes\":null,"
	    "\"usage\":\"encrypt\"}");
	CLEANUP(string)
	char *rest = string_format(AEAD, "bTE2Mzc=", "plaintext", "aGk=");
	CLEANUP(string) char *seal = with_handle(handle, rest);
	CLEANUP(string)
	char *ciphertext = get("ciphertext", "POST", "/encrypt", seal);
	CLEANUP(string)
	char *rest_open =
	    string_format(AEAD, "bTE2Mzc=", "ciphertext", ciphertext);
	CLEANUP(string)
	char *rest_other =
	    string_format(AEAD, "bTI=", "ciphertext", ciphertext);
	CLEANUP(string) char *open = with_handle(handle, rest_open);
	CLEANUP(string) char *other = with_handle(handle, rest_other);
	CLEANUP(string)
	char *plain = get("plaintext", "POST", "/decrypt", open);

	assert_string_equal(plain, "aGk=");
	assert_int_equal(strncmp(ciphertext, "A", 1), 0);
	check("POST", "/decrypt", other, 500);
}

static void
is_told_what_is_wrong(void)
{
	static const struct {
		const char *method;
		const char *path;
		const char *body;
		int status;
	} cases[] = {
	    {"GET",    "/keypair/none",         NULL,                   400},
	    {"GET",    "/key/none",             NULL,                   400},
	    {"GET",    "/nothing",              NULL,                   404},
	    {"PUT",    "/keypair",              "{}",                   400},
	    {"POST",   "/keypair",              "",                     400},
	    {"POST",   "/keypair",              "{",                    422},
	    {"POST",   "/keypair",              "{\"keyId\":7}",        422},
	    {"POST",   "/key",                  "{\"keyId\":\"a\"}",    422},
	    {"POST",   "/key/a",                "{}",                   400},
	    {"DELETE", "/keypair",              "{}",                   422},
	    {"POST",   "/parameters/algorithm", "{\"keyHandle\":\"\"}", 400},
	    {"GET",    "/keys",                 NULL,                   404},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i].method, cases[i].path, cases[i].body,
		    cases[i].status);
}

/* curl sends another type unless it is told; that is no body. */
static void
counts_what_is_not_json_for_nothing(void)
{
	static const char body[] = "{\"keyId\":\"device-id\"}";
	static const struct {
		const char *type;
		int status;
	} cases[] = {
	    {"application/json",                  200},
	    {"application/json; charset=utf-8",   200},
	    {"",				  200},
	    {"application/x-www-form-urlencoded", 400},
	    {"text/plain",                        400},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		json_decref(exchange(
		    "POST", "/keypair", cases[i].type, body, cases[i].status));
}

/* Each of these in each manner under each version. */
static void
serves_the_blocking_client(void **state)
{
	static void (*const deeds[])(void) = {
	    uses_an_ec_key_as_the_engine_does,
	    uses_an_rsa_key_as_the_engine_does,
	    moves_and_deletes,
	    derives_and_exports,
	    encrypts_as_edged_does,
	    is_told_what_is_wrong,
	    counts_what_is_not_json_for_nothing,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		for (manner = WHOLE; manner < MANNERS; manner++)
			for (size_t j = 0; j < sizeof(deeds) / sizeof(deeds[0]);
			     j++) {
				version = versions[i];
				deeds[j]();
			}
}

static void
asks_for_the_version_before_the_path(void **state)
{
	static const char *const unknown[] = {"2020-09-02", "", "x"};

	(void)state;
	manner = WHOLE;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		version = unknown[i];
		check("GET", "/nothing", NULL, 400);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(serves_the_blocking_client),
	    cmocka_unit_test(asks_for_the_version_before_the_path),
	};

	return cmocka_run_group_tests_name("keyd client", tests, NULL, NULL);
}
