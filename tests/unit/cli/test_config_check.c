/* SPDX-License-Identifier: MIT */
/* config check: the rules among keys, and the files that are named. */
#include "cmocka_wrap.h"

#include <openssl/pem.h>
#include <string.h>

#include "check.h"
#include "common/file.h"
#include "common/time.h"
#include "findings_fixture.h"
#include "pki_fixture.h"
#include "scratch.h"

#define DPS                                                                    \
	"provisioning:\n"                                                      \
	"  source: dps\n"                                                      \
	"  global_endpoint: \"https://localhost:8443\"\n"                      \
	"  scope_id: 0ne00000001\n"
#define MANUAL                                                                 \
	"provisioning:\n"                                                      \
	"  source: manual\n"                                                   \
	"  iothub_hostname: h\n"                                               \
	"  device_id: d\n"
#define DPS_X509 DPS "  attestation:\n    method: x509\n"
#define CA                                                                     \
	"cert_issuance:\n"                                                     \
	"  local_ca: { cert: \"file:///ca\", pk: \"file:///ca.key\" }\n"
#define TOKEN "token: { uri: \"pkcs11:token=t\" }\n"
#define CERT "    identity_cert: \"file:///c\"\n"
#define PK "    identity_pk: \"file:///k\"\n"
#define ISSUED "    identity_cert: { method: local_ca }\n"
#define ID "    registration_id: x\n"
#define WITH_FILES "  attestation:\n    method: x509\n" CERT PK

static const struct {
	const char *text;
	const char *beginning;
} structure_mistakes[] = {
    CASE("provisioning: { source: manual }\n",
	"c:1:1: 'device_connection_string' is missing, or"),
    CASE("provisioning: { source: external }\n",
	"c:1:17: source 'external' is none of Signet's"),
    CASE(MANUAL "  authentication: { method: sas }\n",
	"c:5:3: 'device_id_pk' is missing"),
    CASE(MANUAL "  authentication: { method: sas, device_id_pk: \"?\" }\n",
	"c:5:34: the key is not in base64"),
    CASE(MANUAL "  authentication: { method: x509, identity_pk: "
		"\"file:///k\" }\n",
	"c:5:3: 'identity_cert' is missing"),
    CASE("provisioning: { source: manual, device_id: d, authentication: "
	 "{ method: sas, device_id_pk: AAAA } }\n",
	"c:1:1: 'iothub_hostname' is missing"),
    CASE("provisioning: { source: manual, iothub_hostname: h, "
	 "authentication: { method: sas, device_id_pk: AAAA } }\n",
	"c:1:1: 'device_id' is missing"),
    CASE(MANUAL "  authentication: { method: sas, device_id_pk: AAAA }\n"
		"  scope_id: s\n",
	"c:6:3: 'scope_id' belongs to source 'dps'"),
    CASE(DPS, "c:1:1: 'attestation' is missing"),
    CASE(DPS "  registration_id: x\n" WITH_FILES,
	"c:5:3: 'registration_id' belongs into 'attestation'"),
    CASE(DPS "  endpoint: x\n" WITH_FILES,
	"c:5:3: 'endpoint' belongs to source 'external'"),
    CASE(DPS "  attestation: { method: tpm }\n",
	"c:5:3: 'registration_id' is missing: method 'tpm' needs it"),
    CASE(DPS "  attestation: { method: symmetric_key, registration_id: a }\n",
	"c:5:3: 'symmetric_key' is missing"),
    CASE(DPS "  attestation: { method: symmetric_key, registration_id: a, "
	     "symmetric_key: \"_\" }\n",
	"c:5:61: the key is not in base64"),
    CASE(DPS "  attestation: { method: symmetric_key, registration_id: a, "
	     "symmetric_key: { uri: \"pkcs11:token=t\" } }\n",
	"c:5:61: the URI names a token and no key in it"),
    CASE(DPS "  attestation: { method: symmetric_key, registration_id: a, "
	     "symmetric_key: AAAA, group_key: AAAA }\n",
	"c:5:82: 'group_key' and 'symmetric_key' are both given"),
    CASE(DPS "  attestation: { method: symmetric_key, registration_id: a, "
	     "group_key: { value: AAAA, uri: \"pkcs11:object=k\" } }\n",
	"c:5:61: 'value' and 'uri' are both given"),
    CASE(DPS_X509 CERT PK "    symmetric_key: AAAA\n",
	"c:9:5: 'symmetric_key' does not belong to method 'x509'"),
    CASE(DPS "  payload: { uri: \"pkcs11:object=k\" }\n" WITH_FILES,
	"c:5:14: 'uri' must be a file URI"),
    CASE("cloud_timeout_sec: soon\n", "c:1:1: 'cloud_timeout_sec' must be"),
    CASE("cloud_retries: 101\n",
	"c:1:1: 'cloud_retries' must be a whole number from 0 to 100"),
    CASE("cert_issuance: { local_ca: { pk: \"file:///k\" } }\n",
	"c:1:18: 'cert' is missing in cert_issuance.local_ca"),
    CASE(DPS_X509 PK, "c:5:3: 'identity_cert' is missing"),
    CASE(DPS_X509 CERT, "c:5:3: 'identity_pk' is missing"),
    CASE(DPS_X509 "    identity_cert: \"pkcs11:token=a;object=b\"\n" PK,
	"c:7:5: 'identity_cert' must be a file URI"),
    CASE(DPS_X509 CERT "    identity_pk: \"pkcs11:token=a\"\n",
	"c:8:5: 'identity_pk' names a token and no key in it"),
    CASE(DPS_X509 CERT PK "    registration_id: \"a b\"\n",
	"c:9:5: 'registration_id' must be 1 to 128"),
    CASE(DPS_X509 CERT PK "    registration_id: dev_\n",
	"c:9:5: 'registration_id' must be 1 to 128"),
    CASE(DPS_X509 CERT PK "    registration_id: \"dev:\"\n",
	"c:9:5: 'registration_id' must be 1 to 128"),
    CASE(DPS_X509 ISSUED ID TOKEN,
	"c:7:22: method 'local_ca' needs the section"),
    CASE(DPS_X509 "    identity_cert: { method: est }\n" ID TOKEN CA,
	"c:7:22: method 'est' needs the section 'cert_issuance.est'"),
    CASE(DPS_X509 ISSUED TOKEN CA, "c:5:3: 'registration_id' is missing"),
    CASE(DPS_X509 "    identity_cert: { method: local_ca, common_name: a }\n"
		  "    registration_id: b\n" TOKEN CA,
	"c:8:5: 'registration_id' is 'b' and 'common_name' is 'a'"),
    CASE(DPS_X509 "    identity_cert: { method: local_ca, expiry_days: 0 }\n"
		  "    registration_id: b\n" TOKEN CA,
	"c:7:40: 'expiry_days' must be at least 1"),
    CASE(DPS_X509 ISSUED ID CA,
	"c:7:5: the certificate is issued for a key that is made in a "
	"token"),
    CASE("local_gateway_hostname: parent\n" DPS WITH_FILES,
	"c:1:1: 'local_gateway_hostname' needs source 'manual'"),
    CASE("provisioning:\n  source: dps\n  scope_id: a\n" WITH_FILES,
	"c:1:1: 'global_endpoint' is missing"),
    CASE("provisioning:\n  source: dps\n  global_endpoint: "
	 "\"https://h\"\n" WITH_FILES,
	"c:1:1: 'scope_id' is missing"),
    CASE("provisioning:\n  source: dps\n  global_endpoint: "
	 "\"http://h\"\n  scope_id: a\n" WITH_FILES,
	"c:3:3: 'global_endpoint' must be a URL"),
    CASE("provisioning:\n  source: dps\n  global_endpoint: "
	 "\"https://h\"\n  scope_id: \"{scope_id}\"\n" WITH_FILES,
	"c:4:3: 'scope_id' must be the ID scope"),
    CASE("token: { uri: \"file:///t\" }\n", "c:1:10: 'uri' must name a token"),
    CASE("token: { uri: \"pkcs11:token=t;object=o\" }\n",
	"c:1:10: 'uri' must name a token and no object"),
    CASE("token: { uri: \"pkcs11:token=t\", module_args: \"a=b\" }\n",
	"c:1:33: 'module_args' needs 'module'"),
    CASE("preloaded_keys: { a: x }\n", "c:1:19: the key 'a' must be a URI"),
    CASE("preloaded_keys: { a: [x] }\n", "c:1:19: the key 'a' must be a URI"),
    CASE("preloaded_keys: { a: \"pkcs11:token=t\" }\n",
	"c:1:19: the key 'a' must be a URI"),
    CASE("preloaded_keys: { handle-validation-key: \"file:///k\" }\n",
	"c:1:19: the id 'handle-validation-key' is reserved"),
    CASE("preloaded_keys: { local-ca: \"file:///k\" }\n" CA,
	"c:1:19: the key 'local-ca' is already given by 'local_ca'"),
    CASE(DPS_X509 CERT PK "preloaded_keys: { device-id: \"file:///k\" }\n",
	"c:9:19: the key 'device-id' is already given by 'identity_pk'"),
    CASE("preloaded_certs: { a: \"pkcs11:token=t;object=a\" }\n",
	"c:1:20: the certificate 'a' must be a file URI"),
    CASE("preloaded_certs:\n  a: [b]\n", "c:2:3: there is no certificate 'b'"),
    CASE("preloaded_certs: { local-ca: \"file:///c\" }\n" CA,
	"c:1:20: the certificate 'local-ca' is already given by"),
    CASE("trust_bundle_cert: \"pkcs11:token=t\"\n",
	"c:1:1: 'trust_bundle_cert' must be a file URI"),
    CASE("principals:\n  - user: no-such-user-here\n    keys: [a]\n",
	"c:2:5: no user 'no-such-user-here' on this machine"),
    CASE("keyd: { sessions: 33 }\n",
	"c:1:9: 'sessions' is 33; it can be 1 to 32"),
    CASE("keyd:\n  audit_max_size: 1\n",
	"c:2:3: 'audit_max_size' is 1; it can be 65536 to"),
    CASE("keyd:\n  generation_timeout: 3601\n",
	"c:2:3: 'generation_timeout' is 3601; it can be 1 to 3600"),
    CASE("bearer: [root, no-such-user-here]\n",
	"c:1:1: no user 'no-such-user-here'"),
    CASE("principals:\n  - user: root\n    keys: [a]\n    rights: [sign]\n",
	"c:4:5: there is no right 'sign'"),
    CASE("principals:\n  - user: root\n    identity: [moduel]\n",
	"c:3:5: there is no identity 'moduel' here"),
    CASE("principals:\n  - user: root\n    identity: [local]\n",
	"c:3:5: identity 'local' needs the section 'localid'"),
    CASE("principals:\n  - user: root\n    identity: [local]\n"
	 "localid: { domain: d }\n",
	"c:3:5: identity 'local' has its key in a token"),
    CASE("principals:\n  - user: root\n    localid: { type: x509 }\n",
	"c:3:5: 'localid' needs the identity 'local'"),
    CASE("provisioning: { source: none }\n"
	 "principals:\n  - user: root\n    identity: [device]\n",
	"c:4:5: with source 'none' there are no identities"),
    CASE("principals:\n  - { user: root, identity: [device] }\n"
	 "  - { user: nobody, name: root, identity: [module] }\n",
	"c:3:21: there are two principals 'root'"),
    CASE("principals:\n  - { user: root, name: a, identity: [device] }\n"
	 "  - { user: \"0\", name: b, identity: [module] }\n",
	"c:3:7: there is a principal with identities for user '0' already"),
};

static void
finds_each_mistake_of_structure(void **state)
{
	(void)state;
	for (size_t i = 0;
	     i < sizeof(structure_mistakes) / sizeof(structure_mistakes[0]);
	     i++)
		assert_finding(structure_mistakes[i].text, check_structure,
		    "error", structure_mistakes[i].beginning);
}

static void
accepts_what_is_right(void **state)
{
	static const char *const texts[] = {
	    "",
	    DPS_X509 CERT "    identity_pk: \"pkcs11:token=a;object=b\"\n",
	    DPS_X509 CERT "    identity_pk: \"pkcs11:token=a;id=%01\"\n",
	    DPS_X509 ISSUED ID TOKEN CA,
	    /* the key is made in the token that identity_pk names */
	    DPS_X509 "    identity_cert: { method: local_ca, common_name: X }\n"
		     "    identity_pk: \"pkcs11:token=a\"\n" ID CA,
	    DPS_X509 ISSUED TOKEN CA
	    "  certs:\n    device-id: { method: local_ca, common_name: x }",
	    "preloaded_certs: { a: \"file:///a\", b: [a, local-ca] }\n" CA,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_nothing_found(texts[i], check_structure);
}

/* --- files ---------------------------------------------------------------- */

static void
write_file(const char *folder, const char *name, char *text)
{
	CLEANUP(string) char *owned = text;
	CLEANUP(string)
	char *path = string_format("%s/%s", folder, name);
	struct error err;

	assert_int_equal(
	    file_write(path, owned, strlen(owned), 0600, &err), ERROR_NONE);
}

static char *
key_pem(EVP_PKEY *key)
{
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long length;

	assert_int_equal(
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
	length = BIO_get_mem_data(bio, &data);
	return strndup(data, (size_t)length);
}

/* A self-signed certificate as PEM, from a day ago on for some days. */
static char *
certificate_pem(EVP_PKEY *key, const char *name, bool is_ca, int days)
{
	CLEANUP(x509_name) X509_NAME *subject = fixture_name(name);
	const struct certificate_plan plan = {.subject = subject,
	    .public_key = key,
	    .not_before = time_now() - 2 * FIXTURE_DAY,
	    .not_after = time_now() + days * FIXTURE_DAY,
	    .is_ca = is_ca,
	    .path_length = CERTIFICATE_NO_PATH_LENGTH,
	    .for_client = !is_ca};
	CLEANUP(x509) X509 *certificate = NULL;
	struct error err;

	assert_int_equal(
	    certificate_create(&plan, key, &certificate, &err), ERROR_NONE);
	return fixture_pem(certificate);
}

static int
setup(void **state)
{
	CLEANUP(pkey) EVP_PKEY *ca = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	const char *folder;

	if (scratch_create(state))
		return -1;
	folder = *state;
	write_file(folder, "ca", certificate_pem(ca, "ca", true, 10));
	write_file(folder, "ca.key", key_pem(ca));
	write_file(folder, "dev1", certificate_pem(key, "dev1", false, 10));
	write_file(folder, "old", certificate_pem(key, "dev1", false, -1));
	write_file(folder, "dev1.key", key_pem(key));
	write_file(folder, "other.key", key_pem(ca));
	write_file(folder, "pin", strdup("1234\n"));
	write_file(folder, "empty", strdup(""));
	write_file(folder, "broken", strdup("{\"site\": 4"));
	write_file(folder, "site", strdup("{\"site\": 4}"));
	return 0;
}

/* text with each '@' replaced by the folder. The caller frees it. */
static char *
in_folder(const char *folder, const char *text)
{
	char *result = strdup("");

	for (;;) {
		size_t length = strcspn(text, "@");
		char *longer = string_format("%s%.*s%s", result, (int)length,
		    text, text[length] ? folder : "");

		free(result);
		result = longer;
		if (!text[length])
			return result;
		text += length + 1;
	}
}

#define IDENTITY(cert, pk)                                                     \
	DPS_X509 "    identity_cert: \"file://@/" cert "\"\n"                  \
		 "    identity_pk: \"" pk "\"\n"

/* The PIN of the same token is known. */
#define WITH_PIN_OF_TOKEN                                                      \
	"token: { uri: \"pkcs11:token=t?pin-source=file:@/pin\" }\n" IDENTITY( \
	    "dev1", "pkcs11:token=t;object=o")

static void
finds_files_that_are_not_there_or_not_what_they_should_be(void **state)
{
	static const struct {
		const char *text;
		const char *beginning;
	} cases[] = {
	    CASE(IDENTITY("none", "file://@/dev1.key"),
		"c:7:5: cannot open '@/none'"),
	    CASE(IDENTITY("dev1", "file://@/none"),
		"c:8:5: cannot open '@/none'"),
	    CASE(IDENTITY("pin", "file://@/dev1.key"), "c:7:5: '@/pin': "),
	    CASE(IDENTITY("dev1", "file://@/dev1"), "c:8:5: '@/dev1': "),
	    CASE(IDENTITY("dev1", "pkcs11:object=o?pin-source=file:@/none"),
		"c:8:5: "),
	    CASE(IDENTITY("dev1", "pkcs11:object=o?pin-source=file:@/empty"),
		"c:8:5: '@/empty' "),
	    CASE("token:\n  module: @/none\n"
		 "  uri: \"pkcs11:token=t?pin-source=file:@/pin\"\n",
		"c:2:3: there is no file '@/none'"),
	    CASE("preloaded_keys:\n  a: \"file://@/none\"\n",
		"c:2:3: cannot open '@/none'"),
	    CASE("preloaded_certs:\n  a: \"file://@/empty\"\n",
		"c:2:3: '@/empty': "),
	    CASE("provisioning:\n  source: dps\n  payload:\n    uri: "
		 "\"file://@/none\"\n",
		"c:4:5: cannot open '@/none'"),
	    CASE("provisioning:\n  source: dps\n  payload:\n    uri: "
		 "\"file://@/broken\"\n",
		"c:4:5: '@/broken': "),
	    CASE("trust_bundle_cert: \"file://@/none\"\n",
		"c:1:1: cannot open '@/none'"),
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(string) char *text = in_folder(*state, cases[i].text);
		CLEANUP(string)
		char *beginning = in_folder(*state, cases[i].beginning);

		assert_finding(text, check_files, "error", beginning);
	}
}

/* One case of a file that is there, and what is found. */
struct fit_case {
	const char *text;
	const char *beginning;
};

static void
assert_fit_cases(const char *folder, const struct fit_case *cases, size_t count,
    const char *severity)
{
	for (size_t i = 0; i < count; i++) {
		CLEANUP(string) char *text = in_folder(folder, cases[i].text);

		assert_finding(text, check_files, severity, cases[i].beginning);
	}
}

static void
finds_files_that_do_not_fit(void **state)
{
	static const struct fit_case cases[] = {
	    CASE(IDENTITY(
		     "dev1", "file://@/dev1.key") "    registration_id: dev2\n",
		"c:9:5: 'registration_id' is 'dev2', but the certificate's"),
	    CASE(IDENTITY("dev1", "file://@/other.key"),
		"c:8:5: the key does not belong to the certificate"),
	    CASE(IDENTITY("ca", "file://@/ca.key"),
		"c:7:5: the first certificate is one of a CA"),
	    CASE("cert_issuance:\n  local_ca:\n    cert: \"file://@/dev1\"\n"
		 "    pk: \"file://@/dev1.key\"\n",
		"c:3:5: the certificate is not one of a CA"),
	    CASE("cert_issuance:\n  local_ca:\n    cert: \"file://@/ca\"\n"
		 "    pk: \"file://@/dev1.key\"\n",
		"c:4:5: the key does not belong to the certificate"),
	};

	assert_fit_cases(
	    *state, cases, sizeof(cases) / sizeof(cases[0]), "error");
}

static void
warns_of_what_may_be_right_tomorrow(void **state)
{
	static const struct fit_case cases[] = {
	    CASE(IDENTITY("old", "file://@/dev1.key"),
		"c:7:5: the device's certificate expired on 20"),
	    CASE(IDENTITY("dev1", "pkcs11:token=t;object=o"),
		"c:8:5: the URI has no PIN"),
	};

	assert_fit_cases(
	    *state, cases, sizeof(cases) / sizeof(cases[0]), "warning");
}

static void
finds_nothing_wrong_with_files_that_fit(void **state)
{
	static const char *const texts[] = {
	    IDENTITY("dev1", "file://@/dev1.key") "    registration_id: DEV1\n",
	    IDENTITY("dev1", "pkcs11:token=t;object=o?pin-source=file:@/pin"),
	    (WITH_PIN_OF_TOKEN),
	    "provisioning: { source: dps, payload: { uri: \"file://@/site\" } "
	    "}\n",
	    "cert_issuance:\n  local_ca:\n    cert: \"file://@/ca\"\n"
	    "    pk: \"file://@/ca.key\"\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CLEANUP(string) char *text = in_folder(*state, texts[i]);

		assert_nothing_found(text, check_files);
	}
}

/* keyd's unit lends it the PIN, which is there for keyd and while it runs. */
static void
looks_for_a_pin_that_is_lent_where_it_is_kept(void **state)
{
#define LENT(name)                                                             \
	"token:\n  uri: \"pkcs11:token=t?pin-source=file:/run/credentials/"    \
	"signet-keyd.service/" name "\"\n"
	CLEANUP(string)
	char *nowhere = in_folder(*state, "@/nowhere");
	CLEANUP(string)
	char *missing = in_folder(
	    *state, "c:2:3: cannot read the PIN: cannot open '@/nowhere/pin'");

	assert_int_equal(setenv("SIGNET_CONFIG_DIR", nowhere, 1), 0);
	assert_finding(LENT("pin"), check_files, "error", missing);
	assert_int_equal(setenv("SIGNET_CONFIG_DIR", *state, 1), 0);
	assert_nothing_found(LENT("pin"), check_files);
	assert_nothing_found(LENT("another"), check_files);
	assert_int_equal(unsetenv("SIGNET_CONFIG_DIR"), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_each_mistake_of_structure),
	    cmocka_unit_test(accepts_what_is_right),
	    cmocka_unit_test_setup_teardown(
		finds_files_that_are_not_there_or_not_what_they_should_be,
		setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		finds_files_that_do_not_fit, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		warns_of_what_may_be_right_tomorrow, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		finds_nothing_wrong_with_files_that_fit, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		looks_for_a_pin_that_is_lent_where_it_is_kept, setup,
		scratch_remove),
	};

	return cmocka_run_group_tests_name("config check", tests, NULL, NULL);
}
