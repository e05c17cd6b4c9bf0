/* SPDX-License-Identifier: MIT */
/* What --help shows of each command below its usage. */
#ifndef CLI_EXAMPLES_H
#define CLI_EXAMPLES_H

/* Prints the examples of command, as "config apply", on stdout. */
void examples_print(const char *command);

#endif
