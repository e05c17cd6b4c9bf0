/* SPDX-License-Identifier: MIT */
#include "profile_fixture.h"

#include "cmocka_wrap.h"

int
profile_authority_create(void **state)
{
	static struct authority authority;

	authority.key = fixture_key("P-256");
	authority.certificate = fixture_ca(authority.key, "ca", YEAR_2055);
	*state = &authority;
	return 0;
}

int
profile_authority_free(void **state)
{
	const struct authority *authority = *state;

	EVP_PKEY_free(authority->key);
	X509_free(authority->certificate);
	return 0;
}

X509 *
profile_issue(const struct authority *authority, const struct profile *profile,
    const char *key_type, const char *common_name,
    const char *const *extensions)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key(key_type);
	CLEANUP(x509_req)
	X509_REQ *request = fixture_request(key, common_name, extensions);
	CLEANUP(x509) X509 *certificate = NULL;
	X509 *read;
	struct error err;

	if (profile_certificate(profile, request, authority->certificate,
		authority->key, FIXTURE_NOW, &certificate, &err))
		fail_msg("%s", err.message);
	read = X509_dup(certificate);
	assert_true(certificate_matches_key(read, key));
	assert_int_equal(X509_verify(read, authority->key), 1);
	return read;
}
