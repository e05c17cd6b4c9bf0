/* SPDX-License-Identifier: MIT */
/* DPS, service side: individual enrollments and enrollment groups. */
#ifndef CLOUD_DPS_ENROLLMENTS_H
#define CLOUD_DPS_ENROLLMENTS_H

#include "cloud.h"
#include "enrollment.h"

/* Defines a handler as operation (with the kind as second argument) on kind. */
#define DEFINE_ENROLLMENT_HANDLER(name, operation, kind)                       \
	enum error_code name(struct cloud *cloud,                              \
	    const struct request *request, struct reply *reply,                \
	    struct error *err)                                                 \
	{                                                                      \
		return operation(cloud, kind, request, reply, err);            \
	}

/* /enrollments/{id} */
handler get_individual, put_individual, delete_individual;

/* /enrollmentGroups/{id} */
handler get_group, put_group, delete_group;

/* POST /enrollments/query, POST /enrollmentGroups/query */
handler query_individuals, query_groups;

/* POST .../{id}/attestationmechanism: the attestation with its keys. */
handler get_individual_mechanism, get_group_mechanism;

#endif
