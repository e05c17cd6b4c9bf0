/* SPDX-License-Identifier: MIT */
/*
 * The doctor's checks on facts that are made up: each fires, and does not.
 * Those that need a device are in tests/integration/cli/test_check*.sh.
 */
#include <string.h>

#include "cmocka_wrap.h"
#include "common/time.h"
#include "doctor.h"
#include "output.h"

#define NOW INT64_C(1798761600) /* 2027-01-01T00:00:00Z */

/* The first thing that check has to say of doctor; result is asserted. */
static void
assert_check(doctor_check *check, const struct doctor *doctor,
    enum doctor_result result, const char *object, const char *reason)
{
	CLEANUP(json) json_t *findings = json_array();
	struct report report = {DOCTOR_OK, findings};
	const json_t *first;

	check(doctor, &report);
	assert_int_equal(result, report.result);
	first = json_array_get(findings, 0);
	if (result == DOCTOR_OK) {
		assert_null(first);
		return;
	}
	assert_string_equal(object, output_member(first, "object"));
	assert_non_null(strstr(output_member(first, "reason"), reason));
	if (result >= DOCTOR_WARNING)
		assert_string_not_equal("-", output_member(first, "fix"));
}

/* --- services ------------------------------------------------------------- */

static void
a_daemon_that_is_degraded_says_why(void **state)
{
	static doctor_check *const checks[SERVICE_COUNT] = {
	    check_keyd_running, check_certd_running, check_provisiond_running};

	(void)state;
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		CLEANUP(json)
		json_t *ok =
		    json_pack("{s:s, s:s}", "status", "ok", "message", "");
		CLEANUP(json)
		json_t *bad = json_pack("{s:s, s:s}", "status", "degraded",
		    "message", "C_Login: CKR_PIN_INCORRECT");
		struct doctor doctor = {0};
		CLEANUP(json) json_t *findings = json_array();
		struct report report = {DOCTOR_OK, findings};

		doctor.daemons[i].health = ok;
		assert_check(checks[i], &doctor, DOCTOR_OK, NULL, NULL);
		doctor.daemons[i].health = bad;
		checks[i](&doctor, &report);
		assert_int_equal(DOCTOR_ERROR, report.result);
		assert_string_equal("C_Login: CKR_PIN_INCORRECT",
		    output_member(json_array_get(findings, 0), "reason"));
	}
}

/* What is to be done is not the same. */
static void
a_daemon_that_hangs_or_that_others_may_not_ask_is_told_apart(void **state)
{
	static const struct {
		struct error error;
		const char *fix;
	} cases[] = {
	    {{ERROR_TIMEOUT, "did not answer"},              "system restart" },
	    {{ERROR_UNAVAILABLE, "cannot connect"},          "system start"   },
	    {{ERROR_NONE, "cannot open: Permission denied"}, "the check paths"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(json) json_t *findings = json_array();
		CLEANUP(json)
		json_t *degraded = json_pack("{s:s, s:s}", "status", "degraded",
		    "message", cases[i].error.message);
		struct report report = {DOCTOR_OK, findings};
		struct doctor doctor = {0};

		doctor.daemons[EFFECTIVE_KEYD].error = cases[i].error;
		if (cases[i].error.code == ERROR_NONE)
			doctor.daemons[EFFECTIVE_KEYD].health = degraded;
		check_keyd_running(&doctor, &report);
		assert_int_equal(DOCTOR_ERROR, report.result);
		assert_non_null(
		    strstr(output_member(json_array_get(findings, 0), "fix"),
			cases[i].fix));
	}
}

static void
a_daemon_of_another_version_is_to_be_restarted(void **state)
{
	CLEANUP(json)
	json_t *same = json_pack("{s:s}", "version", SIGNET_VERSION);
	CLEANUP(json) json_t *old = json_pack("{s:s}", "version", "0.0.9");
	struct doctor doctor = {0};

	(void)state;
	for (size_t i = 0; i < SERVICE_COUNT; i++)
		doctor.daemons[i].health = same;
	assert_check(check_versions, &doctor, DOCTOR_OK, NULL, NULL);
	doctor.daemons[EFFECTIVE_PROVISIOND].health = NULL;
	assert_check(check_versions, &doctor, DOCTOR_SKIPPED, "-",
	    "signet-provisiond does not tell: see provisiond-running");
	doctor.daemons[EFFECTIVE_PROVISIOND].health = same;
	doctor.daemons[EFFECTIVE_CERTD].health = old;
	assert_check(check_versions, &doctor, DOCTOR_WARNING, "certd",
	    "it is version 0.0.9");
}

static void
a_device_that_is_not_provisioned_says_why(void **state)
{
	static const struct {
		const char *status;
		enum doctor_result result;
		const char *object;
		const char *reason;
	} cases[] = {
	    {"provisioned",  DOCTOR_OK,      NULL,   NULL            },
	    {"unmanaged",    DOCTOR_IGNORED, "-",    "not to be"     },
	    {"provisioning", DOCTOR_WARNING, "-",    "is being"      },
	    {"failed",       DOCTOR_ERROR,   "dev1", "DPS refuses it"},
	};
	struct doctor doctor = {0};

	(void)state;
	assert_check(
	    check_provisioned, &doctor, DOCTOR_SKIPPED, "-", "does not tell");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(json)
		json_t *provisioning =
		    json_pack("{s:s, s:s, s:s}", "status", cases[i].status,
			"message", "DPS refuses it", "registration_id", "dev1");

		doctor.provisioning = provisioning;
		assert_check(check_provisioned, &doctor, cases[i].result,
		    cases[i].object, cases[i].reason);
	}
}

/* --- keys and certificates ------------------------------------------------ */

static void
a_key_that_cannot_be_used_is_found(void **state)
{
	CLEANUP(json)
	json_t *good = json_pack(
	    "[{s:s, s:s, s:i}]", "id", "web", "algorithm", "RSA", "size", 2048);
	CLEANUP(json)
	json_t *weak = json_pack(
	    "[{s:s, s:s, s:i}]", "id", "web", "algorithm", "RSA", "size", 1024);
	CLEANUP(json)
	json_t *absent = json_pack("[{s:s, s:s}]", "id", "web", "error",
	    "token 'device' has no private key 'web'; it has: 'web-1'");
	struct config_pair pair = {.key = (char[]){"other"}};
	struct doctor doctor = {
	    .keys_error = {ERROR_UNAVAILABLE, "silent"}
        };

	(void)state;
	assert_check(check_keys_read, &doctor, DOCTOR_SKIPPED, "-", "silent");
	doctor.keys = good;
	assert_check(check_keys_read, &doctor, DOCTOR_OK, NULL, NULL);
	doctor.keys = weak;
	assert_check(check_keys_read, &doctor, DOCTOR_WARNING, "web", "2048");
	doctor.keys = absent;
	assert_check(check_keys_read, &doctor, DOCTOR_ERROR, "web", "'web-1'");
	doctor.keys = good;
	doctor.config.keyd.preloaded_keys =
	    (struct config_map){.count = 1, .items = &pair};
	assert_check(
	    check_keys_read, &doctor, DOCTOR_WARNING, "other", "not show");
}

/* A certificate in certd's list. */
static json_t *
listed(const char *from, const char *to, bool is_ca)
{
	return json_pack("[{s:s, s:s, s:s, s:b}]", "id", "cert", "notBefore",
	    from, "notAfter", to, "ca", is_ca);
}

static const struct life {
	const char *from;
	const char *to;
	enum doctor_result result;
	const char *reason;
} lives[] = {
    {"2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z", DOCTOR_OK,      NULL},
    {"2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z", DOCTOR_OK,      NULL},
    {"2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z", DOCTOR_ERROR,
     "it expired on 2026-12-31"					  },
    {"2027-01-02T00:00:00Z", "2028-01-01T00:00:00Z", DOCTOR_ERROR,
     "not valid before 2027-01-02"				       },
    {"2026-01-01T00:00:00Z", "2027-01-06T00:00:00Z", DOCTOR_WARNING,
     "it expires on 2027-01-06"					  },
 /* One that lives for days only is not old after an hour. */
    {"2026-12-31T23:00:00Z", "2027-01-04T00:00:00Z", DOCTOR_OK,      NULL},
};

/* doctor names the certificate "cert" where check looks for it. */
static void
assert_lives(doctor_check *check, struct doctor *doctor, bool is_ca)
{
	doctor->now = NOW;
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		CLEANUP(json)
		json_t *list = listed(lives[i].from, lives[i].to, is_ca);

		doctor->certificates = list;
		assert_check(
		    check, doctor, lives[i].result, "cert", lives[i].reason);
	}
	doctor->certificates = NULL;
}

static void
the_life_of_the_devices_certificate_is_watched(void **state)
{
	CLEANUP(json) json_t *none = json_array();
	struct doctor doctor = {.now = NOW};
	char id[] = "cert";

	(void)state;
	assert_check(check_identity_certificate, &doctor, DOCTOR_IGNORED, "-",
	    "not prove itself by X.509");
	doctor.config.provisiond.provisioning.attestation.identity_cert = id;
	doctor.certificates_error =
	    (struct error){ERROR_UNAVAILABLE, "certd is silent"};
	assert_check(check_identity_certificate, &doctor, DOCTOR_SKIPPED, "-",
	    "certd is silent");
	assert_lives(check_identity_certificate, &doctor, false);
	doctor.certificates = none;
	assert_check(check_identity_certificate, &doctor, DOCTOR_ERROR, "cert",
	    "no certificate of this id");
}

static void
a_renewal_that_comes_no_further_is_found(void **state)
{
	static const struct {
		const char *list;
		enum doctor_result result;
		const char *reason;
	} cases[] = {
	    {"[{'id':'web'}]",					    DOCTOR_OK, NULL   },
	    {"[{'id':'web','renewal':{'stage':'idle','late':false}}]",
             DOCTOR_OK,							      NULL   },
	    {"[{'id':'web','renewal':{'late':false,'trouble':'waits'}}]",
             DOCTOR_WARNING,							 "waits"},
	    {"[{'id':'web','renewal':{'late':true,'trouble':'waits'}}]",
             DOCTOR_ERROR,							   "waits"},
	};
	struct doctor doctor = {
	    .certificates_error = {ERROR_UNAVAILABLE, "silent"}
        };

	(void)state;
	assert_check(check_renewals, &doctor, DOCTOR_SKIPPED, "-", "silent");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(string) char *text = strdup(cases[i].list);
		CLEANUP(json) json_t *list = NULL;

		for (char *c = text; *c; c++)
			if (*c == '\'')
				*c = '"';
		list = json_loads(text, 0, NULL);
		assert_non_null(list);
		doctor.certificates = list;
		assert_check(check_renewals, &doctor, cases[i].result, "web",
		    cases[i].reason);
	}
}

static void
the_local_ca_is_a_ca_that_is_valid(void **state)
{
	CLEANUP(json)
	json_t *leaf =
	    listed("2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z", false);
	struct doctor doctor = {.now = NOW};
	char id[] = "cert";

	(void)state;
	assert_check(
	    check_local_ca, &doctor, DOCTOR_IGNORED, "-", "no local CA");
	doctor.config.certd.cert_issuance.local_ca.cert = id;
	assert_lives(check_local_ca, &doctor, true);
	doctor.certificates = leaf;
	assert_check(check_local_ca, &doctor, DOCTOR_ERROR, "cert",
	    "it is not one of a CA");
}

static void
the_certificates_for_est_are_watched(void **state)
{
	CLEANUP(json) json_t *none = json_array();
	struct doctor doctor = {.now = NOW};
	struct config_est *est = &doctor.config.certd.cert_issuance.est;
	char id[] = "cert", url[] = "https://est.example", *trusted[] = {id};

	(void)state;
	assert_check(check_est_certificates, &doctor, DOCTOR_IGNORED, "-",
	    "no EST server is asked");
	est->url = url;
	est->bootstrap_identity_cert = id;
	assert_lives(check_est_certificates, &doctor, false);
	est->bootstrap_identity_cert = NULL;
	est->trusted_certs = (struct config_strings){1, trusted};
	assert_lives(check_est_certificates, &doctor, false);
	doctor.certificates = none;
	assert_check(check_est_certificates, &doctor, DOCTOR_ERROR, "cert",
	    "no certificate of this id");
	est->trusted_certs = (struct config_strings){0};
	est->identity_cert = id;
	assert_lives(check_est_certificates, &doctor, false);
	/* It is yet to be made. */
	doctor.certificates = none;
	assert_check(check_est_certificates, &doctor, DOCTOR_OK, NULL, NULL);
}

/* What a certificate says of its own EST server is looked at as the rest. */
static void
each_certificate_s_way_to_est_is_looked_at(void **state)
{
	CLEANUP(json) json_t *none = json_array();
	char id[] = "cert", web[] = "web", user[] = "u", method[] = "est",
	     other[] = "local_ca", https[] = "https://est.example",
	     http[] = "HTTP://est2.example";
	struct effective_issued certs[] = {
	    {id,  other,  {.url = http, .identity_cert = id}           },
	    {web, method, {.url = https, .bootstrap_identity_cert = id}},
	};
	struct doctor doctor = {.now = NOW};

	(void)state;
	doctor.config.certd.cert_issuance.certs =
	    (struct config_list){.count = 2, .items = certs};
	assert_lives(check_est_certificates, &doctor, false);
	assert_check(check_est_https, &doctor, DOCTOR_OK, NULL, NULL);
	certs[1].est.bootstrap_identity_cert = NULL;
	doctor.certificates = none;
	assert_check(check_est_certificates, &doctor, DOCTOR_ERROR, "web",
	    "nothing to ask the server with");
	certs[1].est.username = user;
	assert_check(check_est_certificates, &doctor, DOCTOR_OK, NULL, NULL);
	certs[1].est.url = http;
	assert_check(check_est_https, &doctor, DOCTOR_WARNING, http,
	    "whoever is in between");
}

/* What cannot be read is not called good. */
static void
a_configuration_that_is_not_read_is_no_good_one(void **state)
{
	static doctor_check *const checks[] = {check_paths, check_pins,
	    check_token, check_token_uris, check_certs_preloaded,
	    check_certs_read, check_identity_certificate, check_local_ca,
	    check_est_certificates, check_chain, check_registration_id,
	    check_dps_tls, check_clock, check_est_https, check_est_tls};
	struct doctor doctor = {0};

	(void)state;
	for (size_t i = 0; i < EFFECTIVE_COUNT; i++)
		doctor.config.errors[i].code = ERROR_DENIED;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		assert_check(
		    checks[i], &doctor, DOCTOR_SKIPPED, "-", "cannot be read");
}

/* --- the table ------------------------------------------------------------ */

static void
ids_are_chosen_by_lists(void **state)
{
	char unknown[16];

	(void)state;
	assert_true(doctor_list_has("dns", "dns"));
	assert_true(doctor_list_has("clock,dns,token", "dns"));
	assert_false(doctor_list_has("clock,dnsx", "dns"));
	assert_false(doctor_list_has("token-uris", "token"));
	assert_false(doctor_list_has(NULL, "dns"));
	assert_false(doctor_list_has("", "dns"));
	assert_false(doctor_list_unknown("dns,clock", unknown, 16));
	assert_false(doctor_list_unknown(NULL, unknown, 16));
	assert_true(doctor_list_unknown("dns,clok,x", unknown, 16));
	assert_string_equal("clok", unknown);
	assert_true(doctor_list_unknown("a-name-that-is-long", unknown, 16));
}

static void
each_check_has_an_id_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < doctor_check_count; i++)
		for (size_t j = i + 1; j < doctor_check_count; j++) {
			assert_string_not_equal(
			    doctor_checks[i].id, doctor_checks[j].id);
			assert_ptr_not_equal(
			    doctor_checks[i].run, doctor_checks[j].run);
		}
}

static void
a_finding_names_the_uid_only_if_there_is_one(void **state)
{
	CLEANUP(json) json_t *findings = json_array();
	struct report report = {DOCTOR_OK, findings};
	const struct finding finding = {
	    .object = "/a", .uid = 0, .reason = "EACCES", .fix = "chmod"};

	(void)state;
	report_warning(&report, &finding);
	report_error(&report, FINDING("/b", "ENOENT", "make it"));
	report_warning(&report, FINDING("/c", "late", "wait"));
	assert_int_equal(DOCTOR_ERROR, report.result);
	assert_true(json_is_integer(
	    json_object_get(json_array_get(findings, 0), "uid")));
	assert_null(json_object_get(json_array_get(findings, 1), "uid"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_daemon_that_is_degraded_says_why),
	    cmocka_unit_test(
		a_daemon_that_hangs_or_that_others_may_not_ask_is_told_apart),
	    cmocka_unit_test(a_daemon_of_another_version_is_to_be_restarted),
	    cmocka_unit_test(a_device_that_is_not_provisioned_says_why),
	    cmocka_unit_test(a_key_that_cannot_be_used_is_found),
	    cmocka_unit_test(the_life_of_the_devices_certificate_is_watched),
	    cmocka_unit_test(a_renewal_that_comes_no_further_is_found),
	    cmocka_unit_test(the_local_ca_is_a_ca_that_is_valid),
	    cmocka_unit_test(the_certificates_for_est_are_watched),
	    cmocka_unit_test(each_certificate_s_way_to_est_is_looked_at),
	    cmocka_unit_test(a_configuration_that_is_not_read_is_no_good_one),
	    cmocka_unit_test(ids_are_chosen_by_lists),
	    cmocka_unit_test(each_check_has_an_id_of_its_own),
	    cmocka_unit_test(a_finding_names_the_uid_only_if_there_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
