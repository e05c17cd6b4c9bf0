/* SPDX-License-Identifier: MIT */
/*
 * What the configuration says about one certificate, all defaults filled in:
 * how it is issued, what stands in it, when and how it is renewed.
 */
#ifndef CERTD_POLICY_H
#define CERTD_POLICY_H

#include <stdint.h>

#include "config.h"
#include "profile.h"

#define POLICY_WINDOW_DEFAULT "80%"
#define POLICY_RETRY_DEFAULT "4%"

enum policy_method {
	POLICY_UNMANAGED, /* nothing is configured: it can be imported */
	POLICY_SELF_SIGNED,
	POLICY_LOCAL_CA,
	POLICY_EST,
};

/*
 * A part of a certificate's life: "80%" of it, or so long: "90min", "30day".
 * As a window, "80%" is counted from its start, the others from its end.
 */
struct policy_time {
	unsigned amount;
	enum { POLICY_PERCENT, POLICY_MINUTES, POLICY_DAYS } unit;
};

struct policy_renewal {
	bool automatic;
	struct policy_time window;
	struct policy_time retry;
	bool rotate_key;
	bool prove_by_user;     /* who uses it has to confirm a new one */
	const char *on_renewed; /* a systemd unit; NULL: none */
};

/* All pointers are borrowed from the configuration and from id. */
struct policy {
	const char *id;
	/*
	 * Whose section of cert_issuance.certs says so: that of id, unless id
	 * is an EST identity without one. NULL: nobody's.
	 */
	const char *section;
	enum policy_method method;
	const char *pk;          /* id of its key pair in keyd */
	const char *issuer_cert; /* of POLICY_LOCAL_CA */
	const char *issuer_pk;
	struct profile profile;
	struct config_est est; /* of POLICY_EST; its url is not NULL */
	struct policy_renewal renewal;
	const char *preloaded; /* "file:..." of it; NULL: in our store */
	bool is_read_only;     /* a preloaded file that is not ours to write */
};

/*
 * The policy for id. config has passed policy_check(); it and id outlive the
 * result.
 */
struct policy policy_of(const struct certd_config *config, const char *id);

/* "self_signed", "local_ca" or "est"; "none" for POLICY_UNMANAGED. */
const char *policy_method_name(enum policy_method method);

/* Reads "80%" (1 to 99), "90min" or "30day". Fails with ERROR_INVALID. */
MUST_CHECK enum error_code policy_time_parse(
    const char *text, struct policy_time *ret_time, struct error *err);

/* How many seconds time is of a life of so many seconds. */
int64_t policy_time_seconds(const struct policy_time *time, int64_t life);

/*
 * What the table of the configuration cannot check. Fails with ERROR_INVALID,
 * naming the key.
 */
MUST_CHECK enum error_code policy_check(
    const struct certd_config *config, struct error *err);

#endif
