/* SPDX-License-Identifier: MIT */
#include "machine.h"

/* What is not said here stays as it is. */
struct row {
	enum machine_state state;
	enum machine_event event;
	struct machine_step step;
};

#define KEEP(state)                                                            \
	{                                                                      \
		STATE_##state, ACT_KEEP                                        \
	}
#define SAVE(state)                                                            \
	{                                                                      \
		STATE_##state, ACT_SAVE                                        \
	}
#define FORGET(state)                                                          \
	{                                                                      \
		STATE_##state, ACT_FORGET                                      \
	}
#define ROW(state, event, step)                                                \
	{                                                                      \
		STATE_##state, EVENT_##event, step                             \
	}

static const struct row rows[] = {
    /* The first look decides what the stored assignment is worth. */
    ROW(STARTING, NO_SOURCE, KEEP(UNMANAGED)),
    ROW(STARTING, CONFIGURED, KEEP(PROVISIONED)),
    ROW(STARTING, STORED, KEEP(PROVISIONED)),
    ROW(STARTING, STORED_FIRST, KEEP(VERIFYING)),
    ROW(STARTING, STORED_OLD, KEEP(RENEWING)),
    ROW(STARTING, STORED_OTHER, KEEP(RENEWING)),
    ROW(STARTING, UNSEEN, KEEP(UNPROVED)),
    ROW(STARTING, MISSING, KEEP(ASKING)),
    ROW(STARTING, PASSING, KEEP(WAITING)),
    ROW(STARTING, WRONG, KEEP(FAILED)),

    /* Callers have had the identity, so nobody is made to wait again. */
    ROW(UNPROVED, CONFIGURED, KEEP(PROVISIONED)),
    ROW(UNPROVED, STORED, KEEP(PROVISIONED)),
    ROW(UNPROVED, STORED_FIRST, KEEP(RENEWING)),
    ROW(UNPROVED, STORED_OLD, KEEP(RENEWING)),
    ROW(UNPROVED, STORED_OTHER, KEEP(RENEWING)),
    ROW(UNPROVED, MISSING, KEEP(ASKING)),

    /*
     * Nothing to lose: what is stored, if anything, is for somebody else, until
     * the certificate of before is put back.
     */
    ROW(ASKING, CONFIGURED, KEEP(PROVISIONED)),
    ROW(ASKING, STORED, KEEP(PROVISIONED)),
    ROW(ASKING, STORED_OTHER, KEEP(RENEWING)),
    ROW(ASKING, ASSIGNED, SAVE(PROVISIONED)),
    ROW(ASKING, PASSING, KEEP(WAITING)),
    ROW(ASKING, WRONG, KEEP(FAILED)),
    ROW(ASKING, REFUSED, KEEP(FAILED)),

    ROW(WAITING, CONFIGURED, KEEP(PROVISIONED)),
    ROW(WAITING, STORED, KEEP(PROVISIONED)),
    ROW(WAITING, STORED_OTHER, KEEP(RENEWING)),
    ROW(WAITING, ASSIGNED, SAVE(PROVISIONED)),
    ROW(WAITING, WRONG, KEEP(FAILED)),
    ROW(WAITING, REFUSED, KEEP(FAILED)),

    /* Who asks for a registration, or brings another certificate, hopes. */
    ROW(FAILED, CHANGED, KEEP(ASKING)),
    ROW(FAILED, REQUEST, KEEP(ASKING)),
    ROW(FAILED, CONFIGURED, KEEP(PROVISIONED)),
    ROW(FAILED, STORED, KEEP(PROVISIONED)),
    ROW(FAILED, STORED_OTHER, KEEP(RENEWING)),
    ROW(FAILED, ASSIGNED, SAVE(PROVISIONED)),
    ROW(FAILED, PASSING, KEEP(WAITING)),

    /* As IoT Edge 1.1: any failure but a refusal brings the stored one back. */
    ROW(VERIFYING, MISSING, KEEP(ASKING)),
    ROW(VERIFYING, ASSIGNED, SAVE(PROVISIONED)),
    ROW(VERIFYING, PASSING, KEEP(TROUBLED)),
    ROW(VERIFYING, WRONG, KEEP(TROUBLED)),
    ROW(VERIFYING, REFUSED, FORGET(FAILED)),

    /* It is the same device, whatever it proves itself with. */
    ROW(PROVISIONED, MISSING, KEEP(ASKING)),
    ROW(PROVISIONED, CHANGED, KEEP(RENEWING)),
    ROW(PROVISIONED, REQUEST, KEEP(RENEWING)),
    ROW(PROVISIONED, STORED_OLD, KEEP(RENEWING)),
    ROW(PROVISIONED, ASSIGNED, SAVE(PROVISIONED)),
    ROW(PROVISIONED, PASSING, KEEP(TROUBLED)),
    ROW(PROVISIONED, WRONG, KEEP(TROUBLED)),

    ROW(RENEWING, MISSING, KEEP(ASKING)),
    ROW(RENEWING, CONFIGURED, KEEP(PROVISIONED)),
    ROW(RENEWING, ASSIGNED, SAVE(PROVISIONED)),
    ROW(RENEWING, PASSING, KEEP(TROUBLED)),
    ROW(RENEWING, WRONG, KEEP(TROUBLED)),
    ROW(RENEWING, REFUSED, FORGET(FAILED)),

    ROW(TROUBLED, MISSING, KEEP(ASKING)),
    ROW(TROUBLED, REQUEST, KEEP(RENEWING)),
    ROW(TROUBLED, CONFIGURED, KEEP(PROVISIONED)),
    ROW(TROUBLED, ASSIGNED, SAVE(PROVISIONED)),
    ROW(TROUBLED, REFUSED, FORGET(FAILED)),
};

struct machine_step
machine_next(enum machine_state state, enum machine_event event)
{
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].state == state && rows[i].event == event)
			return rows[i].step;
	return (struct machine_step){state, ACT_KEEP};
}

static const struct {
	const char *name;
	enum machine_callers callers;
	bool asks;
} states[MACHINE_STATES] = {
    [STATE_STARTING] = {"starting",    CALLERS_WAIT,         false},
    [STATE_ASKING] = {"asking",      CALLERS_WAIT,         true },
    [STATE_WAITING] = {"waiting",     CALLERS_WAIT,         true },
    [STATE_FAILED] = {"failed",      CALLERS_GET_REASON,   true },
    [STATE_VERIFYING] = {"verifying",   CALLERS_WAIT,         true },
    [STATE_UNPROVED] = {"unproved",    CALLERS_GET_IDENTITY, false},
    [STATE_PROVISIONED] = {"provisioned", CALLERS_GET_IDENTITY, false},
    [STATE_RENEWING] = {"renewing",    CALLERS_GET_IDENTITY, true },
    [STATE_TROUBLED] = {"troubled",    CALLERS_GET_IDENTITY, true },
    [STATE_UNMANAGED] = {"unmanaged",   CALLERS_GET_REASON,   false},
};

static const char *const event_names[MACHINE_EVENTS] = {
    [EVENT_NO_SOURCE] = "no source",
    [EVENT_CONFIGURED] = "configured",
    [EVENT_STORED] = "stored",
    [EVENT_STORED_FIRST] = "stored, ask first",
    [EVENT_STORED_OLD] = "stored, old",
    [EVENT_STORED_OTHER] = "stored, other",
    [EVENT_UNSEEN] = "stored, unseen",
    [EVENT_MISSING] = "missing",
    [EVENT_CHANGED] = "changed",
    [EVENT_REQUEST] = "request",
    [EVENT_ASSIGNED] = "assigned",
    [EVENT_PASSING] = "passing",
    [EVENT_WRONG] = "wrong",
    [EVENT_REFUSED] = "refused",
};

enum machine_callers
machine_callers(enum machine_state state)
{
	return states[state].callers;
}

bool
machine_asks(enum machine_state state)
{
	return states[state].asks;
}

bool
machine_is_undecided(enum machine_state state)
{
	return state == STATE_STARTING || state == STATE_UNPROVED;
}

const char *
machine_state_name(enum machine_state state)
{
	return states[state].name;
}

const char *
machine_event_name(enum machine_event event)
{
	return event_names[event];
}
