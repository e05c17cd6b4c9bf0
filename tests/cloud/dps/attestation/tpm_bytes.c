/* SPDX-License-Identifier: MIT */
#include "tpm_bytes.h"

#include <string.h>

void
tpm_put(struct tpm_writer *writer, const void *data, size_t length)
{
	if (length > sizeof(writer->data) - writer->length)
		writer->overflow = true;
	if (writer->overflow)
		return;
	if (length > 0)
		memcpy(writer->data + writer->length, data, length);
	writer->length += length;
}

void
tpm_put_u16(struct tpm_writer *writer, uint16_t value)
{
	unsigned char bytes[] = {
	    (unsigned char)(value >> 8), (unsigned char)value};

	tpm_put(writer, bytes, sizeof(bytes));
}

void
tpm_put_u32(struct tpm_writer *writer, uint32_t value)
{
	tpm_put_u16(writer, (uint16_t)(value >> 16));
	tpm_put_u16(writer, (uint16_t)value);
}

void
tpm_put_sized(struct tpm_writer *writer, const void *data, size_t length)
{
	if (length > UINT16_MAX)
		writer->overflow = true;
	tpm_put_u16(writer, (uint16_t)length);
	tpm_put(writer, data, length);
}

static const unsigned char *
take(struct tpm_reader *reader, size_t length)
{
	const unsigned char *data = reader->data;

	if (length > reader->length) {
		reader->underflow = true;
		reader->length = 0;
		return NULL;
	}
	reader->data += length;
	reader->length -= length;
	return data;
}

uint16_t
tpm_get_u16(struct tpm_reader *reader)
{
	const unsigned char *data = take(reader, 2);

	if (!data)
		return 0;
	return (uint16_t)(data[0] << 8 | data[1]);
}

uint32_t
tpm_get_u32(struct tpm_reader *reader)
{
	uint32_t high = tpm_get_u16(reader);

	return high << 16 | (uint32_t)tpm_get_u16(reader);
}

struct tpm_reader
tpm_get_sized(struct tpm_reader *reader)
{
	size_t length = tpm_get_u16(reader);
	const unsigned char *data = take(reader, length);

	return (struct tpm_reader){.data = data, .length = data ? length : 0};
}
