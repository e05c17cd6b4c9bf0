/* SPDX-License-Identifier: MIT */
/*
 * Takes secrets out of a text before it is shown or leaves the device. What is
 * not known to be harmless goes: better too much than too little.
 *
 * Redacted are: every secret that is known (PINs, keys of the configuration);
 * private keys in PEM; pin-value, SharedAccessKey, sig and password in URIs,
 * connection strings, tokens and handles; logins in URLs; the values of keys of
 * configurations that are secrets, in YAML, TOML and JSON, unless they say
 * where one is; and whatever looks like a key in base64.
 */
#ifndef CLI_REDACT_H
#define CLI_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

#define REDACTED "(hidden)"

/* Secrets that are known as such; shorter ones than that are not looked for. */
#define REDACT_SECRET_MIN 4

struct redact_secrets {
	size_t count;
	char **items;
};

/*
 * True if value, of so many bytes, says where a symmetric key is: a file URI, a
 * PKCS#11 URI, whose PIN redact_text() finds, or the id that 'config apply'
 * gives it.
 */
bool redact_is_reference(const char *value, size_t length);

/* Keeps a copy of text, which may be NULL. */
MUST_CHECK enum error_code redact_add(
    struct redact_secrets *secrets, const char *text, struct error *err);

/* Wipes and releases the contents. */
void redact_secrets_done(struct redact_secrets *secrets);

/*
 * *ret_text is text without secrets, the caller's. Fails with ERROR_INTERNAL
 * (no memory).
 */
MUST_CHECK enum error_code redact_text(const struct redact_secrets *secrets,
    const char *text, char **ret_text, struct error *err);

#endif
