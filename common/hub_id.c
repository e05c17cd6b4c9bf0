/* SPDX-License-Identifier: MIT */
#include "common/hub_id.h"

#include <string.h>

#define ID_MAX 128
#define LETTERS_AND_DIGITS                                                     \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define MODULE_OTHERS "-.+%_#*?!(),:=@$'"
#define DEVICE_OTHERS MODULE_OTHERS ";"

/* whose is "a module's"; allowed are letters, digits, and then others. */
static enum error_code
check(const char *id, const char *whose, const char *allowed,
    const char *others, struct error *err)
{
	size_t length = strlen(id);

	if (length == 0 || length > ID_MAX)
		return error_set(err, ERROR_INVALID,
		    "%s name has 1 to %d characters", whose, ID_MAX);
	if (strspn(id, allowed) != length)
		return error_set(err, ERROR_INVALID,
		    "'%s' cannot be %s name: letters, digits and %s can stand "
		    "in one",
		    id, whose, others);
	return ERROR_NONE;
}

enum error_code
hub_device_id_check(const char *id, struct error *err)
{
	return check(id, "a device's", LETTERS_AND_DIGITS DEVICE_OTHERS,
	    DEVICE_OTHERS, err);
}

enum error_code
hub_module_id_check(const char *id, struct error *err)
{
	return check(id, "a module's", LETTERS_AND_DIGITS MODULE_OTHERS,
	    MODULE_OTHERS, err);
}
