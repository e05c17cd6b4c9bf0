/* SPDX-License-Identifier: MIT */
#include "common/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * Formats into a buffer of its own first: an argument may be the very message
 * that is replaced.
 */
__attribute__((format(printf, 2, 0))) static void
set_message(struct error *err, const char *format, va_list args)
{
	char message[ERROR_MESSAGE_MAX];

	(void)vsnprintf(message, sizeof(message), format, args);
	memcpy(err->message, message, strlen(message) + 1);
}

/* Appends as much of text as fits. */
static void
append(struct error *err, const char *text)
{
	size_t used = strlen(err->message);
	size_t length = strnlen(text, sizeof(err->message) - 1 - used);

	memcpy(err->message + used, text, length);
	err->message[used + length] = '\0';
}

enum error_code
error_set(struct error *err, enum error_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_message(err, format, args);
	va_end(args);
	err->code = code;
	return code;
}

enum error_code
error_set_errno(
    struct error *err, enum error_code code, const char *format, ...)
{
	int saved = errno;
	char reason[128];
	va_list args;

	va_start(args, format);
	set_message(err, format, args);
	va_end(args);
	append(err, ": ");
	append(err, strerror_r(saved, reason, sizeof(reason)));
	err->code = code;
	return code;
}

enum error_code
error_wrap(struct error *err, const char *format, ...)
{
	struct error cause = *err;
	va_list args;

	va_start(args, format);
	set_message(err, format, args);
	va_end(args);
	append(err, ": ");
	append(err, cause.message);
	return err->code;
}

enum error_code
error_no_memory(struct error *err)
{
	return error_set(err, ERROR_INTERNAL, "out of memory");
}

static const char *const names[] = {
    [ERROR_NONE] = "none",
    [ERROR_INVALID] = "invalid",
    [ERROR_MALFORMED] = "malformed",
    [ERROR_DENIED] = "denied",
    [ERROR_NOT_FOUND] = "not-found",
    [ERROR_EXISTS] = "exists",
    [ERROR_UNAVAILABLE] = "unavailable",
    [ERROR_TIMEOUT] = "timeout",
    [ERROR_UPSTREAM] = "upstream",
    [ERROR_INTERNAL] = "internal",
};

const char *
error_code_name(enum error_code code)
{
	return names[code];
}

enum error_code
error_code_from_name(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (enum error_code)i;
	return ERROR_INTERNAL;
}
