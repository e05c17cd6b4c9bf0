/* SPDX-License-Identifier: MIT */
#include "token_files.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <unistd.h>

#include "common/file.h"

/* Where conf/softhsm2.conf has tokens. */
#define FOLDER "softhsm"

DEFINE_CLEANUP(tree, FTS, fts_close)

/* One that is gone is settled: SoftHSM removes what was destroyed. */
static enum error_code
settle(const char *path, struct error *err)
{
	const int file =
	    open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	enum error_code code = ERROR_NONE;

	if (file < 0 && errno == ENOENT)
		return ERROR_NONE;
	if (file < 0 || fsync(file) < 0)
		code = error_set_errno(err, ERROR_UNAVAILABLE,
		    "the token's '%s' may not be on disk", path);
	if (file >= 0)
		(void)close(file);
	return code;
}

enum error_code
token_files_settle(const char *state, time_t since, struct error *err)
{
	CLEANUP(string) char *folder = string_format("%s/" FOLDER, state);
	char *const folders[] = {folder, NULL};
	CLEANUP(tree) FTS *tree = NULL;
	const FTSENT *entry;

	if (!folder)
		return error_no_memory(err);
	if (access(folder, F_OK) < 0)
		return ERROR_NONE;
	tree = fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	if (!tree)
		return error_no_memory(err);
	while ((entry = fts_read(tree)))
		if ((entry->fts_info == FTS_F || entry->fts_info == FTS_DP) &&
		    entry->fts_statp->st_mtim.tv_sec >= since &&
		    settle(entry->fts_accpath, err))
			return err->code;
	return ERROR_NONE;
}
