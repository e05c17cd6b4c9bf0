/* SPDX-License-Identifier: MIT */
/*
 * What the configuration says about one certificate, all defaults filled in:
 * how it is issued, what stands in it, when and how it is renewed.
 */
#ifndef CERTD_POLICY_H
#define CERTD_POLICY_H

#include "config.h"
#include "policy_time.h"
#include "profile.h"

#define POLICY_WINDOW_DEFAULT "80%"
#define POLICY_RETRY_DEFAULT "4%"

enum policy_method {
	POLICY_UNMANAGED, /* nothing is configured: it can be imported */
	POLICY_SELF_SIGNED,
	POLICY_LOCAL_CA,
	POLICY_EST,
};

struct policy_renewal {
	bool is_configured; /* it is renewed so, by itself or when told to */
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

/* True if the configuration has id issue others. */
bool policy_is_issuer(const struct certd_config *config, const char *id);

/* "self_signed", "local_ca" or "est"; "none" for POLICY_UNMANAGED. */
const char *policy_method_name(enum policy_method method);

/*
 * What the table of the configuration cannot check (certd_settings_check()).
 * Fails with ERROR_INVALID, naming the key.
 */
MUST_CHECK enum error_code policy_check(
    const struct certd_config *config, struct error *err);

#endif
