/* SPDX-License-Identifier: MIT */
/* config apply: what each daemon gets of which configuration. */
#include "render_fixture.h"

/* --- the 1.1 file --------------------------------------------------------- */

#define DPS                                                                    \
	"provisioning:\n"                                                      \
	"  source: \"dps\"\n"                                                  \
	"  global_endpoint: \"https://localhost:8443\"\n"                      \
	"  scope_id: \"0ne00000001\"\n"                                        \
	"  attestation:\n"                                                     \
	"    method: \"x509\"\n"
#define WITH_FILES                                                             \
	DPS "    identity_cert: \"file:///path/chain.pem\"\n"                  \
	    "    identity_pk: \"file:///path/key.pem\"\n"
#define WITH_TOKEN                                                             \
	DPS "    identity_cert: \"file:///path/chain.pem\"\n"                  \
	    "    identity_pk: "                                                \
	    "\"pkcs11:token=device;object=device-id?pin-source=file:/pin\"\n"

static void
hands_on_a_key_file_and_its_certificate(void **state)
{
	(void)state;
	assert_rendered(WITH_FILES, render_keyd,
	    "preloaded_keys:\n"
	    "  device-id: \"file:///path/key.pem\"\n"
	    "principals:\n" DEVICES_OWN);
	assert_rendered(WITH_FILES, render_certd,
	    "preloaded_certs:\n"
	    "  device-id: \"file:///path/chain.pem\"\n"
	    "principals:\n"
	    "- user: \"1000\"\n"
	    "  certs:\n"
	    "  - \"device-id\"\n");
	assert_rendered(WITH_FILES, render_provisiond,
	    "provisioning:\n"
	    "  source: \"dps\"\n"
	    "  global_endpoint: \"https://localhost:8443\"\n"
	    "  scope_id: \"0ne00000001\"\n"
	    "  attestation:\n"
	    "    method: \"x509\"\n"
	    "    identity_cert: \"device-id\"\n"
	    "    identity_pk: \"device-id\"\n"
	    "  always_reprovision_on_startup: true\n"
	    "  dynamic_reprovisioning: false\n"
	    "principals: []\n");
}

static void
preloads_a_key_in_a_token_without_a_token_for_others(void **state)
{
	(void)state;
	assert_rendered(WITH_TOKEN, render_keyd,
	    "preloaded_keys:\n"
	    "  device-id: "
	    "\"pkcs11:token=device;object=device-id?pin-source=file:/pin\"\n"
	    "principals:\n" DEVICES_OWN);
}

static void
keeps_what_1_1_says_of_reprovisioning(void **state)
{
	(void)state;
	assert_rendered(WITH_FILES "    registration_id: \"dev1\"\n"
				   "  always_reprovision_on_startup: false\n"
				   "  dynamic_reprovisioning: true\n",
	    render_provisiond,
	    "provisioning:\n"
	    "  source: \"dps\"\n"
	    "  global_endpoint: \"https://localhost:8443\"\n"
	    "  scope_id: \"0ne00000001\"\n"
	    "  attestation:\n"
	    "    method: \"x509\"\n"
	    "    registration_id: \"dev1\"\n"
	    "    identity_cert: \"device-id\"\n"
	    "    identity_pk: \"device-id\"\n"
	    "  always_reprovision_on_startup: false\n"
	    "  dynamic_reprovisioning: true\n"
	    "principals: []\n");
}

/* --- issued by the local CA ----------------------------------------------- */

#define CA                                                                     \
	"cert_issuance:\n"                                                     \
	"  local_ca: { cert: \"file:///ca.pem\", pk: \"file:///ca.key\" }\n"
#define ISSUED                                                                 \
	DPS "    registration_id: dev1\n"                                      \
	    "    identity_cert: { method: local_ca, expiry_days: 30 }\n"
#define TOKEN                                                                  \
	"token:\n"                                                             \
	"  module: /usr/lib/softhsm/libsofthsm2.so\n"                          \
	"  uri: \"pkcs11:token=device?pin-source=file:/pin\"\n"

static void
has_the_device_s_certificate_issued_for_a_key_in_the_token(void **state)
{
	(void)state;
	assert_rendered(TOKEN CA ISSUED, render_keyd,
	    "token:\n"
	    "  module: \"/usr/lib/softhsm/libsofthsm2.so\"\n"
	    "  uri: \"pkcs11:token=device?pin-source=file:/pin\"\n"
	    "preloaded_keys:\n"
	    "  local-ca: \"file:///ca.key\"\n"
	    "principals:\n" DEVICES_OWN_TWO "- user: \"signet-certd\"\n"
	    "  keys:\n"
	    "  - \"local-ca\"\n"
	    "  - \"device-id\"\n"
	    "  - \"device-id-next\"\n"
	    "  - \"device-id-next-?\"\n"
	    "  rights:\n"
	    "  - \"use\"\n"
	    "  - \"manage\"\n");
	assert_rendered(TOKEN CA ISSUED, render_certd,
	    "preloaded_certs:\n"
	    "  local-ca: \"file:///ca.pem\"\n"
	    "cert_issuance:\n"
	    "  local_ca:\n"
	    "    cert: \"local-ca\"\n"
	    "    pk: \"local-ca\"\n"
	    "  certs:\n"
	    "    device-id:\n"
	    "      method: \"local_ca\"\n"
	    "      expiry_days: 30\n"
	    "      common_name: \"dev1\"\n"
	    "      renewal:\n"
	    "        prove: \"user\"\n"
	    "principals:\n"
	    "- user: \"1000\"\n"
	    "  certs:\n"
	    "  - \"device-id\"\n");
	assert_rendered(TOKEN CA ISSUED, render_provisiond,
	    "provisioning:\n"
	    "  source: \"dps\"\n"
	    "  global_endpoint: \"https://localhost:8443\"\n"
	    "  scope_id: \"0ne00000001\"\n"
	    "  attestation:\n"
	    "    method: \"x509\"\n"
	    "    registration_id: \"dev1\"\n"
	    "    identity_cert:\n"
	    "      method: \"local_ca\"\n"
	    "      expiry_days: 30\n"
	    "      common_name: \"dev1\"\n"
	    "    identity_pk: \"device-id\"\n"
	    "  always_reprovision_on_startup: true\n"
	    "  dynamic_reprovisioning: false\n"
	    "principals: []\n");
}

static void
hands_on_what_the_module_is_initialized_with(void **state)
{
	(void)state;
	assert_rendered("token:\n"
			"  module: /usr/lib/libsoftokn3.so\n"
			"  module_args: \"configdir='sql:/nss'\"\n"
			"  uri: \"pkcs11:token=device\"\n",
	    render_keyd,
	    "token:\n"
	    "  module: \"/usr/lib/libsoftokn3.so\"\n"
	    "  module_args: \"configdir='sql:/nss'\"\n"
	    "  uri: \"pkcs11:token=device\"\n"
	    "preloaded_keys: {}\n"
	    "principals:\n" DEVICES_OWN);
}

static void
makes_the_key_where_identity_pk_says_if_no_token_is_configured(void **state)
{
	(void)state;
	assert_rendered(CA ISSUED
	    "    identity_pk: "
	    "\"pkcs11:token=device;object=x;serial=12;type=private?"
	    "pin-source=file:/pin\"\n",
	    render_keyd,
	    "token:\n"
	    "  uri: \"pkcs11:token=device;serial=12?pin-source=file:/pin\"\n"
	    "preloaded_keys:\n"
	    "  device-id: "
	    "\"pkcs11:token=device;object=x;serial=12;type=private?"
	    "pin-source=file:/pin\"\n"
	    "  local-ca: \"file:///ca.key\"\n"
	    "principals:\n" DEVICES_OWN "- user: \"signet-certd\"\n"
	    "  keys:\n"
	    "  - \"local-ca\"\n"
	    "  - \"device-id\"\n"
	    "  - \"device-id-next\"\n"
	    "  - \"device-id-next-?\"\n"
	    "  rights:\n"
	    "  - \"use\"\n"
	    "  - \"manage\"\n");
}

/* --- everything ----------------------------------------------------------- */

#define EVERYTHING                                                             \
	TOKEN CA                                                               \
	    "  certs:\n"                                                       \
	    "    device-id: { method: local_ca, expiry_days: 9 }\n"            \
	    "    \"no\": { method: local_ca, common_name: \"a: b\" }\n"        \
	    "preloaded_keys: { web: \"file:///web.key\" }\n"                   \
	    "preloaded_certs: { web: \"file:///web.pem\", all: [web] }\n"      \
	    "principals:\n"                                                    \
	    "  - { user: root, keys: [\"web*\", \"1\"], rights: [manage], "    \
	    "identity: [device] }\n"                                           \
	    "  - { user: nobody, certs: [\"*\"] }\n"                           \
	    "trust_bundle_cert: \"file:///root.pem\"\n" DPS                    \
	    "    registration_id: \"0123\"\n"                                  \
	    "    identity_cert: { method: local_ca }\n"

static void
tells_keyd_everything_it_needs(void **state)
{
	(void)state;
	assert_rendered(EVERYTHING, render_keyd,
	    "token:\n"
	    "  module: \"/usr/lib/softhsm/libsofthsm2.so\"\n"
	    "  uri: \"pkcs11:token=device?pin-source=file:/pin\"\n"
	    "preloaded_keys:\n"
	    "  local-ca: \"file:///ca.key\"\n"
	    "  web: \"file:///web.key\"\n"
	    "principals:\n" DEVICES_OWN_TWO "- user: \"signet-certd\"\n"
	    "  keys:\n"
	    "  - \"local-ca\"\n"
	    "  - \"device-id\"\n"
	    "  - \"device-id-next\"\n"
	    "  - \"device-id-next-?\"\n"
	    "  - \"no\"\n"
	    "  - \"no-next\"\n"
	    "  - \"no-next-?\"\n"
	    "  rights:\n"
	    "  - \"use\"\n"
	    "  - \"manage\"\n"
	    "- user: \"root\"\n"
	    "  keys:\n"
	    "  - \"web*\"\n"
	    "  - \"1\"\n"
	    "  rights:\n"
	    "  - \"manage\"\n");
}

static void
tells_keyd_how_lenient_to_be(void **state)
{
	static const char lenient[] = "bearer: [root]\nsymmetric_keys: file\n"
				      "compat: aziot\n" WITH_FILES;
	static const char strict[] =
	    "symmetric_keys: token\ncompat: none\n" WITH_FILES;

	(void)state;
	assert_rendered(lenient, render_keyd,
	    "preloaded_keys:\n"
	    "  device-id: \"file:///path/key.pem\"\n"
	    "bearer:\n"
	    "- \"root\"\n"
	    "compat: \"aziot\"\n"
	    "symmetric_keys: \"file\"\n"
	    "principals:\n" DEVICES_OWN);
	assert_rendered(strict, render_keyd,
	    "preloaded_keys:\n"
	    "  device-id: \"file:///path/key.pem\"\n"
	    "symmetric_keys: \"token\"\n"
	    "principals:\n" DEVICES_OWN);
}

static void
tells_keyd_how_it_uses_tokens(void **state)
{
	static const char tuned[] =
	    "keyd:\n  sessions: 2\n  session_copies: no\n  token_timeout: 20\n"
	    "  generation_timeout: 300\n  audit: best-effort\n"
	    "  audit_max_size: 1000000\n  audit_files: 3\n" WITH_FILES;

	(void)state;
	assert_rendered(tuned, render_keyd,
	    "preloaded_keys:\n"
	    "  device-id: \"file:///path/key.pem\"\n"
	    "sessions: 2\n"
	    "session_copies: \"no\"\n"
	    "token_timeout: 20\n"
	    "generation_timeout: 300\n"
	    "audit: \"best-effort\"\n"
	    "audit_max_size: 1000000\n"
	    "audit_files: 3\n"
	    "principals:\n" DEVICES_OWN);
}

static void
tells_certd_everything_it_needs(void **state)
{
	(void)state;
	assert_rendered(EVERYTHING, render_certd,
	    "preloaded_certs:\n"
	    "  local-ca: \"file:///ca.pem\"\n"
	    "  web: \"file:///web.pem\"\n"
	    "  all:\n"
	    "  - \"web\"\n"
	    "cert_issuance:\n"
	    "  local_ca:\n"
	    "    cert: \"local-ca\"\n"
	    "    pk: \"local-ca\"\n"
	    "  certs:\n"
	    "    device-id:\n"
	    "      method: \"local_ca\"\n"
	    "      expiry_days: 9\n"
	    "      common_name: \"0123\"\n"
	    "      renewal:\n"
	    "        prove: \"user\"\n"
	    "    no:\n"
	    "      method: \"local_ca\"\n"
	    "      common_name: \"a: b\"\n"
	    "principals:\n"
	    "- user: \"1000\"\n"
	    "  certs:\n"
	    "  - \"device-id\"\n"
	    "- user: \"nobody\"\n"
	    "  certs:\n"
	    "  - \"*\"\n");
}

static void
tells_provisiond_everything_it_needs(void **state)
{
	(void)state;
	assert_rendered(EVERYTHING, render_provisiond,
	    "provisioning:\n"
	    "  source: \"dps\"\n"
	    "  global_endpoint: \"https://localhost:8443\"\n"
	    "  scope_id: \"0ne00000001\"\n"
	    "  attestation:\n"
	    "    method: \"x509\"\n"
	    "    registration_id: \"0123\"\n"
	    "    identity_cert:\n"
	    "      method: \"local_ca\"\n"
	    "      expiry_days: 9\n"
	    "      common_name: \"0123\"\n"
	    "    identity_pk: \"device-id\"\n"
	    "  always_reprovision_on_startup: true\n"
	    "  dynamic_reprovisioning: false\n"
	    "trust_bundle_cert: \"file:///root.pem\"\n"
	    "principals:\n"
	    "- user: \"root\"\n"
	    "  name: \"root\"\n"
	    "  identity:\n"
	    "  - \"device\"\n");
}

static void
lets_provisiond_make_local_identities(void **state)
{
	static const char text[] =
	    "localid: { domain: d }\n"
	    "principals:\n"
	    "  - { user: nobody, name: job, identity: [local], "
	    "localid: { type: x509, attributes: server } }\n"
	    "  - { user: root, identity: [daemon] }\n";

	(void)state;
	assert_rendered(text, render_certd,
	    "preloaded_certs: {}\n"
	    "principals:\n"
	    "- user: \"1000\"\n"
	    "  certs:\n"
	    "  - \"device-id\"\n"
	    "  - \"job\"\n");
	assert_rendered(text, render_provisiond,
	    "localid:\n"
	    "  domain: \"d\"\n"
	    "principals:\n"
	    "- user: \"nobody\"\n"
	    "  name: \"job\"\n"
	    "  identity:\n"
	    "  - \"local\"\n"
	    "  localid:\n"
	    "    type: \"x509\"\n"
	    "    attributes: \"server\"\n"
	    "- user: \"root\"\n"
	    "  name: \"root\"\n");
}

static void
survives_texts_that_are_hard_to_quote(void **state)
{
	(void)state;
	assert_rendered(
	    "principals: [ { user: \"a\\\"b\\\\cü# \", keys: ['- x: y'] } ]",
	    render_keyd,
	    "preloaded_keys: {}\n"
	    "principals:\n" DEVICES_OWN "- user: \"a\\\"b\\\\cü# \"\n"
	    "  keys:\n"
	    "  - \"- x: y\"\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hands_on_a_key_file_and_its_certificate),
	    cmocka_unit_test(
		preloads_a_key_in_a_token_without_a_token_for_others),
	    cmocka_unit_test(keeps_what_1_1_says_of_reprovisioning),
	    cmocka_unit_test(
		has_the_device_s_certificate_issued_for_a_key_in_the_token),
	    cmocka_unit_test(hands_on_what_the_module_is_initialized_with),
	    cmocka_unit_test(
		makes_the_key_where_identity_pk_says_if_no_token_is_configured),
	    cmocka_unit_test(tells_keyd_everything_it_needs),
	    cmocka_unit_test(tells_keyd_how_lenient_to_be),
	    cmocka_unit_test(tells_keyd_how_it_uses_tokens),
	    cmocka_unit_test(tells_certd_everything_it_needs),
	    cmocka_unit_test(tells_provisiond_everything_it_needs),
	    cmocka_unit_test(lets_provisiond_make_local_identities),
	    cmocka_unit_test(survives_texts_that_are_hard_to_quote),
	};

	return cmocka_run_group_tests_name("config render", tests, NULL, NULL);
}
