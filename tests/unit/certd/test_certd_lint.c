/* SPDX-License-Identifier: MIT */
/* What is wrong with certificates, told before it is an outage. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/utf8.h"
#include "lint.h"
#include "pki_fixture.h"

#define NOW FIXTURE_NOW
#define DAY FIXTURE_DAY

/* root -> sub -> leaf, and one that has nothing to do with them. */
static struct {
	EVP_PKEY *root_key, *sub_key, *leaf_key;
	X509 *root, *sub, *leaf, *stranger;
} pki;

static X509 *
make(const char *name, EVP_PKEY *key, const X509 *issuer, EVP_PKEY *signer,
    const struct certificate_plan *base)
{
	CLEANUP(x509_name) X509_NAME *subject = fixture_name(name);
	struct certificate_plan plan = *base;
	X509 *certificate = NULL;
	struct error err;

	plan.subject = subject;
	plan.public_key = key;
	plan.issuer = issuer;
	if (plan.not_after == 0) {
		plan.not_before = NOW - DAY;
		plan.not_after = NOW + 100 * DAY;
	}
	plan.path_length = CERTIFICATE_NO_PATH_LENGTH;
	assert_int_equal(
	    certificate_create(&plan, signer, &certificate, &err), ERROR_NONE);
	return certificate;
}

static const struct certificate_plan ca_plan = {.is_ca = true};
static const struct certificate_plan client_plan = {.for_client = true};

static int
create_pki(void **state)
{
	(void)state;
	pki.root_key = fixture_key("P-256");
	pki.sub_key = fixture_key("P-256");
	pki.leaf_key = fixture_key("P-256");
	pki.root = make("root", pki.root_key, NULL, pki.root_key, &ca_plan);
	pki.sub = make("sub", pki.sub_key, pki.root, pki.root_key, &ca_plan);
	pki.leaf =
	    make("leaf", pki.leaf_key, pki.sub, pki.sub_key, &client_plan);
	pki.stranger =
	    make("stranger", pki.leaf_key, NULL, pki.leaf_key, &ca_plan);
	return 0;
}

static int
free_pki(void **state)
{
	(void)state;
	EVP_PKEY_free(pki.root_key);
	EVP_PKEY_free(pki.sub_key);
	EVP_PKEY_free(pki.leaf_key);
	X509_free(pki.root);
	X509_free(pki.sub);
	X509_free(pki.leaf);
	X509_free(pki.stranger);
	return 0;
}

/* "LSR": leaf, sub, root; "X" is the stranger. */
static x509_stack *
stack_of(const char *letters)
{
	x509_stack *chain = sk_X509_new_null();

	for (; *letters; letters++) {
		X509 *which = *letters == 'L'   ? pki.leaf
			      : *letters == 'S' ? pki.sub
			      : *letters == 'R' ? pki.root
						: pki.stranger;

		(void)X509_up_ref(which);
		(void)sk_X509_push(chain, which);
	}
	return chain;
}

static void
assert_is(const x509_stack *chain, const char *letters)
{
	CLEANUP(x509_stack) x509_stack *expected = stack_of(letters);

	assert_int_equal(sk_X509_num(chain), sk_X509_num(expected));
	for (int i = 0; i < sk_X509_num(chain); i++)
		assert_int_equal(X509_cmp(sk_X509_value(chain, i),
				     sk_X509_value(expected, i)),
		    0);
}

static void
puts_chains_into_order_and_says_so(void **state)
{
	static const struct {
		const char *given;
		const char *arranged;
		size_t notes;
	} cases[] = {
	    {"L",    "L",   0},
	    {"LSR",  "LSR", 0},
	    {"LS",   "LS",  0},
	    {"RSL",  "LSR", 1},
	    {"SLR",  "LSR", 1},
	    {"LRS",  "LSR", 1},
	    {"LSSR", "LSR", 1},
	    {"RSLL", "LSR", 2},
	    {"RX",   "RX",  0}, /* a bundle */
	    {"XLS",  "LSX", 1}, /* only one is no CA */
	    {"LR",   "LR",  0}, /* a hole */
	    {"RL",   "LR",  1},
	    {"RR",   "R",   1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(x509_stack)
		x509_stack *chain = stack_of(cases[i].given);
		CLEANUP_DONE(lint_notes)
		struct lint_notes notes = {0, NULL};
		struct error err;

		print_message("%s\n", cases[i].given);
		assert_int_equal(lint_arrange(chain, &notes, &err), ERROR_NONE);
		assert_is(chain, cases[i].arranged);
		assert_int_equal(notes.count, cases[i].notes);
	}
}

static void
checks_that_a_certificate_can_play_its_part(void **state)
{
	static const struct certificate_plan plain = {.path_length = 0},
					     server = {.for_server = true},
					     both = {.for_server = true,
						 .for_client = true};
	static const struct {
		const struct certificate_plan *plan;
		enum lint_role role;
		const char *part; /* of the message; NULL: it can */
	} cases[] = {
	    {&client_plan, LINT_CLIENT, NULL                },
	    {&client_plan, LINT_SERVER, "serverAuth"        },
	    {&server,      LINT_CLIENT, "clientAuth"        },
	    {&both,        LINT_SERVER, NULL                },
	    {&plain,       LINT_CLIENT, NULL                },
	    {&plain,       LINT_CA,     "do not say CA:TRUE"},
	    {&ca_plan,     LINT_CA,     NULL                },
	    {&ca_plan,     LINT_CLIENT, "is a CA's"         },
	    {&ca_plan,     LINT_ANY,    NULL                },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(x509)
		X509 *certificate = make(
		    "x", pki.leaf_key, pki.root, pki.root_key, cases[i].plan);
		struct error err = {.message = ""};
		enum error_code code =
		    lint_role_check(certificate, cases[i].role, NOW, &err);

		print_message("%zu: %s\n", i, err.message);
		assert_int_equal(
		    code, cases[i].part ? ERROR_INVALID : ERROR_NONE);
		if (cases[i].part)
			assert_non_null(strstr(err.message, cases[i].part));
	}
}

static void
refuses_what_is_over_or_never_was(void **state)
{
	static const struct certificate_plan
	    reversed = {.not_before = NOW + DAY, .not_after = NOW - DAY},
	    over = {.not_before = NOW - 2 * DAY, .not_after = NOW - DAY},
	    later = {.not_before = NOW + DAY, .not_after = NOW + 2 * DAY};
	CLEANUP(x509)
	X509 *first =
	    make("x", pki.leaf_key, pki.root, pki.root_key, &reversed);
	CLEANUP(x509)
	X509 *second = make("x", pki.leaf_key, pki.root, pki.root_key, &over);
	CLEANUP(x509)
	X509 *third = make("x", pki.leaf_key, pki.root, pki.root_key, &later);
	struct error err;

	(void)state;
	assert_int_equal(
	    lint_role_check(first, LINT_ANY, NOW, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "before it begins"));
	assert_int_equal(
	    lint_role_check(second, LINT_ANY, NOW, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "expired on 2027-01-14"));
	/* A clock that is behind must not keep a good certificate out. */
	assert_int_equal(
	    lint_role_check(third, LINT_ANY, NOW, &err), ERROR_NONE);
}

/* The only note on chain holds part. */
static void
assert_noted(const x509_stack *chain, int64_t now, const char *part)
{
	CLEANUP_DONE(lint_notes) struct lint_notes notes = {0, NULL};
	struct error err;

	assert_int_equal(lint_lives(chain, now, &notes, &err), ERROR_NONE);
	assert_int_equal(lint_links(chain, &notes, &err), ERROR_NONE);
	for (size_t i = 0; i < notes.count; i++)
		print_message("%s\n", notes.items[i]);
	assert_int_equal(notes.count, part ? 1 : 0);
	if (part)
		assert_non_null(strstr(notes.items[0], part));
}

static void
notes_what_will_be_a_problem(void **state)
{
	static const struct certificate_plan brief = {.is_ca = true,
						 .not_before = NOW - DAY,
						 .not_after = NOW + 50 * DAY},
					     ending = {.for_client = true,
						 .not_before = NOW - 99 * DAY,
						 .not_after = NOW + DAY},
					     later = {.for_client = true,
						 .not_before = NOW + DAY,
						 .not_after = NOW + 2 * DAY};
	const struct {
		X509 *leaf;
		X509 *issuer;
		const char *part;
	} cases[] = {
	    {make("leaf",    pki.leaf_key, pki.sub,     pki.sub_key, &client_plan),
             make("sub",							    pki.sub_key,                        pki.root, pki.root_key, &brief),
             "before which its issuer 'CN=sub' ends"},
	    {make("leaf",  pki.leaf_key,       pki.sub,   pki.sub_key,              &ending),                 NULL,
             "expires on 2027-01-16"                      },
	    {make("leaf",      pki.leaf_key,              pki.sub,                   pki.sub_key,                              &later),                                 NULL,
             "is not valid before 2027-01-16"     },
	    {make("leaf",       pki.leaf_key,               pki.sub,          pki.leaf_key,                     &client_plan),
             NULL,    "not signed by the key of 'CN=sub'"           },
	    {make("leaf", pki.leaf_key,                         pki.sub, pki.sub_key,            &client_plan),
             NULL,NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(x509_stack) x509_stack *chain = sk_X509_new_null();
		X509 *issuer = cases[i].issuer ? cases[i].issuer : pki.sub;

		if (!cases[i].issuer)
			(void)X509_up_ref(issuer);
		(void)sk_X509_push(chain, cases[i].leaf);
		(void)sk_X509_push(chain, issuer);
		assert_noted(chain, NOW, cases[i].part);
	}
}

static void
does_not_call_a_bundle_a_broken_chain(void **state)
{
	CLEANUP(x509_stack) x509_stack *chain = stack_of("RX");

	(void)state;
	assert_noted(chain, NOW, NULL);
}

static void
notes_where_a_chain_breaks_off(void **state)
{
	static const struct {
		const char *chain;
		const char *part;
	} cases[] = {
	    {"LR",  "breaks off after 'CN=leaf', which the next, 'CN=root'"},
	    {"LX",  "breaks off after 'CN=leaf', which the next, "
		   "'CN=stranger'"                       },
	    {"LSX", "breaks off after 'CN=sub', which the next, "
		    "'CN=stranger'"                     },
	    {"LSR", NULL						   },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(x509_stack)
		x509_stack *chain = stack_of(cases[i].chain);

		print_message("%s\n", cases[i].chain);
		assert_noted(chain, NOW, cases[i].part);
	}
}

/* They go into JSON, which nothing else may go into. */
static void
keeps_notes_whole_and_utf8(void **state)
{
	struct lint_notes notes = {0, NULL};
	char text[1001] = "";
	struct error err;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 3);
	assert_int_equal(lint_note(&notes, &err, "x%s", text), ERROR_NONE);
	assert_int_equal(lint_note(&notes, &err, "cut: \xc3"), ERROR_NONE);
	assert_int_equal(strlen(notes.items[0]), 1001);
	assert_true(utf8_is_line(notes.items[0]));
	assert_string_equal(notes.items[1], "cut: " UTF8_REPLACEMENT);
	lint_notes_done(&notes);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(puts_chains_into_order_and_says_so),
	    cmocka_unit_test(checks_that_a_certificate_can_play_its_part),
	    cmocka_unit_test(refuses_what_is_over_or_never_was),
	    cmocka_unit_test(notes_what_will_be_a_problem),
	    cmocka_unit_test(notes_where_a_chain_breaks_off),
	    cmocka_unit_test(keeps_notes_whole_and_utf8),
	    cmocka_unit_test(does_not_call_a_bundle_a_broken_chain),
	};

	return cmocka_run_group_tests_name(
	    "certd lint", tests, create_pki, free_pki);
}
