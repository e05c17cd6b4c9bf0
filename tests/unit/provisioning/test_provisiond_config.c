/* SPDX-License-Identifier: MIT */
/* provisiond/config.yaml: what it means, and what is refused. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "config.h"
#include "manual_page.h"
#include "peers.h"

#define HEAD                                                                   \
	"provisioning:\n"                                                      \
	"  source: dps\n"                                                      \
	"  global_endpoint: https://dps.example\n"                             \
	"  scope_id: 0ne1\n"
#define ATTESTATION                                                            \
	"  attestation:\n"                                                     \
	"    method: x509\n"
#define CREDENTIALS                                                            \
	"    identity_cert: device-id\n"                                       \
	"    identity_pk: device-id\n"
#define ISSUED "    identity_cert: { method: local_ca, common_name: dev-1 }\n"
#define MANUAL                                                                 \
	"provisioning:\n"                                                      \
	"  source: manual\n"                                                   \
	"  iothub_hostname: h\n"                                               \
	"  device_id: d\n"
#define GOOD HEAD ATTESTATION CREDENTIALS

static enum error_code
load(const char *text, struct config *config, struct error *err)
{
	char path[] = "/tmp/sgXXXXXX";
	int file = mkstemp(path);
	enum error_code code;

	assert_true(file >= 0);
	assert_int_equal(
	    write(file, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(file), 0);
	code = provisiond_config_load(path, config, err);
	assert_int_equal(unlink(path), 0);
	return code;
}

static void
load_good(const char *text, struct config *config)
{
	struct error err = {.message = ""};

	if (load(text, config, &err))
		fail_msg("%s", err.message);
}

static void
reads_ids_and_sets_the_defaults_of_1_1(void **state)
{
	CLEANUP_DONE(provisiond_config) struct config config;

	(void)state;
	load_good(GOOD, &config);
	assert_string_equal(
	    config.provisioning.attestation.identity_cert, "device-id");
	assert_string_equal(
	    config.provisioning.attestation.identity_pk, "device-id");
	assert_null(config.provisioning.attestation.registration_id);
	assert_false(config.provisioning.attestation.issuance.present);
	assert_true(config.provisioning.always_reprovision_on_startup);
	assert_false(config.provisioning.dynamic_reprovisioning);
	assert_null(config.trust_bundle_path);
}

static void
reads_a_certificate_that_is_to_be_issued(void **state)
{
	CLEANUP_DONE(provisiond_config) struct config config;

	(void)state;
	load_good(HEAD ATTESTATION ISSUED
	    "  always_reprovision_on_startup: false\n"
	    "trust_bundle_cert: file:///etc/a%20b.pem\n",
	    &config);
	assert_true(config.provisioning.attestation.issuance.present);
	assert_string_equal(
	    config.provisioning.attestation.identity_cert, "device-id");
	assert_string_equal(
	    config.provisioning.attestation.identity_pk, "device-id");
	assert_string_equal(
	    config.provisioning.attestation.registration_id, "dev-1");
	assert_false(config.provisioning.always_reprovision_on_startup);
	assert_string_equal(config.trust_bundle_path, "/etc/a b.pem");
}

static const struct {
	const char *text;
	const char *says;
} refused[] = {
    {"",								       "provisioning"			       },
    {HEAD,								     "attestation"				},
    {HEAD ATTESTATION,							 "both identity_cert and identity_pk"         },
    {HEAD ATTESTATION "    identity_pk: device-id\n",                          "both"                                       },
    {HEAD ATTESTATION "    identity_cert: device-id\n",                        "both"                                       },
    {HEAD ATTESTATION "    identity_cert: { method: local_ca }\n",
     "registration_id, or common_name"										      },
    {HEAD ATTESTATION "    identity_cert: { method: magic }\n",
     "'method' must be local_ca"											    },
    {HEAD ATTESTATION ISSUED "    registration_id: dev-2\n",
     "'dev-2', but identity_cert is to be issued for 'dev-1'"                                                               },
    {HEAD ATTESTATION CREDENTIALS "    registration_id: a/b\n",
     "registration_id 'a/b': a registration id has"									 },
    {GOOD "  allways_reprovision_on_startup: true\n",
     "did you mean 'always_reprovision_on_startup'"									 },
    {"provisioning:\n  source: tpm\n",					 "'source' must be dps, manual or none"       },
    {"provisioning:\n"
     "  source: dps\n"
     "  global_endpoint: http://dps.example\n"
     "  scope_id: 0ne1\n" ATTESTATION CREDENTIALS,
     "global_endpoint 'http://dps.example' is no URL"								       },
    {"provisioning:\n"
     "  source: dps\n"
     "  global_endpoint: https://\n"
     "  scope_id: 0ne1\n" ATTESTATION CREDENTIALS,
     "is no URL"													    },
    {GOOD "trust_bundle_cert: pkcs11:token=a\n",                               "must be a file URI"                         },
    {GOOD "trust_bundle_cert: root.pem\n",                                     "trust_bundle_cert"                          },
    {HEAD "  attestation: { method: tpm }\n",
     "method tpm needs registration_id"										     },
    {HEAD "  attestation: { method: symmetric_key, registration_id: a "
	  "}\n",							  "one of symmetric_key and group_key"         },
    {HEAD "  attestation: { method: symmetric_key, registration_id: a, "
	  "symmetric_key: k, group_key: g }\n",			   "one of symmetric_key and group_key"         },
    {HEAD "  attestation: { method: symmetric_key, registration_id: a, "
	  "group_key: g, identity_pk: k }\n",			     "belong to method x509, not to symmetric_key"},
    {HEAD ATTESTATION CREDENTIALS "    symmetric_key: k\n",
     "does not belong to method x509"										       },
    {GOOD "  payload: { uri: pkcs11:object=a }\n",
     "payload must be a file URI"											   },
    {GOOD "  local_gateway_hostname: parent\n",                                "is for source manual"                       },
    {GOOD "cloud_timeout_sec: 0\n",					    "cloud_timeout_sec is 0"                     },
    {GOOD "cloud_retries: 101\n",					      "cloud_retries is 101"                       },
    {MANUAL,								   "'authentication' is missing"                },
    {"provisioning: { source: manual, device_id: d }\n",
     "'iothub_hostname' is missing"											 },
    {"provisioning: { source: manual, iothub_hostname: h }\n",
     "'device_id' is missing"											       },
    {"provisioning: { source: manual, iothub_hostname: h, device_id: x/y }\n",
     "device_id: 'x/y' cannot be a device's name"									   },
    {MANUAL "  authentication: { method: sas }\n",
     "method sas needs device_id_pk"											},
    {MANUAL "  authentication: { method: x509 }\n",
     "authentication needs both identity_cert"									      },
    {MANUAL "  authentication: { method: x509, identity_cert: { "
	    "method: est, common_name: e } }\n",			  "device_id is 'd', but"                      },
    {GOOD "principals: [ { user: 1, name: m, identity: [local] } ]\n",
     "needs the section localid"											    },
    {GOOD "principals: [ { user: 1, name: m, localid: { type: x509 } } "
	  "]\n",							  "has localid but no identity local"          },
    {GOOD "principals: [ { user: 1, name: m }, { user: 2, name: m } ]\n",
     "two principals called 'm'"											    },
};

static void
refuses_what_cannot_work(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct config config;
		struct error err = {.message = ""};

		assert_int_equal(
		    load(refused[i].text, &config, &err), ERROR_INVALID);
		print_message("%s\n", err.message);
		assert_non_null(strstr(err.message, refused[i].says));
		assert_null(config.provisioning.source);
	}
}

static void
reads_a_manual_device_behind_a_parent(void **state)
{
	CLEANUP_DONE(provisiond_config) struct config config;

	(void)state;
	load_good(MANUAL "  authentication: { method: sas, device_id_pk: k }\n"
			 "  local_gateway_hostname: parent\n",
	    &config);
	assert_string_equal(
	    config.provisioning.local_gateway_hostname, "parent");
	assert_ptr_equal(
	    config_credential(&config), &config.provisioning.authentication);
	assert_string_equal(config_device_name(&config), "d");
	assert_string_equal(config_credential(&config)->symmetric_key, "k");
}

static void
needs_no_credentials_without_a_source(void **state)
{
	CLEANUP_DONE(provisiond_config) struct config config;

	(void)state;
	load_good("provisioning: { source: none }\n", &config);
	assert_null(config_credential(&config));
}

static void
reads_how_to_reach_the_cloud(void **state)
{
	CLEANUP_DONE(provisiond_config) struct config config;

	(void)state;
	load_good(GOOD "  payload: { uri: file:///etc/payload.json }\n"
		       "hostname: here\n"
		       "cloud_timeout_sec: 100\n"
		       "cloud_retries: 0\n"
		       "prefer_module_identity_cache: true\n"
		       "localid: { domain: example, export_private_keys: on }\n"
		       "principals:\n"
		       "  - user: 2001\n"
		       "    name: m\n"
		       "    identity: [module, local]\n"
		       "    localid: { type: x509, attributes: server }\n",
	    &config);
	assert_string_equal(
	    config.provisioning.payload.path, "/etc/payload.json");
	assert_string_equal(config.hostname, "here");
	assert_int_equal(config.cloud_timeout_sec, 100);
	assert_int_equal(config.cloud_retries, 0);
	assert_true(config.prefer_module_identity_cache);
	assert_string_equal(config.localid.domain, "example");
	assert_true(config.localid.export_private_keys);
	assert_string_equal(
	    ((struct principal_settings *)config.principals.items)[0]
		.localid.attributes,
	    "server");
}

static void
tells_callers_apart(void **state)
{
	CLEANUP_DONE(provisiond_config) struct config config;
	CLEANUP(peers) struct peers *peers = NULL;
	struct error err;

	(void)state;
	load_good(GOOD "principals:\n"
		       "  - { user: 2001, name: agent }\n"
		       "  - { user: 2002, identity: [device] }\n"
		       "  - { user: 2003, identity: [] }\n",
	    &config);
	assert_int_equal(peers_create(&config, &peers, &err), ERROR_NONE);
	assert_int_equal(peers_classify(peers, 0), PEER_ROOT);
	assert_int_equal(peers_classify(peers, geteuid()), PEER_ROOT);
	assert_int_equal(
	    peers_classify(peers, 2001), HTTP_PRINCIPAL | PEER_DAEMON);
	assert_int_equal(
	    peers_classify(peers, 2002), HTTP_PRINCIPAL | PEER_DEVICE);
	assert_int_equal(peers_classify(peers, 2003), HTTP_PRINCIPAL);
	assert_int_equal(peers_classify(peers, 2004), 0);
}

static void
refuses_principals_that_make_no_sense(void **state)
{
	static const char *const principals[] = {
	    "  - { user: no-such-user-here }\n",
	    "  - { user: 2001, identity: [moduel] }\n",
	    "  - { user: 2001 }\n  - { user: 2001, identity: [device] }\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(principals) / sizeof(principals[0]);
	     i++) {
		CLEANUP_DONE(provisiond_config) struct config config;
		CLEANUP(string)
		char *text =
		    string_format("%sprincipals:\n%s", GOOD, principals[i]);
		struct peers *peers = NULL;
		struct error err;

		assert_non_null(text);
		load_good(text, &config);
		assert_int_equal(
		    peers_create(&config, &peers, &err), ERROR_INVALID);
		print_message("%s\n", err.message);
	}
}

static void
has_a_manual_of_every_key_and_no_other(void **state)
{
	(void)state;
	assert_manual_describes(DOCS_DIRECTORY "/man/signet-provisiond.8", NULL,
	    &provisiond_config_table);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_ids_and_sets_the_defaults_of_1_1),
	    cmocka_unit_test(reads_a_certificate_that_is_to_be_issued),
	    cmocka_unit_test(refuses_what_cannot_work),
	    cmocka_unit_test(reads_how_to_reach_the_cloud),
	    cmocka_unit_test(reads_a_manual_device_behind_a_parent),
	    cmocka_unit_test(needs_no_credentials_without_a_source),
	    cmocka_unit_test(tells_callers_apart),
	    cmocka_unit_test(refuses_principals_that_make_no_sense),
	    cmocka_unit_test(has_a_manual_of_every_key_and_no_other),
	};

	return cmocka_run_group_tests_name(
	    "provisiond configuration", tests, NULL, NULL);
}
