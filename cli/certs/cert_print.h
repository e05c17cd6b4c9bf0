/* SPDX-License-Identifier: MIT */
/* A certificate for people. */
#ifndef CLI_CERT_PRINT_H
#define CLI_CERT_PRINT_H

#include "common/json.h"

/* Prints the facts, the policy and the findings of what certd shows of one. */
void cert_print(const json_t *certificate);

#endif
