/* SPDX-License-Identifier: MIT */
/*
 * A network for unit tests: https_send() answers from a script, and the clock
 * stands still until somebody waits. Link it instead of the real client.
 */
#ifndef FAKE_HTTPS_H
#define FAKE_HTTPS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

#define FAKE_EXCHANGES_MAX 64

/* One answer. With an error code instead of a status, sending fails. */
struct fake_answer {
	enum error_code failure;
	long status;
	const char *body;
	long retry_after; /* 0: no such header */
	int64_t date;     /* 0: no such header */
	const char *content_type;
};

/* What was sent. */
struct fake_request {
	char method[8];
	char url[256];
	char body[256];
	char ca_file[64];    /* "": none */
	char ca_pem[4096];   /* "": none */
	char signature[256]; /* shared access, from "sr=" on; "": none */
	char basic[64];      /* the credentials, still base64; "": none */
	bool only_if_there;  /* If-Match: * */
	bool any_peer;
	bool has_key;
	const struct https_connection *connection; /* over which, or NULL */
};

/* Begins anew with count answers; the last one is repeated for ever. */
void fake_https_script(const struct fake_answer *answers, unsigned count);

unsigned fake_https_count(void);
const struct fake_request *fake_https_request(unsigned index);

/* The wait of struct dps_request: moves the clock, and remembers how far. */
bool fake_wait(void *context, int64_t milliseconds, const struct error *why);
unsigned fake_wait_count(void);
int64_t fake_waited(unsigned index);

/* After how many waits fake_wait() says to give up; 0: never. */
void fake_give_up_after(unsigned waits);

#endif
