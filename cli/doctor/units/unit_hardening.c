/* SPDX-License-Identifier: MIT */
#include "unit_hardening.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "unit_inspection.h"

void
unit_report(const struct unit_inspection *inspection, const char *place,
    const char *format, ...)
{
	char reason[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	inspection->seen(inspection->context, place, reason);
}

bool
unit_has_word(const char *words, const char *word, size_t length)
{
	while (*words) {
		size_t next = strcspn(words, " ");

		if (next == length && strncmp(words, word, length) == 0)
			return true;
		words += next;
		words += strspn(words, " ");
	}
	return false;
}

/* --- settings with one value ---------------------------------------------- */

/* Shipped is the first of what is strong enough. */
struct rule {
	unsigned daemons;
	const char *name;
	const char *values;
};

static const struct rule rules[] = {
    {UNIT_ALL,		     "NoNewPrivileges",         "yes"                         },
    {UNIT_ALL,		     "RestrictSUIDSGID",        "yes"                         },
    {UNIT_ALL,		     "RestrictNamespaces",      "yes"                         },
    {UNIT_ALL,		     "RestrictRealtime",        "yes"                         },
    {UNIT_ALL,		     "LockPersonality",         "yes"                         },
    {UNIT_ALL,		     "MemoryDenyWriteExecute",  "yes"                         },
    {UNIT_ALL,		     "RemoveIPC",               "yes"                         },
    {UNIT_ALL,		     "KeyringMode",             "private"                     },
    {UNIT_ALL,		     "ProtectSystem",           "strict"                      },
    {UNIT_ALL,		     "ProtectHome",             "yes tmpfs"                   },
    {UNIT_ALL,		     "PrivateTmp",              "yes"                         },
    {UNIT_ALL,		     "PrivateMounts",           "yes"                         },
    {UNIT_ALL,		     "ProtectProc",             "invisible ptraceable"        },
    {UNIT_ALL,		     "ProcSubset",              "pid"                         },
    {UNIT_ALL,		     "ProtectKernelTunables",   "yes"                         },
    {UNIT_ALL,		     "ProtectKernelModules",    "yes"                         },
    {UNIT_ALL,		     "ProtectKernelLogs",       "yes"                         },
    {UNIT_ALL,		     "ProtectControlGroups",    "yes"                         },
    {UNIT_ALL,		     "ProtectClock",            "yes"                         },
    {UNIT_ALL,		     "ProtectHostname",         "yes"                         },
    {UNIT_ALL,		     "SystemCallArchitectures", "native"                      },
    {UNIT_ALL,		     "DevicePolicy",            "closed strict"               },
    {UNIT_ALL,		     "LimitCORE",               "0"                           },
    {UNIT_ALL,		     "UMask",                   "0077 077 0177 0277 0377 0777"},
    {UNIT_KEYD,		    "PrivateNetwork",          "yes"                         },
    {UNIT_KEYD,		    "IPAddressDeny",           "any"                         },
    {UNIT_CERTD | UNIT_PROVISIOND, "PrivateDevices",          "yes"                         },
};

static bool
is_strong(const struct rule *rule, const char *value)
{
	return unit_has_word(rule->values, value, strlen(value)) ||
	       (strncmp(rule->values, "yes", 3) == 0 &&
		   unit_value_is_true(value));
}

static void
inspect_value(const struct unit_inspection *inspection, const struct rule *rule)
{
	const struct unit_setting *setting =
	    unit_setting_last(inspection->settings, rule->name);
	int shipped = (int)strcspn(rule->values, " ");

	if (!setting)
		unit_report(inspection, inspection->settings->file,
		    "%s=%.*s of the shipped unit is missing, or taken back",
		    rule->name, shipped, rule->values);
	else if (!is_strong(rule, setting->value))
		unit_report(inspection, setting->place,
		    "%s=%s is weaker than %s=%.*s of the shipped unit",
		    rule->name, setting->value, rule->name, shipped,
		    rule->values);
}

/* --- whose it is ---------------------------------------------------------- */

static void
inspect_user(const struct unit_inspection *inspection)
{
	const struct unit_setting *user =
	    unit_setting_last(inspection->settings, "User");
	const struct unit_setting *namespace =
	    unit_setting_last(inspection->settings, "PrivateUsers");

	if (!user)
		unit_report(inspection, inspection->settings->file,
		    "without User= the process runs as root");
	else if (strcmp(user->value, "root") == 0 ||
		 strcmp(user->value, "0") == 0)
		unit_report(inspection, user->place,
		    "User=%s: the process runs as root", user->value);
	if (namespace && unit_value_is_true(namespace->value))
		unit_report(inspection, namespace->place,
		    "PrivateUsers=%s: in a user namespace the process cannot "
		    "see who calls",
		    namespace->value);
}

/* Nobody needs one; assigning nothing is having none. */
static void
inspect_capabilities(const struct unit_inspection *inspection)
{
	static const char *const names[] = {
	    "CapabilityBoundingSet", "AmbientCapabilities"};
	const struct unit_settings *settings = inspection->settings;
	bool is_bounded = false;

	for (size_t i = 0; i < settings->count; i++)
		if (strcmp(settings->items[i].name, names[0]) == 0)
			is_bounded = true;
	if (!is_bounded)
		unit_report(inspection, settings->file,
		    "CapabilityBoundingSet= of the shipped unit is missing");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct unit_setting *setting = NULL;

		while (
		    (setting = unit_setting_next(settings, names[i], setting)))
			unit_report(inspection, setting->place,
			    "%s=%s gives the process capabilities, and the "
			    "shipped unit none",
			    names[i], setting->value);
	}
}

/* --- lists ---------------------------------------------------------------- */

/* The first word of value that known does not have; NULL: none. */
static const char *
first_unknown(const char *value, const char *known, size_t *ret_length)
{
	for (value += strspn(value, " \t"); *value;
	     value += strspn(value, " \t")) {
		*ret_length = strcspn(value, " \t");
		if (!unit_has_word(known, value, *ret_length))
			return value;
		value += *ret_length;
	}
	return NULL;
}

static void
inspect_families(const struct unit_inspection *inspection)
{
	static const char name[] = "RestrictAddressFamilies";
	const char *known = inspection->daemon == UNIT_KEYD
				? "AF_UNIX none"
				: "AF_UNIX AF_INET AF_INET6 none";
	const struct unit_setting *setting =
	    unit_setting_next(inspection->settings, name, NULL);
	const char *family;
	size_t length;

	if (!setting)
		unit_report(inspection, inspection->settings->file,
		    "%s of the shipped unit is missing, or taken back", name);
	for (; setting;
	     setting = unit_setting_next(inspection->settings, name, setting)) {
		family = first_unknown(setting->value, known, &length);
		if (family)
			unit_report(inspection, setting->place,
			    "%s=%.*s is more than the shipped unit allows",
			    name, (int)length, family);
	}
}

/* Sets of calls that a drop-in may allow again. */
#define HARMLESS_CALLS                                                         \
	"@system-service @memlock @basic-io @file-system @io-event"            \
	" @ipc @network-io @process @signal @sync @timer @default @aio @chown"

/* What single calls it may not: of @privileged, @debug, @mount, @module, ... */
#define MIGHTY_CALLS                                                           \
	"ptrace process_vm_readv process_vm_writev pidfd_getfd "               \
	"perf_event_open "                                                     \
	"userfaultfd lookup_dcookie "                                          \
	"mount umount umount2 mount_setattr move_mount open_tree fsopen "      \
	"fsconfig fsmount fspick pivot_root chroot unshare setns "             \
	"init_module finit_module delete_module create_module "                \
	"kexec_load kexec_file_load reboot swapon swapoff bpf acct quotactl "  \
	"iopl ioperm open_by_handle_at vhangup capset "                        \
	"setuid setuid32 setgid setgid32 setreuid setreuid32 setregid "        \
	"setregid32 setresuid setresuid32 setresgid setresgid32 setgroups "    \
	"setgroups32 setfsuid setfsgid sethostname setdomainname "             \
	"settimeofday clock_settime clock_settime64 adjtimex clock_adjtime "   \
	"clock_adjtime64 stime"

static void
inspect_allowed_calls(const struct unit_inspection *inspection,
    const struct unit_setting *setting)
{
	const char *rest = setting->value;
	const char *call;
	size_t length;

	while ((call = first_unknown(rest, HARMLESS_CALLS, &length))) {
		/* "CALL:ERRNO" */
		size_t name = strcspn(call, ": \t");

		if (call[0] == '@' || unit_has_word(MIGHTY_CALLS, call, name))
			unit_report(inspection, setting->place,
			    "SystemCallFilter=%.*s is more than the shipped "
			    "unit allows",
			    (int)length, call);
		rest = call + length;
	}
}

static void
inspect_calls(const struct unit_inspection *inspection)
{
	static const char name[] = "SystemCallFilter";
	static const char *const denied[] = {"@privileged", "@resources"};
	bool is_denied[] = {false, false};
	const struct unit_setting *first =
	    unit_setting_next(inspection->settings, name, NULL);

	if (!first || first->value[0] == '~') {
		unit_report(inspection,
		    first ? first->place : inspection->settings->file,
		    "%s lists no calls that are allowed, as the shipped unit "
		    "does: the process may make every other one",
		    name);
		return;
	}
	for (const struct unit_setting *setting = first; setting;
	     setting = unit_setting_next(inspection->settings, name, setting)) {
		if (setting->value[0] != '~') {
			inspect_allowed_calls(inspection, setting);
			continue;
		}
		for (size_t i = 0; i < 2; i++)
			if (unit_has_word(setting->value + 1, denied[i],
				strlen(denied[i])))
				is_denied[i] = true;
	}
	for (size_t i = 0; i < 2; i++)
		if (!is_denied[i])
			unit_report(inspection, inspection->settings->file,
			    "%s=~%s of the shipped unit is missing, or taken "
			    "back",
			    name, denied[i]);
}

void
unit_weaknesses(const struct unit_settings *settings,
    enum effective_daemon daemon, unit_weakness_seen *seen, void *context)
{
	const struct unit_inspection inspection = {
	    .settings = settings,
	    .daemon = 1U << daemon,
	    .seen = seen,
	    .context = context,
	};

	inspect_user(&inspection);
	inspect_capabilities(&inspection);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].daemons & inspection.daemon)
			inspect_value(&inspection, &rules[i]);
	inspect_families(&inspection);
	inspect_calls(&inspection);
	unit_inspect_openings(&inspection);
}
