/* SPDX-License-Identifier: MIT */
/* What the pages of enrollments share. */
#ifndef CLOUD_PORTAL_ENROLLMENTS_H
#define CLOUD_PORTAL_ENROLLMENTS_H

#include "enrollment.h"

/* What the pages of both kinds say differently. */
struct enrollment_words {
	const char *folder; /* of the path */
	const char *id_member;
	const char *many;
	const char *add;
};

/* By enum enrollment_kind. */
extern const struct enrollment_words enrollment_words[2];

/* How the devices of a record prove who they are, for people. */
const char *attestation_label(const json_t *record);

#endif
