/* SPDX-License-Identifier: MIT */
/* What a chain of certificates proves to DPS. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "attest_x509.h"
#include "cloud_fixture.h"
#include "common/time.h"
#include "pki_fixture.h"

/* A plant's PKI, and one that apes it: other keys, the same names. */
static const struct {
	const char *nick;
	const char *common_name;
	const char *issuer; /* its nick */
	bool is_ca;
	int ends_in_days; /* 0: as usual */
	const char *key_type;
} cast[] = {
    {"root",         "root", NULL,         true,  0,  NULL      },
    {"sub",          "sub",  "root",       true,  0,  NULL      },
    {"leaf",         "dev",  "sub",        false, 0,  NULL      },
    {"rogue-root",   "root", NULL,         true,  0,  NULL      },
    {"rogue-sub",    "sub",  "rogue-root", true,  0,  NULL      },
    {"rogue-leaf",   "dev",  "rogue-sub",  false, 0,  NULL      },
    {"old-sub",      "old",  "root",       true,  -1, NULL      },
    {"leaf-of-old",  "dev",  "old-sub",    false, 0,  NULL      },
    {"old-leaf",     "dev",  "sub",        false, -1, NULL      },
    {"early-leaf",   "dev",  "sub",        false, 9,  NULL      },
    {"leaf-of-leaf", "dev",  "leaf",       false, 0,  NULL      },
    {"weak-leaf",    "dev",  "sub",        false, 0,  "RSA-1024"},
    {"self-signed",  "dev",  NULL,         false, 0,  NULL      },
    {"ed-sub",       "ed",   "root",       true,  0,  "ED25519" },
    {"leaf-of-ed",   "dev",  "ed-sub",     false, 0,  NULL      },
};

#define CAST_COUNT (sizeof(cast) / sizeof(cast[0]))

static const struct identity *
find(const struct identity *identities, const char *nick)
{
	for (size_t i = 0; i < CAST_COUNT; i++)
		if (strcmp(cast[i].nick, nick) == 0)
			return &identities[i];
	fail_msg("nobody is called '%s'", nick);
	return NULL;
}

static int
make_cast(void **state)
{
	struct identity *identities = calloc(CAST_COUNT, sizeof(*identities));
	int64_t now = time_now();

	assert_non_null(identities);
	for (size_t i = 0; i < CAST_COUNT; i++) {
		int days = cast[i].ends_in_days;
		struct identity_plan plan = {.common_name = cast[i].common_name,
		    .is_ca = cast[i].is_ca,
		    .key_type = cast[i].key_type,
		    .not_before = days ? now + (days - 2) * FIXTURE_DAY : 0,
		    .not_after = days ? now + days * FIXTURE_DAY : 0};

		if (cast[i].issuer)
			plan.issuer = find(identities, cast[i].issuer);
		identities[i] = identity_create(&plan);
	}
	*state = identities;
	return 0;
}

static int
release_cast(void **state)
{
	struct identity *identities = *state;

	for (size_t i = 0; i < CAST_COUNT; i++)
		identity_done(&identities[i]);
	free(identities);
	return 0;
}

/* The certificates of those whose nicks stand in text; they are borrowed. */
static x509_stack *
certificates_of(const struct identity *identities, const char *text)
{
	x509_stack *stack = sk_X509_new_null();
	char nicks[80], *rest = nicks;

	assert_non_null(stack);
	(void)snprintf(nicks, sizeof(nicks), "%s", text);
	for (char *nick = strsep(&rest, " "); nick; nick = strsep(&rest, " "))
		assert_true(sk_X509_push(stack,
				find(identities, nick)->certificate) > 0);
	return stack;
}

static void
finds_the_way_to_an_enrolled_certificate_or_says_why_not(void **state)
{
	/* Anchors, the nearest, mere names, chains that do not hold. */
	static const struct {
		const char *presented;
		const char *enrolled;
		int depth;        /* 0: refused */
		const char *says; /* NULL: there is no way */
	} cases[] = {
	    {"leaf sub",              "root",            2, ""                   },
	    {"leaf sub root",         "root",            2, ""                   },
	    {"leaf root sub",         "root",            2, ""                   },
	    {"leaf",                  "sub",             1, ""                   },
	    {"leaf sub root",         "sub",             1, ""                   },
	    {"leaf",                  "root",            0, NULL                 },
	    {"leaf sub",              "rogue-root root", 2, ""                   },
	    {"leaf sub",              "root sub",        1, ""                   },
	    {"rogue-leaf rogue-sub",  "sub",             0, NULL                 },
	    {"rogue-leaf sub",        "root",            0, NULL                 },
	    {"self-signed",           "root",            0, NULL                 },
	    {"sub",                   "sub",             0, NULL                 },
	    {"old-leaf sub",          "root",            0, "'CN=dev' expired"   },
	    {"early-leaf sub",        "root",            0, "not valid before"   },
	    {"leaf-of-old old-sub",   "root",            0, "'CN=old' expired"   },
	    {"leaf-of-old",           "old-sub",         0, "'CN=old' expired"   },
	    {"leaf-of-leaf leaf sub", "root",            0, "invalid CA"         },
	    {"weak-leaf sub",         "root",            0, "too weak"           },
	    {"leaf-of-ed ed-sub",     "root",            0, "'CN=ed' is too weak"},
	    {"leaf-of-ed",            "ed-sub",          0, "'CN=ed' is too weak"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(chain)
		x509_stack *presented =
		    certificates_of(*state, cases[i].presented);
		CLEANUP(chain)
		x509_stack *anchors =
		    certificates_of(*state, cases[i].enrolled);
		const struct enrolled enrolled = {
		    {sk_X509_value(anchors, 0), sk_X509_value(anchors, 1)}
                };
		enum error_code refusal =
		    cases[i].says ? ERROR_DENIED : ERROR_NOT_FOUND;
		struct error err = {.message = ""};
		X509 *anchor = NULL;
		int depth = 0;

		print_message(
		    "%s to %s\n", cases[i].presented, cases[i].enrolled);
		assert_int_equal(attest_chain(presented, &enrolled, time_now(),
				     &depth, &anchor, &err),
		    cases[i].depth ? ERROR_NONE : refusal);
		assert_int_equal(depth, cases[i].depth);
		assert_int_equal(anchor != NULL, depth > 0);
		if (cases[i].says)
			assert_non_null(strstr(err.message, cases[i].says));
	}
}

static void
pins_the_leaf_of_an_individual(void **state)
{
	static const struct {
		const char *leaf;
		enum error_code code;
		const char *says;
	} cases[] = {
	    {"self-signed", ERROR_NONE,   ""                   },
	    {"old-leaf",    ERROR_DENIED, "expired"            },
	    {"leaf",        ERROR_DENIED, "neither the primary"},
	};
	const struct enrolled enrolled = {
	    {find(*state, "self-signed")->certificate,
             find(*state, "old-leaf")->certificate}
        };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = {.message = ""};

		assert_int_equal(
		    attest_pinned(find(*state, cases[i].leaf)->certificate,
			&enrolled, time_now(), &err),
		    cases[i].code);
		assert_non_null(strstr(err.message, cases[i].says));
	}
}

static void
compares_the_common_name_with_the_registration_id(void **state)
{
	static const struct {
		const char *common_name;
		size_t length;
		const char *id;
		enum error_code code;
	} cases[] = {
	    {"dev-001",       0,  "dev-001", ERROR_NONE  },
	    {"DEV-001",       0,  "dev-001", ERROR_NONE  },
	    {"dev-002",       0,  "dev-001", ERROR_DENIED},
	    {"dev-0011",      0,  "dev-001", ERROR_DENIED},
	    {"dev-001\0evil", 12, "dev-001", ERROR_DENIED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP_DONE(identity)
		struct identity leaf = identity_create(
		    &(struct identity_plan){.common_name = cases[i].common_name,
			.name_length = cases[i].length});
		struct error err;

		assert_int_equal(
		    attest_common_name(leaf.certificate, cases[i].id, &err),
		    cases[i].code);
	}
}

static void
explains_what_is_missing(void **state)
{
	static const struct {
		const char *presented;
		bool same_name_enrolled;
		const char *says;
	} cases[] = {
	    {"self-signed", false, ""					    },
	    {"leaf",        false, "The issuer 'CN=sub' was neither enrolled nor"},
	    {"leaf sub",    false, "The issuer 'CN=root'"                        },
	    {"leaf root",   false, "The issuer 'CN=sub'"                         },
	    {"rogue-leaf",  true,  "has not signed the certificate"              },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(chain)
		x509_stack *presented =
		    certificates_of(*state, cases[i].presented);
		struct error err;

		assert_int_equal(attest_explain_unknown(presented,
				     cases[i].same_name_enrolled, &err),
		    ERROR_DENIED);
		assert_ptr_equal(
		    strstr(err.message, "CA certificate not found."),
		    err.message);
		assert_non_null(strstr(err.message, cases[i].says));
	}
}

static void
takes_no_enrolled_leaf_that_is_too_weak(void **state)
{
	const struct identity *weak = find(*state, "weak-leaf");
	CLEANUP_DONE(identity)
	struct identity signed_by_sha1 =
	    identity_create(&(struct identity_plan){.common_name = "dev"});
	const struct {
		X509 *certificate;
		const char *says;
	} cases[] = {
	    {weak->certificate,          "key of the certificate 'CN=dev'"},
	    {signed_by_sha1.certificate,
             "signature of the certificate 'CN=dev'"                      },
	};

	assert_true(X509_sign(signed_by_sha1.certificate, signed_by_sha1.key,
			EVP_sha1()) > 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct enrolled enrolled = {{cases[i].certificate}};
		struct error err;

		assert_int_equal(attest_pinned(cases[i].certificate, &enrolled,
				     time_now(), &err),
		    ERROR_DENIED);
		assert_non_null(strstr(err.message, cases[i].says));
	}
}

static void
takes_the_keys_that_dps_takes(void **state)
{
	static const struct {
		const char *type;
		enum error_code code;
	} cases[] = {
	    {"P-256",     ERROR_NONE  },
	    {"P-384",     ERROR_NONE  },
	    {"RSA-2048",  ERROR_NONE  },
	    {"RSA-2047",  ERROR_DENIED},
	    {"P-224",     ERROR_DENIED},
	    {"P-521",     ERROR_DENIED},
	    {"secp256k1", ERROR_DENIED},
	    {"ED25519",   ERROR_DENIED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP_DONE(identity)
		struct identity leaf = identity_create(&(struct identity_plan){
		    .common_name = "dev", .key_type = cases[i].type});
		struct error err = {.message = "The key of"};

		print_message("%s\n", cases[i].type);
		assert_int_equal(attest_strength(leaf.certificate, false, &err),
		    cases[i].code);
		assert_non_null(strstr(err.message, "The key of"));
		assert_int_equal(attest_strength(leaf.certificate, true, &err),
		    cases[i].code);
	}
}

static void
takes_signatures_by_sha_256_or_better(void **state)
{
	const struct {
		const EVP_MD *digest;
		enum error_code code;
	} cases[] = {
	    {EVP_sha1(),   ERROR_DENIED},
	    {EVP_sha224(), ERROR_DENIED},
	    {EVP_sha256(), ERROR_NONE  },
	    {EVP_sha512(), ERROR_NONE  },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP_DONE(identity)
		struct identity leaf = identity_create(
		    &(struct identity_plan){.common_name = "dev"});
		struct error err;

		assert_true(
		    X509_sign(leaf.certificate, leaf.key, cases[i].digest) > 0);
		assert_int_equal(attest_strength(leaf.certificate, false, &err),
		    cases[i].code);
		/* Of a CA that is trusted it proves nothing. */
		assert_int_equal(
		    attest_strength(leaf.certificate, true, &err), ERROR_NONE);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		finds_the_way_to_an_enrolled_certificate_or_says_why_not),
	    cmocka_unit_test(pins_the_leaf_of_an_individual),
	    cmocka_unit_test(compares_the_common_name_with_the_registration_id),
	    cmocka_unit_test(explains_what_is_missing),
	    cmocka_unit_test(takes_no_enrolled_leaf_that_is_too_weak),
	    cmocka_unit_test(takes_the_keys_that_dps_takes),
	    cmocka_unit_test(takes_signatures_by_sha_256_or_better),
	};

	return cmocka_run_group_tests_name(
	    "cloud attestation", tests, make_cast, release_cast);
}
