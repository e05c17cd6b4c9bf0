/* SPDX-License-Identifier: MIT */
/* What numbers in keyd's configuration can be, for who writes it, too. */
#ifndef KEYD_LIMITS_H
#define KEYD_LIMITS_H

enum keyd_limit {
	KEYD_SESSIONS_MAX = 32,
	KEYD_TIMEOUT_MAX = 3600,     /* seconds */
	KEYD_AUDIT_SIZE_MIN = 65536, /* bytes of a file */
	KEYD_AUDIT_FILES_MAX = 10000,
	KEYD_TPM_INDEX_MAX = 0x7fffff, /* behind 0x81000000 */
};

#endif
