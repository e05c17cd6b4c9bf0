/* SPDX-License-Identifier: MIT */
/* No secret of a configuration is shown, in whatever style it is written. */
#include <string.h>

#include "cmocka_wrap.h"
#include "common/file.h"
#include "redact.h"
#include "yaml_hide.h"

#define Q "\"" REDACTED "\""

static void
assert_hidden(const char *text, const char *expected)
{
	CLEANUP(secret) char *hidden = NULL;
	struct error err;

	assert_int_equal(ERROR_NONE, yaml_hide(text, &hidden, &err));
	assert_string_equal(expected, hidden);
}

struct example {
	const char *text;
	const char *expected;
};

#define ASSERT_ALL(cases)                                                      \
	for (size_t i = 0; i < sizeof(cases) / sizeof((cases)[0]); i++)        \
	assert_hidden((cases)[i].text, (cases)[i].expected)

static void
secrets_are_hidden_in_every_style(void **state)
{
	static const struct example cases[] = {
	    {"cert_issuance:\n  est:\n    password: hunter2\n",
             "cert_issuance:\n  est:\n    password: " Q "\n"											     },
	    {"\xef\xbb\xbf"
	     "tpm: { hierarchy_authorization: { owner: hunter2 } }\n", "\xef\xbb\xbf"
		"tpm: { hierarchy_authorization: { owner: " Q " } }\n"},
	    {"cert_issuance:\n  est:\n    password: 'hunter2' # mine\n",
             "cert_issuance:\n  est:\n    password: " Q " # mine\n"										      },
	    {"cert_issuance: { est: { password: hunter2, username: u } }\n",
             "cert_issuance: { est: { password: " Q ", username: u } }\n"										},
	    {"cert_issuance: {est: {username: u, password:\n  hunter2}}\n",
             "cert_issuance: {est: {username: u, password:\n  " Q "}}\n"										 },
	    {"tpm:\n  hierarchy_authorization:\n    owner: |-\n      hunter2\n"
	     "  auth_key_index: 4\n",				  "tpm:\n  hierarchy_authorization:\n    owner: " Q "\n\n"
		"  auth_key_index: 4\n"								},
	    {"hostname: \"\303\274\"\nprovisioning:\n  attestation:\n"
	     "    group_key: \"h\303\274nter2\"\n    registration_id: "
	     "\303\244\n",					     "hostname: \"\303\274\"\nprovisioning:\n  attestation:\n"
		"    group_key: " Q "\n    registration_id: \303\244\n"                                           },
	    {"provisioning:\n  attestation:\n    symmetric_key:\n"
	     "      value: hunter2\n",				 "provisioning:\n  attestation:\n    symmetric_key:\n"
		"      value: " Q "\n"								},
	};

	(void)state;
	ASSERT_ALL(cases);
}

static void
pins_and_logins_are_hidden_in_uris(void **state)
{
	static const struct example cases[] = {
	    {"token: { uri: \"pkcs11:token=t?pin-value=12,3)4&x=1\" }\n",
             "token: { uri: \"pkcs11:token=t?pin-value=" REDACTED
		"&x=1\" }\n"				      },
	    {"preloaded_keys:\n  web: pkcs11:token=t;object=w?pin-value=1\n",
             "preloaded_keys:\n  web: "
		"pkcs11:token=t;object=w?pin-value=" REDACTED "\n"},
	    {"cert_issuance: { est: { url: https://u:p@ss@est.example/x } }\n",
             "cert_issuance: { est: { url: https://" REDACTED
		"@est.example/x } }\n"                            },
	};

	(void)state;
	ASSERT_ALL(cases);
}

static void
where_a_key_is_stays(void **state)
{
	static const struct example cases[] = {
	    {"provisioning: { attestation: { symmetric_key: device-id } }\n",
             "provisioning: { attestation: { symmetric_key: device-id } "
		"}\n"														      },
	    {"provisioning: { attestation: { group_key: device-group } }\n",
             "provisioning: { attestation: { group_key: device-group } }\n"                                                                },
	    {"provisioning:\n  authentication:\n    device_id_pk: device-id\n",
             "provisioning:\n  authentication:\n    device_id_pk: "
		"device-id\n"													      },
	    {"provisioning:\n  attestation:\n    symmetric_key:\n"
	     "      uri: pkcs11:object=k?pin-value=1\n",           "provisioning:\n  attestation:\n    symmetric_key:\n"
		"      uri: pkcs11:object=k?pin-value=" REDACTED "\n" },
	    {"provisioning: { attestation: { symmetric_key: \"file:///k\" } "
	     "}\n",						"provisioning: { attestation: { symmetric_key: \"file:///k\" } "
		"}\n"										      },
	    {"provisioning: { attestation: { symmetric_key: \"file:///k aGk\" "
	     "} }\n",					      "provisioning: { attestation: { symmetric_key: " Q " } }\n"},
	    {"provisioning: { attestation: { symmetric_key: device-idA } }\n",
             "provisioning: { attestation: { symmetric_key: " Q " } }\n"                                                                   },
	    {"cert_issuance: { est: { password: device-id } }\n",
             "cert_issuance: { est: { password: " Q " } }\n"									       },
	    {"tpm: { hierarchy_authorization: { owner: \"file:x\" } }\n",
             "tpm: { hierarchy_authorization: { owner: " Q " } }\n"									},
	};

	(void)state;
	ASSERT_ALL(cases);
}

static void
what_stands_under_no_known_key_is_hidden(void **state)
{
	static const struct example cases[] = {
	    {"provisioning:\n  attestation:\n    symetric_key: hunter2\n",
             "provisioning:\n  attestation:\n    symetric_key: " Q "\n"   },
	    {"passwd:\n- hunter2\n- a: hunter3\n",
             "passwd:\n- " Q "\n- a: " Q "\n"                             },
	    {"cert_issuance: { est: { password: { hunter2, x: y } } }\n",
             "cert_issuance: { est: { password: { " Q ", x: " Q " } } }\n"},
	    {"agent: { env: { KEY: hunter2 } }\n",
             "agent: { env: { KEY: " Q " } }\n"                           },
	    {"preloaded_keys: { web: { pin: hunter2 } }\n",
             "preloaded_keys: { web: { pin: " Q " } }\n"                  },
	};

	(void)state;
	ASSERT_ALL(cases);
}

static void
what_comments_assign_is_hidden(void **state)
{
	static const struct example cases[] = {
	    {"#  symetric_key: hunter2\n",                                "#  symetric_key: " Q "\n" },
	    {"#symetric_key: 'hunter2' # mine\nhostname: x\n",
             "#symetric_key: " Q "\nhostname: x\n"                                                   },
	    {"# symmetric_key = \"hunter2\"\n",                           "# symmetric_key = " Q "\n"},
	    {"# \"passwd\":\"hunter2\"\n",                                "# \"passwd\":" Q "\n"     },
	    {"hostname: \"# \303\274\" # passwd: hunter2\n",
             "hostname: \"# \303\274\" # passwd: " Q "\n"                                            },
	    {"# hostname: gw  passwd=hunter2\n",                          "# hostname: " Q "\n"      },
	    {"# hostname = gw\tpasswd = hunter2\n",                       "# hostname = " Q "\n"     },
	    {"# formerly the passwd: hunter2\n",
             "# formerly the passwd: " Q "\n"							},
	    {"# atestation: { symmetric_key: hunter2 }\n",
             "# atestation: " Q "\n"								 },
	    {"# attestation: { symetric_key: hunter2 }\n",
             "# attestation: " Q "\n"								},
	    {"# passwd:\n#   value: hunter2\n#   hostname: hunter3\n# "
	     "hostname: y\n",				"# passwd:\n#   value: " Q "\n#   hostname: " Q
		"\n# hostname: y\n"                        },
	    {"# passwd: |\n#   hunter2\n# - hunter3\n# as it was\n",
             "# passwd: " Q "\n#   " Q "\n# " Q "\n# as it was\n"                                    },
	    {"# passwd:\n# - hunter2\nhostname: x # plain\n#   hunter\n",
             "# passwd:\n# " Q "\nhostname: x # plain\n#   hunter\n"                                 },
	    {"hostname: |- # passwd: hunter2\n  x\n",
             "hostname: |- # passwd: " Q "\n  x\n"                                                   },
	    {"principals: [ # passwd: hunter2\n]\n",
             "principals: [ # passwd: " Q "\n]\n"						    },
	    {"hostname: x\n\t# y\nz: [ # passwd = hunter2\n",
             "hostname: x\n\t" Q "\nz: " Q "\n"						      },
	};

	(void)state;
	ASSERT_ALL(cases);
}

static void
what_is_known_stays(void **state)
{
	static const char *const texts[] = {
	    "",
	    "# a comment\n",
	    "provisioning:\n  source: dps # here\n  scope_id: "
	    "\"0ne00000001\"\n",
	    "preloaded_keys: { web: file:///etc/web.pem }\n"
	    "preloaded_certs: { all: [web, other] }\n",
	    "principals:\n- user: nginx\n  keys: [web]\n  rights: [use]\n",
	    "cert_issuance:\n  certs:\n    web:\n      method: est\n"
	    "      subject: { CN: gateway }\n",
	    "# provisioning:\n#   source: dps\n# attestation:\n"
	    "#   registration_id: \"dev1\"\n\nhostname: |- # ours\n  # x: y\n"
	    "# see https://example.org/a, at 12:30\n",
	    "# trust_bundle: pkcs11:token=t;object=o?pin-source=file:/pin\n",
	    /* of daemons' own files */
	    "sessions: 4\naudit: required\n"
	    "provisioning: { local_gateway_hostname: parent }\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_hidden(texts[i], texts[i]);
}

static void
of_what_is_no_yaml_only_known_lines_stay(void **state)
{
	static const struct example cases[] = {
	    {"hostname: gateway\nprovisioning:\n\tsource: dps\n",
             "hostname: gateway\nprovisioning:\n\tsource: dps\n"                                                 },
	    {"tpm:\n  hierarchy_authorization:\n    owner: |\n      hunter2\n"
	     "      # hunter3\n      x: hunter4\n",  "tpm:\n  hierarchy_authorization:\n    owner: " Q "\n      " Q
		"\n      " Q "\n      x: " Q "\n"},
	    {"tpm: { owner: hunter2\n- hunter3\npin-value:\n",
             "tpm: " Q "\n- " Q "\npin-value:\n"								 },
	    {"hostname: &x gateway\ntokne: *x\n",
             "hostname: " Q "\ntokne: " Q "\n"								   },
	    {"hostname: \"x\", passwd: hunter2\n: hunter3",
             "hostname: " Q "\n" Q									       },
	    {"hostname: gw passwd=hunter2\n: hunter3",            "hostname: " Q "\n" Q                          },
	    {"agent: hunter2\n: hunter3",                         "agent: " Q "\n" Q                             },
	};

	(void)state;
	ASSERT_ALL(cases);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(secrets_are_hidden_in_every_style),
	    cmocka_unit_test(pins_and_logins_are_hidden_in_uris),
	    cmocka_unit_test(where_a_key_is_stays),
	    cmocka_unit_test(what_stands_under_no_known_key_is_hidden),
	    cmocka_unit_test(what_comments_assign_is_hidden),
	    cmocka_unit_test(what_is_known_stays),
	    cmocka_unit_test(of_what_is_no_yaml_only_known_lines_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
