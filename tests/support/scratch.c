/* SPDX-License-Identifier: MIT */
#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
scratch_create(void **state)
{
	char *path = strdup("/tmp/s.XXXXXX");

	if (!path || !mkdtemp(path)) {
		free(path);
		return -1;
	}
	*state = path;
	return 0;
}

static int
remove_one(
    const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

int
scratch_remove(void **state)
{
	int result = nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);

	free(*state);
	*state = NULL;
	return result;
}
