/* SPDX-License-Identifier: MIT */
/* What the doctor makes of what it sees: no check of these needs a device. */
#include <p11-kit/p11-kit.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apart.h"
#include "chain.h"
#include "clock_offset.h"
#include "cmocka_wrap.h"
#include "disk_room.h"
#include "endpoint.h"
#include "hostname.h"
#include "pki_fixture.h"
#include "process_hardening.h"
#include "token_probe.h"
#include "tpm_lockout.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
a_hosts_name_is_the_machines(void **state)
{
	static const struct {
		const char *name;
		const char *machine;
		const char *problem; /* NULL: none */
	} cases[] = {
	    {"edge",               "edge",         NULL             },
	    {"Edge",               "edge",         NULL             },
	    {"edge.example",       "edge",         NULL             },
	    {"edge.other",         "edge.example", NULL             },
	    {"4edge",              "4edge",        NULL             },
	    {"edge2",              "edge",         "not the machine"},
	    {"my_edge",            "my_edge",      "RFC 1035"       },
	    {"-edge",              "-edge",        "RFC 1035"       },
	    {"edge..example",      "edge",         "RFC 1035"       },
	    {"",		   "",             "RFC 1035"       },
	    {"a23456789.b23456789.c23456789.d23456789.e23456789.f23456789."
	     "g2345", "a23456789",    "64 characters"  },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *problem =
		    hostname_problem(cases[i].name, cases[i].machine);

		if (cases[i].problem)
			assert_non_null(
			    problem && strstr(problem, cases[i].problem)
				? problem
				: NULL);
		else
			assert_null(problem);
	}
}

static void
a_disk_without_room_is_an_error_in_time(void **state)
{
	static const struct {
		unsigned long blocks; /* of 1 MiB */
		unsigned long inodes;
		unsigned long all_inodes;
		enum doctor_result result;
	} cases[] = {
	    {100, 1000, 5000, DOCTOR_OK     },
            {99,  1000, 5000, DOCTOR_WARNING},
	    {15,  1000, 5000, DOCTOR_ERROR  },
            {100, 999,  5000, DOCTOR_WARNING},
	    {100, 99,   5000, DOCTOR_ERROR  },
	    {100, 0,    0,    DOCTOR_OK     }, /* it does not count them */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct statvfs status = {.f_frsize = 1024 * 1024,
		    .f_bavail = cases[i].blocks,
		    .f_favail = cases[i].inodes,
		    .f_files = cases[i].all_inodes};
		char reason[64] = "";

		assert_int_equal(cases[i].result,
		    disk_room(&status, reason, sizeof(reason)));
		assert_true((cases[i].result == DOCTOR_OK) ==
			    (strstr(reason, "ENOSPC") == NULL));
	}
}

static void
a_clock_may_be_off_by_seconds(void **state)
{
	static const struct {
		int64_t ours;
		int64_t theirs;
		enum doctor_result result;
		const char *reason;
	} cases[] = {
	    {1000, 1010, DOCTOR_OK,      ""               },
	    {1010, 1000, DOCTOR_OK,      ""               },
	    {1011, 1000, DOCTOR_WARNING, "11 s ahead of"  },
	    {1000, 1300, DOCTOR_WARNING, "300 s behind"   },
	    {0,    1000, DOCTOR_ERROR,   "1000 s behind"  },
	    {9000, 1000, DOCTOR_ERROR,   "8000 s ahead of"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char reason[64] = "";

		assert_int_equal(cases[i].result,
		    clock_offset(cases[i].ours, cases[i].theirs, reason,
			sizeof(reason)));
		assert_non_null(strstr(reason, cases[i].reason));
	}
}

/* --- hardening ------------------------------------------------------------ */

#define STATUS(uid, capabilities, privileges, seccomp)                         \
	"Name:\tsignet-keyd\nUid:\t" uid "\t" uid "\t" uid "\t" uid            \
	"\nCapEff:\t" capabilities "\nNoNewPrivs:\t" privileges                \
	"\nSeccomp:\t" seccomp "\nSeccomp_filters:\t9\n"
#define NONE "0000000000000000"
#define ALL_IDS "         0          0 4294967295\n"

static void
a_process_that_is_not_confined_is_found(void **state)
{
	static const struct {
		const char *status;
		const char *uid_map;
		const char *what; /* NULL: nothing */
	} cases[] = {
	    {STATUS("990", NONE,               "1", "2"), ALL_IDS,              NULL               },
	    {STATUS("990", NONE,               "0", "2"), ALL_IDS,              "NoNewPrivileges=" },
	    {STATUS("990", NONE,               "1", "0"), ALL_IDS,              "SystemCallFilter="},
	    {STATUS("990", "0000000000000020", "1", "2"), ALL_IDS,
             "CapabilityBoundingSet="							      },
	    {STATUS("0",   NONE,               "1", "2"), ALL_IDS,              "User="            },
	    {STATUS("990", NONE,               "1", "2"), "0 0 1\n990 990 1\n",
             "PrivateUsers="								       },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hardening_flaw *flaw =
		    hardening_flaw(cases[i].status, cases[i].uid_map, 0);

		if (!cases[i].what) {
			assert_null(flaw);
			continue;
		}
		assert_non_null(flaw);
		assert_string_equal(cases[i].what, flaw->what);
		assert_null(
		    hardening_flaw(cases[i].status, cases[i].uid_map, 1));
	}
}

/* --- tokens --------------------------------------------------------------- */

#define GOOD_FLAGS (CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED)

static void
the_flags_of_a_token_tell_of_its_pin(void **state)
{
	static const struct {
		unsigned long flags;
		const char *reason; /* NULL: nothing is wrong */
		bool severe;
	} cases[] = {
	    {GOOD_FLAGS | CKF_LOGIN_REQUIRED | CKF_RNG, NULL,                       false},
	    {CKF_USER_PIN_INITIALIZED,                  "CKF_TOKEN_INITIALIZED",    true },
	    {CKF_TOKEN_INITIALIZED,                     "CKF_USER_PIN_INITIALIZED", true },
	    {GOOD_FLAGS | CKF_USER_PIN_LOCKED,          "CKF_USER_PIN_LOCKED",      true },
	    {GOOD_FLAGS | CKF_USER_PIN_FINAL_TRY,       "CKF_USER_PIN_FINAL_TRY",
             true									},
	    {GOOD_FLAGS | CKF_USER_PIN_COUNT_LOW,       "CKF_USER_PIN_COUNT_LOW",
             false								       },
	    {GOOD_FLAGS | CKF_WRITE_PROTECTED,          "CKF_WRITE_PROTECTED",      false},
	    {GOOD_FLAGS | CKF_USER_PIN_TO_BE_CHANGED,
             "CKF_USER_PIN_TO_BE_CHANGED",                                          false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct token_flaw *flaw = token_flaw(cases[i].flags, 0);

		if (!cases[i].reason) {
			assert_null(flaw);
			continue;
		}
		assert_non_null(flaw);
		assert_non_null(strstr(flaw->reason, cases[i].reason));
		assert_int_equal(cases[i].severe, flaw->severe);
		assert_null(token_flaw(cases[i].flags, 1));
	}
}

/* The name of a TPM's maker is four bytes, the last of which is zero. */
static json_t *
tell_of_a_tpm(const void *context)
{
	(void)context;
	return json_pack("[{s:s, s:s%}]", "label", "device", "manufacturer",
	    "IFX", sizeof("IFX"));
}

static void
a_token_may_name_its_maker_with_a_zero(void **state)
{
	CLEANUP(json) json_t *tokens = NULL;
	const char *near;
	struct error err;

	(void)state;
	assert_int_equal(ERROR_NONE,
	    apart_run(tell_of_a_tpm, NULL, NULL, 60000, &tokens, &err));
	assert_int_equal(0, token_find(tokens, "pkcs11:token=device", &near));
	assert_int_equal(
	    0, token_find(
		   tokens, "pkcs11:token=device;manufacturer=IFX%00", &near));
	assert_int_equal(-1,
	    token_find(tokens, "pkcs11:token=device;manufacturer=IFX", &near));
}

static void
a_uri_that_nearly_names_a_token_is_corrected(void **state)
{
	static const struct {
		const char *uri;
		int found;
		const char *near;
	} cases[] = {
	    {"pkcs11:token=device?pin-value=1", 0,  NULL    },
	    {"pkcs11:token=spare;object=web",   1,  NULL    },
	    {"pkcs11:serial=0815",              1,  NULL    },
	    {"pkcs11:token=devcie",             -1, "device"},
	    {"pkcs11:token=Device",             -1, "device"},
	    {"pkcs11:token=device;serial=0815", -1, "device"},
	    {"pkcs11:token=quite%20another",    -1, NULL    },
	    {"pkcs11:serial=4711",              -1, NULL    },
	};
	CLEANUP(json)
	json_t *tokens = json_pack("[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, "
				   "s:s}]",
	    "label", "device", "serial", "1", "model", "m", "manufacturer", "x",
	    "label", "spare", "serial", "0815", "model", "m", "manufacturer",
	    "x");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *near;

		assert_int_equal(
		    cases[i].found, token_find(tokens, cases[i].uri, &near));
		if (!cases[i].near) {
			assert_null(near);
			continue;
		}
		assert_non_null(near);
		assert_string_equal(cases[i].near, near);
	}
}

/* --- the TPM -------------------------------------------------------------- */

/* Asks a TPM that gives this answer. */
static enum error_code
ask_tpm(const unsigned char *answer, size_t length, struct tpm_lockout *lockout,
    struct error *err)
{
	unsigned char command[64];
	enum error_code code;
	int ends[2];

	assert_int_equal(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
	assert_int_equal(length, write(ends[1], answer, length));
	code = tpm_lockout_read(ends[0], lockout, err);
	/* TPM2_GetCapability, without a session. */
	assert_int_equal(22, read(ends[1], command, sizeof(command)));
	assert_memory_equal("\x80\x01\0\0\0\x16\0\0\x01\x7a", command, 10);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return code;
}

/* As swtpm gives it. */
static const unsigned char tpm_answer[] = {
    0x80, 0x01, 0x00, 0x00, 0x00, 0x33, 0x00, 0x00, 0x00, 0x00, /* header */
    0x01, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x04,       /* a list */
    0x00, 0x00, 0x02, 0x0e, 0x00, 0x00, 0x00, 0x02, /* two failures */
    0x00, 0x00, 0x02, 0x0f, 0x00, 0x00, 0x00, 0x03, /* of three */
    0x00, 0x00, 0x02, 0x10, 0x00, 0x00, 0x03, 0xe8, /* in 1000 s */
    0x00, 0x00, 0x02, 0x11, 0x00, 0x00, 0x27, 0x10, /* 10000 s */
};

static void
a_tpm_tells_how_near_it_is_to_a_lockout(void **state)
{
	struct tpm_lockout lockout;
	struct error err;

	(void)state;
	assert_int_equal(ERROR_NONE,
	    ask_tpm(tpm_answer, sizeof(tpm_answer), &lockout, &err));
	assert_int_equal(2, lockout.counter);
	assert_int_equal(3, lockout.most);
	assert_int_equal(1000, lockout.interval);
	assert_int_equal(10000, lockout.recovery);
}

static void
what_a_tpm_answers_is_not_trusted(void **state)
{
	static const unsigned char refusal[] = {
	    0x80, 0x01, 0x00, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x09, 0x22};
	unsigned char wrong[sizeof(tpm_answer)];
	struct tpm_lockout lockout;
	struct error err;

	(void)state;
	assert_int_equal(ERROR_UNAVAILABLE,
	    ask_tpm(refusal, sizeof(refusal), &lockout, &err));
	assert_non_null(strstr(err.message, "TPM_RC 0x922"));
	for (size_t length = 1; length < sizeof(tpm_answer); length += 7)
		assert_int_equal(ERROR_UNAVAILABLE,
		    ask_tpm(tpm_answer, length, &lockout, &err));
	memcpy(wrong, tpm_answer, sizeof(wrong));
	wrong[30] ^= 1; /* another property */
	assert_int_equal(
	    ERROR_UNAVAILABLE, ask_tpm(wrong, sizeof(wrong), &lockout, &err));
}

/* --- the chain ------------------------------------------------------------ */

static x509_stack *
stack_of(X509 *first, X509 *second)
{
	x509_stack *chain = sk_X509_new_null();

	assert_true(X509_up_ref(first) && sk_X509_push(chain, first) > 0);
	if (second)
		assert_true(
		    X509_up_ref(second) && sk_X509_push(chain, second) > 0);
	return chain;
}

static void
a_chain_goes_from_the_leaf_to_its_issuer(void **state)
{
	CLEANUP(pkey) EVP_PKEY *ca_key = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *leaf_key = fixture_key("P-256");
	CLEANUP(x509)
	X509 *ca = fixture_ca(ca_key, "CA", FIXTURE_NOW + FIXTURE_DAY);
	CLEANUP(x509)
	X509 *impostor = fixture_ca(leaf_key, "CA", FIXTURE_NOW + FIXTURE_DAY);
	CLEANUP(x509) X509 *leaf = fixture_leaf(leaf_key, "dev1", ca, ca_key);
	CLEANUP(x509) X509 *leaf2 = fixture_leaf(leaf_key, "dev2", ca, ca_key);
	const struct {
		X509 *first;
		X509 *second;
		const char *problem; /* NULL: none */
	} cases[] = {
	    {leaf, NULL,     NULL				},
	    {leaf, ca,       NULL				},
	    {ca,   NULL,     "a device proves itself with a leaf"},
	    {leaf, impostor, "'dev1' was not issued by 'CA'"     },
	    {leaf, leaf2,    "is not a CA's"                     },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(x509_stack)
		x509_stack *chain = stack_of(cases[i].first, cases[i].second);
		struct error err;

		if (!cases[i].problem) {
			assert_int_equal(ERROR_NONE, chain_check(chain, &err));
			continue;
		}
		assert_int_equal(ERROR_INVALID, chain_check(chain, &err));
		assert_non_null(strstr(err.message, cases[i].problem));
	}
}

/* --- endpoints ------------------------------------------------------------ */

static void
a_server_is_read_from_a_url_or_a_name(void **state)
{
	static const struct {
		const char *text;
		const char *host; /* NULL: it is none */
		const char *port;
		const char *login;
	} cases[] = {
	    {"https://dps.example/",              "dps.example", "443",  ""  },
	    {"https://dps.example:8443/x",        "dps.example", "8443", ""  },
	    {"hub.example",                       "hub.example", "443",  ""  },
	    {"localhost:8443",                    "localhost",   "8443", ""  },
	    {"https://[::1]:8443",                "::1",         "8443", ""  },
	    {"http://us%40er:pa%3Ass@proxy:3128", "proxy",       "3128",
             "us@er:pa:ss"						   },
	    {"",				  NULL,          NULL,   NULL},
	    {"https://",			  NULL,          NULL,   NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct endpoint endpoint;

		if (!cases[i].host) {
			assert_false(
			    endpoint_parse(cases[i].text, "443", &endpoint));
			continue;
		}
		assert_true(endpoint_parse(cases[i].text, "443", &endpoint));
		assert_string_equal(cases[i].host, endpoint.host);
		assert_string_equal(cases[i].port, endpoint.port);
		assert_string_equal(cases[i].login, endpoint.login);
	}
}

static void
a_host_is_exempt_from_the_proxy_by_its_domain(void **state)
{
	static const struct {
		const char *host;
		const char *list;
		bool exempt;
	} cases[] = {
	    {"a.example",  NULL,                  false},
	    {"a.example",  "",                    false},
	    {"a.example",  "*",                   true },
	    {"a.example",  "a.example",           true },
	    {"A.Example",  "a.example",           true },
	    {"a.example",  "b.example,example",   true },
	    {"a.example",  "b.example, .example", true },
	    {"a.example",  "xample",              false},
	    {"aa.example", "a.example",           false},
	    {"localhost",  "localhost,127.0.0.1", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(cases[i].exempt,
		    endpoint_is_exempt(cases[i].host, cases[i].list));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_hosts_name_is_the_machines),
	    cmocka_unit_test(a_disk_without_room_is_an_error_in_time),
	    cmocka_unit_test(a_clock_may_be_off_by_seconds),
	    cmocka_unit_test(a_process_that_is_not_confined_is_found),
	    cmocka_unit_test(the_flags_of_a_token_tell_of_its_pin),
	    cmocka_unit_test(a_token_may_name_its_maker_with_a_zero),
	    cmocka_unit_test(a_uri_that_nearly_names_a_token_is_corrected),
	    cmocka_unit_test(a_tpm_tells_how_near_it_is_to_a_lockout),
	    cmocka_unit_test(what_a_tpm_answers_is_not_trusted),
	    cmocka_unit_test(a_chain_goes_from_the_leaf_to_its_issuer),
	    cmocka_unit_test(a_server_is_read_from_a_url_or_a_name),
	    cmocka_unit_test(a_host_is_exempt_from_the_proxy_by_its_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
