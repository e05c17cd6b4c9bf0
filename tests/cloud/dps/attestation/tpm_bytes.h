/* SPDX-License-Identifier: MIT */
/* Marshalling as a TPM does it: big endian, sized buffers of up to 64 KiB. */
#ifndef CLOUD_TPM_BYTES_H
#define CLOUD_TPM_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TPM_BYTES_MAX 2048

/* What is being written. Too much sets overflow, and nothing more is added. */
struct tpm_writer {
	size_t length;
	bool overflow;
	unsigned char data[TPM_BYTES_MAX];
};

void tpm_put_u16(struct tpm_writer *writer, uint16_t value);
void tpm_put_u32(struct tpm_writer *writer, uint32_t value);
void tpm_put(struct tpm_writer *writer, const void *data, size_t length);

/* With its size in front: a TPM2B. */
void tpm_put_sized(struct tpm_writer *writer, const void *data, size_t length);

/* What is being read. Too little sets underflow; values are then 0. */
struct tpm_reader {
	const unsigned char *data;
	size_t length; /* of what is left */
	bool underflow;
};

uint16_t tpm_get_u16(struct tpm_reader *reader);
uint32_t tpm_get_u32(struct tpm_reader *reader);

/* The contents of a TPM2B; borrowed. */
struct tpm_reader tpm_get_sized(struct tpm_reader *reader);

#endif
