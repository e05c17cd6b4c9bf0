/* SPDX-License-Identifier: MIT */
/*
 * Local identities: a certificate of certd's and a key, for programs of the
 * device among each other. The key is made in keyd's token and lent to who
 * asks, unless localid.export_private_keys says that it is made here and given
 * away, as aziot-identityd does it.
 */
#ifndef PROVISIONING_LOCAL_IDENTITY_H
#define PROVISIONING_LOCAL_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config.h"

struct local_identity {
	char *private_key; /* PEM; one of the two, the other is NULL */
	char *key_handle;
	char *certificate; /* PEM, leaf first */
	int64_t expires;   /* seconds since 1970 */
};

/* Wipes and releases the contents, not the struct. */
void local_identity_done(struct local_identity *identity);

/*
 * Has a certificate issued, stored in certd under the name of the module, for
 * a client of TLS, and a server too if is_server. The key is lent to uid. The
 * contents of ret_identity are the caller's.
 *
 * Fails with ERROR_INVALID if localid has no domain, or if module is a name
 * that the device itself has in keyd, and as keyd and certd do, but with
 * ERROR_UPSTREAM for their ERROR_INTERNAL: nothing may be configured to issue
 * it, say.
 */
MUST_CHECK enum error_code local_identity_issue(const struct config *config,
    const char *module, bool is_server, uid_t uid,
    struct local_identity *ret_identity, struct error *err);

#endif
