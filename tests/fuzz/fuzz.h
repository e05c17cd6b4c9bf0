/* SPDX-License-Identifier: MIT */
/*
 * What a harness defines. libFuzzer calls it with inputs of its own making,
 * replay.c with the files of the corpus.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts unless condition holds, also in builds without assertions. */
#define FUZZ_REQUIRE(condition) ((condition) ? (void)0 : __builtin_trap())

#endif
