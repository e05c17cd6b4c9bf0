/* SPDX-License-Identifier: MIT */
#include "tpm_templates.h"

#define RSA_BITS 2048
#define RSA_BYTES (RSA_BITS / 8)
#define STORAGE_KEY                                                            \
	(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                      \
	    TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_RESTRICTED |         \
	    TPMA_OBJECT_DECRYPT)

/* RSA-2048 whose children are wrapped with AES-128-CFB. */
#define PARAMETERS                                                             \
	{                                                                      \
		.rsaDetail = {                                                 \
			.symmetric = {.algorithm = TPM2_ALG_AES,               \
				      .keyBits.aes = 128,                                \
				      .mode.aes = TPM2_ALG_CFB},                         \
			.scheme.scheme = TPM2_ALG_NULL,                        \
			.keyBits = RSA_BITS,                                   \
		}                                                              \
	}

const TPM2B_PUBLIC tpm_endorsement_template = {
    .publicArea =
	{
		     .type = TPM2_ALG_RSA,
		     .nameAlg = TPM2_ALG_SHA256,
		     .objectAttributes = STORAGE_KEY | TPMA_OBJECT_ADMINWITHPOLICY,
		     /* PolicySecret of the endorsement hierarchy. */
	    .authPolicy = {.size = 32,
		.buffer = {0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a,
		    0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7,
		    0x6e, 0x06, 0x52, 0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33,
		    0x14, 0x69, 0xaa}},
		     .parameters = PARAMETERS,
		     .unique.rsa.size = RSA_BYTES,
		     },
};

const TPM2B_PUBLIC tpm_storage_template = {
    .publicArea =
	{
		     .type = TPM2_ALG_RSA,
		     .nameAlg = TPM2_ALG_SHA256,
		     .objectAttributes =
		STORAGE_KEY | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA,
		     .parameters = PARAMETERS,
		     .unique.rsa.size = RSA_BYTES,
		     },
};
