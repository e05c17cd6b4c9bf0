/* SPDX-License-Identifier: MIT */
/*
 * Certificates by a few words, and signet-cloud without its socket: a database
 * in memory, requests and replies on the stack. Nothing here fails: a test
 * that cannot have its fixture ends.
 */
#ifndef CLOUD_FIXTURE_H
#define CLOUD_FIXTURE_H

#include "dispatch.h"
#include "enrollment.h"

/* A certificate and its key. */
struct identity {
	EVP_PKEY *key;
	X509 *certificate;
};

void identity_done(struct identity *identity);

struct identity_plan {
	const char *common_name;
	size_t name_length; /* 0: strlen(common_name) */
	bool is_ca;
	bool for_server; /* its extended key usage is serverAuth alone */
	const struct identity *issuer; /* NULL: self-signed */
	int64_t not_before;            /* 0: a day ago */
	int64_t not_after;             /* 0: in a day */
	const char *key_type;          /* NULL: "P-256" */
};
struct identity identity_create(const struct identity_plan *plan);

/* A list of certificates, which it borrows; NULL ends the arguments. */
x509_stack *chain_of(X509 *first, ...) __attribute__((sentinel));
void chain_free(x509_stack *chain);
DEFINE_CLEANUP(chain, x509_stack, chain_free)

#define FIXTURE_HOST "dps.example"
#define FIXTURE_HUB "hub.example"
#define FIXTURE_SCOPE "0ne00000001"

/* An endorsement key: RSA of 2048 bits, as a TPM2B_PUBLIC. */
#define FIXTURE_TPM_KEY                                                        \
	"AToAAQALAAMAsgAgg3GXZ0SEs/gakMyNRqXXJP1S124GUgtk8qHaGzMUaaoABgCA"     \
	"AEMAEAgAAAAAAAEAwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHB"     \
	"wcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHB"     \
	"wcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHB"     \
	"wcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHB"     \
	"wcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHB"     \
	"wcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwQ=="

struct cloud *cloud_open(void);
void cloud_close(struct cloud *cloud);

/* For cmocka: *state is a struct cloud. */
int cloud_setup(void **state);
int cloud_teardown(void **state);

/* Gives cloud a CA for its EST server. */
void cloud_add_est(struct cloud *cloud);

/*
 * Sends a request with a shared access signature of surface. body (which may
 * be NULL) is taken. The caller releases the reply.
 */
struct reply cloud_call(struct cloud *cloud, enum surface surface,
    const char *method, const char *target, json_t *body, const char *if_match);

/* Sends a request as the device that presents chain. */
struct reply cloud_call_as(struct cloud *cloud, const x509_stack *chain,
    const char *method, const char *target, const char *body);

/* Enrolls; slots may be NULL. members, if not NULL, is taken and added. */
void cloud_enroll(struct cloud *cloud, enum enrollment_kind kind,
    const char *id, X509 *primary, X509 *secondary, json_t *members);

/* As cloud_call_as() by who signs: authorization is the header, or NULL. */
struct reply cloud_call_signed(struct cloud *cloud, const char *authorization,
    const char *method, const char *target, const char *body);

/*
 * The header of who signs for registration id with key, a base64 text. The
 * caller frees it.
 */
char *cloud_sign(const char *id, const char *key);

/* As cloud_register(), by who signs with key; body is that of the first. */
struct reply cloud_register_signed(
    struct cloud *cloud, const char *id, const char *key, const char *body);

/* Registers and polls until it is not "assigning"; the last reply. */
struct reply cloud_register(
    struct cloud *cloud, const x509_stack *chain, const char *id);

/* A text inside the body of reply, "a.b" for one inside another; "" if none. */
const char *reply_text(const struct reply *reply, const char *path);

/* A header of reply; "" if there is none. */
const char *reply_header(const struct reply *reply, const char *name);

/* A plant: root, intermediate, and a device named "dev". */
struct plant {
	struct cloud *cloud;
	struct identity root, intermediate, device;
	x509_stack *chain; /* as the device presents it */
};

/* For cmocka: *state is a struct plant, whose administrator has the token. */
#define FIXTURE_TOKEN "the-administrators-token"
int plant_setup(void **state);
int plant_teardown(void **state);

/* Chooses as --quirk does. */
void plant_choose(struct plant *plant, const char *text);

/* Enrolls the group "line" of the root's devices; members as above. */
void plant_enroll_line(struct plant *plant, json_t *members);

/*
 * All that the database holds, as text, for a comparison of before and after.
 * The caller frees it.
 */
char *cloud_dump(struct cloud *cloud);

/* As plant_setup(), with one of everything enrolled, registered, in the hub. */
int plant_setup_full(void **state);

enum plant_caller { BY_DPS_POLICY, BY_HUB_POLICY, BY_ADMIN, BY_DEVICE };

struct plant_request {
	enum plant_caller caller;
	const char *method;
	const char *target;
	const char *body;
	size_t length;
	struct request_headers headers; /* authorization: in caller's place */
};

/* Sends what may be wrong in any way. The caller releases the reply. */
struct reply plant_send(struct plant *plant, const struct plant_request *given);

/* What is answered is an error in JSON, and nothing of a page. */
void assert_error_of(const struct reply *reply, unsigned status);

/* These compare, and release the reply. */
void assert_status(struct reply *reply, unsigned status);
void assert_refused(
    struct reply *reply, unsigned status, int code, const char *says);

/* Registers the device and compares a member of the final answer. */
void assert_registers(
    struct plant *plant, const char *path, const char *expected);

#endif
