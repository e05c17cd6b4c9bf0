/* SPDX-License-Identifier: MIT */
/* signet-cloud's EST server: a request in, a reply out, no socket. */
#include "cmocka_wrap.h"

#include <openssl/pkcs7.h>
#include <string.h>

#include "cloud_fixture.h"
#include "common/base64.h"
#include "common/file.h"
#include "est_attributes.h"
#include "est_store.h"
#include "fault.h"

#define PASSWORD "Basic ZWR3YXJkOnNlc2FtZQ==" /* edward:sesame */
#define PKCS10 "application/pkcs10"
#define EST "/.well-known/est/"

DEFINE_CLEANUP(pkcs7, PKCS7, PKCS7_free)
DEFINE_CLEANUP(der, unsigned char, OPENSSL_free)

/* A server, and somebody who asks it. */
struct client {
	struct cloud *cloud;
	EVP_PKEY *key;
};

static int
setup(void **state)
{
	struct client *client = calloc(1, sizeof(*client));
	struct error err;

	assert_non_null(client);
	client->cloud = cloud_open();
	cloud_add_est(client->cloud);
	assert_int_equal(
	    est_user_put(client->cloud->database, "edward", "sesame", &err),
	    ERROR_NONE);
	client->key = EVP_EC_gen("P-256");
	*state = client;
	return 0;
}

static int
teardown(void **state)
{
	struct client *client = *state;

	EVP_PKEY_free(client->key);
	cloud_close(client->cloud);
	free(client);
	return 0;
}

/* A base64 request for common_name and, unless it is NULL, a DNS name. */
static char *
request_for(EVP_PKEY *key, const char *common_name, const char *dns)
{
	CLEANUP(x509_req) X509_REQ *request = X509_REQ_new();
	CLEANUP(der) unsigned char *der = NULL;
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
	CLEANUP(string) char *text = string_format("DNS:%s", dns ? dns : "");
	int length;

	assert_int_equal(
	    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request), "CN",
		MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0),
	    1);
	(void)sk_X509_EXTENSION_push(
	    extensions, X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints,
			    "critical,CA:TRUE"));
	if (dns)
		(void)sk_X509_EXTENSION_push(
		    extensions, X509V3_EXT_conf_nid(
				    NULL, NULL, NID_subject_alt_name, text));
	assert_int_equal(X509_REQ_add_extensions(request, extensions), 1);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	assert_int_equal(X509_REQ_set_pubkey(request, key), 1);
	assert_true(X509_REQ_sign(request, key, EVP_sha256()) > 0);
	length = i2d_X509_REQ(request, &der);
	assert_true(length > 0);
	return base64_encode(der, (size_t)length);
}

/* Sends a request; chain, body and authorization may be NULL. */
static struct reply
ask(struct client *client, const char *method, const char *target,
    const x509_stack *chain, const char *authorization, const char *body)
{
	struct request request = {
	    .method = method,
	    .target_text = target,
	    .headers = {.host = FIXTURE_HOST,
			.authorization = authorization,
			.content_type = PKCS10},
	    .body = body,
	    .body_length = body ? strlen(body) : 0,
	    .chain = chain,
	    .tls_version = "TLS1.3"
        };
	struct reply reply = {0};

	dispatch(client->cloud, &request, &reply);
	return reply;
}

static struct reply
enroll(struct client *client, const char *operation, const x509_stack *chain,
    const char *common_name, const char *dns)
{
	CLEANUP(string)
	char *body = request_for(client->key, common_name, dns);

	return ask(
	    client, "POST", operation, chain, chain ? NULL : PASSWORD, body);
}

/* The certificates in the reply, which it releases. */
static x509_stack *
certificates_of(struct reply *reply)
{
	CLEANUP(pkcs7) PKCS7 *message = NULL;
	unsigned char *der = NULL;
	const unsigned char *position;
	x509_stack *copy;
	size_t length;
	struct error err;

	assert_int_equal(reply->status, 200);
	assert_non_null(reply->text);
	assert_int_equal(
	    base64_decode(reply->text, &der, &length, &err), ERROR_NONE);
	position = der;
	message = d2i_PKCS7(NULL, &position, (long)length);
	free(der);
	assert_non_null(message);
	assert_true(PKCS7_type_is_signed(message));
	copy = X509_chain_up_ref(message->d.sign->cert);
	reply_done(reply);
	return copy;
}

static void
assert_refused_with(struct reply *reply, unsigned status, const char *says)
{
	assert_int_equal(reply->status, status);
	assert_non_null(reply->text);
	assert_non_null(strstr(reply->text, says));
	assert_null(reply->body);
	reply_done(reply);
}

static bool
has_header(const struct reply *reply, const char *name, const char *part)
{
	for (size_t i = 0; i < reply->header_count; i++)
		if (strcmp(reply->headers[i].name, name) == 0)
			return strstr(reply->headers[i].value, part) != NULL;
	return false;
}

static void
gives_anyone_its_ca_and_the_one_above(void **state)
{
	struct reply reply =
	    ask(*state, "GET", EST "cacerts", NULL, NULL, NULL);
	CLEANUP(x509_stack) x509_stack *chain = NULL;

	assert_true(has_header(&reply, "Content-Transfer-Encoding", "base64"));
	assert_string_equal(reply.text_type, "application/pkcs7-mime");
	chain = certificates_of(&reply);
	assert_int_equal(sk_X509_num(chain), 2);
	assert_int_equal(
	    X509_check_issued(sk_X509_value(chain, 1), sk_X509_value(chain, 0)),
	    X509_V_OK);
	reply = ask(*state, "GET", EST "line-7/cacerts", NULL, NULL, NULL);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
}

static void
issues_for_the_key_and_names_asked_for_and_no_more(void **state)
{
	struct client *client = *state;
	struct reply reply =
	    enroll(client, EST "simpleenroll", NULL, "dev-1", "dev-1.example");
	CLEANUP(x509_stack) x509_stack *issued = certificates_of(&reply);
	X509 *certificate = sk_X509_value(issued, 0);
	CLEANUP(string) char *name = NULL;
	struct error err;

	assert_int_equal(sk_X509_num(issued), 1);
	assert_true(certificate_matches_key(certificate, client->key));
	assert_int_equal(
	    name_common_name(X509_get_subject_name(certificate), &name, &err),
	    ERROR_NONE);
	assert_string_equal(name, "dev-1");
	assert_int_equal(
	    X509_check_host(certificate, "dev-1.example", 0, 0, NULL), 1);
	assert_false(certificate_is_ca(certificate)); /* it asked for CA:TRUE */
	assert_int_equal(
	    X509_get_extended_key_usage(certificate), XKU_SSL_CLIENT);
}

static void
asks_for_a_password_or_a_certificate(void **state)
{
	struct client *client = *state;
	CLEANUP(string) char *body = request_for(client->key, "dev-1", NULL);
	struct reply reply;

	reply = ask(client, "POST", EST "simpleenroll", NULL, NULL, body);
	assert_true(has_header(&reply, "WWW-Authenticate", "Basic"));
	assert_refused_with(&reply, 401, "password");
	reply = ask(client, "POST", EST "simpleenroll", NULL,
	    "Basic ZWR3YXJkOm9wZW4=", body);
	assert_refused_with(&reply, 401, "wrong");
	reply = ask(client, "POST", EST "simpleenroll", NULL,
	    "Basic bm9ib2R5OnNlc2FtZQ==", body);
	assert_refused_with(&reply, 401, "wrong");
	reply = ask(client, "POST", EST "simpleenroll", NULL, "Basic !!", body);
	assert_refused_with(&reply, 401, "base64");
	reply = ask(
	    client, "POST", EST "simpleenroll", NULL, "Basic ZWR3YXJk", body);
	assert_refused_with(&reply, 401, "user:password");
}

static void
lets_only_certificates_of_a_trusted_ca_enroll(void **state)
{
	struct client *client = *state;
	struct identity maker = identity_create(
	    &(struct identity_plan){.common_name = "maker", .is_ca = true});
	struct identity birth = identity_create(&(struct identity_plan){
	    .common_name = "birth-1", .issuer = &maker});
	CLEANUP(chain) x509_stack *chain = chain_of(birth.certificate, NULL);
	CLEANUP(string) char *pem = NULL;
	struct reply reply;
	struct error err;

	reply = enroll(client, EST "simpleenroll", chain, "dev-1", NULL);
	assert_refused_with(&reply, 401, "may ask");
	assert_int_equal(
	    certificate_to_pem(maker.certificate, &pem, &err), ERROR_NONE);
	assert_int_equal(
	    est_anchor_add(client->cloud->database, pem, &err), ERROR_NONE);
	reply = enroll(client, EST "simpleenroll", chain, "dev-1", NULL);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	reply = enroll(client, EST "simplereenroll", chain, "birth-1", NULL);
	assert_refused_with(&reply, 401, "not by this server's CA");
	identity_done(&birth);
	identity_done(&maker);
}

static void
renews_a_certificate_of_its_own_for_the_same_names(void **state)
{
	struct client *client = *state;
	struct reply reply =
	    enroll(client, EST "simpleenroll", NULL, "dev-1", "a.example");
	CLEANUP(x509_stack) x509_stack *first = certificates_of(&reply);
	CLEANUP(x509_stack) x509_stack *second = NULL;

	EVP_PKEY_free(client->key);
	client->key = EVP_EC_gen("P-256");
	reply =
	    enroll(client, EST "simplereenroll", first, "dev-1", "a.example");
	second = certificates_of(&reply);
	assert_true(
	    certificate_matches_key(sk_X509_value(second, 0), client->key));
	reply =
	    enroll(client, EST "simplereenroll", first, "dev-2", "a.example");
	assert_refused_with(&reply, 400, "another subject");
	reply =
	    enroll(client, EST "simplereenroll", first, "dev-1", "b.example");
	assert_refused_with(&reply, 400, "alternative names");
	reply =
	    enroll(client, EST "simplereenroll", NULL, "dev-1", "a.example");
	assert_refused_with(&reply, 401, "to be renewed");
}

/* RFC 7030 section 3.3.2 lets a server ask for both, so clients send both. */
static void
takes_a_certificate_and_a_password_together(void **state)
{
	struct client *client = *state;
	struct reply reply =
	    enroll(client, EST "simpleenroll", NULL, "dev-1", NULL);
	CLEANUP(x509_stack) x509_stack *ours = certificates_of(&reply);
	CLEANUP_DONE(identity)
	struct identity other =
	    identity_create(&(struct identity_plan){.common_name = "dev-1"});
	CLEANUP(chain) x509_stack *strange = chain_of(other.certificate, NULL);
	CLEANUP(string) char *body = request_for(client->key, "dev-1", NULL);
	const struct {
		const char *operation;
		const x509_stack *chain;
		const char *password;
		unsigned status;
		const char *says;
	} cases[] = {
	    {EST "simplereenroll", ours,    PASSWORD,         200, ""                 },
	    {EST "simpleenroll",   ours,    PASSWORD,         200, ""                 },
	    {EST "simpleenroll",   strange, PASSWORD,         200, ""                 },
	    {EST "simplereenroll", strange, PASSWORD,         401, "cannot be renewed"},
	    {EST "simplereenroll", ours,    "Basic ZTpzZTpz", 401, "wrong"            },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reply = ask(client, "POST", cases[i].operation, cases[i].chain,
		    cases[i].password, body);
		assert_int_equal(reply.status, cases[i].status);
		if (cases[i].status == 200)
			reply_done(&reply);
		else
			assert_refused_with(
			    &reply, cases[i].status, cases[i].says);
	}
}

static void
says_what_is_wrong_with_a_request(void **state)
{
	static const char *const bodies[] = {
	    "", "!", "AAAA", "MAA=", "MIIBAA==", "AAAA\n\n\tAAAA"};
	struct client *client = *state;
	CLEANUP(pkey) EVP_PKEY *weak = EVP_RSA_gen(1024);
	CLEANUP(string) char *body = request_for(client->key, "dev-1", NULL);
	CLEANUP(string) char *weak_body = request_for(weak, "dev-1", NULL);
	struct reply reply;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		reply = ask(client, "POST", EST "simpleenroll", NULL, PASSWORD,
		    bodies[i]);
		assert_refused_with(&reply, 400, "PKCS#10");
	}
	reply =
	    ask(client, "POST", EST "simpleenroll", NULL, PASSWORD, weak_body);
	assert_refused_with(&reply, 400, "2048");
	/* The signature is at the end. */
	body[strlen(body) - 6] = body[strlen(body) - 6] == 'A' ? 'B' : 'A';
	reply = ask(client, "POST", EST "simpleenroll", NULL, PASSWORD, body);
	assert_refused_with(&reply, 400, "request");
}

static void
makes_no_keys_and_does_no_full_cmc(void **state)
{
	struct reply reply =
	    ask(*state, "POST", EST "serverkeygen", NULL, PASSWORD, "");

	assert_refused_with(&reply, 501, "makes no keys");
	reply = ask(*state, "POST", EST "x/fullcmc", NULL, PASSWORD, "");
	assert_refused_with(&reply, 501, "no full CMC");
	reply = ask(*state, "GET", EST "nothing", NULL, NULL, NULL);
	assert_refused_with(&reply, 404, "nothing at this path");
}

static void
asks_for_the_attributes_that_it_was_told(void **state)
{
	struct client *client = *state;
	/* SEQUENCE { SEQUENCE { rsaEncryption, SET { 3072 } }, serialNumber }
	 */
	static const unsigned char expected[] = {0x30, 0x18, 0x30, 0x11, 0x06,
	    0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x31,
	    0x04, 0x02, 0x02, 0x0c, 0x00, 0x06, 0x03, 0x55, 0x04, 0x05};
	CLEANUP(string)
	char *text = base64_encode(expected, sizeof(expected));
	struct reply reply;
	struct error err;

	assert_int_equal(est_attributes_set(client->cloud->database,
			     "key:rsa-3072,serialNumber", &err),
	    ERROR_NONE);
	reply = ask(client, "GET", EST "csrattrs", NULL, NULL, NULL);
	assert_string_equal(reply.text, text);
	assert_string_equal(reply.text_type, "application/csrattrs");
	reply_done(&reply);
	assert_int_equal(
	    est_attributes_set(client->cloud->database, "none", &err),
	    ERROR_NONE);
	reply = ask(client, "GET", EST "csrattrs", NULL, NULL, NULL);
	assert_int_equal(reply.status, 204);
	reply_done(&reply);
	assert_int_equal(
	    est_attributes_set(client->cloud->database, "no such thing", &err),
	    ERROR_INVALID);
	assert_int_equal(
	    est_attributes_set(client->cloud->database, "key:P-1", &err),
	    ERROR_INVALID);
	assert_int_equal(est_attributes_set(client->cloud->database, ",", &err),
	    ERROR_INVALID);
}

static void
order(struct client *client, enum fault_kind kind)
{
	struct error err;

	assert_int_equal(
	    fault_add(client->cloud->database, kind, NULL, 1, 7, &err),
	    ERROR_NONE);
}

static X509 *
spoiled(struct client *client, enum fault_kind kind)
{
	struct reply reply;
	x509_stack *issued;
	X509 *certificate;

	order(client, kind);
	reply = enroll(client, EST "simpleenroll", NULL, "dev-1", NULL);
	issued = certificates_of(&reply);
	certificate = sk_X509_shift(issued);
	x509_stack_free(issued);
	return certificate;
}

static void
spoils_what_it_issues_when_it_is_told_to(void **state)
{
	struct client *client = *state;
	CLEANUP(x509) X509 *key = spoiled(client, FAULT_WRONG_KEY);
	CLEANUP(x509) X509 *subject = spoiled(client, FAULT_WRONG_SUBJECT);
	CLEANUP(x509) X509 *usage = spoiled(client, FAULT_NO_EKU);
	CLEANUP(x509) X509 *ca = spoiled(client, FAULT_CA);
	CLEANUP(string) char *name = NULL;
	struct reply reply;
	struct error err;

	assert_false(certificate_matches_key(key, client->key));
	assert_int_equal(
	    name_common_name(X509_get_subject_name(subject), &name, &err),
	    ERROR_NONE);
	assert_string_equal(name, "stranger");
	assert_int_equal(X509_get_extended_key_usage(usage), UINT32_MAX);
	assert_true(certificate_is_ca(ca));

	order(client, FAULT_PENDING);
	reply = enroll(client, EST "simpleenroll", NULL, "dev-1", NULL);
	assert_int_equal(reply.status, 202);
	assert_int_equal(reply.retry_after_seconds, 7);
	reply_done(&reply);
	order(client, FAULT_REDIRECT);
	reply = enroll(client, EST "simpleenroll", NULL, "dev-1", NULL);
	assert_int_equal(reply.status, 302);
	assert_true(has_header(&reply, "Location", "https://"));
	reply_done(&reply);
}

int
main(void)
{
#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(gives_anyone_its_ca_and_the_one_above),
	    TEST(issues_for_the_key_and_names_asked_for_and_no_more),
	    TEST(asks_for_a_password_or_a_certificate),
	    TEST(lets_only_certificates_of_a_trusted_ca_enroll),
	    TEST(renews_a_certificate_of_its_own_for_the_same_names),
	    TEST(takes_a_certificate_and_a_password_together),
	    TEST(says_what_is_wrong_with_a_request),
	    TEST(makes_no_keys_and_does_no_full_cmc),
	    TEST(asks_for_the_attributes_that_it_was_told),
	    TEST(spoils_what_it_issues_when_it_is_told_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
