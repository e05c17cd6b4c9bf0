/* SPDX-License-Identifier: MIT */
/* A CA that issues by profile, for the unit tests of profiles. */
#ifndef PROFILE_FIXTURE_H
#define PROFILE_FIXTURE_H

#include "pki_fixture.h"
#include "profile.h"

#define YEAR_2055 INT64_C(2682374400)

struct authority {
	EVP_PKEY *key;
	X509 *certificate;
};

/* Setup and teardown of a group; *state is a struct authority. */
int profile_authority_create(void **state);
int profile_authority_free(void **state);

/*
 * What authority issues by profile for a request with extensions (as
 * fixture_request()) of a key of its own, as who gets it reads it. Ends the
 * test if it does not.
 */
X509 *profile_issue(const struct authority *authority,
    const struct profile *profile, const char *key_type,
    const char *common_name, const char *const *extensions);

#endif
