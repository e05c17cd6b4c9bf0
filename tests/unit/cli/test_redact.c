/* SPDX-License-Identifier: MIT */
/* No secret leaves the device in a support bundle; what helps stays. */
#include <string.h>

#include "cmocka_wrap.h"
#include "common/file.h"
#include "redact.h"

static char pin[] = "648219";
static char word[] = "correct horse";
static char *known[] = {pin, word};
static const struct redact_secrets secrets = {2, known};

static void
assert_redacted(const char *text, const char *expected)
{
	CLEANUP(secret) char *redacted = NULL;
	struct error err;

	assert_int_equal(
	    ERROR_NONE, redact_text(&secrets, text, &redacted, &err));
	assert_string_equal(expected, redacted);
}

static void
secrets_are_removed(void **state)
{
	static const struct {
		const char *text;
		const char *expected;
	} cases[] = {
  /* known ones, wherever they stand */
	    {"a648219b",						 "a" REDACTED "b"                 },
	    {"said: correct horse!",				     "said: " REDACTED "!"            },
 /* URIs */
	    {"pkcs11:token=t?pin-value=12&x=1",
             "pkcs11:token=t?pin-value=" REDACTED "&x=1"                                                  },
	    {"uri: \"pkcs11:token=t?pin-value=12\"\n",
             "uri: \"pkcs11:token=t?pin-value=" REDACTED "\"\n"                                           },
	    {"http://me:secret@proxy:3128/",                             "http://" REDACTED "@proxy:3128/"},
 /* connection strings, tokens, handles */
	    {"HostName=h;DeviceId=d;SharedAccessKey=abc/+d==;X=1",
             "HostName=h;DeviceId=d;SharedAccessKey=" REDACTED ";X=1"                                     },
	    {"SharedAccessSignature sr=h&sig=a%2Bb&se=1",
             "SharedAccessSignature sr=h&sig=" REDACTED "&se=1"                                           },
	    {"\"keyHandle\":\"sr=abc&sig=def\",",
             "\"keyHandle\":\"" REDACTED "\","							    },
 /* members of configurations */
	    {"    symmetric_key: \"c2Vj\" # mine\n",
             "    symmetric_key: \"" REDACTED "\" # mine\n"                                               },
	    {"symmetric_key: pkcs11:object=k?pin-value=12\n",
             "symmetric_key: pkcs11:object=k?pin-value=" REDACTED "\n"                                    },
	    {"password: device-id\n",                                    "password: " REDACTED "\n"       },
	    {"symmetric_key: c2Vj\nnext: 1\n",
             "symmetric_key: " REDACTED "\nnext: 1\n"                                                     },
	    {"symmetric_key = { value = \"c2Vj\" }\n",
             "symmetric_key = { value = \"" REDACTED "\" }\n"                                             },
	    {"symmetric_key:\n  value: 'c2Vj'\n",
             "symmetric_key:\n  value: '" REDACTED "'\n"                                                  },
	    {"{ password: hush, url: x }",
             "{ password: " REDACTED ", url: x }"							 },
	    {"\"password\" : \"a\\\"b\", \"c\"",
             "\"password\" : \"" REDACTED "\", \"c\""                                                     },
	    {"device_connection_string: 'HostName=h;SharedAccessKey=k'",
             "device_connection_string: '" REDACTED "'"                                                   },
 /* keys */
	    {"-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE "
	     "KEY-----\nafter",			     REDACTED "\nafter"               },
	    {"\"-----BEGIN PRIVATE KEY-----\\nMHc\\n-----END PRIVATE "
	     "KEY-----\\n\"",			       "\"" REDACTED "\\n\""            },
	    {"-----BEGIN PRIVATE KEY-----\ncut off",                     REDACTED                         },
	    {"the key c2VjcmV0LWtleS1ieXRlcw== leaked",
             "the key " REDACTED " leaked"								},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_redacted(cases[i].text, cases[i].expected);
}

static void
what_helps_stays(void **state)
{
	static const char *const texts[] = {
	    "",
	    "pkcs11:token=device;object=device-id?pin-source=file:/etc/pin",
	    "https://global.azure-devices-provisioning.net/",
	    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
	    "registration_id: \"dev1\"\n  scope_id: '0ne00000001'\n",
	    "the pinned pin-source is in values: 3",
	    "fingerprint 09ab45cd09ab45cd09ab45cd09ab45cd09ab45cd",
	    "/var/lib/signet/certd/certs/deviceid-bd73aa0912cc0123456789abcde",
	    "/var/lib/signet/certd/certs/deviceid-bd73aa0912cc.cer",
	    "C_Login: CKR_PIN_INCORRECT (correct the PIN); the PIN that is",
	    "a == b, ====",
	    "symmetric_key: \"device-id\"\ndevice_id_pk: device-id\n",
	    "symmetric_key = \"pkcs11:token=t;object=k\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_redacted(texts[i], texts[i]);
}

static void
short_secrets_are_not_looked_for(void **state)
{
	struct redact_secrets none = {0};
	struct error err;

	(void)state;
	assert_int_equal(ERROR_NONE, redact_add(&none, "123", &err));
	assert_int_equal(ERROR_NONE, redact_add(&none, NULL, &err));
	assert_int_equal(0, none.count);
	assert_int_equal(ERROR_NONE, redact_add(&none, "1234", &err));
	assert_int_equal(1, none.count);
	redact_secrets_done(&none);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(secrets_are_removed),
	    cmocka_unit_test(what_helps_stays),
	    cmocka_unit_test(short_secrets_are_not_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
