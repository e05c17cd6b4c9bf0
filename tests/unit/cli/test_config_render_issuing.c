/* SPDX-License-Identifier: MIT */
/* config apply: how certificates are issued, for certd and for keyd. */
#include "render_fixture.h"

/* All that the operator's file may say of issuing. */
static const char issuing[] =
    "compat: aziot\n"
    "manage_preloaded: true\n"
    "trust_bundle: roots\n"
    "cert_issuance:\n"
    "  est: { url: \"https://e\", trusted_certs: [root],\n"
    "         bootstrap_identity_cert: b, bootstrap_identity_pk: b }\n"
    "  renewal: { window: 70%, rotate_key: false }\n"
    "  certs:\n"
    "    ca: { method: self_signed, profile: ca, path_length: 1,\n"
    "          subject: { C: DE, CN: x } }\n"
    "    web: { method: local_ca, issuer: { cert: ca, pk: ca },\n"
    "           pk: tls, accept: [CN, dns], digest: sha384,\n"
    "           renewal: { retry: 10min }, on_renewed: a.service }\n";

/* Word for word. */
static void
hands_on_how_certificates_are_issued(void **state)
{
	(void)state;
	assert_rendered(issuing, render_certd,
	    "preloaded_certs: {}\n"
	    "trust_bundle: \"roots\"\n"
	    "manage_preloaded: true\n"
	    "compat: \"aziot\"\n"
	    "cert_issuance:\n"
	    "  est:\n"
	    "    url: \"https://e\"\n"
	    "    trusted_certs:\n"
	    "    - \"root\"\n"
	    "    bootstrap_identity_cert: \"b\"\n"
	    "    bootstrap_identity_pk: \"b\"\n"
	    "  renewal:\n"
	    "    window: \"70%\"\n"
	    "    rotate_key: \"false\"\n"
	    "  certs:\n"
	    "    ca:\n"
	    "      method: \"self_signed\"\n"
	    "      profile: \"ca\"\n"
	    "      path_length: 1\n"
	    "      subject:\n"
	    "        C: \"DE\"\n"
	    "        CN: \"x\"\n"
	    "    web:\n"
	    "      method: \"local_ca\"\n"
	    "      digest: \"sha384\"\n"
	    "      pk: \"tls\"\n"
	    "      accept:\n"
	    "      - \"CN\"\n"
	    "      - \"dns\"\n"
	    "      issuer:\n"
	    "        cert: \"ca\"\n"
	    "        pk: \"ca\"\n"
	    "      renewal:\n"
	    "        retry: \"10min\"\n"
	    "      on_renewed: \"a.service\"\n"
	    "principals:\n"
	    "- user: \"1000\"\n"
	    "  certs:\n"
	    "  - \"device-id\"\n");
}

/* There is no DPS that a new one could be proved at. */
static void
renews_the_certificate_of_a_manual_device_unproved(void **state)
{
	(void)state;
	assert_rendered("provisioning:\n"
			"  source: manual\n"
			"  iothub_hostname: h\n"
			"  device_id: d\n"
			"  authentication:\n"
			"    method: x509\n"
			"    identity_cert: { method: self_signed,\n"
			"                     common_name: d }\n",
	    render_certd,
	    "preloaded_certs: {}\n"
	    "cert_issuance:\n"
	    "  certs:\n"
	    "    device-id:\n"
	    "      method: \"self_signed\"\n"
	    "      common_name: \"d\"\n"
	    "      renewal:\n"
	    "        prove: \"nobody\"\n"
	    "principals:\n"
	    "- user: \"1000\"\n"
	    "  certs:\n"
	    "  - \"device-id\"\n");
}

static void
gives_certd_the_keys_that_it_issues_with(void **state)
{
	(void)state;
	assert_rendered(issuing, render_keyd,
	    "preloaded_keys: {}\n"
	    "compat: \"aziot\"\n"
	    "principals:\n" DEVICES_OWN "- user: \"signet-certd\"\n"
	    "  keys:\n"
	    "  - \"ca\"\n"
	    "  - \"ca-next\"\n"
	    "  - \"ca-next-?\"\n"
	    "  - \"tls\"\n"
	    "  - \"tls-next\"\n"
	    "  - \"tls-next-?\"\n"
	    "  - \"ca\"\n"
	    "  - \"b\"\n"
	    "  rights:\n"
	    "  - \"use\"\n"
	    "  - \"manage\"\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hands_on_how_certificates_are_issued),
	    cmocka_unit_test(
		renews_the_certificate_of_a_manual_device_unproved),
	    cmocka_unit_test(gives_certd_the_keys_that_it_issues_with),
	};

	return cmocka_run_group_tests_name(
	    "config_render_issuing", tests, NULL, NULL);
}
