/* SPDX-License-Identifier: MIT */
/* config check: the rules among keys. */
#include "cmocka_wrap.h"

#include "check.h"
#include "findings_fixture.h"

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
#define LOCAL "localid: { domain: d, export_private_keys: true }\n"
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
    CASE("provisioning:\n  source: manual\n  device_id: x/y\n"
	 "  iothub_hostname: h\n"
	 "  authentication: { method: sas, device_id_pk: AAAA }\n",
	"c:3:3: 'x/y' cannot be a device's name"),
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
    CASE("provisioning:\n  source: manual\n  device_connection_string: "
	 "\"HostName=h;DeviceId=d;SharedAccessKey=AAAA\"\n"
	 "preloaded_keys: { device-id: \"file:///k\" }\n",
	"c:4:19: the key 'device-id' is already given by "
	"'device_connection_string'"),
    CASE("provisioning:\n  source: manual\n  iothub_hostname: h\n  "
	 "device_id: d\n  authentication: { method: sas, device_id_pk: "
	 "AAAA }\npreloaded_keys: { device-id: \"file:///k\" }\n",
	"c:6:19: the key 'device-id' is already given by 'device_id_pk'"),
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
	 "localid: { domain: d }\n"
	 "cert_issuance: { certs: { root: { method: self_signed } } }\n",
	"c:3:5: identity 'local' has its key in a token"),
    CASE("principals:\n  - user: root\n    name: a b\n"
	 "    identity: [module]\n",
	"c:3:5: 'a b' cannot be a module's name"),
    CASE("principals:\n  - user: root\n    name: a/b\n"
	 "    identity: [local]\n" LOCAL,
	"c:3:5: 'a/b' cannot be a module's name"),
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
warns_of_a_local_identity_that_nobody_issues(void **state)
{
	(void)state;
	assert_finding("principals:\n  - { user: root, name: web, identity: "
		       "[local] }\n" LOCAL,
	    check_structure, "warning", "c:2:30: 'web' gets no local identity");
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
	    "principals:\n  - { user: root, name: web, identity: [local] }\n"
	    "  - { user: nobody, name: \"an agent\" }\n" LOCAL CA
	    "  certs: { web: { method: local_ca } }\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_nothing_found(texts[i], check_structure);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_each_mistake_of_structure),
	    cmocka_unit_test(warns_of_a_local_identity_that_nobody_issues),
	    cmocka_unit_test(accepts_what_is_right),
	};

	return cmocka_run_group_tests_name("config check", tests, NULL, NULL);
}
