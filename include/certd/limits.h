/* SPDX-License-Identifier: MIT */
/* What numbers in certd's configuration can be, for who writes it, too. */
#ifndef CERTD_LIMITS_H
#define CERTD_LIMITS_H

enum certd_limit {
	CERTD_EXPIRY_DAYS_DEFAULT = 30,
	CERTD_EXPIRY_DAYS_MAX = 36500,
};

#endif
