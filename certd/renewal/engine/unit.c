/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "common/cleanup.h"

#define CALL_TIMEOUT_US (10 * UINT64_C(1000000))

DEFINE_CLEANUP(bus, sd_bus, sd_bus_unref)

static enum error_code
code_of(int failure)
{
	if (failure == -EACCES || failure == -EPERM)
		return ERROR_DENIED;
	return failure == -ENOENT ? ERROR_INVALID : ERROR_UNAVAILABLE;
}

enum error_code
unit_start(const char *name, struct error *err)
{
	CLEANUP(bus) sd_bus *bus = NULL;
	sd_bus_error reason = SD_BUS_ERROR_NULL;
	int result;

	if (unit_check_name(name, err))
		return err->code;
	result = sd_bus_open_system(&bus);
	if (result < 0)
		return error_set(err, ERROR_UNAVAILABLE,
		    "unit '%s' cannot be started: systemd is not reached: %s",
		    name, strerrordesc_np(-result));
	(void)sd_bus_set_method_call_timeout(bus, CALL_TIMEOUT_US);
	result = sd_bus_call_method(bus, "org.freedesktop.systemd1",
	    "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
	    "StartUnit", &reason, NULL, "ss", name, "replace");
	if (result < 0)
		(void)error_set(err, code_of(result),
		    "unit '%s' cannot be started: %s", name,
		    reason.message ? reason.message : strerrordesc_np(-result));
	sd_bus_error_free(&reason);
	return result < 0 ? err->code : ERROR_NONE;
}
