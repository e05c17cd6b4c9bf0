/* SPDX-License-Identifier: MIT */
/*
 * How a function in this project reports failure.
 *
 * A function that can fail returns an enum error_code and takes a struct
 * error * as its last parameter. The code is for programs: callers branch on
 * it, and the HTTP layer turns it into a status. The message is for people: it
 * says what was attempted, on what, and why it failed, and it gains a prefix
 * at each layer that knows something more.
 *
 * The caller owns the struct error. It holds no pointers, needs no release,
 * and is written only on failure.
 */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

#define ERROR_MESSAGE_MAX 512

enum error_code {
	ERROR_NONE = 0,
	ERROR_INVALID,   /* the request cannot be done as it stands */
	ERROR_MALFORMED, /* the request cannot be read: syntax, type, member */
	ERROR_DENIED,    /* the request is well formed, the caller may not */
	ERROR_NOT_FOUND, /* what the request names does not exist */
	ERROR_EXISTS,    /* what the request would create already does */
	ERROR_UNAVAILABLE, /* a token or a peer does not answer; try again */
	ERROR_TIMEOUT,     /* the deadline passed first */
	ERROR_UPSTREAM,    /* DPS or the hub answered, and refused */
	ERROR_INTERNAL,    /* out of memory, or a library failed us */
};

struct error {
	enum error_code code;
	char message[ERROR_MESSAGE_MAX];
};

/* Marks a function whose result must not be dropped. */
#define MUST_CHECK __attribute__((warn_unused_result))

/*
 * Records a failure and returns code, so that raising one is one statement:
 *
 *	return error_set(err, ERROR_NOT_FOUND, "no key '%s'", id);
 *
 * A message longer than ERROR_MESSAGE_MAX is truncated.
 */
enum error_code error_set(struct error *err, enum error_code code,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* As error_set(), with ": " and the text of errno behind the message. */
enum error_code error_set_errno(struct error *err, enum error_code code,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Puts "format: " in front of the message already in err and returns the code
 * already in err:
 *
 *	if (key_store_sign(store, id, digest, &signature, err))
 *		return error_wrap(err, "cannot sign request for '%s'", name);
 */
enum error_code error_wrap(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The failure that is the same everywhere. */
enum error_code error_no_memory(struct error *err);

/* The stable, lower-case name of code, as clients see it: "not-found". */
const char *error_code_name(enum error_code code);

/* The code that has name; ERROR_INTERNAL for a name that no code has. */
enum error_code error_code_from_name(const char *name);

#endif
