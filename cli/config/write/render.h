/* SPDX-License-Identifier: MIT */
/*
 * From the operator's configuration to that of each daemon. The files that it
 * names become ids: keyd alone knows where keys are, certd alone where
 * certificates are, and provisiond knows ids only.
 */
#ifndef CLI_RENDER_H
#define CLI_RENDER_H

#include "super_config.h"

/* What the daemons' files have of the machine that they are for. */
struct render_users {
	/* The users that the daemons run as, by name or decimal uid. */
	const char *certd;
	const char *provisiond;
	const char *edged;   /* IoT Edge's own daemon; NULL: there is none */
	const char *secrets; /* the folder of keys that stand in place */
};

/* Each yields the YAML text of a file. The caller owns it: secret_free(). */
typedef enum error_code render_daemon(const struct super_config *config,
    const struct render_users *users, char **ret_text, struct error *err);

render_daemon render_keyd;
render_daemon render_certd;
render_daemon render_provisiond;

#endif
