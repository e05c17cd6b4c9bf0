/* SPDX-License-Identifier: MIT */
#include "settler.h"

#include "common/log.h"

struct settler
settler_create(struct modules *modules, struct provision *provision)
{
	return (struct settler){
	    .modules = modules,
	    .provision = provision,
	    .backoff = {
			.first_ms = 5000, .maximum_ms = INT64_C(10) * 60 * 1000}
        };
}

/* A hub that does not answer has nothing against anything. */
static const char *
objection(const struct error *err)
{
	return err->code == ERROR_UNAVAILABLE || err->code == ERROR_TIMEOUT
		   ? NULL
		   : err->message;
}

int64_t
settler_settle(struct settler *settler, const struct dps_assignment *assignment)
{
	struct error err;
	int64_t delay;

	if (modules_reconcile(settler->modules, assignment, &err) ==
	    ERROR_NONE) {
		settler->backoff.failures = 0;
		provision_note_modules(settler->provision, NULL);
		return PROVISION_IDLE;
	}
	delay = backoff_next(&settler->backoff);
	log_warning("the modules are not in step with the hub: %s: trying "
		    "again in %d s",
	    err.message, (int)(delay / 1000));
	provision_note_modules(settler->provision, objection(&err));
	if (err.code == ERROR_DENIED)
		(void)provision_hub_refuses(settler->provision);
	return delay;
}
