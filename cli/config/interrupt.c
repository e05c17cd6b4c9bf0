/* SPDX-License-Identifier: MIT */
#include "interrupt.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>

static const int ending[] = {SIGHUP, SIGINT, SIGTERM};
#define ENDING (sizeof(ending) / sizeof(ending[0]))

/* One that is ignored would be pending like others once it is blocked. */
static bool
is_ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 &&
	       action.sa_handler == SIG_IGN;
}

void
interrupt_hold(void)
{
	sigset_t held;

	(void)sigemptyset(&held);
	for (size_t i = 0; i < ENDING; i++)
		if (!is_ignored(ending[i]))
			(void)sigaddset(&held, ending[i]);
	(void)sigprocmask(SIG_BLOCK, &held, NULL);
}

enum error_code
interrupt_check(struct error *err)
{
	sigset_t pending;

	if (sigpending(&pending) < 0)
		return ERROR_NONE;
	for (size_t i = 0; i < ENDING; i++)
		if (sigismember(&pending, ending[i]) == 1)
			return error_set(err, ERROR_UNAVAILABLE,
			    "interrupted by SIG%s", sigabbrev_np(ending[i]));
	return ERROR_NONE;
}
