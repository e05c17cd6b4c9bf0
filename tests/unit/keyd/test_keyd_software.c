/* SPDX-License-Identifier: MIT */
/* The operations that keyd does in process, by published vectors. */
#include "cmocka_wrap.h"

#include <openssl/rsa.h>
#include <string.h>

#include "software.h"

static struct error err;

static struct key_input
text(const char *characters)
{
	return (struct key_input){
	    (const unsigned char *)characters, strlen(characters)};
}

/* RFC 4231, test cases 1, 2 and 6. */
static void
macs_by_the_vectors_of_rfc_4231(void **state)
{
	static const unsigned char hi[20] = {0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
	    0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
	    0x0b, 0x0b, 0x0b};
	static const unsigned char first[] = {0xb0, 0x34, 0x4c, 0x61, 0xd8,
	    0xdb, 0x38, 0x53, 0x5c, 0xa8, 0xaf, 0xce, 0xaf, 0x0b, 0xf1, 0x2b,
	    0x88, 0x1d, 0xc2, 0x00, 0xc9, 0x83, 0x3d, 0xa7, 0x26, 0xe9, 0x37,
	    0x6c, 0x2e, 0x32, 0xcf, 0xf7};
	static const unsigned char second[] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf,
	    0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
	    0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58,
	    0xb9, 0x64, 0xec, 0x38, 0x43};
	const struct {
		struct key_input secret, message;
		const unsigned char *mac;
	} cases[] = {
	    {{hi, sizeof(hi)}, text("Hi There"),                     first },
	    {text("Jefe"),     text("what do ya want for nothing?"), second},
	};
	unsigned char mac[KEY_MAC_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(software_mac(&cases[i].secret,
				     &cases[i].message, mac, &err),
		    ERROR_NONE);
		assert_memory_equal(mac, cases[i].mac, sizeof(mac));
	}
}

/* The GCM specification's test cases 13, 14 (AES-256), 1 and 2 (AES-128). */
static void
seals_by_the_vectors_of_gcm(void **state)
{
	static const unsigned char zeros[32];
	static const struct {
		size_t key, plain;
		unsigned char sealed[32];
	} cases[] = {
	    {32, 0,
             {0x53, 0x0f, 0x8a, 0xfb, 0xc7, 0x45, 0x36, 0xb9, 0xa9, 0x63,
		    0xb4, 0xf1, 0xc4, 0xcb, 0x73, 0x8b}},
	    {32, 16,
             {0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e,
		    0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18, 0xd0, 0xd1, 0xc8, 0xa7,
		    0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a,
		    0xb9, 0x19}                        },
	    {16, 0,
             {0x58, 0xe2, 0xfc, 0xce, 0xfa, 0x7e, 0x30, 0x61, 0x36, 0x7f,
		    0x1d, 0x57, 0xa4, 0xe7, 0x45, 0x5a}},
	    {16, 16,
             {0x03, 0x88, 0xda, 0xce, 0x60, 0xb6, 0xa3, 0x92, 0xf3, 0x28,
		    0xc2, 0xb9, 0x71, 0xb2, 0xfe, 0x78, 0xab, 0x6e, 0x47, 0xd4,
		    0x2c, 0xec, 0x13, 0xbd, 0xf5, 0x3a, 0x67, 0xb2, 0x12, 0x57,
		    0xbd, 0xdf}                        },
	};
	const struct key_seal seal = {
	    {zeros, 12},
            {NULL,  0 }
        };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key_input key = {zeros, cases[i].key};
		struct key_input plain = {zeros, cases[i].plain};
		unsigned char sealed[32], back[16];
		struct key_input input = {
		    sealed, cases[i].plain + KEY_SEAL_SIZE};
		bool genuine;

		assert_int_equal(
		    software_seal(&key, &seal, &plain, sealed, &err),
		    ERROR_NONE);
		assert_memory_equal(
		    sealed, cases[i].sealed, cases[i].plain + KEY_SEAL_SIZE);
		assert_int_equal(
		    software_unseal(&key, &seal, &input, back, &genuine, &err),
		    ERROR_NONE);
		assert_true(genuine);
		assert_memory_equal(back, zeros, cases[i].plain);
	}
}

static void
refuses_what_cannot_be_sealed(void **state)
{
	static const unsigned char zeros[KEY_IV_MAX + 1];
	const struct {
		size_t key, iv, sealed;
	} cases[] = {
	    {31, 12,             16}, /* no AES key */
	    {24, 12,             16},
	    {0,  12,             16},
	    {32, 0,              16}, /* no IV */
	    {32, KEY_IV_MAX + 1, 16},
	    {32, 12,             15}, /* no tag */
	    {32, 12,             0 },
	};
	unsigned char back[16];
	bool genuine;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key_input key = {zeros, cases[i].key};
		struct key_seal seal = {
		    {zeros, cases[i].iv},
                    {NULL,  0          }
                };
		struct key_input sealed = {zeros, cases[i].sealed};

		assert_int_equal(
		    software_unseal(&key, &seal, &sealed, back, &genuine, &err),
		    ERROR_INVALID);
	}
}

/* What a token's raw RSA yields is what OpenSSL does with the key itself. */
static void
removes_every_padding_as_the_key_itself_does(void **state)
{
	static const unsigned char message[] = "message";
	CLEANUP(pkey) EVP_PKEY *pair = EVP_RSA_gen(2048);
	const struct key_input label = text("label"), other = text("labex");

	(void)state;
	for (enum key_padding padding = KEY_PADDING_PKCS1;
	     padding <= KEY_PADDING_OAEP_SHA512; padding++) {
		CLEANUP(pkey_ctx)
		EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pair, NULL);
		const EVP_MD *hash = software_oaep_hash(padding);
		struct key_plain block, plain;
		unsigned char encrypted[256];
		size_t length = sizeof(encrypted);
		struct key_input ciphertext = {encrypted, sizeof(encrypted)};

		assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
		assert_int_equal(
		    EVP_PKEY_CTX_set_rsa_padding(context,
			hash ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING),
		    1);
		if (hash) {
			assert_int_equal(
			    EVP_PKEY_CTX_set_rsa_oaep_md(context, hash), 1);
			assert_int_equal(
			    EVP_PKEY_CTX_set0_rsa_oaep_label(
				context, OPENSSL_strdup("label"), 5),
			    1);
		}
		assert_int_equal(EVP_PKEY_encrypt(context, encrypted, &length,
				     message, sizeof(message)),
		    1);
		assert_int_equal(software_decrypt(pair, KEY_PADDING_NONE,
				     &ciphertext, &label, &block, &err),
		    ERROR_NONE);
		assert_int_equal(
		    software_unpad(padding, &block, &label, &plain, &err),
		    ERROR_NONE);
		assert_int_equal(plain.length, sizeof(message));
		assert_memory_equal(plain.data, message, sizeof(message));
		if (hash)
			assert_int_equal(software_unpad(padding, &block, &other,
					     &plain, &err),
			    ERROR_INVALID);
		block.data[1] ^= 1;
		assert_int_equal(
		    software_unpad(padding, &block, &label, &plain, &err),
		    ERROR_INVALID);
	}
}

static void
agrees_with_both_sides(void **state)
{
	static const char *const curves[] = {"P-256", "P-384", "P-521"};

	(void)state;
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		CLEANUP(pkey) EVP_PKEY *one = EVP_EC_gen(curves[i]);
		CLEANUP(pkey) EVP_PKEY *two = EVP_EC_gen(curves[i]);
		CLEANUP(pkey)
		EVP_PKEY *foreign = EVP_EC_gen(curves[(i + 1) % 3]);
		struct key_public public_one, public_two, public_foreign;
		struct key_plain first, second;

		assert_int_equal(
		    key_public_from_pkey(one, &public_one, &err), ERROR_NONE);
		assert_int_equal(
		    key_public_from_pkey(two, &public_two, &err), ERROR_NONE);
		assert_int_equal(
		    key_public_from_pkey(foreign, &public_foreign, &err),
		    ERROR_NONE);
		assert_int_equal(
		    software_agree(one, &public_two, &first, &err), ERROR_NONE);
		assert_int_equal(
		    software_agree(two, &public_one, &second, &err),
		    ERROR_NONE);
		assert_int_equal(first.length, key_public_size(&public_one));
		assert_int_equal(second.length, first.length);
		assert_memory_equal(first.data, second.data, first.length);
		assert_int_equal(
		    software_agree(one, &public_foreign, &first, &err),
		    ERROR_INVALID);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(macs_by_the_vectors_of_rfc_4231),
	    cmocka_unit_test(seals_by_the_vectors_of_gcm),
	    cmocka_unit_test(refuses_what_cannot_be_sealed),
	    cmocka_unit_test(removes_every_padding_as_the_key_itself_does),
	    cmocka_unit_test(agrees_with_both_sides),
	};

	return cmocka_run_group_tests_name("keyd software", tests, NULL, NULL);
}
