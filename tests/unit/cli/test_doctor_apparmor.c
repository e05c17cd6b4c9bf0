/* SPDX-License-Identifier: MIT */
/*
 * What the doctor reads of AppArmor's profile: the shipped one, Debian's own
 * texts that it includes, and such lines as an operator writes.
 */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apparmor.h"
#include "apparmor_pattern.h"
#include "common/file.h"
#include "scratch.h"

#define SHIPPED CONF_DIRECTORY "/apparmor/usr.sbin.signet-keyd"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
patterns_of_rules_match_paths(void **state)
{
	static const struct {
		const char *pattern;
		const char *path;
		bool matches;
	} cases[] = {
	    {"/etc/signet/**",         "/etc/signet/a/b.pem",    true },
	    {"/etc/signet/*",          "/etc/signet/a/b.pem",    false},
	    {"/etc/signet/*",          "/etc/signet/b.pem",      true },
	    {"/{usr/,}lib{,32,64}/**", "/lib/x.so",              true },
	    {"/{usr/,}lib{,32,64}/**", "/usr/lib64/a/x.so",      true },
	    {"/{usr/,}lib{,32,64}/**", "/usr/lib65/x.so",        false},
	    {"/opt/**.so*",            "/opt/vendor/lib/x.so.1", true },
	    {"/opt/**.so*",            "/opt/vendor/conf",       false},
	    {"/a/{b,c{d,e}}f",         "/a/cef",                 true },
	    {"/a/{b,c{d,e}}f",         "/a/cf",                  false},
	    {"/a/[0-9]?",              "/a/7x",                  true },
	    {"/a/[^0-9]",              "/a/7",                   false},
	    {"/a/?",                   "/a//",                   false},
	    {"/a/\\*",                 "/a/b",                   false},
	    {"/a/{b",                  "/a/b",                   false},
	    {"/a/[b",                  "/a/b",                   false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("%s %s\n", cases[i].pattern, cases[i].path);
		assert_int_equal(
		    apparmor_matches(cases[i].pattern, cases[i].path),
		    cases[i].matches);
	}
}

/* --- statements ----------------------------------------------------------- */

static struct apparmor_answer
ask(const char *folder, const char *path, const char *access, bool is_owner)
{
	const struct apparmor_profile profile = {.folder = folder,
	    .file = "usr.sbin.signet-keyd",
	    .name = "signet-keyd"};
	const struct apparmor_request request = {
	    .path = path, .access = access, .is_owner = is_owner};
	struct apparmor_answer answer;
	struct error err;

	if (apparmor_ask(&profile, &request, &answer, &err))
		fail_msg("%s", err.message);
	print_message("%s %s: %d %s\n", path, access, (int)answer.verdict,
	    answer.statement);
	return answer;
}

/* What a profile of these lines says to the reading of /srv/a, not an owner's.
 */
static struct apparmor_answer
ask_lines(const char *folder, const char *before, const char *within)
{
	CLEANUP(string)
	char *text = string_format("%s\nprofile signet-keyd /usr/sbin/keyd "
				   "flags=(attach_disconnected, audit) {\n"
				   "%s\n}\n",
	    before, within);

	print_message("%s%s\n", before, within);
	scratch_write(folder, "usr.sbin.signet-keyd", text);
	return ask(folder, "/srv/a", "r", false);
}

static void
each_statement_counts_for_what_it_is(void **state)
{
	static const struct {
		const char *within;
		enum apparmor_verdict verdict;
	} cases[] = {
	    {"",							   APPARMOR_DENIED },
	    {"/srv/b r, /srv/a r, /srv/c r,",                              APPARMOR_ALLOWED},
	    {"/srv/b r, # /srv/a r,",				      APPARMOR_DENIED },
	    {"#/srv/a r,",						 APPARMOR_DENIED },
	    {"/srv/b r, # the plant's\n/srv/a r, # mine",                  APPARMOR_ALLOWED},
	    {"/srv/b#1 r, /srv/a r,",				      APPARMOR_ALLOWED},
	    {"/srv/a\n  # a rule goes on\n  rw,",                          APPARMOR_ALLOWED},
	    {"\"/srv/a\" r,",					      APPARMOR_ALLOWED},
	    {"\"/srv/b, /c\" r, \"/srv/[a]\" r,",                          APPARMOR_ALLOWED},
	    {"/srv/{b,a} r,",					      APPARMOR_ALLOWED},
	    {"/srv/b,c r, /srv/a r,",				      APPARMOR_ALLOWED},
	    {"/srv/a w,",						  APPARMOR_DENIED },
	    {"rw /srv/a,",						 APPARMOR_ALLOWED},
	    {"file r /srv/a,",					     APPARMOR_ALLOWED},
	    {"file,",						      APPARMOR_ALLOWED},
	    {"all,",						       APPARMOR_ALLOWED},
	    {"audit allow file /srv/a r,",                                 APPARMOR_ALLOWED},
	    {"/srv/a rPx -> other,",				       APPARMOR_ALLOWED},
	    {"owner /srv/a r,",					    APPARMOR_DENIED },
	    {"owner { /srv/b r, audit /srv/a r, }",                        APPARMOR_DENIED },
	    {"audit { /srv/b r, /srv/a r, }",                              APPARMOR_ALLOWED},
	    {"/srv/** r, audit deny /srv/a r,",                            APPARMOR_DENIED },
	    {"audit deny /srv/a w, /srv/** r,",                            APPARMOR_ALLOWED},
	    {"deny owner /srv/a r, /srv/** r,",                            APPARMOR_ALLOWED},
	    {"deny { /srv/b r, /srv/a r, } /srv/** r,",                    APPARMOR_DENIED },
	    {"^hat { /srv/a r, }",					 APPARMOR_DENIED },
	    {"profile child /bin/x { /srv/a r, } ",                        APPARMOR_DENIED },
	    {"hat x flags=(complain){\n/srv/b r, } /srv/a r,",
             APPARMOR_ALLOWED							      },
	    {"profile child{\n/srv/b r, } /srv/a r,",                      APPARMOR_ALLOWED},
	    {"capability, network inet, deny ptrace,\n"
	     "signal (send, receive) peer=\"a, b\",\n"
	     "unix (send) peer=(label=a, addr=@b), mount /srv/a -> /b,\n"
	     "set rlimit nofile <= 10, change_profile -> x,", APPARMOR_DENIED },
	    {"link subset /srv/a -> /srv/b,",                              APPARMOR_DENIED },
	    {"if $plant { /srv/a r, }",                                    APPARMOR_UNCLEAR},
	    {"if not defined $plant { /srv/b r, } else { /srv/a r, }",
             APPARMOR_UNCLEAR							      },
	    {"if $plant { /srv/b r, }",                                    APPARMOR_DENIED },
	    {"if $plant { deny /srv/a r, } /srv/** r,",                    APPARMOR_UNCLEAR},
	    {"prompt /srv/a r,",					   APPARMOR_UNCLEAR},
	    {"priority=9 deny /srv/a r, /srv/a r,",                        APPARMOR_UNCLEAR},
	    {"/srv/b r\n/srv/c r,",					APPARMOR_UNCLEAR},
	    {"/srv/a r",						   APPARMOR_UNCLEAR},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(ask_lines(*state, "", cases[i].within).verdict,
		    cases[i].verdict);
}

static void
variables_have_the_values_that_are_set(void **state)
{
	static const struct {
		const char *before;
		const char *within;
		enum apparmor_verdict verdict;
	} cases[] = {
	    {"@{PLANT}=/srv/",                             "@{PLANT}/a r,",                APPARMOR_ALLOWED},
	    {"@{PLANT} = /opt/ \"/s r v/\" /srv/ # three", "@{PLANT}/a r,",
             APPARMOR_ALLOWED									      },
	    {"@{PLANT}=/opt/\n@{PLANT}+=/srv/",            "@{PLANT}/a r,",
             APPARMOR_ALLOWED									      },
	    {"@{PLANT}=/opt/",                             "@{PLANT}/a r,",                APPARMOR_DENIED },
	    {"@{PLANT}=/opt/\n",                           "deny @{PLANT}/a r, /srv/a r,",
             APPARMOR_ALLOWED									      },
	    {"@{A}={a,b}\n@{PLANT}=/srv/@{A}",             "@{PLANT} r,",                  APPARMOR_ALLOWED},
	    {"@{A}=@{A}",				  "@{A}/a r,",                    APPARMOR_UNCLEAR},
	    {"",					   "@{PLANT}/a r,",                APPARMOR_UNCLEAR},
	    {"",					   "/srv/@{PLANT} r,",             APPARMOR_UNCLEAR},
	    {"",					   "/opt/@{PLANT} r,",             APPARMOR_DENIED },
	    {"",					   "deny @{PLANT} r, /srv/a r,",   APPARMOR_UNCLEAR},
	    {"$plant = true\nabi <abi/3.0>,",              "/srv/a r,",                    APPARMOR_ALLOWED},
	    {"alias /mnt/ -> /srv/,",                      "/mnt/a r,",                    APPARMOR_UNCLEAR},
	    {"alias /mnt/ -> /opt/,",                      "/mnt/a r,",                    APPARMOR_DENIED },
	    {"profile other { /srv/a r, }",                "",                             APPARMOR_DENIED },
	    {"/bin/x { include <no/such> }\n",             "",                             APPARMOR_DENIED },
	    {"if $plant {",				"/srv/a r, }",                  APPARMOR_UNCLEAR},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    ask_lines(*state, cases[i].before, cases[i].within).verdict,
		    cases[i].verdict);
}

static void
what_is_included_counts_where_it_stands(void **state)
{
	CLEANUP(string)
	char *absolute = string_format("include \"%s/x/y\"", (char *)*state);
	const struct {
		const char *within;
		enum apparmor_verdict verdict;
	} cases[] = {
	    {"include <x/y>",                 APPARMOR_ALLOWED},
	    {"#include <x/y> # ours",         APPARMOR_ALLOWED},
	    {"#includes what is in <x/y>\n",  APPARMOR_DENIED },
	    {"# include <x/y>\n",             APPARMOR_DENIED },
	    {"include if exists <x/y>",       APPARMOR_ALLOWED},
	    {"include <x/y> deny /srv/a r,",  APPARMOR_DENIED },
	    {"include <empty> include <x/y>", APPARMOR_ALLOWED},
	    {absolute,			APPARMOR_ALLOWED},
	    {"include <x.d>",                 APPARMOR_ALLOWED},
	    {"include <left.d>",              APPARMOR_DENIED },
	    {"include if exists <no/such>",   APPARMOR_DENIED },
	    {"include <no/such>",             APPARMOR_UNCLEAR},
	    {"include <no/such> /srv/a r,",   APPARMOR_ALLOWED},
	    {"include \"x/y\"",               APPARMOR_UNCLEAR},
	    {"include <itself>",              APPARMOR_DENIED },
	    {"include <long>",                APPARMOR_UNCLEAR},
	    {"^hat { include <x/y> }",        APPARMOR_DENIED },
	    {"owner { include <x/y> }",       APPARMOR_DENIED },
	};
	const size_t too_long = (size_t)300 * 1024;
	CLEANUP(string) char *text = malloc(too_long + 1);

	assert_non_null(text);
	memset(text, '\n', too_long);
	text[too_long] = '\0';
	scratch_write(*state, "long", text);
	scratch_write(*state, "x/y", "/srv/a r,\n");
	scratch_write(*state, "x.d/y", "/srv/a r,\n");
	scratch_write(*state, "left.d/y.dpkg-old", "/srv/a r,\n");
	scratch_write(*state, "left.d/y~", "/srv/a r,\n");
	scratch_write(*state, "left.d/.y", "/srv/a r,\n");
	scratch_write(*state, "empty", "");
	scratch_write(*state, "itself", "include <itself>\n");
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(ask_lines(*state, "", cases[i].within).verdict,
		    cases[i].verdict);
}

static void
what_denies_or_is_not_understood_is_named_with_its_line(void **state)
{
	struct apparmor_answer answer;

	answer = ask_lines(
	    *state, "", "/srv/** r,\naudit deny\n  \"/srv/{a, b}\" r,\n");
	assert_non_null(strstr(answer.statement,
	    "usr.sbin.signet-keyd, line 4: 'audit deny /srv/{a, b} r'"));
	answer = ask_lines(*state, "", "include <x>");
	assert_non_null(
	    strstr(answer.statement, "usr.sbin.signet-keyd, line 3: '<x'"));
	scratch_write(*state, "x", "# mine\nif $y {\n /srv/a r,\n}\n");
	answer = ask_lines(*state, "", "include <x>");
	assert_non_null(strstr(answer.statement, "x, line 3: '/srv/a r'"));
	scratch_write(
	    *state, "usr.sbin.signet-keyd", "profile x { /srv/a r, }");
	answer = ask(*state, "/srv/a", "r", false);
	assert_int_equal(answer.verdict, APPARMOR_UNCLEAR);
	assert_non_null(strstr(answer.statement, "no 'profile signet-keyd'"));
}

/* --- the shipped profile -------------------------------------------------- */

/* It stands among Debian's files, of which the tests need the package. */
static void
furnish(const char *folder, const char *local)
{
	static const char *const debian[] = {"abstractions", "tunables"};
	CLEANUP(string) char *profile = NULL;
	struct error err;

	if (file_read(SHIPPED, 65536, &profile, NULL, &err))
		fail_msg("%s", err.message);
	scratch_write(folder, "usr.sbin.signet-keyd", profile);
	scratch_write(folder, "local/usr.sbin.signet-keyd", local);
	for (size_t i = 0; i < COUNT(debian); i++) {
		CLEANUP(string)
		char *target = string_format(APPARMOR_FOLDER "/%s", debian[i]);
		CLEANUP(string)
		char *link = string_format("%s/%s", folder, debian[i]);

		assert_int_equal(symlink(target, link), 0);
	}
}

static void
the_shipped_profile_is_understood_with_what_it_includes(void **state)
{
	static const struct {
		const char *path;
		const char *access;
		enum apparmor_verdict verdict;
	} cases[] = {
	    {"/etc/signet/pin",                     "r",  APPARMOR_ALLOWED},
	    {"/etc/signet/pin",                     "w",  APPARMOR_DENIED },
	    {"/usr/lib/softhsm/libsofthsm2.so",     "rm", APPARMOR_ALLOWED},
	    {"/opt/vendor/lib/libhsm.so",           "rm", APPARMOR_ALLOWED},
	    {"/opt/vendor/etc/hsm.conf",            "r",  APPARMOR_DENIED },
	    {"/srv/keys/web.pem",                   "r",  APPARMOR_DENIED },
	    {"/home/me/web.pem",                    "r",  APPARMOR_DENIED },
	    {"/root/web.pem",                       "r",  APPARMOR_DENIED },
	    {"/srv/state/keyd/file",                "rw", APPARMOR_DENIED },
	    {"/proc/sys/crypto/fips_enabled",       "r",  APPARMOR_ALLOWED},
	    {"/proc/1234/environ",                  "r",  APPARMOR_DENIED },
	    {"/etc/ssl/openssl.cnf",                "r",  APPARMOR_ALLOWED},
	    {"/etc/nsswitch.conf",                  "r",  APPARMOR_ALLOWED},
	    {"/usr/share/p11-kit/modules/x.module", "r",  APPARMOR_ALLOWED},
	    {"/etc/shadow",                         "r",  APPARMOR_DENIED },
	};

	furnish(*state, "");
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    ask(*state, cases[i].path, cases[i].access, false).verdict,
		    cases[i].verdict);
	assert_int_equal(
	    ask(*state, "/var/lib/signet/keyd/file", "rw", true).verdict,
	    APPARMOR_ALLOWED);
	assert_int_equal(ask(*state, "/proc/1234/environ", "r", true).verdict,
	    APPARMOR_ALLOWED);
}

static void
local_rules_are_added_to_the_shipped_ones(void **state)
{
	furnish(*state, "@{HOME}/keys/*.pem r, # of whoever\n"
			"owner @{run}/plant/** rw, deny /etc/signet/pin r,\n");
	assert_int_equal(
	    ask(*state, "/home/me/keys/web.pem", "r", false).verdict,
	    APPARMOR_ALLOWED);
	assert_int_equal(ask(*state, "/root/keys/web.pem", "r", false).verdict,
	    APPARMOR_ALLOWED);
	assert_int_equal(
	    ask(*state, "/run/plant/x", "rw", true).verdict, APPARMOR_ALLOWED);
	assert_int_equal(
	    ask(*state, "/run/plant/x", "rw", false).verdict, APPARMOR_DENIED);
	assert_int_equal(ask(*state, "/etc/signet/pin", "r", false).verdict,
	    APPARMOR_DENIED);
}

static void
a_profile_that_cannot_be_read_is_no_answer(void **state)
{
	const struct apparmor_profile profile = {
	    .folder = *state, .file = "none", .name = "signet-keyd"};
	const struct apparmor_request request = {.path = "/a", .access = "r"};
	struct apparmor_answer answer;
	struct error err;

	assert_int_not_equal(
	    apparmor_ask(&profile, &request, &answer, &err), ERROR_NONE);
}

int
main(void)
{
#define IN_A_FOLDER(test)                                                      \
	cmocka_unit_test_setup_teardown(test, scratch_create, scratch_remove)
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(patterns_of_rules_match_paths),
	    IN_A_FOLDER(each_statement_counts_for_what_it_is),
	    IN_A_FOLDER(variables_have_the_values_that_are_set),
	    IN_A_FOLDER(what_is_included_counts_where_it_stands),
	    IN_A_FOLDER(
		what_denies_or_is_not_understood_is_named_with_its_line),
	    IN_A_FOLDER(
		the_shipped_profile_is_understood_with_what_it_includes),
	    IN_A_FOLDER(local_rules_are_added_to_the_shipped_ones),
	    IN_A_FOLDER(a_profile_that_cannot_be_read_is_no_answer),
	};

	return cmocka_run_group_tests_name("apparmor", tests, NULL, NULL);
}
