/* SPDX-License-Identifier: MIT */
/*
 * Each key of IoT Edge 1.1's config.yaml and of aziot's config.toml: what it
 * becomes in the file of a daemon, or that it is noted as none of ours.
 */
#include "render_fixture.h"

#include <string.h>

#include "common/file.h"

enum daemon { KEYD, CERTD, PROVISIOND, NOWHERE };

/* What stands in a file of IoT Edge, and a part of a daemon's file. */
struct mapping {
	const char *text;
	enum daemon daemon;
	const char *expected; /* of NOWHERE: the section that is noted */
};

/* Not in braces, so that the table is not aligned in columns. */
#define MAPS(text, daemon, expected)                                           \
	{                                                                      \
		text, daemon, expected                                         \
	}

#define SECRETS "/etc/signet/keyd/secrets"

/* It is let in, and told to be none of ours. */
static void
assert_noted(const char *name, const struct mapping *mapping)
{
	const char *section;

	assert_renders(name, mapping->text, render_provisiond, "");
	for (size_t i = 0; (section = document_foreign_section(i)); i++)
		if (strcmp(section, mapping->expected) == 0)
			return;
	fail_msg("'%s' is not noted", mapping->expected);
}

static void
assert_mapped(const char *name, const struct mapping *mapping)
{
	static render_daemon *const renderers[] = {
	    render_keyd, render_certd, render_provisiond};

	if (mapping->daemon == NOWHERE)
		assert_noted(name, mapping);
	else
		assert_renders(name, mapping->text, renderers[mapping->daemon],
		    mapping->expected);
}

/* --- IoT Edge 1.1 --------------------------------------------------------- */

#define EDGE_DPS                                                               \
	"provisioning:\n"                                                      \
	"  source: \"dps\"\n"                                                  \
	"  global_endpoint: \"https://dps.example\"\n"                         \
	"  scope_id: \"0ne1\"\n"
#define EDGE_X509                                                              \
	EDGE_DPS "  attestation:\n"                                            \
		 "    method: \"x509\"\n"                                      \
		 "    identity_cert: \"file:///c.pem\"\n"                      \
		 "    identity_pk: \"file:///k.pem\"\n"
/* "a2V5" with the padding that it needs: "key1" is a2V5MQ==. */
#define CONNECTION "HostName=hub.example;DeviceId=dev;SharedAccessKey=a2V5MQ"

#define EDGE_SYMMETRIC                                                         \
	EDGE_DPS "  attestation:\n"                                            \
		 "    method: \"symmetric_key\"\n"                             \
		 "    registration_id: \"dev1\"\n"                             \
		 "    symmetric_key: \"a2V5MQ==\"\n"
#define EDGE_TPM                                                               \
	EDGE_DPS "  attestation:\n"                                            \
		 "    method: \"tpm\"\n"                                       \
		 "    registration_id: \"dev1\"\n"
#define EDGE_CERTIFICATES                                                      \
	"certificates:\n"                                                      \
	"  device_ca_cert: \"/a b/ca.pem\"\n"                                  \
	"  device_ca_pk: \"file:///ca.key\"\n"                                 \
	"  trusted_ca_certs: \"/roots.pem\"\n"

static const struct mapping edge[] = {
    MAPS(EDGE_X509, PROVISIOND,
	"  source: \"dps\"\n"
	"  global_endpoint: \"https://dps.example\"\n"
	"  scope_id: \"0ne1\"\n"
	"  attestation:\n"
	"    method: \"x509\"\n"),
    MAPS(EDGE_X509, KEYD, "  device-id: \"file:///k.pem\"\n"),
    MAPS(EDGE_X509, CERTD, "  device-id: \"file:///c.pem\"\n"),
    MAPS(EDGE_X509, PROVISIOND,
	"  always_reprovision_on_startup: true\n"
	"  dynamic_reprovisioning: false\n"),
    MAPS(EDGE_X509 "  always_reprovision_on_startup: false\n", PROVISIOND,
	"  always_reprovision_on_startup: false\n"),
    MAPS(EDGE_X509 "  dynamic_reprovisioning: true\n", PROVISIOND,
	"  dynamic_reprovisioning: true\n"),
    MAPS(EDGE_X509 "    registration_id: \"dev1\"\n", PROVISIOND,
	"    registration_id: \"dev1\"\n"),
    MAPS(EDGE_SYMMETRIC, PROVISIOND,
	"    method: \"symmetric_key\"\n"
	"    registration_id: \"dev1\"\n"
	"    symmetric_key: \"device-id\"\n"),
    MAPS(EDGE_SYMMETRIC, KEYD,
	"  device-id: \"file://" SECRETS "/device-id\"\n"),
    MAPS(EDGE_TPM, PROVISIOND,
	"    method: \"tpm\"\n"
	"    registration_id: \"dev1\"\n"),
    MAPS(EDGE_TPM, KEYD,
	"tpm:\n"
	"  users:\n"
	"  - \"signet-provisiond\"\n"),
    MAPS(EDGE_DPS "  registration_id: \"dev1\"\n", PROVISIOND,
	"    method: \"tpm\"\n"
	"    registration_id: \"dev1\"\n"),
    MAPS("provisioning:\n"
	 "  source: \"manual\"\n"
	 "  device_connection_string: \"" CONNECTION "\"\n"
	 "parent_hostname: \"parent\"\n",
	PROVISIOND,
	"  source: \"manual\"\n"
	"  local_gateway_hostname: \"parent\"\n"
	"  iothub_hostname: \"hub.example\"\n"
	"  device_id: \"dev\"\n"
	"  authentication:\n"
	"    method: \"sas\"\n"
	"    device_id_pk: \"device-id\"\n"),
    MAPS("provisioning: { source: manual, authentication: { method: "
	 "device_connection_string, device_connection_string: \"" CONNECTION
	 "==\" } }\n",
	KEYD, "  device-id: \"file://" SECRETS "/device-id\"\n"),
    MAPS("provisioning:\n"
	 "  source: \"manual\"\n"
	 "  authentication:\n"
	 "    method: \"x509\"\n"
	 "    iothub_hostname: \"hub.example\"\n"
	 "    device_id: \"dev\"\n"
	 "    identity_cert: \"file:///c.pem\"\n"
	 "    identity_pk: \"file:///k.pem\"\n",
	PROVISIOND,
	"  iothub_hostname: \"hub.example\"\n"
	"  device_id: \"dev\"\n"
	"  authentication:\n"
	"    method: \"x509\"\n"
	"    identity_cert: \"device-id\"\n"
	"    identity_pk: \"device-id\"\n"),
    MAPS(EDGE_CERTIFICATES, CERTD,
	"  aziot-edged-ca: \"file:///a%20b/ca.pem\"\n"),
    MAPS(EDGE_CERTIFICATES, CERTD,
	"  aziot-edged-trust-bundle: \"file:///roots.pem\"\n"),
    MAPS(EDGE_CERTIFICATES, KEYD, "  aziot-edged-ca: \"file:///ca.key\"\n"),
    MAPS("certificates:\n  auto_generated_ca_lifetime_days: 30\n", CERTD,
	"    aziot-edged-ca:\n"
	"      method: \"self_signed\"\n"
	"      profile: \"ca\"\n"
	"      expiry_days: 30\n"
	"      renewal:\n"
	"        automatic: \"false\"\n"),
    MAPS(EDGE_X509 "hostname: \"Gateway\"\n", PROVISIOND,
	"hostname: \"Gateway\"\n"),
    MAPS("agent:\n"
	 "  name: \"edgeAgent\"\n"
	 "  env: {}\n"
	 "  config: { image: \"x\", auth: {}, createOptions: ~ }\n",
	NOWHERE, "agent"),
    MAPS("watchdog: { max_retries: infinite }\n", NOWHERE, "watchdog"),
    MAPS("connect: { management_uri: \"m\" }\n", NOWHERE, "connect"),
    MAPS("listen: { min_tls_version: \"tls1.2\" }\n", NOWHERE, "listen"),
    MAPS("homedir: \"/var/lib/iotedge\"\n", NOWHERE, "homedir"),
    MAPS("moby_runtime: { network: { name: \"n\", ipv6: true } }\n", NOWHERE,
	"moby_runtime"),
    MAPS("allow_elevated_docker_permissions: false\n", NOWHERE,
	"allow_elevated_docker_permissions"),
};

static void
takes_every_key_of_edge_1_1(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(edge) / sizeof(edge[0]); i++) {
		CLEANUP(string)
		char *text = string_format("%shomedir: /h\n", edge[i].text);
		struct mapping mapping = edge[i];
		if (!strstr(text, "homedir: \"")) /* it is that of 1.1 */
			mapping.text = text;
		assert_mapped("config.yaml", &mapping);
	}
}

/* --- aziot's super-configuration ------------------------------------------ */

#define AZIOT_DPS                                                              \
	"[provisioning]\n"                                                     \
	"source = \"dps\"\n"                                                   \
	"global_endpoint = \"https://dps.example\"\n"                          \
	"id_scope = \"0ne1\"\n"
#define AZIOT_X509                                                             \
	AZIOT_DPS "[provisioning.attestation]\n"                               \
		  "method = \"x509\"\n"                                        \
		  "identity_cert = \"file:///c.pem\"\n"                        \
		  "identity_pk = \"pkcs11:token=t;object=k\"\n"
#define AZIOT_ISSUED(how)                                                      \
	AZIOT_DPS "[provisioning.attestation]\n"                               \
		  "method = \"x509\"\n"                                        \
		  "registration_id = \"dev1\"\n"                               \
		  "identity_cert = { " how " }\n"                              \
		  "[aziot_keys]\n"                                             \
		  "pkcs11_base_slot = \"pkcs11:token=t\"\n"
#define AZIOT_EST "[cert_issuance.est.urls]\ndefault = \"https://est\"\n"
#define AZIOT_AUTH(which, file)                                                \
	"[cert_issuance.est.auth]\n" which "_cert = \"file:///" file           \
	".pem\"\n" which "_pk = \"file:///" file                               \
	".key\"\n" AZIOT_EST AZIOT_ISSUED("method = \"est\"")
#define AZIOT_TRUSTED                                                          \
	"[cert_issuance.est]\n"                                                \
	"trusted_certs = [\"file:///r1.pem\", \"file:///r2.pem\"]\n" AZIOT_EST \
	    AZIOT_ISSUED("method = \"est\"")
#define AZIOT_MANUAL                                                           \
	"[provisioning]\n"                                                     \
	"source = \"manual\"\n"                                                \
	"iothub_hostname = \"hub.example\"\n"                                  \
	"device_id = \"dev\"\n"                                                \
	"[provisioning.authentication]\n"

static const struct mapping aziot[] = {
#define BY_KEY "method = \"sas\"\ndevice_id_pk = { value = \"a2V5MQ==\" }\n"
    MAPS("local_gateway_hostname = \"p\"\n" AZIOT_MANUAL BY_KEY, PROVISIOND,
	"  local_gateway_hostname: \"p\"\n"),
    MAPS("parent_hostname = \"p\"\n" AZIOT_MANUAL BY_KEY, PROVISIOND,
	"  local_gateway_hostname: \"p\"\n"),
    MAPS("hostname = \"h\"\ncloud_timeout_sec = 100\n", PROVISIOND,
	"hostname: \"h\"\ncloud_timeout_sec: 100\n"),
    MAPS("cloud_timeout_sec = 10\n", PROVISIOND, "cloud_timeout_sec: 70\n"),
    MAPS("cloud_retries = 3\nprefer_module_identity_cache = true\n", PROVISIOND,
	"cloud_retries: 3\nprefer_module_identity_cache: true\n"),
    MAPS("[aziot_max_requests]\nkeyd = 1\ncertd = 1\ntpmd = 1\n"
	 "identityd = 1\n",
	NOWHERE, "aziot_max_requests"),
    MAPS(AZIOT_X509, PROVISIOND, "  scope_id: \"0ne1\"\n"),
    MAPS(AZIOT_X509, PROVISIOND,
	"  always_reprovision_on_startup: false\n"
	"  dynamic_reprovisioning: true\n"),
    MAPS(AZIOT_X509, KEYD, "  device-id: \"pkcs11:token=t;object=k\"\n"),
    MAPS("[provisioning]\n"
	 "source = \"manual\"\n"
	 "connection_string = \"" CONNECTION "\"\n",
	PROVISIOND, "  device_id: \"dev\"\n"),
    MAPS(AZIOT_MANUAL "method = \"sas\"\n"
		      "device_id_pk = { value = \"a2V5MQ==\" }\n",
	KEYD, "  device-id: \"file://" SECRETS "/device-id\"\n"),
    MAPS(AZIOT_MANUAL "method = \"sas\"\n"
		      "device_id_pk = { uri = \"pkcs11:token=t;object=k\" }\n",
	KEYD, "  device-id: \"pkcs11:token=t;object=k\"\n"),
    MAPS(AZIOT_MANUAL "method = \"x509\"\n"
		      "identity_cert = \"file:///c.pem\"\n"
		      "identity_pk = \"file:///k.pem\"\n",
	PROVISIOND, "    method: \"x509\"\n    identity_cert: \"device-id\"\n"),
    MAPS(AZIOT_MANUAL "method = \"x509\"\n"
		      "identity_cert = { method = \"self_signed\" }\n"
		      "identity_pk = \"file:///k.pem\"\n",
	CERTD,
	"    device-id:\n"
	"      method: \"self_signed\"\n"
	"      common_name: \"dev\"\n"),
    MAPS(AZIOT_DPS "payload = { uri = \"file:///p.json\" }\n"
		   "[provisioning.attestation]\n"
		   "method = \"tpm\"\n"
		   "registration_id = \"dev1\"\n",
	PROVISIOND, "  payload:\n    uri: \"file:///p.json\"\n"),
    MAPS(AZIOT_DPS "[provisioning.attestation]\n"
		   "method = \"tpm\"\n"
		   "registration_id = \"dev1\"\n",
	PROVISIOND, "    method: \"tpm\"\n    registration_id: \"dev1\"\n"),
    MAPS(AZIOT_DPS "[provisioning.attestation]\n"
		   "method = \"symmetric_key\"\n"
		   "registration_id = \"dev1\"\n"
		   "symmetric_key = { value = \"a2V5MQ==\" }\n",
	PROVISIOND, "    symmetric_key: \"device-id\"\n"),
    MAPS(AZIOT_DPS "[provisioning.attestation]\n"
		   "method = \"symmetric_key\"\n"
		   "registration_id = \"dev1\"\n"
		   "symmetric_key = { uri = \"pkcs11:token=t;object=k\" }\n",
	KEYD, "  device-id: \"pkcs11:token=t;object=k\"\n"),
    MAPS("[provisioning]\nsource = \"none\"\n", PROVISIOND,
	"provisioning:\n  source: \"none\"\n"),
    MAPS("[localid]\ndomain = \"d\"\n", PROVISIOND,
	"localid:\n  domain: \"d\"\n"),
    MAPS("[aziot_keys]\n"
	 "homedir_path = \"/x\"\n"
	 "pkcs11_lib_path = \"/usr/lib/p.so\"\n"
	 "pkcs11_base_slot = \"pkcs11:token=t?pin-value=1\"\n",
	KEYD,
	"token:\n"
	"  module: \"/usr/lib/p.so\"\n"
	"  uri: \"pkcs11:token=t?pin-value=1\"\n"),
    MAPS("[preloaded_keys]\na = \"file:///a\"\n", KEYD, "  a: \"file:///a\"\n"),
    MAPS("[preloaded_certs]\na = \"file:///a\"\nb = [\"a\"]\n", CERTD,
	"  b:\n  - \"a\"\n"),
    MAPS("[cert_issuance.local_ca]\n"
	 "cert = \"file:///ca.pem\"\n"
	 "pk = \"file:///ca.key\"\n",
	CERTD, "  local-ca: \"file:///ca.pem\"\n"),
    MAPS(AZIOT_EST "[cert_issuance.local_ca]\n"
		   "cert = { method = \"est\", common_name = \"my ca\" }\n",
	CERTD,
	"    local-ca:\n"
	"      method: \"est\"\n"
	"      profile: \"ca\"\n"
	"      common_name: \"my ca\"\n"),
    MAPS("[cert_issuance.est.urls]\ndefault = \"http://e\"\n" AZIOT_ISSUED(
	     "method = \"est\""),
	CERTD, "  est:\n    url: \"http://e\"\n    allow_http: true\n"),
    MAPS("[cert_issuance.est.urls]\ndevice-id = \"https://own\"\n"
	 "later = \"https://other\"\n" AZIOT_ISSUED("method = \"est\""),
	CERTD, "      est:\n        url: \"https://own\"\n"),
    MAPS(AZIOT_TRUSTED, CERTD,
	"    trusted_certs:\n"
	"    - \"est-server-ca-1\"\n"
	"    - \"est-server-ca-2\"\n"),
    MAPS(AZIOT_TRUSTED, CERTD, "  est-server-ca-2: \"file:///r2.pem\"\n"),
    MAPS("[cert_issuance.est]\n"
	 "identity_auto_renew = { rotate_key = false, threshold = \"50%\", "
	 "retry = \"10min\" }\n" AZIOT_EST AZIOT_ISSUED("method = \"est\""),
	CERTD,
	"  renewal:\n"
	"    window: \"50%\"\n"
	"    retry: \"10min\"\n"
	"    rotate_key: \"false\"\n"),
    MAPS("[cert_issuance.est.auth]\n"
	 "username = \"u\"\n"
	 "password = \"p\"\n" AZIOT_EST AZIOT_ISSUED("method = \"est\""),
	CERTD, "    username: \"u\"\n    password: \"p\"\n"),
    MAPS(AZIOT_AUTH("identity", "e"), CERTD,
	"    identity_cert: \"est-id\"\n    identity_pk: \"est-id\"\n"),
    MAPS(AZIOT_AUTH("identity", "e"), KEYD, "  est-id: \"file:///e.key\"\n"),
    MAPS(AZIOT_AUTH("bootstrap_identity", "b"), CERTD,
	"    identity_cert: \"est-id\"\n"
	"    identity_pk: \"est-id\"\n"
	"    bootstrap_identity_cert: \"est-bootstrap-id\"\n"
	"    bootstrap_identity_pk: \"est-bootstrap-id\"\n"),
    MAPS(AZIOT_AUTH("bootstrap_identity", "b"), KEYD,
	"  est-bootstrap-id: \"file:///b.key\"\n"),
    MAPS(AZIOT_ISSUED("method = \"self_signed\", expiry_days = 7"), CERTD,
	"      method: \"self_signed\"\n"
	"      expiry_days: 7\n"
	"      common_name: \"dev1\"\n"),
    MAPS(AZIOT_ISSUED("method = \"est\", url = \"https://own\", auth = { "
		      "username = \"u\", password = \"p\" }"),
	CERTD,
	"      est:\n"
	"        url: \"https://own\"\n"
	"        username: \"u\"\n"
	"        password: \"p\"\n"),
    MAPS(AZIOT_ISSUED("method = \"est\", url = \"https://own\", auth = { "
		      "bootstrap_identity_cert = \"file:///b.pem\", "
		      "bootstrap_identity_pk = \"file:///b.key\" }"),
	CERTD,
	"        identity_cert: \"est-id-device-id\"\n"
	"        identity_pk: \"est-id-device-id\"\n"
	"        bootstrap_identity_cert: \"est-bootstrap-id-device-id\"\n"),
    MAPS(AZIOT_EST AZIOT_ISSUED(
	     "method = \"est\", username = \"u\", password = \"p\""),
	CERTD,
	"      est:\n"
	"        username: \"u\"\n"
	"        password: \"p\"\n"),
    MAPS(AZIOT_ISSUED("method = \"est\", url = \"https://own\", "
		      "identity_cert = \"file:///e.pem\", "
		      "identity_pk = \"file:///e.key\", "
		      "bootstrap_identity_cert = \"file:///b.pem\", "
		      "bootstrap_identity_pk = \"file:///b.key\""),
	CERTD,
	"        url: \"https://own\"\n"
	"        identity_cert: \"est-id-device-id\"\n"
	"        identity_pk: \"est-id-device-id\"\n"
	"        bootstrap_identity_cert: \"est-bootstrap-id-device-id\"\n"),
    MAPS(AZIOT_ISSUED("method = \"self_signed\", auto_renew = { rotate_key = "
		      "true, threshold = \"30day\", retry = \"2%\" }"),
	CERTD,
	"      renewal:\n"
	"        window: \"30day\"\n"
	"        retry: \"2%\"\n"
	"        rotate_key: \"true\"\n"),
    MAPS(AZIOT_ISSUED("method = \"self_signed\", common_name = \"dev1\""),
	CERTD, "      common_name: \"dev1\"\n"),
    MAPS(AZIOT_ISSUED("method = \"self_signed\", subject = { L = \"AQ\", O = "
		      "\"Contoso\" }"),
	CERTD,
	"      subject:\n"
	"        L: \"AQ\"\n"
	"        O: \"Contoso\"\n"
	"        CN: \"dev1\"\n"),
    MAPS(AZIOT_ISSUED("method = \"self_signed\", subject = { ou = \"line 7\", "
		      "cn = \"own\", emailAddress = \"a@b\" }"),
	CERTD,
	"      subject:\n"
	"        CN: \"own\"\n"
	"        emailAddress: \"a@b\"\n"
	"        OU: \"line 7\"\n"),
    MAPS("[tpm]\n"
	 "tcti = \"swtpm\"\n"
	 "auth_key_index = 256\n"
	 "hierarchy_authorization = { endorsement = \"e\", owner = \"\" }\n",
	KEYD,
	"tpm:\n"
	"  tcti: \"swtpm\"\n"
	"  auth_key_index: 256\n"
	"  hierarchy_authorization:\n"
	"    endorsement: \"e\"\n"),
    MAPS("trust_bundle_cert = \"file:///roots.pem\"\n", CERTD,
	"  aziot-edged-trust-bundle: \"file:///roots.pem\"\n"),
    MAPS("allow_elevated_docker_permissions = true\n", NOWHERE,
	"allow_elevated_docker_permissions"),
    MAPS("auto_reprovisioning_mode = \"Dynamic\"\n" AZIOT_X509, PROVISIOND,
	"  always_reprovision_on_startup: false\n"
	"  dynamic_reprovisioning: true\n"),
    MAPS("auto_reprovisioning_mode = \"AlwaysOnStartup\"\n" AZIOT_X509,
	PROVISIOND,
	"  always_reprovision_on_startup: true\n"
	"  dynamic_reprovisioning: false\n"),
    MAPS("auto_reprovisioning_mode = \"OnErrorOnly\"\n" AZIOT_X509, PROVISIOND,
	"  always_reprovision_on_startup: false\n"
	"  dynamic_reprovisioning: false\n"),
    MAPS("auto_reprovisioning_mode = \"OnErrorOnly\"\n" AZIOT_DPS
	 "always_reprovision_on_startup = true\n"
	 "attestation = { method = \"tpm\", registration_id = \"dev1\" }\n",
	PROVISIOND, "  always_reprovision_on_startup: false\n"),
    MAPS("imported_master_encryption_key = \"/k e y\"\n", KEYD,
	"  iotedge_master_encryption_id: \"file:///k%20e%20y\"\n"),
    MAPS("[additional_info]\na = \"b\"\n", NOWHERE, "additional_info"),
    MAPS("[iotedge_max_requests]\nmanagement = 1\n", NOWHERE,
	"iotedge_max_requests"),
    MAPS("[agent]\nname = \"edgeAgent\"\n[agent.env]\na = \"x\"\n", NOWHERE,
	"agent"),
    MAPS("[connect]\nworkload_uri = \"w\"\n", NOWHERE, "connect"),
    MAPS("[listen]\nmanagement_uri = \"fd://m\"\n", NOWHERE, "listen"),
    MAPS("[watchdog]\nmax_retries = \"infinite\"\n", NOWHERE, "watchdog"),
    MAPS("[moby_runtime]\nnetwork = \"n\"\n", NOWHERE, "moby_runtime"),
    MAPS("[image_garbage_collection]\nenabled = true\n", NOWHERE,
	"image_garbage_collection"),
    MAPS("manifest_trust_bundle_cert = \"file:///m.pem\"\n", NOWHERE,
	"manifest_trust_bundle_cert"),
    MAPS("[edge_ca]\ncert = \"file:///e.pem\"\npk = \"file:///e.key\"\n", CERTD,
	"  aziot-edged-ca: \"file:///e.pem\"\n"),
    MAPS("[edge_ca]\ncert = \"file:///e.pem\"\npk = \"file:///e.key\"\n", KEYD,
	"  aziot-edged-ca: \"file:///e.key\"\n"),
    MAPS("[edge_ca]\n"
	 "method = \"est\"\n"
	 "url = \"https://own\"\n"
	 "auto_renew = { rotate_key = true, threshold = \"80%\", "
	 "retry = \"4%\" }\n",
	CERTD,
	"    aziot-edged-ca:\n"
	"      method: \"est\"\n"
	"      profile: \"ca\"\n"
	"      est:\n"
	"        url: \"https://own\"\n"
	"      renewal:\n"
	"        automatic: \"false\"\n"),
    MAPS("", KEYD,
	"- user: \"iotedge\"\n"
	"  keys:\n"
	"  - \"aziot-edged-ca\"\n"
	"  - \"aziot-edged-ca-temp\"\n"
	"  - \"iotedge_master_encryption_id\"\n"),
    MAPS("", CERTD,
	"- user: \"iotedge\"\n"
	"  certs:\n"
	"  - \"aziot-edged-ca\"\n"
	"  - \"aziot-edged-ca-temp\"\n"
	"  - \"aziot-edged/module/*\"\n"),
    MAPS("", PROVISIOND,
	"- user: \"iotedge\"\n"
	"  name: \"aziot-edge\"\n"),
};

static void
takes_every_key_of_aziot(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(aziot) / sizeof(aziot[0]); i++)
		assert_mapped("config.toml", &aziot[i]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_every_key_of_edge_1_1),
	    cmocka_unit_test(takes_every_key_of_aziot),
	};

	return cmocka_run_group_tests_name(
	    "names of IoT Edge", tests, NULL, NULL);
}
