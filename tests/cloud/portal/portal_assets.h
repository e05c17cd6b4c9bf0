/* SPDX-License-Identifier: MIT */
/* The files in assets/, which the build turns into texts. */
#ifndef CLOUD_PORTAL_ASSETS_H
#define CLOUD_PORTAL_ASSETS_H

#include <stddef.h>

struct portal_asset {
	const char *name; /* of the file */
	const char *text;
};

extern const struct portal_asset portal_assets[];
extern const size_t portal_asset_count;

#endif
