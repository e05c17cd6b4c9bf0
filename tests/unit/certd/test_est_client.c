/* SPDX-License-Identifier: MIT */
/* Sessions with an EST server, over a network and a clock that do as told. */
#include "cmocka_wrap.h"

#include <string.h>

#include "est_answer.h"
#include "est_client.h"
#include "est_fixture.h"
#include "fake_https.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PKCS7_TYPE "application/pkcs7-mime"
#define URL "https://est.example/.well-known/est"

static struct est_fixture pki;
static char *cacerts_body;
static char *leaf_body;

static int
setup(void **state)
{
	X509 *leaf;
	x509_stack *authorities, *answer;

	(void)state;
	est_fixture_open(&pki);
	leaf = est_fixture_issue(
	    &pki, (struct certificate_plan){.for_client = true});
	authorities = est_fixture_stack(2, (X509 *[]){pki.root, pki.ca});
	answer = est_fixture_stack(1, &leaf);
	cacerts_body = est_fixture_pkcs7(authorities);
	leaf_body = est_fixture_pkcs7(answer);
	x509_stack_free(authorities);
	x509_stack_free(answer);
	X509_free(leaf);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(cacerts_body);
	free(leaf_body);
	est_fixture_close(&pki);
	return 0;
}

static struct fake_answer
pkcs7(const char *body)
{
	return (struct fake_answer){
	    .status = 200, .body = body, .content_type = PKCS7_TYPE};
}

static struct est_server
a_server(void)
{
	return (struct est_server){
	    .url = URL "/", .ca_pem = "roots", .wait = fake_wait};
}

/* A whole enrolling; the answers after cacerts' are those given. */
static enum error_code
enroll(const struct est_server *server, const struct fake_answer *answers,
    unsigned count, int64_t *ret_wait, struct error *err)
{
	CLEANUP(est_session) struct est_session *session = NULL;
	CLEANUP(x509_req)
	X509_REQ *request = fixture_request(pki.device_key, "dev-1", NULL);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct fake_answer all[8] = {pkcs7(cacerts_body)};
	enum error_code code;

	assert_true(count < COUNT(all));
	memcpy(all + 1, answers, count * sizeof(*answers));
	fake_https_script(all, count + 1);
	if (est_session_open(server, &session, err))
		fail_msg("%s", err->message);
	code = est_enroll(session,
	    &(struct est_order){.operation = EST_ENROLL,
		.request = request,
		.now = FIXTURE_NOW},
	    &chain, err);
	if (code == ERROR_NONE)
		assert_int_equal(sk_X509_num(chain), 2);
	*ret_wait = est_session_wait_seconds(session);
	return code;
}

static void
enrolls_with_a_password(void **state)
{
	struct est_server server = a_server();
	const struct fake_answer answer = pkcs7(leaf_body);
	const struct fake_request *sent;
	struct error err = {.message = ""};
	int64_t wait;

	(void)state;
	server.user = "edward";
	server.password = "sesame";
	if (enroll(&server, &answer, 1, &wait, &err))
		fail_msg("%s", err.message);
	assert_int_equal(fake_https_count(), 2);
	assert_string_equal(fake_https_request(0)->url, URL "/cacerts");
	assert_string_equal(fake_https_request(0)->method, "GET");
	sent = fake_https_request(1);
	assert_string_equal(sent->url, URL "/simpleenroll");
	assert_string_equal(sent->method, "POST");
	assert_string_equal(sent->ca_pem, "roots");
	assert_string_equal(sent->basic, "ZWR3YXJkOnNlc2FtZQ==");
	assert_false(sent->any_peer);
}

static void
fingerprint_of(X509 *certificate, char *ret_text)
{
	unsigned char *der = NULL;
	int length = i2d_X509(certificate, &der);
	char hex[65];
	struct error err;

	assert_int_equal(
	    sha256_hex(der, (size_t)length, hex, &err), ERROR_NONE);
	OPENSSL_free(der);
	for (size_t i = 0; i < 64; i += 2) {
		*ret_text++ = hex[i];
		*ret_text++ = hex[i + 1];
		*ret_text++ = ':';
	}
	ret_text[-1] = '\0';
}

static void
learns_whom_to_trust_by_fingerprint_and_keeps_the_password_till_then(
    void **state)
{
	struct est_server server = a_server();
	const struct fake_answer answer = pkcs7(leaf_body);
	CLEANUP(string) char *root = fixture_pem(pki.root);
	char fingerprint[100];
	struct error err = {.message = ""};
	int64_t wait;

	(void)state;
	fingerprint_of(pki.root, fingerprint);
	server.ca_pem = NULL;
	server.fingerprint = fingerprint;
	server.user = "edward";
	server.password = "sesame";
	server.key = pki.device_key;
	if (enroll(&server, &answer, 1, &wait, &err))
		fail_msg("%s", err.message);
	assert_true(fake_https_request(0)->any_peer);
	assert_string_equal(fake_https_request(0)->basic, "");
	assert_false(fake_https_request(0)->has_key);
	assert_false(fake_https_request(1)->any_peer);
	assert_true(fake_https_request(1)->has_key);
	assert_string_equal(fake_https_request(1)->ca_pem, root);
}

static void
tells_nothing_to_a_server_with_another_fingerprint(void **state)
{
	struct est_server server = a_server();
	CLEANUP(est_session) struct est_session *session = NULL;
	struct fake_answer answer = pkcs7(cacerts_body);
	struct error err;

	(void)state;
	server.ca_pem = NULL;
	server.fingerprint = "00112233445566778899aabbccddeeff"
			     "00112233445566778899aabbccddeeff";
	fake_https_script(&answer, 1);
	assert_int_equal(
	    est_session_open(&server, &session, &err), ERROR_UPSTREAM);
	assert_non_null(strstr(err.message, "fingerprint"));
	assert_int_equal(fake_https_count(), 1);
}

static void
asks_again_as_often_as_the_server_wants(void **state)
{
	const struct est_server server = a_server();
	const struct fake_answer answers[] = {
	    {.status = 202, .retry_after = 7 },
	    {.status = 202, .retry_after = 30},
	    pkcs7(leaf_body),
	};
	struct error err = {.message = ""};
	int64_t wait;

	(void)state;
	if (enroll(&server, answers, COUNT(answers), &wait, &err))
		fail_msg("%s", err.message);
	assert_int_equal(fake_wait_count(), 2);
	assert_int_equal(fake_waited(0), 7000);
	assert_int_equal(fake_waited(1), 30000);
}

static void
comes_back_later_if_the_server_has_not_decided_in_time(void **state)
{
	const struct est_server server = a_server();
	const struct fake_answer soon = {.status = 202, .retry_after = 5};
	const struct fake_answer late = {.status = 202, .retry_after = 3600};
	struct error err;
	int64_t wait;

	(void)state;
	assert_int_equal(
	    enroll(&server, &soon, 1, &wait, &err), ERROR_UNAVAILABLE);
	assert_int_equal(fake_wait_count(), 11); /* of 5 s, within 60 s */
	assert_int_equal(wait, 5);
	assert_int_equal(
	    enroll(&server, &late, 1, &wait, &err), ERROR_UNAVAILABLE);
	assert_int_equal(fake_wait_count(), 0);
	assert_int_equal(wait, 3600);
	assert_non_null(strstr(err.message, "not decided"));
}

static void
tries_what_fails_in_passing_a_few_times(void **state)
{
	const struct est_server server = a_server();
	const struct fake_answer passing[] = {
	    {.failure = ERROR_UNAVAILABLE},
	    {.status = 503,                .retry_after = 2},
	    {.failure = ERROR_TIMEOUT                           },
	    pkcs7(leaf_body),
	};
	const struct fake_answer lasting = {.status = 500, .body = "disk full"};
	struct error err = {.message = ""};
	int64_t wait;

	(void)state;
	if (enroll(&server, passing, COUNT(passing), &wait, &err))
		fail_msg("%s", err.message);
	assert_in_range(fake_waited(0), 750, 1250);
	assert_int_equal(fake_waited(1), 2000);
	assert_int_equal(
	    enroll(&server, &lasting, 1, &wait, &err), ERROR_UNAVAILABLE);
	assert_int_equal(fake_https_count(), 1 + EST_TRIES);
	assert_non_null(strstr(err.message, "disk full"));
	assert_non_null(strstr(err.message, URL));
}

static void
does_not_repeat_what_was_refused(void **state)
{
	static const struct {
		struct fake_answer answer;
		const char *says;
	} cases[] = {
	    {{.status = 401, .body = "who?"},                             "who?"        },
	    {{.status = 400, .body = "no OU"},                            "no OU"       },
	    {{.status = 302},					     "redirects"   },
	    {{.status = 200, .body = "hi", .content_type = "text/html"},
             "text/html"								},
	    {{.status = 200, .body = "MIIB", .content_type = PKCS7_TYPE},
             "no PKCS#7"								},
	    {{.failure = ERROR_UPSTREAM},                                 "fake failure"},
	};
	const struct est_server server = a_server();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error err;
		int64_t wait;

		assert_int_equal(
		    enroll(&server, &cases[i].answer, 1, &wait, &err),
		    ERROR_UPSTREAM);
		assert_int_equal(fake_https_count(), 2);
		if (!strstr(err.message, cases[i].says))
			fail_msg("'%s' lacks '%s'", err.message, cases[i].says);
	}
}

static void
ends_when_it_is_told_to(void **state)
{
	const struct est_server server = a_server();
	const struct fake_answer pending = {.status = 202, .retry_after = 1};
	CLEANUP(est_session) struct est_session *session = NULL;
	struct error err;

	(void)state;
	fake_https_script(&pending, 1);
	fake_give_up_after(3);
	assert_int_equal(
	    est_session_open(&server, &session, &err), ERROR_UNAVAILABLE);
	assert_int_equal(fake_wait_count(), 3);
}

static void
proves_a_certificate_by_an_answer(void **state)
{
	struct est_server server = a_server();
	const struct fake_answer good[] = {
	    pkcs7(cacerts_body), {.status = 204}};
	const struct fake_answer bad[] = {
	    pkcs7(cacerts_body), {.failure = ERROR_UPSTREAM}};
	struct error err = {.message = ""};

	(void)state;
	server.key = pki.device_key;
	fake_https_script(good, COUNT(good));
	if (est_prove(&server, &err))
		fail_msg("%s", err.message);
	assert_true(fake_https_request(1)->has_key);
	fake_https_script(bad, COUNT(bad));
	assert_int_equal(est_prove(&server, &err), ERROR_UPSTREAM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(enrolls_with_a_password),
	    cmocka_unit_test(
		learns_whom_to_trust_by_fingerprint_and_keeps_the_password_till_then),
	    cmocka_unit_test(
		tells_nothing_to_a_server_with_another_fingerprint),
	    cmocka_unit_test(asks_again_as_often_as_the_server_wants),
	    cmocka_unit_test(
		comes_back_later_if_the_server_has_not_decided_in_time),
	    cmocka_unit_test(tries_what_fails_in_passing_a_few_times),
	    cmocka_unit_test(does_not_repeat_what_was_refused),
	    cmocka_unit_test(ends_when_it_is_told_to),
	    cmocka_unit_test(proves_a_certificate_by_an_answer),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
