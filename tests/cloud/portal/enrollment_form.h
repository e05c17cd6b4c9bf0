/* SPDX-License-Identifier: MIT */
/* The form of an enrollment. */
#ifndef CLOUD_ENROLLMENT_FORM_H
#define CLOUD_ENROLLMENT_FORM_H

#include "cloud.h"
#include "enrollment_values.h"

struct enrollment_form {
	enum enrollment_kind kind;
	const json_t *record; /* what is stored; NULL: the enrollment is new */
	const json_t *values; /* what the fields show */
	const struct problem *problem; /* or NULL */
};

/* Writes it, with the hubs and CAs of cloud to choose from. */
MUST_CHECK enum error_code enrollment_form_write(struct html *html,
    struct cloud *cloud, const struct request *request,
    const struct enrollment_form *form, struct error *err);

#endif
