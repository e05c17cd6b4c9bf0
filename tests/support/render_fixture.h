/* SPDX-License-Identifier: MIT */
/* What config apply writes for a daemon, compared with what it should. */
#ifndef RENDER_FIXTURE_H
#define RENDER_FIXTURE_H

#include "cmocka_wrap.h"

#include "render.h"

/* What provisiond is given in keyd's file. */
#define KEYS_OF_DEVICE(next)                                                   \
	"- user: \"1000\"\n"                                                   \
	"  keys:\n"                                                            \
	"  - \"device-id\"\n" next "  - \"aziot_identityd_master_id\"\n"       \
	"  rights:\n"                                                          \
	"  - \"use\"\n"                                                        \
	"  - \"export\"\n"                                                     \
	"  - \"manage\"\n"
#define DEVICES_OWN KEYS_OF_DEVICE("")
/* Where a new key may take its place. */
#define DEVICES_OWN_TWO KEYS_OF_DEVICE("  - \"device-id-next\"\n")

/*
 * The operator's configuration @text gives the daemon of @render the file
 * @expected, behind the comment that each begins with. certd is the user
 * signet-certd, provisiond the uid 1000.
 */
void assert_rendered(
    const char *text, render_daemon *render, const char *expected);

/*
 * The text of a file called name, without a mistake in it, gives the daemon of
 * render a file with this part. As above, and iotedge is Edge's daemon.
 */
void assert_renders(const char *name, const char *text, render_daemon *render,
    const char *part);

#endif
