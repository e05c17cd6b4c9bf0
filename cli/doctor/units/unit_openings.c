/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "unit_inspection.h"

#define BLANKS " \t"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- lists of words ------------------------------------------------------- */

/* A word of a value, without the quotes around it. */
struct word {
	const char *text;
	size_t length;
};

static bool
word_is(struct word word, const char *text)
{
	return strlen(text) == word.length &&
	       strncmp(word.text, text, word.length) == 0;
}

static bool
word_begins(struct word word, const char *with)
{
	size_t length = strlen(with);

	return word.length >= length && strncmp(word.text, with, length) == 0;
}

/* The next word of *rest; an empty one: there is none. */
static struct word
next_word(const char **rest)
{
	struct word word;

	*rest += strspn(*rest, BLANKS "\"'");
	word = (struct word){*rest, strcspn(*rest, BLANKS "\"'")};
	*rest += word.length;
	return word;
}

/* A folder of the system, or what is in it. */
static bool
is_system_path(struct word word)
{
	static const char *const folders[] = {"/etc", "/usr", "/bin", "/sbin",
	    "/lib", "/lib32", "/lib64", "/boot", "/root", "/proc", "/sys"};
	static const char *const wide[] = {
	    "", "/var", "/var/lib", "/run", "/home", "/dev", "/opt", "/srv"};

	/* "-" and "+" (systemd.exec(5)); of "source:place:options" the source.
	 */
	while (word.length > 0 && strchr("-+", word.text[0]))
		word = (struct word){word.text + 1, word.length - 1};
	for (size_t i = 0; i < word.length; i++)
		if (word.text[i] == ':')
			word.length = i;
	while (word.length > 0 && word.text[word.length - 1] == '/')
		word.length--;
	for (size_t i = 0; i < COUNT(wide); i++)
		if (word_is(word, wide[i]))
			return true;
	for (size_t i = 0; i < COUNT(folders); i++)
		if (word_begins(word, folders[i]) &&
		    (word.length == strlen(folders[i]) ||
			word.text[strlen(folders[i])] == '/'))
			return true;
	return false;
}

/* Memory, disks, or all of a kind: not the device of a token. */
static bool
is_wide_device(struct word word)
{
	static const char *const devices[] = {"/dev/mem", "/dev/kmem",
	    "/dev/port", "/dev/sd", "/dev/vd", "/dev/xvd", "/dev/nvme",
	    "/dev/mmcblk", "/dev/dm-", "/dev/mapper/", "/dev/disk/",
	    "/dev/block/", "/dev/loop", "/dev/md", "block-", "char-*",
	    "char-mem"};

	for (size_t i = 0; i < COUNT(devices); i++)
		if (word_begins(word, devices[i]))
			return true;
	return false;
}

static bool
is_mighty_group(struct word word)
{
	return unit_has_word("root 0 disk kmem shadow sudo wheel docker lxd",
	    word.text, word.length);
}

static bool
is_unconfined(struct word word)
{
	return word_is(word, "unconfined") || word_is(word, "-unconfined");
}

static bool
is_any(struct word word)
{
	(void)word;
	return true;
}

static bool
is_true(struct word word)
{
	char text[8] = "";

	if (word.length < sizeof(text))
		memcpy(text, word.text, word.length);
	return unit_value_is_true(text);
}

struct opening {
	unsigned daemons;
	const char *name;
	bool (*is_wide)(struct word word);
	const char *effect;
};

static const struct opening openings[] = {
    {UNIT_KEYD, "IPAddressAllow",       is_any,          "opens the network to it"},
    {UNIT_KEYD, "NetworkNamespacePath", is_any,          "gives it a network"     },
    {UNIT_ALL,  "ReadWritePaths",       is_system_path,
     "lets it write what belongs to the system"                                   },
    {UNIT_ALL,  "BindPaths",            is_system_path,
     "lets it write what belongs to the system"                                   },
    {UNIT_ALL,  "DeviceAllow",          is_wide_device,
     "opens memory, disks, or a whole kind of devices to it"                      },
    {UNIT_ALL,  "SupplementaryGroups",  is_mighty_group,
     "gives it the rights of a group that may do more than its job"               },
    {UNIT_ALL,  "Group",                is_mighty_group,
     "gives it the rights of a group that may do more than its job"               },
    {UNIT_ALL,  "AppArmorProfile",      is_unconfined,   "takes its profile away" },
    {UNIT_ALL,  "DynamicUser",          is_true,
     "makes it another user than the one to whom its state belongs"               },
};

static void
inspect_opening(
    const struct unit_inspection *inspection, const struct opening *opening)
{
	const struct unit_setting *setting = NULL;

	while ((setting = unit_setting_next(
		    inspection->settings, opening->name, setting))) {
		const char *rest = setting->value;
		struct word word;

		/* Of a device its kind of access follows. */
		while ((word = next_word(&rest)).length > 0)
			if (opening->is_wide(word))
				unit_report(inspection, setting->place,
				    "%s=%.*s %s", opening->name,
				    (int)word.length, word.text,
				    opening->effect);
	}
}

/* --- what is run ---------------------------------------------------------- */

/* systemd.service(5): what may stand before a program, and what gives power. */
#define PREFIXES "@-:+!|"
#define POWERFUL "+!"

static struct word
program_of(const char *value)
{
	value += strspn(value, PREFIXES);
	return next_word(&value);
}

static void
inspect_commands(const struct unit_inspection *inspection)
{
	static const char *const names[] = {"ExecCondition", "ExecStartPre",
	    "ExecStart", "ExecStartPost", "ExecReload", "ExecStop",
	    "ExecStopPost"};

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct unit_setting *setting = NULL;

		while ((setting = unit_setting_next(
			    inspection->settings, names[i], setting)))
			if (strcspn(setting->value, POWERFUL) <
			    strspn(setting->value, PREFIXES))
				unit_report(inspection, setting->place,
				    "%s=%.200s is run with all privileges",
				    names[i], setting->value);
	}
}

/* Other arguments are no weakness; another program is not ours. */
static void
inspect_program(const struct unit_inspection *inspection)
{
	static const char name[] = "ExecStart";
	const struct unit_settings *settings = inspection->settings;
	const struct unit_setting *last = unit_setting_last(settings, name);
	const struct unit_setting *shipped = NULL;
	struct word program;
	struct word own;

	for (size_t i = 0; !shipped && i < settings->count; i++)
		if (strcmp(settings->items[i].name, name) == 0)
			shipped = &settings->items[i];
	if (!last || !shipped)
		return;
	program = program_of(last->value);
	own = program_of(shipped->value);
	if (program.length != own.length ||
	    strncmp(program.text, own.text, own.length) != 0)
		unit_report(inspection, last->place,
		    "%s=%.*s is run, and not %.*s", name, (int)program.length,
		    program.text, (int)own.length, own.text);
}

/* "0", "0s", "0 min" and "infinity" are none. */
static void
inspect_watchdog(const struct unit_inspection *inspection)
{
	static const char name[] = "WatchdogSec";
	const struct unit_setting *setting =
	    unit_setting_last(inspection->settings, name);

	if (!setting)
		unit_report(inspection, inspection->settings->file,
		    "%s= of the shipped unit is missing, or taken back", name);
	else if (strcmp(setting->value, "infinity") == 0 ||
		 strpbrk(setting->value, "123456789") == NULL)
		unit_report(inspection, setting->place,
		    "%s=%s: nobody ends it when it hangs", name,
		    setting->value);
}

void
unit_inspect_openings(const struct unit_inspection *inspection)
{
	for (size_t i = 0; i < COUNT(openings); i++)
		if (openings[i].daemons & inspection->daemon)
			inspect_opening(inspection, &openings[i]);
	inspect_commands(inspection);
	inspect_program(inspection);
	inspect_watchdog(inspection);
}
