/* SPDX-License-Identifier: MIT */
/*
 * The states of provisioning and what happens to them, as a table, and nothing
 * else: no clock, no network, no disk. docs/provisioning-states.md shows it.
 */
#ifndef PROVISIONING_MACHINE_H
#define PROVISIONING_MACHINE_H

#include <stdbool.h>

enum machine_state {
	STATE_STARTING,  /* nobody has looked at anything yet */
	STATE_ASKING,    /* no assignment; one is being asked for */
	STATE_WAITING,   /* no assignment; what is wrong may pass by itself */
	STATE_FAILED,    /* no assignment; somebody must put it right */
	STATE_VERIFYING, /* the stored one counts only if nobody has another */
	STATE_UNPROVED,  /* the stored one is used, the proof not yet seen */
	STATE_PROVISIONED, /* all is well */
	STATE_RENEWING,    /* in use, and a newer one is being asked for */
	STATE_TROUBLED,    /* in use, but a newer one could not be had */
	STATE_UNMANAGED,   /* source none: there is no device */
};
#define MACHINE_STATES (STATE_UNMANAGED + 1)

enum machine_event {
	EVENT_NO_SOURCE,    /* source none is configured */
	EVENT_CONFIGURED,   /* source manual: the configuration says it all */
	EVENT_STORED,       /* what is stored was made for us as we are now */
	EVENT_STORED_FIRST, /* the same, but DPS is to be asked at each start */
	EVENT_STORED_OLD,   /* the same, but it is very old */
	EVENT_STORED_OTHER, /* the same, but by another certificate or key */
	EVENT_UNSEEN,       /* the same, but the proof could not be looked at */
	EVENT_MISSING,      /* nothing is stored for what is configured now */
	EVENT_CHANGED,      /* certificate or key are others than they were */
	EVENT_REQUEST,      /* somebody wants a new registration */
	EVENT_ASSIGNED,     /* by DPS */
	EVENT_PASSING,      /* a failure that may pass by itself */
	EVENT_WRONG,        /* a failure that does not */
	EVENT_REFUSED, /* DPS itself has said no, and has proved to be DPS */
};
#define MACHINE_EVENTS (EVENT_REFUSED + 1)

/* What becomes of the stored assignment. */
enum machine_act {
	ACT_KEEP,   /* it stays as it is, also if it is of no use now */
	ACT_SAVE,   /* the new one takes its place, before anybody is told */
	ACT_FORGET, /* it is removed, after everybody is told */
};

struct machine_step {
	enum machine_state next;
	enum machine_act act;
};

/* An event that means nothing in a state leaves all as it is. */
struct machine_step machine_next(
    enum machine_state state, enum machine_event event);

/* What callers who want the identity get. */
enum machine_callers {
	CALLERS_WAIT,
	CALLERS_GET_IDENTITY,
	CALLERS_GET_REASON,
};

enum machine_callers machine_callers(enum machine_state state);

/* True if the next attempt asks DPS. */
bool machine_asks(enum machine_state state);

/* True as long as it is not known what the stored assignment is worth. */
bool machine_is_undecided(enum machine_state state);

/* As the page calls them: "starting", "no source" and so on. */
const char *machine_state_name(enum machine_state state);
const char *machine_event_name(enum machine_event event);

#endif
