/* SPDX-License-Identifier: MIT */
/* certd's configuration, and what it means for each certificate in it. */
#include "fuzz.h"

#include <string.h>

#include "explain.h"
#include "policy.h"
#include "preloaded.h"

static void
check_policy(const struct certd_config *config, const char *id)
{
	const struct policy policy = policy_of(config, id);
	CLEANUP_DONE(explanation) struct explanation explanation = {0, NULL};
	struct error err;

	FUZZ_REQUIRE(policy.pk);
	FUZZ_REQUIRE(policy.method != POLICY_UNMANAGED);
	FUZZ_REQUIRE(policy.method != POLICY_EST || policy.est.url);
	FUZZ_REQUIRE(policy.method != POLICY_LOCAL_CA || policy.issuer_pk);
	FUZZ_REQUIRE(policy.profile.accept);
	FUZZ_REQUIRE(policy.renewal.window.amount > 0);
	FUZZ_REQUIRE(policy.renewal.retry.amount > 0);
	FUZZ_REQUIRE(policy_time_seconds(&policy.renewal.window, 1000) >= 0);
	FUZZ_REQUIRE(!explain(config, id, &explanation, &err));
	for (size_t i = 0; i < explanation.count; i++)
		FUZZ_REQUIRE(explanation.items[i].value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP(preloaded) struct preloaded *preloaded = NULL;
	struct certd_config config;
	const struct config_issuance *issuances;
	struct error err;

	if (certd_config_parse(text, &config, &err)) {
		FUZZ_REQUIRE(err.message[0]);
		return 0;
	}
	issuances = config.cert_issuance.certs.items;
	for (size_t i = 0; i < config.cert_issuance.certs.count; i++)
		check_policy(&config, issuances[i].id);
	(void)!preloaded_create(&config.preloaded_certs, &preloaded, &err);
	preloaded_free(TAKE(preloaded));
	certd_config_done(&config);
	return 0;
}
