/* SPDX-License-Identifier: MIT */
#include "archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"

#define BLOCK 512
#define MODE 0600
#define TEXT_MAX ((size_t)64 * 1024 * 1024)

struct archive {
	FILE *stream;
	char *data;
	size_t length;
	int64_t now;
};

/* POSIX.1-2017, pax: the ustar interchange format. All is text. */
struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[6];
	char version[2];
	char rest[247];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

enum error_code
archive_create(int64_t now, struct archive **ret_archive, struct error *err)
{
	CLEANUP(archive) struct archive *archive = calloc(1, sizeof(*archive));

	if (!archive)
		return error_no_memory(err);
	archive->now = now;
	archive->stream = open_memstream(&archive->data, &archive->length);
	if (!archive->stream)
		return error_no_memory(err);
	*ret_archive = TAKE(archive);
	return ERROR_NONE;
}

void
archive_free(struct archive *archive)
{
	if (!archive)
		return;
	if (archive->stream)
		(void)fclose(archive->stream);
	free(archive->data);
	free(archive);
}

/* The sum of all bytes, while its own place is blank. */
static void
set_checksum(struct header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	unsigned sum = 0;

	memset(header->checksum, ' ', sizeof(header->checksum));
	for (size_t i = 0; i < sizeof(*header); i++)
		sum += bytes[i];
	(void)snprintf(header->checksum, sizeof(header->checksum), "%06o", sum);
}

enum error_code
archive_add(struct archive *archive, const char *name, const char *text,
    struct error *err)
{
	static const char padding[BLOCK];
	struct header header = {.type = '0'};
	size_t length = strlen(text);

	if (strlen(name) >= sizeof(header.name))
		return error_set(err, ERROR_INVALID,
		    "the name '%s' is too long for an archive", name);
	if (length > TEXT_MAX)
		return error_set(err, ERROR_INVALID,
		    "'%s' is too large for an archive", name);
	(void)snprintf(header.name, sizeof(header.name), "%s", name);
	(void)snprintf(header.mode, sizeof(header.mode), "%07o", MODE);
	(void)snprintf(header.uid, sizeof(header.uid), "%07o", 0);
	(void)snprintf(header.gid, sizeof(header.gid), "%07o", 0);
	(void)snprintf(
	    header.size, sizeof(header.size), "%011o", (unsigned)length);
	(void)snprintf(header.mtime, sizeof(header.mtime), "%011o",
	    (unsigned)archive->now); /* good until 2106 */
	memcpy(header.magic, "ustar", sizeof(header.magic));
	memcpy(header.version, "00", sizeof(header.version));
	set_checksum(&header);
	(void)fwrite(&header, sizeof(header), 1, archive->stream);
	(void)fwrite(text, 1, length, archive->stream);
	(void)fwrite(
	    padding, 1, (BLOCK - length % BLOCK) % BLOCK, archive->stream);
	return ferror(archive->stream) ? error_no_memory(err) : ERROR_NONE;
}

enum error_code
archive_write(struct archive *archive, const char *path, struct error *err)
{
	static const char end[2 * BLOCK];

	(void)fwrite(end, sizeof(end), 1, archive->stream);
	if (fclose(TAKE(archive->stream)) != 0)
		return error_no_memory(err);
	if (!path)
		return fwrite(archive->data, 1, archive->length, stdout) ==
				   archive->length &&
			       fflush(stdout) == 0
			   ? ERROR_NONE
			   : error_set_errno(
				 err, ERROR_INTERNAL, "standard output");
	return file_write(path, archive->data, archive->length, MODE, err);
}
