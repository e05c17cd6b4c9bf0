/* SPDX-License-Identifier: MIT */
/* The CA of IoT Edge's own daemon, as its files name it or do not. */
#include "render_fixture.h"

#include "common/file.h"

#define TOKEN "[aziot_keys]\npkcs11_base_slot = \"pkcs11:token=t\"\n"
#define AGENT "[agent]\nname = \"edgeAgent\"\n"
#define AUTOMATIC                                                              \
	"      renewal:\n"                                                     \
	"        automatic: \"false\"\n"

/* The first 1.2 had it in these words. */
static void
lives_as_long_as_the_first_1_2_says(void **state)
{
	(void)state;
	assert_renders("config.toml",
	    "[edge_ca]\nauto_generated_edge_ca_expiry_days = 30\n" TOKEN,
	    render_certd,
	    "    aziot-edged-ca:\n"
	    "      method: \"self_signed\"\n"
	    "      profile: \"ca\"\n"
	    "      expiry_days: 30\n" AUTOMATIC);
}

/* Edge's daemon asks for the next one under an id of its own. */
static void
is_issued_a_second_time_for_its_renewal(void **state)
{
	static const char text[] = "[edge_ca]\n"
				   "method = \"est\"\n"
				   "url = \"https://own\"\n"
				   "username = \"u\"\n"
				   "password = \"p\"\n"
				   "common_name = \"edge\"\n" TOKEN;

	(void)state;
	assert_renders("config.toml", text, render_certd,
	    "    aziot-edged-ca-temp:\n"
	    "      method: \"est\"\n"
	    "      profile: \"ca\"\n"
	    "      common_name: \"edge\"\n"
	    "      est:\n"
	    "        url: \"https://own\"\n"
	    "        username: \"u\"\n"
	    "        password: \"p\"\n" AUTOMATIC);
	assert_renders(
	    "config.toml", text, render_keyd, "  - \"aziot-edged-ca-temp\"\n");
}

/* An identity at the EST server is one, whichever of the two is asked for. */
static void
both_are_asked_for_by_one_identity(void **state)
{
	static const char text[] = "[edge_ca]\n"
				   "method = \"est\"\n"
				   "url = \"https://own\"\n"
				   "identity_cert = \"file:///e.pem\"\n"
				   "identity_pk = \"file:///e.key\"\n" TOKEN;
	static const char identity[] =
	    "        url: \"https://own\"\n"
	    "        identity_cert: \"est-id-aziot-edged-ca\"\n"
	    "        identity_pk: \"est-id-aziot-edged-ca\"\n" AUTOMATIC;
	CLEANUP(string)
	char *twice = string_format("%s"
				    "    aziot-edged-ca-temp:\n"
				    "      method: \"est\"\n"
				    "      profile: \"ca\"\n"
				    "      est:\n"
				    "%s",
	    identity, identity);

	(void)state;
	assert_renders("config.toml", text, render_certd, twice);
}

/* What 'iotedge config apply' does for who names none. */
static void
is_made_for_an_agent_that_brings_none(void **state)
{
	(void)state;
	assert_renders("config.toml", AGENT TOKEN, render_certd,
	    "    aziot-edged-ca:\n"
	    "      method: \"self_signed\"\n"
	    "      profile: \"ca\"\n"
	    "      expiry_days: 90\n" AUTOMATIC);
	/* Nobody makes a key pair in a file for it. */
	assert_renders("config.toml", AGENT, render_certd,
	    "preloaded_certs: {}\n"
	    "principals:\n");
	assert_renders("config.toml",
	    "[edge_ca]\ncert = \"file:///e.pem\"\npk = \"file:///e.key\"\n"
	    "auto_generated_edge_ca_expiry_days = 30\n" AGENT TOKEN,
	    render_certd,
	    "preloaded_certs:\n"
	    "  aziot-edged-ca: \"file:///e.pem\"\n"
	    "principals:\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lives_as_long_as_the_first_1_2_says),
	    cmocka_unit_test(is_issued_a_second_time_for_its_renewal),
	    cmocka_unit_test(both_are_asked_for_by_one_identity),
	    cmocka_unit_test(is_made_for_an_agent_that_brings_none),
	};

	return cmocka_run_group_tests_name("Edge's CA", tests, NULL, NULL);
}
