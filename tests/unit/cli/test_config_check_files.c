/* SPDX-License-Identifier: MIT */
/* config check: the files that are named, and what they fit to. */
#include "cmocka_wrap.h"

#include <openssl/pem.h>
#include <string.h>

#include "check.h"
#include "common/file.h"
#include "common/time.h"
#include "findings_fixture.h"
#include "pki_fixture.h"
#include "scratch.h"

#define DPS_X509                                                               \
	"provisioning:\n"                                                      \
	"  source: dps\n"                                                      \
	"  global_endpoint: \"https://localhost:8443\"\n"                      \
	"  scope_id: 0ne00000001\n"                                            \
	"  attestation:\n    method: x509\n"
#define ID "    registration_id: x\n"

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
	write_file(folder, "bytes", strdup("\x01\xfe no PEM text \x80\n"));
	write_file(folder, "much", string_format("%4097s", ""));
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

#define PRELOADED(name) "preloaded_keys:\n  a: \"file://@/" name "\"\n"

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
	    CASE(PRELOADED("empty"), "c:2:3: '@/empty' is neither "),
	    CASE(PRELOADED("much"), "c:2:3: '@/much' is neither "),
	    CASE(PRELOADED("ca"), "c:2:3: '@/ca' is neither "),
	    CASE(IDENTITY("dev1", "file://@/bytes"), "c:8:5: '@/bytes': "),
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

#define DEVICE_KEY(name)                                                       \
	"provisioning:\n  source: manual\n  iothub_hostname: h\n"              \
	"  device_id: d\n  authentication:\n    method: sas\n"                 \
	"    device_id_pk: { uri: \"file://@/" name "\" }\n"

static void
finds_a_symmetric_key_that_keyd_does_not_take(void **state)
{
	static const struct {
		const char *name;
		const char *beginning;
	} cases[] = {
	    {DEVICE_KEY("none"),  "c:7:5: cannot open '@/none'"         },
	    {DEVICE_KEY("empty"), "c:7:5: '@/empty' is no symmetric key"},
	    {DEVICE_KEY("ca"),    "c:7:5: '@/ca' is no symmetric key"   },
	};
	CLEANUP(string) char *good = in_folder(*state, DEVICE_KEY("bytes"));

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(string) char *text = in_folder(*state, cases[i].name);
		CLEANUP(string)
		char *beginning = in_folder(*state, cases[i].beginning);

		assert_finding(text, check_structure, "error", beginning);
	}
	assert_nothing_found(good, check_structure);
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

/* The CA in the file ends in 10 days. */
#define BY_FILE(days)                                                          \
	"cert_issuance:\n  local_ca:\n    cert: \"file://@/ca\"\n"             \
	"    pk: \"file://@/ca.key\"\n  certs:\n"                              \
	"    a: { method: local_ca, expiry_days: " days " }\n"
#define BY_ISSUED(ca, days)                                                    \
	"cert_issuance:\n  certs:\n"                                           \
	"    local-ca: { method: self_signed, profile: ca" ca " }\n"           \
	"    a: { method: local_ca, expiry_days: " days " }\n"
#define BY_ISSUER(ca)                                                          \
	BY_ISSUED(", expiry_days: 300", "40")                                  \
	"    b: { method: local_ca, expiry_days: 90, "                         \
	"issuer: { cert: " ca ", pk: p } }\n"                                  \
	"    plant: { method: self_signed, profile: ca, expiry_days: 90 }\n"

static void
warns_of_what_outlives_its_ca(void **state)
{
	static const struct fit_case cases[] = {
	    CASE(BY_FILE("11"),
		"c:6:28: 'expiry_days' is 11, but the certificate of CA "
		"'local-ca' ends on 20"),
	    CASE(BY_ISSUED("", "30"),
		"c:4:28: 'expiry_days' is 30, but CA 'local-ca' is issued for "
		"30 days itself"),
	    CASE(BY_ISSUED(", expiry_days: 40", "41"),
		"c:4:28: 'expiry_days' is 41, but CA 'local-ca' is issued for "
		"40 days itself"),
	    CASE(BY_ISSUER("plant"),
		"c:5:28: 'expiry_days' is 90, but CA 'plant' is issued"),
	    CASE(DPS_X509 ID "    identity_cert: { method: local_ca, "
			     "expiry_days: 40 }\n" BY_ISSUED("", "2"),
		"c:8:40: 'expiry_days' is 40, but CA 'local-ca'"),
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
	    PRELOADED("bytes"), PRELOADED("dev1.key"), (WITH_PIN_OF_TOKEN),
	    "provisioning: { source: dps, payload: { uri: \"file://@/site\" } "
	    "}\n",
	    "cert_issuance:\n  local_ca:\n    cert: \"file://@/ca\"\n"
	    "    pk: \"file://@/ca.key\"\n",
	    BY_FILE("9"), BY_ISSUED("", "29"),
	    BY_ISSUED(", expiry_days: 40", "39"), BY_ISSUER("local-ca"),
	    "compat: aziot\n" BY_FILE("400"), /* ends with its CA */
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
	    cmocka_unit_test_setup_teardown(
		finds_files_that_are_not_there_or_not_what_they_should_be,
		setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		finds_a_symmetric_key_that_keyd_does_not_take, setup,
		scratch_remove),
	    cmocka_unit_test_setup_teardown(
		finds_files_that_do_not_fit, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		warns_of_what_may_be_right_tomorrow, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		warns_of_what_outlives_its_ca, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		finds_nothing_wrong_with_files_that_fit, setup, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		looks_for_a_pin_that_is_lent_where_it_is_kept, setup,
		scratch_remove),
	};

	return cmocka_run_group_tests_name(
	    "config check files", tests, NULL, NULL);
}
