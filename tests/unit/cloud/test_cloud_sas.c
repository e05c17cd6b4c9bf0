/* SPDX-License-Identifier: MIT */
/* Shared access signatures, as the SDKs and others make them. */
#include "cmocka_wrap.h"

#include <string.h>

#include "sas.h"

#define KEY "c2VjcmV0IG9mIHRoZSB0ZXN0" /* "secret of the test" */
#define OTHER_KEY "b3RoZXI="
#define NOW INT64_C(1800000000)

/* Computed with openssl dgst -sha256 -mac HMAC. */
#define RAW_SIG "LRLwQdrye3%2BQOK%2Be%2F0UHfzHs2fmJg0m858dy%2FwoegZg%3D"
#define ENCODED_SIG "KlQG07kL4QtwBvFcudd2ypZ70zX%2FgeD%2FcTIGcrskAxg%3D"
#define PREFIX "SharedAccessSignature "

static enum error_code
verify(const char *authorization, const char *key, const char *resource,
    int64_t now, struct error *err)
{
	CLEANUP_DONE(sas_token) struct sas_token token = {0};

	if (sas_parse(authorization, &token, err))
		return err->code;
	return sas_verify(&token, key, resource, now, err);
}

static void
accepts_what_others_have_signed(void **state)
{
	static const char *const tokens[] = {
	    PREFIX "sr=dps.example&sig=" RAW_SIG "&skn=p&se=1800003600",
	    PREFIX "se=1800003600&skn=p&sr=dps.example&sig=" RAW_SIG,
	    "sharedaccesssignature sr=dps.example&sig=" RAW_SIG
	    "&se=1800003600",
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		assert_int_equal(
		    verify(tokens[i], KEY, "DPS.example", NOW, &err),
		    ERROR_NONE);
	assert_int_equal(verify(PREFIX "sr=h%2Fdevices%2Fd&sig=" ENCODED_SIG
				       "&se=1800003600",
			     KEY, "h/devices/d", NOW, &err),
	    ERROR_NONE);
}

static void
refuses_what_does_not_fit(void **state)
{
	static const char good[] =
	    PREFIX "sr=dps.example&sig=" RAW_SIG "&skn=p&se=1800003600";
	static const struct {
		const char *key;
		const char *resource;
		int64_t now;
		const char *says;
	} cases[] = {
	    {OTHER_KEY, "dps.example",   NOW,        "does not match"         },
	    {KEY,       "other.example", NOW,        "not for 'other.example'"},
	    {KEY,       "dps.example",   NOW + 3600, "expired"                },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err;

		assert_int_equal(verify(good, cases[i].key, cases[i].resource,
				     cases[i].now, &err),
		    ERROR_DENIED);
		assert_non_null(strstr(err.message, cases[i].says));
	}
}

/* The MAC is over the text as sent: to decode it first would accept these. */
static void
does_not_normalise_before_it_verifies(void **state)
{
	static const char *const tokens[] = {
	    PREFIX "sr=dps%2Eexample&sig=" RAW_SIG "&se=1800003600",
	    PREFIX "sr=DPS.example&sig=" RAW_SIG "&se=1800003600",
	    PREFIX "sr=dps.example&sig=" RAW_SIG "&se=01800003600",
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		assert_int_equal(
		    verify(tokens[i], KEY, "dps.example", NOW, &err),
		    ERROR_DENIED);
}

static void
refuses_what_is_no_token(void **state)
{
	static const char *const headers[] = {
	    "",
	    "Bearer abc",
	    "SharedAccessSignature",
	    PREFIX,
	    PREFIX "sr=a",
	    PREFIX "sr=a&sig=b",
	    PREFIX "sr=a&se=1",
	    PREFIX "sr=a&sig=%zz&se=1",
	    PREFIX "sr=a&sig=b&se=1&x=y",
	    PREFIX "sr=a&sig=b&se=1&",
	    PREFIX "sr&sig=b&se=1",
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		print_message("'%s'\n", headers[i]);
		assert_int_equal(
		    verify(headers[i], KEY, "a", NOW, &err), ERROR_DENIED);
	}
}

static void
accepts_its_own_tokens_until_they_expire(void **state)
{
	CLEANUP(string) char *token = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    sas_create("host:8443", "policy", KEY, NOW + 1, &token, &err),
	    ERROR_NONE);
	assert_int_equal(
	    verify(token, KEY, "host:8443", NOW, &err), ERROR_NONE);
	assert_int_equal(
	    verify(token, KEY, "host:8443", NOW + 1, &err), ERROR_DENIED);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(accepts_what_others_have_signed),
	    cmocka_unit_test(refuses_what_does_not_fit),
	    cmocka_unit_test(does_not_normalise_before_it_verifies),
	    cmocka_unit_test(refuses_what_is_no_token),
	    cmocka_unit_test(accepts_its_own_tokens_until_they_expire),
	};

	return cmocka_run_group_tests_name("cloud sas", tests, NULL, NULL);
}
