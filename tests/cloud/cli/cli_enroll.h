/* SPDX-License-Identifier: MIT */
/* What the command enroll is told, and what it makes of it. */
#ifndef CLOUD_CLI_ENROLL_H
#define CLOUD_CLI_ENROLL_H

#include "enrollment.h"

#define HUBS_MAX 8

/* What may be done; bits, since an option may belong to several. */
enum enroll_action {
	ENROLL_INDIVIDUAL = 1,
	ENROLL_GROUP = 2,
	ENROLL_KEYS = 4,
	ENROLL_CHANGE = 8, /* delete, disable or enable */
};

struct enroll_options {
	unsigned given; /* bit of each option, in the order of the table */
	const char *directory;
	const char *registration_id;
	const char *group_id;
	const char *certificates[ENROLLED_CERTIFICATES]; /* files */
	const char *cas[ENROLLED_CERTIFICATES]; /* names of CA certificates */
	const char *key_files[2];               /* primary and secondary */
	const char *endorsement_key;            /* a file */
	const char *device_id;
	const char *initial_twin; /* JSON, or @FILE */
	const char *allocation_policy;
	const char *webhook;     /* for the policy custom */
	const char *reprovision; /* NULL, or as enroll_make_body() knows it */
	const char *hubs[HUBS_MAX];
	size_t hub_count;
	bool by_symmetric_key;
	bool is_edge;
	bool is_disabled;
	bool replace;
};

/* Reads the options; false after it has said what is wrong. */
bool enroll_read_options(
    int argc, char *argv[], struct enroll_options *options);

/*
 * Whether all that is given belongs to action, which is called name, and to
 * what else is given; false after it has said what does not.
 */
bool enroll_check_options(const struct enroll_options *options,
    enum enroll_action action, const char *name);

/* How many ways of attestation are named; one is right. */
size_t enroll_count_ways(const struct enroll_options *options);

/*
 * A certificate file as the service API takes it: PEM, or base64 of DER. The
 * caller frees *ret_text. Fails as file_read() does.
 */
MUST_CHECK enum error_code enroll_read_certificate(
    const char *path, char **ret_text, struct error *err);

/*
 * The body that a client of the service API would send. *ret_body is the
 * caller's. Fails with ERROR_INVALID or ERROR_MALFORMED, naming the option.
 */
MUST_CHECK enum error_code enroll_make_body(enum enrollment_kind kind,
    const struct enroll_options *options, json_t **ret_body, struct error *err);

/*
 * The primaryKey and secondaryKey of an enrollment, or, if a group and a
 * registration are named, those of that device. *ret_keys is the caller's.
 * Fails with ERROR_NOT_FOUND, and with ERROR_INVALID if there are none.
 */
MUST_CHECK enum error_code enroll_get_keys(
    const struct enroll_options *options, json_t **ret_keys, struct error *err);

#endif
