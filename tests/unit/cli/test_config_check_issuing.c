/* SPDX-License-Identifier: MIT */
/* config check: how certificates are issued, by EST above all. */
#include "cmocka_wrap.h"

#include "findings_fixture.h"

/* Lines 1 to 3, and an anchor that is there. */
#define ANCHOR                                                                 \
	"preloaded_certs: { root: \"file:///root.pem\" }\n"                    \
	"cert_issuance:\n"
#define EST(more)                                                              \
	ANCHOR "  est: { trusted_certs: [root], username: u, password: p, "    \
	       "url: \"https://e/.well-known/est\"" more " }\n"
#define CERTS "  certs:\n"
#define EST_CERT "    a: { method: est }\n"
#define PRINT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
/* Its own server is in line 6 behind EST(). */
#define OWN(settings)                                                          \
	EST("")                                                                \
	CERTS "    a:\n      method: est\n      est: { " settings " }"         \
	      "\n"
#define LOCAL(settings)                                                        \
	"cert_issuance:\n"                                                     \
	"  local_ca: { cert: \"file:///ca\", pk: \"file:///ca.key\" }\n"       \
	"  certs:\n"                                                           \
	"    a: { method: local_ca, " settings " }\n"

static const struct {
	const char *text;
	const char *beginning;
} mistakes[] = {
    /* the server */
    CASE(ANCHOR CERTS EST_CERT,
	"c:4:10: method 'est' needs 'est.url', here or in cert_issuance.est"),
    CASE(ANCHOR "  est: { username: u, password: p }\n" CERTS EST_CERT,
	"c:5:10: method 'est' needs 'est.url', here or in cert_issuance.est"),
    CASE(ANCHOR "  est: { username: u, password: p, trusted_certs: [root], "
		"url: \"http://e/est\" }\n" CERTS EST_CERT,
	"c:3:59: 'url' is http, so anybody between may answer"),
    CASE(OWN("url: \"HTTP://e/est\""),
	"c:7:14: 'url' is http, so anybody between may answer"),
    CASE(OWN("url: \"ftp://e/est\""),
	"c:7:14: 'url' is not that of an EST server"),
    CASE(OWN("url: \"e/.well-known/est\""),
	"c:7:14: 'url' is not that of an EST server"),
    CASE(
	OWN("url: \"https://\""), "c:7:14: 'url' is not that of an EST server"),
    CASE(OWN("url: \"https://u:p@e/est\""), "c:7:14: 'url' has a user in it"),
    CASE(EST(", allow_http: true") CERTS "    a:\n      method: est\n"
					 "      est: { url: \"http://b\" }\n",
	"c:7:14: 'url' is http"), /* that of another is not meant */
    CASE(OWN("allow_http: true"),
	"c:7:14: 'allow_http' is for the 'url' beside it"),
    /* whom to trust */
    CASE(ANCHOR
	"  est: { username: u, password: p, url: \"https://e/est\" }\n" CERTS
	    EST_CERT,
	"c:3:3: nothing says who may be EST server 'https://e/est'"),
    CASE(ANCHOR CERTS "    a: { method: est, est: { username: u, password: p, "
		      "url: \"https://e/est\" } }\n",
	"c:4:23: nothing says who may be EST server"),
    CASE(EST("") CERTS
	"    a: { method: est, est: { trusted_certs: [rot] } }\n",
	"c:5:30: there is no certificate 'rot'"),
    CASE(ANCHOR "  est: { trusted_certs: [rot] }\n",
	"c:3:10: there is no certificate 'rot'"),
    CASE(OWN("fingerprint: 1234"),
	"c:7:14: 'fingerprint' is no SHA-256: 64 hexadecimal digits"),
    CASE(OWN("fingerprint: \"" PRINT "0\""),
	"c:7:14: 'fingerprint' is no SHA-256"),
    CASE(OWN("fingerprint: \"g" PRINT "\""),
	"c:7:14: 'fingerprint' is no SHA-256"),
    /* as whom to ask */
    CASE(OWN("username: v"), "c:7:14: 'username' needs 'password' with it"),
    CASE(OWN("password: v"), "c:7:14: 'password' needs 'username' with it"),
    CASE(OWN("identity_cert: i"),
	"c:7:14: 'identity_cert' needs 'identity_pk' with it"),
    CASE(OWN("bootstrap_identity_pk: i"),
	"c:7:14: 'bootstrap_identity_pk' needs 'bootstrap_identity_cert'"),
    /* the rest of a certificate */
    CASE("cert_issuance: { certs: { a: { method: local_ca } } }\n",
	"c:1:32: method 'local_ca' needs the section 'cert_issuance.local_ca'"),
    CASE("cert_issuance: { renewal: { retry: soon } }\n",
	"c:1:29: 'soon' is none of 1% to 99%"),
    CASE(LOCAL("renewal: { window: 100% }"),
	"c:4:39: '100%' is none of 1% to 99%"),
    CASE(LOCAL("on_renewed: \"rm -rf /\""),
	"c:4:28: 'rm -rf /' is no name of a unit of systemd"),
    CASE(LOCAL("expiry_days: 0"), "c:4:28: 'expiry_days' must be at least 1"),
    CASE(LOCAL("expiry_days: 36501"),
	"c:4:28: 'expiry_days' is 36501, at most 36500"),
    CASE(LOCAL("common_name: a, subject: { CN: a }"),
	"c:4:28: 'common_name' and 'subject' are two ways"),
    CASE(LOCAL("subject: { XX: a }"), "c:4:28: 'XX' is no attribute"),
    CASE(LOCAL("accept: [emial]"), "c:4:28: 'emial' is no part"),
    CASE(LOCAL("path_length: 1"),
	"c:4:28: 'path_length' is for profile ca only"),
    CASE(LOCAL("profile: ca, path_length: 17"),
	"c:4:41: 'path_length' is 17, at most 16"),
    /* keys that change */
    CASE(LOCAL("pk: x, renewal: { retry: 4% }") "    b: { method: self_signed, "
						"pk: x }\n",
	"c:5:31: key 'x' is replaced when certificate 'a' is renewed"),
    CASE(
	LOCAL("renewal: { retry: 4% }") "    a-next: { method: self_signed }\n",
	"c:5:5: key 'a-next' is where the next key of certificate 'a' is made"),
    CASE(LOCAL("pk: p, renewal: { retry: 4% }") "preloaded_keys: { p: "
						"\"file:///k\" }\n",
	"c:4:28: key 'p' is loaded from elsewhere (preloaded_keys)"),
    CASE(LOCAL("pk: local-ca, renewal: { retry: 4% }"),
	"c:2:35: key 'local-ca' is replaced when certificate 'a' is renewed"),
    CASE(LOCAL("pk: b") "preloaded_certs: { a: \"file:///c\" }\n",
	"c:4:5: the certificate 'a' is both issued and given as a file"),
};

static void
finds_each_mistake_of_issuing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
		assert_finding(mistakes[i].text, check_structure, "error",
		    mistakes[i].beginning);
}

#define DEVICE                                                                 \
	"provisioning:\n"                                                      \
	"  source: dps\n"                                                      \
	"  global_endpoint: \"https://g\"\n"                                   \
	"  scope_id: 0ne00000001\n"                                            \
	"  attestation:\n"                                                     \
	"    method: x509\n"                                                   \
	"    registration_id: dev-1\n"                                         \
	"    identity_cert: { method: est }\n"                                 \
	"token: { uri: \"pkcs11:token=t\" }\n"

/* The device's own certificate has no section of its own there. */
static void
finds_that_the_device_cannot_ask(void **state)
{
	(void)state;
	assert_finding(DEVICE "cert_issuance:\n  est: { url: \"http://e\" }\n",
	    check_structure, "error", "c:11:10: 'url' is http");
	assert_finding(DEVICE "cert_issuance:\n  certs:\n    device-id:\n"
			      "      method: self_signed\n"
			      "      est: { url: \"http://e\" }\n",
	    check_structure, "error", "c:14:14: 'url' is http");
}

static void
warns_of_what_the_server_decides(void **state)
{
	(void)state;
	assert_finding(EST("") CERTS "    a: { method: est, expiry_days: 3 }\n",
	    check_structure, "warning",
	    "c:5:23: 'expiry_days' means nothing with method 'est'");
	assert_finding(EST("") CERTS "    a: { method: est, accept: [dns] }\n",
	    check_structure, "warning",
	    "c:5:23: 'accept' means nothing with method 'est'");
	assert_finding("preloaded_certs: { root: \"file:///root.pem\" }\n"
		       "cert_issuance:\n"
		       "  est: { trusted_certs: [root], username: u, "
		       "password: p, url: \"https://e\" }\n"
		       "provisioning:\n"
		       "  source: dps\n"
		       "  global_endpoint: \"https://g\"\n"
		       "  scope_id: 0ne00000001\n"
		       "  attestation:\n"
		       "    method: x509\n"
		       "    registration_id: dev-1\n"
		       "    identity_cert: { method: est, expiry_days: 3 }\n"
		       "token: { uri: \"pkcs11:token=t\" }\n",
	    check_structure, "warning",
	    "c:11:35: 'expiry_days' means nothing with method 'est'");
}

/* Its key is replaced unless it is given, whatever certs says of it. */
#define DEVICE_EST                                                             \
	"cert_issuance:\n"                                                     \
	"  est: { username: u, password: p, url: \"https://e/est\", "          \
	"fingerprint: \"" PRINT "\" }\n"

static void
finds_who_shares_the_key_of_the_device(void **state)
{
	(void)state;
	assert_finding(DEVICE DEVICE_EST
	    "  certs:\n"
	    "    web: { method: self_signed, pk: device-id }\n",
	    check_structure, "error",
	    "c:13:33: key 'device-id' is replaced when certificate "
	    "'device-id' is renewed");
	assert_finding(DEVICE DEVICE_EST
	    "  certs:\n"
	    "    device-id: { method: self_signed }\n"
	    "    device-id-next: { method: self_signed }\n",
	    check_structure, "error",
	    "c:14:5: key 'device-id-next' is where the next key");
}

/* What is wrong for all certificates of a server is said once. */
static void
tells_a_mistake_of_all_once(void **state)
{
	(void)state;
	assert_finding(ANCHOR "  est: { username: u, password: p, "
			      "url: \"http://e\" }\n" CERTS EST_CERT
			      "    b: { method: est }\n",
	    check_structure, "error", "c:3:36: 'url' is http");
}

static void
warns_of_a_device_with_nothing_to_begin_with(void **state)
{
	(void)state;
	assert_finding(ANCHOR "  est: { trusted_certs: [root], "
			      "identity_cert: i, identity_pk: i, "
			      "url: \"https://e/est\" }\n" CERTS EST_CERT,
	    check_structure, "warning",
	    "c:3:3: there is neither 'username' nor");
}

/* An identity in a file, which certd only reads; or one for the first time. */
#define BORN_WITH(identity)                                                    \
	"preloaded_certs: { i: \"file:///i\", r: \"file:///r\" }\n"            \
	"cert_issuance:\n"                                                     \
	"  est: { url: \"https://e\", trusted_certs: [r], " identity           \
	" }\n" CERTS EST_CERT "    b: { method: est }\n"
#define BORN BORN_WITH("identity_cert: i, identity_pk: i")
#define BORN_FIRST                                                             \
	BORN_WITH("bootstrap_identity_cert: i, bootstrap_identity_pk: i, "     \
		  "identity_cert: j, identity_pk: j")

static void
warns_of_an_identity_that_nobody_renews(void **state)
{
	(void)state;
	assert_finding(BORN, check_structure, "warning",
	    "c:3:48: 'i', with which EST is asked, is a file that certd only "
	    "reads");
	/* Who comes from aziot has made no mistake. */
	assert_finding("compat: aziot\n" BORN, check_structure, "note",
	    "c:4:48: 'i', with which EST is asked, is a file that certd only "
	    "reads");
}

static void
accepts_what_can_be_asked(void **state)
{
	static const char *const texts[] = {
	    EST("") CERTS EST_CERT,
	    EST(", allow_http: true") CERTS EST_CERT,
	    OWN("url: \"http://e/est\", allow_http: true"),
	    OWN("fingerprint: \"" PRINT "\""),
	    OWN("url: \"https://[::1]:8443/.well-known/est/label\""),
	    OWN("identity_cert: i, identity_pk: i"),
	    /* not asked for by anybody */
	    ANCHOR "  est: { url: \"http://e/est\" }\n",
	    /* as aziot-certd does */
	    "compat: aziot\n" ANCHOR "  est: { url: \"http://e/est\", "
	    "username: u, password: p }\n" CERTS EST_CERT,
	    "compat: aziot\n" ANCHOR "  est: { url: \"https://e/est\", "
	    "username: u, password: p }\n" CERTS
	    "    a: { method: est, expiry_days: 3 }\n",
	    /* who was born with an identity in a file */
	    BORN "manage_preloaded: true\n",
	    BORN_FIRST,
	    LOCAL("profile: ca, path_length: 1, expiry_days: 36500"),
	    LOCAL("pk: p, renewal: { rotate_key: \"false\" }") "preloaded_keys:"
							       " { p: "
							       "\"file:///k\" "
							       "}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_nothing_found(texts[i], check_structure);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_each_mistake_of_issuing),
	    cmocka_unit_test(finds_that_the_device_cannot_ask),
	    cmocka_unit_test(warns_of_what_the_server_decides),
	    cmocka_unit_test(finds_who_shares_the_key_of_the_device),
	    cmocka_unit_test(tells_a_mistake_of_all_once),
	    cmocka_unit_test(warns_of_a_device_with_nothing_to_begin_with),
	    cmocka_unit_test(warns_of_an_identity_that_nobody_renews),
	    cmocka_unit_test(accepts_what_can_be_asked),
	};

	return cmocka_run_group_tests_name(
	    "config check issuing", tests, NULL, NULL);
}
