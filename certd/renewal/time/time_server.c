/* SPDX-License-Identifier: MIT */
#include "time_server.h"

#include <sys/stat.h>
#include <sys/timex.h>
#include <systemd/sd-bus.h>

#include "common/cleanup.h"
#include "common/time.h"
#include "trust_time.h"

/* systemd-timesyncd touches this file when it has set the clock. */
#define SYNCHRONIZED_FILE "/run/systemd/timesync/synchronized"

#define CALL_TIMEOUT_US (5 * UINT64_C(1000000))

DEFINE_CLEANUP(bus, sd_bus, sd_bus_unref)

static bool
has_timesyncd_set_it(void)
{
	struct stat about;

	return stat(SYNCHRONIZED_FILE, &about) == 0 &&
	       trust_time_is_fresh(about.st_mtim.tv_sec, time_now());
}

/* systemd-timedated asks the kernel for us. */
static bool
does_systemd_say_so(void)
{
	CLEANUP(bus) sd_bus *bus = NULL;
	int is_synchronized = 0;

	if (sd_bus_open_system(&bus) < 0)
		return false;
	(void)sd_bus_set_method_call_timeout(bus, CALL_TIMEOUT_US);
	return sd_bus_get_property_trivial(bus, "org.freedesktop.timedate1",
		   "/org/freedesktop/timedate1", "org.freedesktop.timedate1",
		   "NTPSynchronized", NULL, 'b', &is_synchronized) >= 0 &&
	       is_synchronized;
}

/* ProtectClock=yes in our unit denies the question with what it protects. */
bool
time_server_sets_clock(void)
{
	struct timex timex = {.modes = 0};
	int state = adjtimex(&timex);

	if (state < 0)
		return has_timesyncd_set_it() || does_systemd_say_so();
	return (state != TIME_ERROR &&
		   !((unsigned)timex.status & STA_UNSYNC)) ||
	       has_timesyncd_set_it();
}
