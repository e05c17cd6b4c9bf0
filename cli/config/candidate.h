/* SPDX-License-Identifier: MIT */
/* A configuration that is read and checked, before anything is done with it. */
#ifndef CLI_CANDIDATE_H
#define CLI_CANDIDATE_H

#include "check.h"

/* A configuration, as it stands, and what is wrong with it. */
struct candidate {
	struct document document;
	struct super_config config;
	struct findings findings;
	bool is_foreign; /* it says compat by being one of IoT Edge */
	bool is_strict;  /* unknown keys of IoT Edge's files are errors */
	bool is_draft;   /* the files that it names may be yet to come */
	bool is_read;    /* config counts */
};

/* Releases the contents. */
void candidate_done(struct candidate *candidate);

/*
 * Reads the operator's file, or from laid over it (NULL: none), and checks it;
 * mistakes are among its findings. is_strict and is_draft have been set.
 *
 * Fails as document_load() does; or with ERROR_INVALID if values are not what
 * they have to be, of which each is among the findings: what they mean together
 * is not known then.
 */
MUST_CHECK enum error_code candidate_load(
    const char *from, struct candidate *candidate, struct error *err);

/* As candidate_load(), of the file from alone. */
MUST_CHECK enum error_code candidate_load_alone(
    const char *from, struct candidate *candidate, struct error *err);

/*
 * What the two do once the document is loaded; nothing else of candidate is set
 * but is_strict and is_draft.
 */
MUST_CHECK enum error_code candidate_understand(
    struct candidate *candidate, struct error *err);

/*
 * The configuration as one of ours (the caller's, to be freed with
 * secret_free()), behind a line that says where it comes from, and what follows
 * from that.
 */
MUST_CHECK enum error_code candidate_text(struct candidate *candidate,
    const char *from, char **ret_text, struct error *err);

/* Prints the findings, and what is no mistake, but may surprise. */
void candidate_print(const struct candidate *candidate);

/* {"findings","unused_sections"}; the caller's. NULL: no memory. */
json_t *candidate_describe(const struct candidate *candidate);

/* Fails with ERROR_INVALID if there are mistakes. */
MUST_CHECK enum error_code candidate_require_no_mistakes(
    const struct candidate *candidate, struct error *err);

#endif
