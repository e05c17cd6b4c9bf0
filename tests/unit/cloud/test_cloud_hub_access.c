/* SPDX-License-Identifier: MIT */
/* By which certificates devices and modules may send to the hub. */
#include "cmocka_wrap.h"

#include <string.h>

#include "certificate_info.h"
#include "cloud_fixture.h"
#include "common/file.h"
#include "pki_fixture.h"

#define VERSION "?api-version=2021-04-12"
#define DEVICE "/devices/dev" VERSION
#define MODULE "/devices/dev/modules/agent" VERSION
#define TELEMETRY "/devices/dev/messages/events" VERSION
#define MODULE_TELEMETRY "/devices/dev/modules/agent/messages/events" VERSION

/* ---- help ---- */

static void
put(struct plant *plant, const char *target, json_t *authentication)
{
	struct reply reply = cloud_call(plant->cloud, SURFACE_HUB, "PUT",
	    target, json_pack("{s:o}", "authentication", authentication), NULL);

	assert_string_equal(reply.reason, "");
	assert_status(&reply, 200);
}

static void
put_by_ca(struct plant *plant, const char *target)
{
	put(plant, target, json_pack("{s:s}", "type", "certificateAuthority"));
}

static struct thumbprint
print_of(const X509 *certificate, const EVP_MD *algorithm)
{
	struct thumbprint print;
	struct error err;

	assert_int_equal(
	    thumbprint_create(certificate, algorithm, &print, &err),
	    ERROR_NONE);
	return print;
}

static void
put_pinned(struct plant *plant, const char *target, const char *primary,
    const char *secondary)
{
	put(plant, target,
	    json_pack("{s:s, s:{s:s, s:s*}}", "type", "selfSigned",
		"x509Thumbprint", "primaryThumbprint", primary,
		"secondaryThumbprint", secondary));
}

/* The CA is uploaded again, whatever was known of it. */
static void
upload(struct plant *plant, const X509 *ca, bool is_verified)
{
	CLEANUP(string) char *pem = fixture_pem(ca);
	CLEANUP(json)
	json_t *body = json_pack("{s:{s:s, s:b}}", "properties", "certificate",
	    pem, "isVerified", (int)is_verified);
	CLEANUP(string) char *text = json_text(body);
	struct reply reply =
	    cloud_call_signed(plant->cloud, "Bearer " FIXTURE_TOKEN, "PUT",
		"/certificates/plant?api-version=2022-02-05", text);

	assert_status(&reply, 200);
}

static void
assert_sends(struct plant *plant, const x509_stack *chain, const char *target)
{
	struct reply reply =
	    cloud_call_as(plant->cloud, chain, "POST", target, "x");

	assert_string_equal(reply.reason, "");
	assert_status(&reply, 204);
}

static void
assert_may_not(struct plant *plant, const x509_stack *chain, const char *target,
    const char *says)
{
	struct reply reply =
	    cloud_call_as(plant->cloud, chain, "POST", target, "x");

	assert_non_null(strstr(reply_text(&reply, "Message"), says));
	assert_status(&reply, 401);
}

/* ---- by a CA ---- */

static void
admits_devices_of_a_ca_once_it_is_verified(void **state)
{
	struct plant *plant = *state;

	put_by_ca(plant, DEVICE);
	assert_may_not(plant, plant->chain, TELEMETRY, "not by a CA");
	upload(plant, plant->root.certificate, false);
	assert_may_not(plant, plant->chain, TELEMETRY, "not by a CA");
	upload(plant, plant->root.certificate, true);
	assert_sends(plant, plant->chain, TELEMETRY);
	assert_may_not(plant, NULL, TELEMETRY, "no client certificate");
}

static void
refuses_a_verified_cas_device_by_anothers_name(void **state)
{
	struct plant *plant = *state;

	upload(plant, plant->root.certificate, true);
	put_by_ca(plant, "/devices/other" VERSION);
	assert_may_not(plant, plant->chain,
	    "/devices/other/messages/events" VERSION, "common name 'dev'");
}

static void
refuses_a_device_by_a_ca_that_only_has_a_verified_cas_name(void **state)
{
	struct plant *plant = *state;
	CLEANUP_DONE(identity)
	struct identity rogue = identity_create(&(struct identity_plan){
	    .common_name = "plant root", .is_ca = true});
	CLEANUP_DONE(identity)
	struct identity fake = identity_create(
	    &(struct identity_plan){.common_name = "dev", .issuer = &rogue});
	CLEANUP(chain)
	x509_stack *chain = chain_of(fake.certificate, rogue.certificate, NULL);

	upload(plant, plant->root.certificate, true);
	put_by_ca(plant, DEVICE);
	assert_may_not(plant, chain, TELEMETRY, "not by a CA");
}

/* ---- by thumbprint ---- */

static void
knows_a_device_by_either_thumbprint_of_either_digest(void **state)
{
	static const EVP_MD *(*const digests[])(void) = {EVP_sha1, EVP_sha256};
	struct plant *plant = *state;
	CLEANUP_DONE(identity)
	struct identity second =
	    identity_create(&(struct identity_plan){.common_name = "dev"});
	CLEANUP(chain) x509_stack *chain = chain_of(second.certificate, NULL);

	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		struct thumbprint first = print_of(
				      plant->device.certificate, digests[i]()),
				  other = print_of(
				      second.certificate, digests[i]());
		struct reply reply;

		put_pinned(plant, DEVICE, first.text, NULL);
		assert_sends(plant, plant->chain, TELEMETRY);
		assert_may_not(plant, chain, TELEMETRY, "register again");
		reply = cloud_call(
		    plant->cloud, SURFACE_HUB, "DELETE", DEVICE, NULL, NULL);
		assert_status(&reply, 204);

		put_pinned(plant, DEVICE, first.text, other.text);
		assert_sends(plant, plant->chain, TELEMETRY);
		assert_sends(plant, chain, TELEMETRY);
		reply = cloud_call(
		    plant->cloud, SURFACE_HUB, "DELETE", DEVICE, NULL, NULL);
		assert_status(&reply, 204);
	}
}

static void
lets_a_module_send_by_its_own_certificate_alone(void **state)
{
	struct plant *plant = *state;
	CLEANUP_DONE(identity)
	struct identity agent =
	    identity_create(&(struct identity_plan){.common_name = "agent"});
	CLEANUP(chain) x509_stack *chain = chain_of(agent.certificate, NULL);
	struct thumbprint of_device =
			      print_of(plant->device.certificate, EVP_sha256()),
			  of_agent = print_of(agent.certificate, EVP_sha256());

	put_pinned(plant, DEVICE, of_device.text, NULL);
	put_pinned(plant, MODULE, of_agent.text, NULL);
	assert_sends(plant, chain, MODULE_TELEMETRY);
	assert_may_not(plant, plant->chain, MODULE_TELEMETRY, "register again");
	assert_may_not(plant, chain, TELEMETRY, "register again");
	assert_sends(plant, plant->chain, TELEMETRY);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, plant_setup, plant_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(admits_devices_of_a_ca_once_it_is_verified),
	    TEST(refuses_a_verified_cas_device_by_anothers_name),
	    TEST(refuses_a_device_by_a_ca_that_only_has_a_verified_cas_name),
	    TEST(knows_a_device_by_either_thumbprint_of_either_digest),
	    TEST(lets_a_module_send_by_its_own_certificate_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
