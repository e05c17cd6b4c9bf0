/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/file.h"
#include "common/time.h"

#define FIRMWARE_MAX 4096

/* By DMI, or by the device tree where there is none. */
static const struct {
	const char *name;
	const char *path;
} firmware[] = {
    {"vendor",      "/sys/class/dmi/id/sys_vendor"     },
    {"product",     "/sys/class/dmi/id/product_name"   },
    {"version",     "/sys/class/dmi/id/product_version"},
    {"board",       "/sys/class/dmi/id/board_name"     },
    {"BIOS",        "/sys/class/dmi/id/bios_version"   },
    {"BIOS of",     "/sys/class/dmi/id/bios_date"      },
    {"device tree", "/proc/device-tree/model"          },
};

/* Adds a line; what the firmware does not say has none. */
static enum error_code
add_line(char **text, const char *name, const char *path, struct error *err)
{
	CLEANUP(string) char *value = NULL;
	struct error ignored;
	char *longer;

	if (file_read(path, FIRMWARE_MAX, &value, NULL, &ignored) || !*value)
		return ERROR_NONE;
	value[strcspn(value, "\n")] = '\0';
	longer = string_format("%s%s: %s\n", *text, name, value);
	if (!longer)
		return error_no_memory(err);
	free(*text);
	*text = longer;
	return ERROR_NONE;
}

enum error_code
machine_describe(char **ret_text, struct error *err)
{
	CLEANUP(string) char *text = NULL;
	struct utsname machine;

	if (uname(&machine) < 0)
		return error_set_errno(err, ERROR_INTERNAL, "uname");
	text = string_format("signetctl %s\n%s %s %s %s\nnow %s, uid %u\n",
	    SIGNET_VERSION, machine.sysname, machine.release, machine.version,
	    machine.machine, time_format(time_now()).text, (unsigned)geteuid());
	if (!text)
		return error_no_memory(err);
	for (size_t i = 0; i < sizeof(firmware) / sizeof(firmware[0]); i++)
		if (add_line(&text, firmware[i].name, firmware[i].path, err))
			return err->code;
	*ret_text = TAKE(text);
	return ERROR_NONE;
}

/* As in /proc/cpuinfo on ARM: "Serial\t\t: 10000000deadbeef". */
void
machine_hide_serials(char *text)
{
	static const char serial[] = "serial";
	char *end = text;

	while (*text) {
		size_t length = strcspn(text, "\n");

		length += text[length] == '\n';
		if (strncasecmp(text, serial, sizeof(serial) - 1) != 0) {
			(void)memmove(end, text, length);
			end += length;
		}
		text += length;
	}
	*end = '\0';
}
