/* SPDX-License-Identifier: MIT */
/* The operator's file before it is understood: TOML, and what is refused. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "edge_ca.h"
#include "super_config.h"

#define EDGE_X509                                                              \
	"provisioning:\n"                                                      \
	"  source: \"dps\"\n"                                                  \
	"  attestation: { method: x509 }\n"
#define CONNECTION "HostName=hub.example;DeviceId=dev;SharedAccessKey=a2V5MQ"

/* --- what cannot be taken ------------------------------------------------- */

static const struct {
	const char *name;
	const char *text;
	const char *beginning;
} refusals[] = {
    {"c.toml", "parent_hostname = \"a\"\nlocal_gateway_hostname = \"b\"\n",
     "c.toml:1:1: 'parent_hostname' is the same as"											      },
    {"c.toml", "[aziot_keys]\npkcs11_lib_path = 5\n",
     "c.toml:2:19: 'pkcs11_lib_path' must be an absolute path"										   },
    {"c.yaml", "provisioning: { source: dps, id_scope: [a] }\n",
     "c.yaml:1:40: 'id_scope' must be a text"												    },
    {"c.yaml",
     "edge_ca: { cert: \"file:///a\", auto_renew: { threshold: 80% } }\n",  "c.yaml:1:31: unknown key 'auto_renew' in edge_ca"                   },
    {"c.toml", "hostname = \n",					     "c.toml:1:12: "						      },
    {"c.toml", "hostname = \"a\"\nhostname = \"b\"\n",                      "c.toml:2:"                                                          },
    {"c.yaml", "provisioning: { source: dps, id_scope: a, scope_id: b }\n",
     "c.yaml:1:30: 'id_scope' is the same as 'scope_id'"											 },
    {"c.yaml",
     "provisioning:\n  source: manual\n"
	"  device_connection_string: \"HostName=h;DeviceId=d\"\n",	  "c.yaml:3:29: 'SharedAccessKey' is missing or empty"                 },
    {"c.yaml",
     "provisioning:\n  source: manual\n"
	"  device_connection_string: \"DeviceId=d;SharedAccessKey=aa\"\n",  "c.yaml:3:29: 'HostName' is missing"                                 },
    {"c.yaml",
     "provisioning:\n  source: manual\n"
	"  device_connection_string: \"HostName=h;SharedAccessKey=aa\"\n",  "c.yaml:3:29: 'DeviceId' is missing"                                 },
    {"c.yaml",
     "provisioning:\n  source: manual\n"
	"  device_connection_string: "
	"\"HostName=h/x;DeviceId=d;SharedAccessKey=aa\"\n",		 "c.yaml:3:29: the HostName in the connection string must be"         },
    {"c.yaml",
     "provisioning:\n  source: manual\n"
	"  device_connection_string: "
	"\"HostName=h;DeviceId=d d;SharedAccessKey=aa\"\n",		 "c.yaml:3:29: the DeviceId in the connection string: 'd d' cannot be"},
    {"c.yaml",
     "provisioning:\n  source: manual\n  device_id: d\n"
	"  device_connection_string: \"" CONNECTION "\"\n",
     "c.yaml:4:29: 'device_connection_string' says all that 'device_id'"                                                                         },
    {"c.yaml", "certificates: { device_ca_cert: /a }\n",
     "c.yaml:1:1: 'trusted_ca_certs' is missing"												 },
    {"c.yaml",
     "auto_reprovisioning_mode: Dynamic\n" EDGE_X509
	"  dynamic_reprovisioning: true\n",				 "c.yaml:1:27: 'auto_reprovisioning_mode' says what"                  },
    {"c.toml",
     "[edge_ca]\ncert = \"file:///a\"\n"
	"[preloaded_certs]\naziot-edged-ca = \"file:///b\"\n",	      "c.toml:2:8: 'aziot-edged-ca' is given here and in"                  },
};

static void
refuses_what_is_given_twice_or_makes_no_sense(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		CLEANUP_DONE(document) struct document document = {0};
		CLEANUP_DONE(super_config) struct super_config config = {0};
		const char *text = refusals[i].text;
		struct error err = {.message = ""};

		if (document_parse(refusals[i].name, text, strlen(text),
			&document, &err) == ERROR_NONE)
			assert_int_equal(
			    super_config_read(&document, NULL, &config, &err),
			    ERROR_INVALID);
		assert_int_equal(err.code, ERROR_INVALID);
		if (strncmp(err.message, refusals[i].beginning,
			strlen(refusals[i].beginning)) != 0)
			fail_msg("%s\nexpected: %s...\nactual:   %s", text,
			    refusals[i].beginning, err.message);
		assert_null(strstr(err.message, "a2V5"));
	}
}

/* --- what is taken otherwise ---------------------------------------------- */

static void
lowers_what_no_certificate_can_live(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *warning;
		unsigned days;
	} rows[] = {
	    {"c.yaml",
             "certificates: { auto_generated_ca_lifetime_days: 65535 }\n",       "c.yaml:1:50: 'auto_generated_ca_lifetime_days' is 65535; ",
             36500																    },
	    {"c.toml",
             "[edge_ca]\nauto_generated_edge_ca_expiry_days = 40000\n",          "c.toml:2:38: 'auto_generated_edge_ca_expiry_days' is 40000; ",
             36500																    },
	    {"c.toml",
             "[edge_ca]\nmethod = \"self_signed\"\nexpiry_days = 36501\n",       "c.toml:3:15: 'expiry_days' is 36501; ",                        36500},
	    {"c.toml",
             "[edge_ca]\nmethod = \"self_signed\"\nexpiry_days = 36500\n",       NULL,							   36500},
	    {"c.yaml", "edge_ca: { method: self_signed, expiry_days: 40000 }\n",
             NULL,															       40000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP_DONE(document) struct document document = {0};
		CLEANUP_DONE(super_config) struct super_config config = {0};
		const char *text = rows[i].text;
		struct error err;

		if (document_parse(
			rows[i].name, text, strlen(text), &document, &err) ||
		    super_config_read(&document, NULL, &config, &err))
			fail_msg("%s\n%s", text, err.message);
		assert_int_equal(
		    super_config_issuance(&config, ID_EDGE_CA)->expiry_days,
		    rows[i].days);
		assert_int_equal(super_config_issuance(&config, ID_EDGE_CA_NEXT)
				     ->expiry_days,
		    rows[i].days);
		assert_int_equal(
		    document.warnings.count, rows[i].warning ? 1 : 0);
		if (rows[i].warning)
			assert_ptr_equal(
			    strstr(document.warnings.items[0].message,
				rows[i].warning),
			    document.warnings.items[0].message);
	}
}

/* --- TOML ----------------------------------------------------------------- */

static void
reads_toml_with_the_places_of_everything(void **state)
{
	static const char text[] = "# a comment\n"
				   "hostname = \"a\\tb\"\n"
				   "[localid]\n"
				   "  domain = 'x' # and another\n"
				   "[[principals]]\n"
				   "user = \"1000\"\n"
				   "keys = [ \"a\",\n"
				   "  \"b\" ]\n";
	CLEANUP_DONE(document) struct document document = {0};
	CLEANUP(string) char *domain = NULL;
	CLEANUP(string) char *keys = NULL;
	struct error err;

	(void)state;
	if (document_parse("f.toml", text, strlen(text), &document, &err))
		fail_msg("%s", err.message);
	assert_int_equal(document.flavour, FLAVOUR_AZIOT);
	assert_string_equal(
	    config_node_find(&document.root, "hostname")->text, "a\tb");
	domain = places_find(&document.root, STEPS("localid", "domain"));
	assert_string_equal(domain, "f.toml:4:3");
	keys =
	    places_find(&document.root, STEPS("principals", "0", "keys", "1"));
	assert_string_equal(keys, "f.toml:8:3");
}

static void
reads_integers_of_toml_to_any_base(void **state)
{
	static const struct {
		const char *text;
		const char *value;
	} rows[] = {
	    {"a = 0x100",               "256"                },
	    {"a = 0xdead_beef",         "3735928559"         },
	    {"a = 0o17",                "15"                 },
	    {"a = 0b101",               "5"                  },
	    {"a = -1_000",              "-1000"              },
	    {"a = 9223372036854775807", "9223372036854775807"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP_DONE(document) struct document document = {0};
		const struct config_node *node;
		struct error err;

		if (document_parse("f.toml", rows[i].text, strlen(rows[i].text),
			&document, &err))
			fail_msg("%s: %s", rows[i].text, err.message);
		node = config_node_find(&document.root, "a");
		assert_string_equal(node->text, rows[i].value);
		assert_true(node->plain);
	}
}

static void
bounds_what_toml_may_be(void **state)
{
	CLEANUP(string) char *dots = calloc(1, 20001);
	static const char nul[] = "a = \"\\u0000\"\n";
	CLEANUP_DONE(document) struct document document = {0};
	struct error err;

	(void)state;
	assert_non_null(dots);
	for (size_t i = 0; i < 20000; i++)
		dots[i] = i % 2 ? '.' : 'a';
	assert_int_equal(document_parse("f.toml", dots, 20000, &document, &err),
	    ERROR_INVALID);
	assert_string_equal(err.message, "f.toml:1:1: the line is too long");
	assert_int_equal(
	    document_parse("f.toml", nul, strlen(nul), &document, &err),
	    ERROR_INVALID);
	/* Twenty tables in each other. */
	(void)snprintf(dots + 39, 8, " = 1");
	assert_int_equal(
	    document_parse("f.toml", dots, strlen(dots), &document, &err),
	    ERROR_INVALID);
	assert_non_null(strstr(err.message, "nested too deep"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_given_twice_or_makes_no_sense),
	    cmocka_unit_test(lowers_what_no_certificate_can_live),
	    cmocka_unit_test(reads_toml_with_the_places_of_everything),
	    cmocka_unit_test(reads_integers_of_toml_to_any_base),
	    cmocka_unit_test(bounds_what_toml_may_be),
	};

	return cmocka_run_group_tests_name("documents", tests, NULL, NULL);
}
