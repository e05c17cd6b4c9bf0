/* SPDX-License-Identifier: MIT */
#include "status_line.h"

#include <stdio.h>

#include "common/time.h"

static void
describe_renewals(
    struct renewals *renewals, char ret_text[static DAEMON_STATUS_MAX])
{
	struct renewal_outlook outlook = renewals_outlook(renewals);
	int length = snprintf(ret_text, DAEMON_STATUS_MAX,
	    "%zu certificate%s kept fresh", outlook.count,
	    outlook.count == 1 ? " is" : "s are");

	if (outlook.failing > 0)
		length += snprintf(ret_text + length,
		    DAEMON_STATUS_MAX - (size_t)length,
		    ", renewing %zu of them has failed", outlook.failing);
	if (outlook.waiting > 0)
		length += snprintf(ret_text + length,
		    DAEMON_STATUS_MAX - (size_t)length,
		    ", %zu new one%s for proof", outlook.waiting,
		    outlook.waiting == 1 ? " waits" : "s wait");
	if (outlook.id)
		(void)snprintf(ret_text + length,
		    DAEMON_STATUS_MAX - (size_t)length,
		    "; next is '%.200s', %s", outlook.id,
		    time_format(outlook.next).text);
}

void
status_line(const struct certd *certd, char ret_text[static DAEMON_STATUS_MAX])
{
	const char *doubt = certd->engine ? engine_doubt(certd->engine) : NULL;

	if (!certd->certs)
		(void)snprintf(ret_text, DAEMON_STATUS_MAX, "degraded: %s",
		    certd->problem.message);
	else if (!certd->engine)
		(void)snprintf(
		    ret_text, DAEMON_STATUS_MAX, "nothing is renewed");
	else if (doubt)
		(void)snprintf(ret_text, DAEMON_STATUS_MAX,
		    "nothing is renewed: %s", doubt);
	else
		describe_renewals(engine_renewals(certd->engine), ret_text);
}
