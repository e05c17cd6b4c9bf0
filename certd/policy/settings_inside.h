/* SPDX-License-Identifier: MIT */
/* What the files that check settings share. */
#ifndef CERTD_SETTINGS_INSIDE_H
#define CERTD_SETTINGS_INSIDE_H

#include "certd/settings.h"

/* Whose settings are looked at. */
struct inquiry {
	const struct certd_settings *settings;
	const char *id; /* of the certificate; NULL: all of them */
	certd_settings_mistake *tell;
	void *context;
};

/* Tells a mistake at the key of the inquiry's section; NULL: the one above. */
void settings_tell(const struct inquiry *inquiry, const char *section,
    const char *key, const struct error *mistake);

/* Tells which keys would be lost when a certificate is renewed. */
void settings_check_keys(const struct inquiry *inquiry);

#endif
