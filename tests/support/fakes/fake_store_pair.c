/* SPDX-License-Identifier: MIT */
/* The pairs of the fake store. */
#include "fake_store_state.h"

/* The pair on P-256 whose private half is 1: its point is the generator. */
static EVP_PKEY *
make_p256(void)
{
	static const char pem[] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCAAAAAAAAAAAAAAAAAA\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAQ==\n"
	    "-----END PRIVATE KEY-----\n";
	EVP_PKEY *pair = NULL;
	struct error err;

	return private_key_from_pem(pem, &pair, &err) ? NULL : pair;
}

static EVP_PKEY *
make_pair(enum key_spec spec)
{
	static const char *const curves[] = {
	    [KEY_SPEC_P384] = "P-384",
	    [KEY_SPEC_P521] = "P-521",
	};
	static const size_t bits[] = {
	    [KEY_SPEC_RSA2048] = 2048,
	    [KEY_SPEC_RSA3072] = 3072,
	    [KEY_SPEC_RSA4096] = 4096,
	};

	if (spec == KEY_SPEC_P256)
		return make_p256();
	if (spec == KEY_SPEC_ED25519)
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (spec < KEY_SPEC_ED25519)
		return EVP_EC_gen(curves[spec]);
	return EVP_RSA_gen(bits[spec]);
}

/* Making one takes long, so keys of a kind that stay the same are all one. */
EVP_PKEY *
fake_store_pair(enum key_spec spec)
{
	static EVP_PKEY *pairs[KEY_SPEC_COUNT];

	if (!pairs[spec])
		pairs[spec] = make_pair(spec);
	if (!pairs[spec] || !EVP_PKEY_up_ref(pairs[spec]))
		abort();
	return pairs[spec];
}
