/* SPDX-License-Identifier: MIT */
#ifndef CLI_FILE_URI_H
#define CLI_FILE_URI_H

/*
 * The file URI of a path, which is made absolute; what is a URI already stays
 * as it is. The caller frees it; NULL: no memory.
 */
char *file_uri(const char *path);

#endif
