/* SPDX-License-Identifier: MIT */
/* What 'signetctl init' writes. */
#include <string.h>

#include "cmocka_wrap.h"
#include "common/file.h"
#include "first_config.h"

static void
assert_text(const struct first_config *config, const char *expected)
{
	CLEANUP(secret) char *text = NULL;
	const char *body;
	struct error err;

	assert_int_equal(ERROR_NONE, first_config_text(config, &text, &err));
	body = strchr(text, '\n'); /* behind the comment */
	assert_non_null(body);
	assert_string_equal(expected, body + 1);
}

static void
assert_refused(const struct first_config *config, const char *part)
{
	CLEANUP(secret) char *text = NULL;
	struct error err;

	assert_int_equal(ERROR_INVALID, first_config_text(config, &text, &err));
	assert_non_null(strstr(err.message, part));
	assert_null(text);
}

static void
absolute_paths_become_file_uris(void **state)
{
	static const struct first_config config = {
	    .kind = FIRST_DPS_X509,
	    .id_scope = "0ne1",
	    .identity_cert = "/etc/signet/my chain%.pem",
	    .identity_pk = "pkcs11:token=t;object=k?pin-value=1",
	    .trust_bundle = "file:///roots.pem",
	};

	(void)state;
	assert_text(&config,
	    "provisioning:\n"
	    "  source: \"dps\"\n"
	    "  global_endpoint: "
	    "\"https://global.azure-devices-provisioning.net\"\n"
	    "  scope_id: \"0ne1\"\n"
	    "  attestation:\n"
	    "    method: \"x509\"\n"
	    "    identity_cert: \"file:///etc/signet/my%20chain%25.pem\"\n"
	    "    identity_pk: \"pkcs11:token=t;object=k?pin-value=1\"\n"
	    "trust_bundle_cert: \"file:///roots.pem\"\n");
}

static void
a_module_is_that_of_the_keys_token(void **state)
{
	struct first_config config = {
	    .kind = FIRST_DPS_X509,
	    .id_scope = "0ne1",
	    .endpoint = "https://dps.example",
	    .registration_id = "dev1",
	    .identity_cert = "/c.pem",
	    .identity_pk = "pkcs11:token=t;object=k?pin-source=file:/pin",
	    .pkcs11_module = "/usr/lib/m.so",
	};

	(void)state;
	assert_text(&config,
	    "token:\n"
	    "  module: \"/usr/lib/m.so\"\n"
	    "  uri: \"pkcs11:token=t?pin-source=file:/pin\"\n"
	    "provisioning:\n"
	    "  source: \"dps\"\n"
	    "  global_endpoint: \"https://dps.example\"\n"
	    "  scope_id: \"0ne1\"\n"
	    "  attestation:\n"
	    "    method: \"x509\"\n"
	    "    registration_id: \"dev1\"\n"
	    "    identity_cert: \"file:///c.pem\"\n"
	    "    identity_pk: "
	    "\"pkcs11:token=t;object=k?pin-source=file:/pin\"\n");
	config.identity_pk = "/key.pem";
	assert_refused(&config, "only if --identity-pk is a PKCS#11 URI");
	config.identity_pk = "pkcs11:token=t;object=k";
	config.pkcs11_module = "m.so";
	assert_refused(&config, "--pkcs11-module must be an absolute path");
}

static void
a_symmetric_key_is_itself_or_where_it_is(void **state)
{
	static const struct {
		const char *given;
		const char *written;
		bool is_no_path;
	} cases[] = {
	    {"c2VjcmV0",         " \"c2VjcmV0\"\n",                    false},
	    {"/w+/c2VjcmV0MQ==", " \"/w+/c2VjcmV0MQ==\"\n",            false},
	    {"/etc/key",         "\n      uri: \"file:///etc/key\"\n", false},
	    {"file:///etc/key",  "\n      uri: \"file:///etc/key\"\n", false},
	    {"pkcs11:object=k",  "\n      uri: \"pkcs11:object=k\"\n", false},
	    {"/a3Y/eZL",         " \"/a3Y/eZL\"\n",                    true },
	    {"pkcs11:object=k",  "\n      uri: \"pkcs11:object=k\"\n", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct first_config config = {
		    .kind = FIRST_DPS_SYMMETRIC_KEY,
		    .id_scope = "0ne1",
		    .endpoint = "https://dps.example",
		    .registration_id = "dev1",
		    .symmetric_key = cases[i].given,
		    .symmetric_key_is_no_path = cases[i].is_no_path,
		};
		CLEANUP(string)
		char *expected = string_format("provisioning:\n"
					       "  source: \"dps\"\n"
					       "  global_endpoint: "
					       "\"https://dps.example\"\n"
					       "  scope_id: \"0ne1\"\n"
					       "  attestation:\n"
					       "    method: \"symmetric_key\"\n"
					       "    registration_id: \"dev1\"\n"
					       "    symmetric_key:%s",
		    cases[i].written);

		assert_text(&config, expected);
	}
}

static void
a_tpm_needs_a_registration_id_only(void **state)
{
	static const struct first_config config = {
	    .kind = FIRST_DPS_TPM,
	    .id_scope = "0ne1",
	    .endpoint = "https://dps.example",
	    .registration_id = "dev1",
	};

	(void)state;
	assert_text(&config, "provisioning:\n"
			     "  source: \"dps\"\n"
			     "  global_endpoint: \"https://dps.example\"\n"
			     "  scope_id: \"0ne1\"\n"
			     "  attestation:\n"
			     "    method: \"tpm\"\n"
			     "    registration_id: \"dev1\"\n");
}

static void
a_device_that_knows_its_hub_names_it(void **state)
{
	static const struct first_config by_string = {
	    .kind = FIRST_MANUAL_CONNECTION_STRING,
	    .connection_string = "HostName=h;DeviceId=d;SharedAccessKey=a2V5",
	};
	static const struct first_config by_certificate = {
	    .kind = FIRST_MANUAL_X509,
	    .iothub_hostname = "h.example",
	    .device_id = "dev1",
	    .identity_cert = "/c.pem",
	    .identity_pk = "/k.pem",
	};

	(void)state;
	assert_text(&by_string,
	    "provisioning:\n"
	    "  source: \"manual\"\n"
	    "  device_connection_string: "
	    "\"HostName=h;DeviceId=d;SharedAccessKey=a2V5\"\n");
	assert_text(&by_certificate, "provisioning:\n"
				     "  source: \"manual\"\n"
				     "  authentication:\n"
				     "    method: \"x509\"\n"
				     "    iothub_hostname: \"h.example\"\n"
				     "    device_id: \"dev1\"\n"
				     "    identity_cert: \"file:///c.pem\"\n"
				     "    identity_pk: \"file:///k.pem\"\n");
}

static void
what_is_no_location_is_refused(void **state)
{
	static const char *const texts[] = {
	    "device.pem", "./device.pem", "http://x/y", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct first_config config = {
		    .kind = FIRST_DPS_X509,
		    .id_scope = "0ne1",
		    .identity_cert = texts[i],
		    .identity_pk = "/k.pem",
		};

		assert_refused(&config, "--identity-cert");
	}
}

static void
says_where_the_tpm_is(void **state)
{
	static const struct first_config config = {.kind = FIRST_DPS_TPM,
	    .id_scope = "0ne1",
	    .endpoint = "https://dps.example",
	    .registration_id = "dev1",
	    .tcti = "device:/dev/tpmrm1"};

	(void)state;
	assert_text(&config, "tpm:\n"
			     "  tcti: \"device:/dev/tpmrm1\"\n"
			     "provisioning:\n"
			     "  source: \"dps\"\n"
			     "  global_endpoint: \"https://dps.example\"\n"
			     "  scope_id: \"0ne1\"\n"
			     "  attestation:\n"
			     "    method: \"tpm\"\n"
			     "    registration_id: \"dev1\"\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(absolute_paths_become_file_uris),
	    cmocka_unit_test(says_where_the_tpm_is),
	    cmocka_unit_test(a_module_is_that_of_the_keys_token),
	    cmocka_unit_test(a_symmetric_key_is_itself_or_where_it_is),
	    cmocka_unit_test(a_tpm_needs_a_registration_id_only),
	    cmocka_unit_test(a_device_that_knows_its_hub_names_it),
	    cmocka_unit_test(what_is_no_location_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
