/* SPDX-License-Identifier: MIT */
/* The parts of a request that a profile may take over, as bits. */
#ifndef CERTD_PARTS_H
#define CERTD_PARTS_H

#include "profile.h"

enum part {
	PART_COMMON_NAME = 1U << 0,
	PART_ORGANIZATION = 1U << 1,
	PART_UNIT = 1U << 2,
	PART_COUNTRY = 1U << 3,
	PART_STATE = 1U << 4,
	PART_LOCALITY = 1U << 5,
	PART_SERIAL_NUMBER = 1U << 6,
	PART_OTHER_RDN = 1U << 7,
	PART_DNS = 1U << 8,
	PART_IP = 1U << 9,
	PART_URI = 1U << 10,
	PART_EMAIL = 1U << 11,
	PART_OTHER_NAME = 1U << 12,
	PART_USAGE = 1U << 13,
};
#define PART_SUBJECT 0xffU
#define PART_NAMES                                                             \
	(PART_DNS | PART_IP | PART_URI | PART_EMAIL | PART_OTHER_NAME)

/* What a profile of this kind accepts by itself. */
unsigned parts_of_kind(enum profile_kind kind);

/* The bit of an attribute of a subject. */
unsigned parts_of_rdn(int nid);

/* The bit of a subject alternative name of this type, GEN_DNS and so on. */
unsigned parts_of_name(int type);

#endif
