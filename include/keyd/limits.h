/* SPDX-License-Identifier: MIT */
/* What numbers in keyd's configuration can be, for who writes it, too. */
#ifndef KEYD_LIMITS_H
#define KEYD_LIMITS_H

#define KEYD_SESSIONS_MAX 32U
#define KEYD_TIMEOUT_MAX 3600U     /* seconds */
#define KEYD_AUDIT_SIZE_MIN 65536U /* bytes of a file */
#define KEYD_AUDIT_FILES_MAX 10000U

#endif
