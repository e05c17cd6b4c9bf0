/* SPDX-License-Identifier: MIT */
/*
 * What the doctor reads of units: the shipped ones, and such drop-ins as an
 * operator writes.
 */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "scratch.h"
#include "unit_hardening.h"
#include "unit_sight.h"

#define SHIPPED DOCS_DIRECTORY "/../conf/systemd"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const units[] = {
    "signet-keyd.service", "signet-certd.service", "signet-provisiond.service"};

/* --- a folder of units ---------------------------------------------------- */

/* The settings of a unit with what is in folder above what we ship. */
static void
read_above(
    const char *folder, const char *unit, struct unit_settings *ret_settings)
{
	CLEANUP(string) char *path = string_format("%s:" SHIPPED, folder);
	struct error err;

	if (unit_settings_read(unit, path, ret_settings, &err))
		fail_msg("%s", err.message);
}

/* The same with one drop-in, whose lines are the third and the following. */
static void
read_with(const char *folder, const char *unit, const char *lines,
    struct unit_settings *ret_settings)
{
	CLEANUP(string)
	char *name = string_format("%s.d/override.conf", unit);
	CLEANUP(string)
	char *text = string_format("[Service]\n# why\n%s\n", lines);

	scratch_write(folder, name, text);
	read_above(folder, unit, ret_settings);
}

/* --- hardening ------------------------------------------------------------ */

struct seen {
	size_t count;
	char place[512]; /* of the last one */
	char reason[512];
};

static void
see(void *context, const char *place, const char *reason)
{
	struct seen *seen = context;

	seen->count++;
	(void)snprintf(seen->place, sizeof(seen->place), "%s", place);
	(void)snprintf(seen->reason, sizeof(seen->reason), "%s", reason);
}

static struct seen
weaknesses(const struct unit_settings *settings, size_t daemon)
{
	struct seen seen = {0};

	unit_weaknesses(settings, (enum effective_daemon)daemon, see, &seen);
	return seen;
}

static void
the_shipped_units_have_no_weakness(void **state)
{
	for (size_t i = 0; i < COUNT(units); i++) {
		CLEANUP_DONE(unit_settings) struct unit_settings settings;
		struct seen seen;

		read_above(*state, units[i], &settings);
		seen = weaknesses(&settings, i);
		if (seen.count > 0)
			fail_msg("%s: %s", seen.place, seen.reason);
	}
}

/* What the shipped unit has besides: it runs it, or is no protection. */
static bool
is_no_protection(const char *line)
{
	static const char *const others[] = {"LimitMEMLOCK=",
	    "AmbientCapabilities=", "SystemCallErrorNumber=", "DeviceAllow=",
	    "SystemCallFilter=@memlock", "SystemCallFilter=setrlimit"};

	if (line[0] == '#' || line[0] == '\n')
		return true;
	for (size_t i = 0; i < COUNT(others); i++)
		if (strncmp(line, others[i], strlen(others[i])) == 0)
			return true;
	return false;
}

/* The protections stand between the limit of cores and the end of [Service]. */
static void
every_protection_that_is_gone_from_a_unit_is_found(void **state)
{
	for (size_t i = 0; i < COUNT(units); i++) {
		CLEANUP(string) char *shipped = NULL;
		CLEANUP(string)
		char *file = string_format(SHIPPED "/%s", units[i]);
		unsigned looked_at = 0;
		struct error err;
		char *line;

		assert_int_equal(
		    file_read(file, 65536, &shipped, NULL, &err), ERROR_NONE);
		line = strstr(shipped, "LimitCORE=");
		assert_non_null(line);
		for (; *line != '['; line += strcspn(line, "\n") + 1) {
			CLEANUP_DONE(unit_settings)
			struct unit_settings settings;
			char first = *line;

			if (is_no_protection(line))
				continue;
			*line = '#';
			scratch_write(*state, units[i], shipped);
			*line = first;
			read_above(*state, units[i], &settings);
			if (weaknesses(&settings, i).count == 0)
				fail_msg("%s without %.40s", units[i], line);
			looked_at++;
		}
		assert_true(looked_at > 20);
	}
}

static const struct weakening {
	size_t daemon;
	const char *lines;
	const char *reason;
	unsigned line; /* 0: the unit's own file */
} weakenings[] = {
    {0, "NoNewPrivileges=no",                          "NoNewPrivileges=no is weaker",              3},
    {0, "NoNewPrivileges=",			    "missing, or taken back",                    0},
    {1, "ProtectSystem=full",                          "=full is weaker than ProtectSystem=strict", 3},
    {2, "ProtectHome=read-only",                       "weaker than ProtectHome=yes",               3},
    {0, "PrivateUsers=yes",			    "cannot see who calls",                      3},
    {0, "User=root",				   "runs as root",                              3},
    {0, "User=",				       "runs as root",                              0},
    {0, "X=y\nCapabilityBoundingSet=CAP_IPC_LOCK",
     "gives the process capabilities",							      4},
    {0, "CapabilityBoundingSet=~CAP_SYS_ADMIN",
     "gives the process capabilities",							      3},
    {1, "AmbientCapabilities=CAP_NET_ADMIN",           "gives the process capabilities",
     3											       },
    {0, "PrivateNetwork=no",                           "weaker than PrivateNetwork=yes",            3},
    {0, "RestrictAddressFamilies=AF_INET",             "=AF_INET is more than",                     3},
    {1, "RestrictAddressFamilies=AF_PACKET",           "=AF_PACKET is more than",                   3},
    {1, "RestrictAddressFamilies=",                    "missing, or taken back",                    0},
    {0, "SystemCallFilter=",                           "every other one",                           0},
    {0, "SystemCallFilter=\nSystemCallFilter=~@mount", "every other one",                           4},
    {2, "SystemCallFilter=@mount",                     "=@mount is more than",                      3},
    {0, "SystemCallFilter=chown ptrace",               "=ptrace is more than",                      3},
    {1, "SystemCallFilter=init_module:EPERM",          "=init_module:EPERM is more than",
     3											       },
    {2, "SystemCallFilter=umount2",                    "=umount2 is more than",                     3},
    {0, "IPAddressAllow=localhost",                    "opens the network",                         3},
    {0, "NetworkNamespacePath=/run/netns/x",           "gives it a network",                        3},
    {0, "DynamicUser=yes",			     "another user",                              3},
    {1, "ReadWritePaths=/srv/x /",                     "ReadWritePaths=/ lets it write",            3},
    {2, "ReadWritePaths=-/etc/ssl",                    "=-/etc/ssl lets it write",                  3},
    {0, "ReadWritePaths=\"/usr/\"",                    "=/usr/ lets it write",                      3},
    {0, "BindPaths=/var/lib:/srv/x",                   "lets it write",                             3},
    {0, "DeviceAllow=/dev/mem rw",                     "=/dev/mem opens memory",                    3},
    {0, "DeviceAllow=block-* r",                       "=block-* opens",                            3},
    {1, "DeviceAllow=char-* rw",                       "=char-* opens",                             3},
    {2, "DeviceAllow=/dev/sda",                        "=/dev/sda opens",                           3},
    {0, "SupplementaryGroups=vendor disk",             "=disk gives it",                            3},
    {1, "SupplementaryGroups=root",                    "=root gives it",                            3},
    {2, "Group=0",				     "=0 gives it",                               3},
    {0, "AppArmorProfile=-unconfined",                 "takes its profile away",                    3},
    {0, "ExecStartPre=-+/opt/x",                       "with all privileges",                       3},
    {1, "ExecReload=!/opt/x",                          "with all privileges",                       3},
    {0, "ExecStart=\nExecStart=/opt/signet-keyd",
     "ExecStart=/opt/signet-keyd is run, and not ",                                                 4},
    {0, "WatchdogSec=0",			       "WatchdogSec=0: nobody ends it",             3},
    {1, "WatchdogSec=infinity",                        "nobody ends it",                            3},
    {2, "WatchdogSec=",				"missing, or taken back",                    0},
    {2, "UMask=0022",				  "UMask=0022 is weaker",                      3},
    {2, "PrivateDevices=off",                          "weaker than PrivateDevices=yes",            3},
};

static void
a_drop_in_that_weakens_a_unit_is_found_with_its_line(void **state)
{
	for (size_t i = 0; i < COUNT(weakenings); i++) {
		CLEANUP_DONE(unit_settings) struct unit_settings settings;
		const char *unit = units[weakenings[i].daemon];
		CLEANUP(string) char *place = NULL;
		struct seen seen;

		(void)scratch_remove(state);
		(void)scratch_create(state);
		read_with(*state, unit, weakenings[i].lines, &settings);
		place =
		    weakenings[i].line == 0
			? string_format(SHIPPED "/%s", unit)
			: string_format("%s/%s.d/override.conf:%u",
			      (const char *)*state, unit, weakenings[i].line);
		seen = weaknesses(&settings, weakenings[i].daemon);
		print_message("%s: %s\n", weakenings[i].lines, seen.reason);
		assert_int_equal(seen.count, 1);
		assert_non_null(strstr(seen.reason, weakenings[i].reason));
		assert_string_equal(seen.place, place);
	}
}

static void
what_a_device_needs_besides_is_no_weakness(void **state)
{
	CLEANUP_DONE(unit_settings) struct unit_settings settings;
	struct seen seen;

	read_with(*state, units[0],
	    "DeviceAllow=/dev/vendor0 rw\nReadWritePaths=/srv/hsm\n"
	    "DeviceAllow=char-usb_device rw\nDeviceAllow=/dev/bus/usb/001/004\n"
	    "ReadWritePaths=-/var/lib/softhsm/tokens /opt/vendor/state\n"
	    "BindPaths=/opt/vendor/lib:/usr/lib/vendor\nGroup=vendor\n"
	    "ExecStartPre=/opt/vendor/wait --for=a+b!\nExecStart=\n"
	    "ExecStart=@CMAKE_INSTALL_FULL_SBINDIR@/signet-keyd --log-level "
	    "debug\n"
	    "WatchdogSec=10min\nAppArmorProfile=mine\nDynamicUser=no\n"
	    "IPAddressAllow=\n"
	    "Environment=VENDOR_CONF=/opt/vendor/conf\n"
	    "SupplementaryGroups=vendor\nBindReadOnlyPaths=/srv/keys\n"
	    "SystemCallFilter=@chown ioprio_set\nProtectHome=tmpfs\n"
	    "NoNewPrivileges=true\nLoadCredential=other:/etc/signet/other",
	    &settings);
	seen = weaknesses(&settings, 0);
	if (seen.count > 0)
		fail_msg("%s: %s", seen.place, seen.reason);
}

/* --- where settings are --------------------------------------------------- */

static void
assert_umask(const char *folder, const char *expected)
{
	CLEANUP_DONE(unit_settings) struct unit_settings settings;
	const struct unit_setting *setting;

	read_above(folder, units[0], &settings);
	setting = unit_setting_last(&settings, "UMask");
	assert_string_equal(setting ? setting->value : "none", expected);
}

static void
drop_ins_count_in_the_order_of_systemd(void **state)
{
	CLEANUP(string)
	char *masked = string_format(
	    "%s/signet-keyd.service.d/60-mine.conf", (const char *)*state);

	assert_umask(*state, "0077");
	scratch_write(*state, "service.d/10-all.conf", "[Service]\nUMask=1\n");
	assert_umask(*state, "1");
	scratch_write(*state, "signet-.service.d/10-all.conf",
	    "[Unit]\nUMask=2\n[Service]\n  UMask = 3 \n");
	assert_umask(*state, "3");
	scratch_write(*state, "service.d/70-all.conf",
	    "[Service]\nExecStart=x \\\nUMask=4\n;UMask=5\n#UMask=6\n");
	assert_umask(*state, "3");
	scratch_write(*state, "signet-keyd.service.d/60-mine.conf",
	    "[Service]\nUMask=7\n");
	assert_umask(*state, "7");
	scratch_write(
	    *state, "signet-keyd.service.d/not-one", "[Service]\nUMask=8\n");
	assert_umask(*state, "7");
	assert_int_equal(unlink(masked), 0);
	assert_int_equal(symlink("/dev/null", masked), 0);
	assert_umask(*state, "3");
	scratch_write(
	    *state, "signet-keyd.service.d/80.conf", "[Service]\nUMask=\n");
	assert_umask(*state, "none");
	scratch_write(*state, "signet-keyd.service", "[Service]\nUMask=9\n");
	assert_umask(*state, "none");
}

static void
a_unit_that_is_masked_or_not_there_has_no_settings(void **state)
{
	CLEANUP(string)
	char *masked = string_format("%s/%s", (const char *)*state, units[0]);
	struct unit_settings settings;

	assert_int_equal(symlink("/dev/null", masked), 0);
	read_above(*state, units[0], &settings);
	assert_null(settings.file);
	assert_int_equal(settings.count, 0);
	read_above(*state, "signet-none.service", &settings);
	assert_null(settings.file);
}

/* --- sight ---------------------------------------------------------------- */

static void
what_a_unit_hides_or_locks_is_known(void **state)
{
	static const struct {
		const char *lines; /* of a drop-in */
		const char *path;
		bool writable;
		const char *setting; /* in the way; NULL: none */
		bool is_hidden;
	} cases[] = {
	    {"",							     "/home/me/key.pem",     false, "ProtectHome",   true },
	    {"",							     "/root/pin",            false, "ProtectHome",   true },
	    {"",							     "/homes/pin",           false, NULL,            false},
	    {"",							     "/tmp/pin",             false, "PrivateTmp",    true },
	    {"",							     "/var/tmp/a/b",         false, "PrivateTmp",    true },
	    {"",							     "/etc/signet/pin",      false, NULL,            false},
	    {"",							     "/srv/keys/a.pem",      false, NULL,            false},
	    {"",							     "/var/lib/signet/keyd", true,  NULL,            false},
	    {"",							     "/srv/state/keyd",      true,  "ProtectSystem", false},
	    {"ReadWritePaths=-/srv/state",                                   "/srv/state/keyd",      true,  NULL,
             false														},
	    {"",							     "/dev/tpmrm0",          true,  NULL,            false},
	    {"ProtectSystem=full",					   "/srv/state/keyd",      true,  NULL,            false},
	    {"ProtectSystem=full",					   "/etc/state",           true,  "ProtectSystem", false},
	    {"ProtectSystem=no\nReadOnlyPaths=/srv",                         "/srv/state",           true,
             "ReadOnlyPaths",												false},
	    {"ProtectHome=read-only",					"/home/me/key.pem",     false, NULL,            false},
	    {"ProtectHome=no",					       "/home/me/key.pem",     false, NULL,            false},
	    {"ProtectHome=tmpfs",					    "/home/me/key.pem",     false, "ProtectHome",
             true														 },
	    {"ProtectHome=tmpfs\nBindReadOnlyPaths=/home/me:/home/me:rbind",
             "/home/me/key.pem",								     false, NULL,            false},
	    {"BindReadOnlyPaths=/home/me",                                   "/home/me/key.pem",     false,
             "ProtectHome",												  true },
	    {"BindReadOnlyPaths=/srv/x:/tmp/keys",                           "/tmp/keys/pin",        false, NULL,
             false														},
	    {"PrivateTmp=no",						"/tmp/pin",             false, NULL,            false},
	    {"InaccessiblePaths=/opt -/srv/keys",                            "/srv/keys/a.pem",      false,
             "InaccessiblePaths",											    true },
	    {"InaccessiblePaths=/srv/keys\nInaccessiblePaths=",
             "/srv/keys/a.pem",								      false, NULL,            false},
	    {"TemporaryFileSystem=/srv:ro",                                  "/srv/keys/a.pem",      false,
             "TemporaryFileSystem",											  true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP_DONE(unit_settings) struct unit_settings settings;
		struct unit_obstacle obstacle;

		print_message("%s: %s\n", cases[i].lines, cases[i].path);
		read_with(*state, units[0], cases[i].lines, &settings);
		if (!unit_obstructs(&settings, cases[i].path, cases[i].writable,
			&obstacle)) {
			assert_null(cases[i].setting);
			continue;
		}
		assert_string_equal(obstacle.setting->name,
		    cases[i].setting ? cases[i].setting : "nothing");
		assert_int_equal(obstacle.is_hidden, cases[i].is_hidden);
	}
}

int
main(void)
{
#define IN_A_FOLDER(test)                                                      \
	cmocka_unit_test_setup_teardown(test, scratch_create, scratch_remove)
	static const struct CMUnitTest tests[] = {
	    IN_A_FOLDER(the_shipped_units_have_no_weakness),
	    IN_A_FOLDER(every_protection_that_is_gone_from_a_unit_is_found),
	    IN_A_FOLDER(a_drop_in_that_weakens_a_unit_is_found_with_its_line),
	    IN_A_FOLDER(what_a_device_needs_besides_is_no_weakness),
	    IN_A_FOLDER(drop_ins_count_in_the_order_of_systemd),
	    IN_A_FOLDER(a_unit_that_is_masked_or_not_there_has_no_settings),
	    IN_A_FOLDER(what_a_unit_hides_or_locks_is_known),
	};

	return cmocka_run_group_tests_name("doctor units", tests, NULL, NULL);
}
