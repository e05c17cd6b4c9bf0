/* SPDX-License-Identifier: MIT */
/*
 * The doctor: checks of a device from outside, one at a time, each of which can
 * say what is wrong with which object, why, and what to do.
 *
 * The table of checks is doctor_checks; docs/checks.md describes it.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <sys/types.h>

#include "common/json.h"
#include "effective.h"
#include "service.h"

/* What a check came to; the worse, the larger. */
enum doctor_result {
	DOCTOR_OK,
	DOCTOR_IGNORED, /* it does not apply to this device */
	DOCTOR_SKIPPED, /* it cannot be made, because of what others found */
	DOCTOR_WARNING,
	DOCTOR_ERROR,
};

const char *doctor_result_name(enum doctor_result result);

/* What a daemon says of itself. */
struct doctor_daemon {
	json_t *health; /* NULL: it does not answer */
	struct error error;
};

/* What is known of the device; what is not there is NULL. */
struct doctor {
	struct effective config;
	struct doctor_daemon daemons[SERVICE_COUNT];
	json_t *provisioning; /* as provisiond says it */
	json_t *keys;         /* as keyd lists them */
	struct error keys_error;
	json_t *certificates; /* as certd lists them */
	struct error certificates_error;
	int64_t now;
};

/* Asks the daemons and reads their configuration; what fails is a fact, too. */
void doctor_examine(struct doctor *ret_doctor);

/* Releases the contents. */
void doctor_done(struct doctor *doctor);

/* --- what a check says ---------------------------------------------------- */

/* What one check has found so far. */
struct report {
	enum doctor_result result;
	json_t *findings;
};

#define DOCTOR_NO_UID ((uid_t)-1)

/*
 * One thing that is wrong. object may be NULL, if it is the device; so may fix,
 * if nothing is wrong (report_skip(), report_ignore()).
 */
struct finding {
	const char *object; /* a file, a key's id, a host */
	uid_t uid;          /* of whom it is true, or DOCTOR_NO_UID */
	const char *reason; /* the CKR, the errno, the TLS alert, in words */
	const char *fix;    /* what to do */
};

void report_error(struct report *report, const struct finding *finding);
void report_warning(struct report *report, const struct finding *finding);

/*
 * The check, or a part of it, has not been made; reason says why. Other parts
 * may have found something, which counts for more.
 */
void report_skip(struct report *report, const char *reason);
void report_ignore(struct report *report, const char *reason);

/*
 * True if the configuration of daemon could not be read, so that nothing can be
 * said; then the check is skipped.
 */
bool report_unread(const struct doctor *doctor, enum effective_daemon daemon,
    struct report *report);

/*
 * The same, if what failed by err is not for who asks; root is not told to be
 * root.
 */
bool report_denied(const struct error *err, struct report *report);

/* The same, as is most common: an object, a reason, and what to do. */
#define FINDING(an_object, a_reason, a_fix)                                    \
	(&(struct finding){.object = (an_object),                              \
	    .uid = DOCTOR_NO_UID,                                              \
	    .reason = (a_reason),                                              \
	    .fix = (a_fix)})

/* --- the checks ----------------------------------------------------------- */

typedef void doctor_check(const struct doctor *doctor, struct report *report);

struct doctor_entry {
	const char *id;    /* "dps-tls" */
	const char *layer; /* "network" */
	const char *title; /* what is so if nothing is wrong */
	doctor_check *run;
};

extern const struct doctor_entry doctor_checks[];
extern const size_t doctor_check_count;

/*
 * Makes one check: {"id","layer","title","result","findings":[{"object","uid",
 * "severity","reason","fix"}]}. The caller's; NULL: no memory.
 */
json_t *doctor_run(const struct doctor_entry *entry,
    const struct doctor *doctor, enum doctor_result *ret_result);

/* True if id stands in list, ids separated by commas. */
bool doctor_list_has(const char *list, const char *id);

/* The first id in list that no check has, in name; false: there is none. */
bool doctor_list_unknown(const char *list, char *name, size_t size);

doctor_check check_config_well_formed;
doctor_check check_keyd_config;
doctor_check check_certd_config;
doctor_check check_provisiond_config;
doctor_check check_configs_up_to_date;
doctor_check check_hostname;
doctor_check check_paths;
doctor_check check_pins;
doctor_check check_disk_space;
doctor_check check_keyd_running;
doctor_check check_certd_running;
doctor_check check_provisiond_running;
doctor_check check_versions;
doctor_check check_hardening;
doctor_check check_renewals;
doctor_check check_token;
doctor_check check_token_uris;
doctor_check check_tpm_lockout;
doctor_check check_keys_read;
doctor_check check_certs_preloaded;
doctor_check check_certs_read;
doctor_check check_certs_match_keys;
doctor_check check_identity_certificate;
doctor_check check_local_ca;
doctor_check check_est_certificates;
doctor_check check_chain;
doctor_check check_registration_id;
doctor_check check_dns;
doctor_check check_proxy;
doctor_check check_dps_tls;
doctor_check check_clock;
doctor_check check_hub_tls;
doctor_check check_hub_mqtt;
doctor_check check_hub_amqp;
doctor_check check_est_https;
doctor_check check_est_tls;
doctor_check check_provisioned;

#endif
