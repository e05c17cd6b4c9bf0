/* SPDX-License-Identifier: MIT */
#include "common/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum error_code
error_set(struct error *err, enum error_code code, const char *format, ...)
{
	va_list args;

	err->code = code;
	va_start(args, format);
	(void)vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return code;
}

/* Appends as much of text as fits. */
static void
append(char message[ERROR_MESSAGE_MAX], const char *text)
{
	size_t used = strlen(message);
	size_t length = strnlen(text, ERROR_MESSAGE_MAX - 1 - used);

	memcpy(message + used, text, length);
	message[used + length] = '\0';
}

enum error_code
error_set_errno(
    struct error *err, enum error_code code, const char *format, ...)
{
	int saved = errno;
	char reason[128];
	va_list args;

	err->code = code;
	va_start(args, format);
	(void)vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	append(err->message, ": ");
	append(err->message, strerror_r(saved, reason, sizeof(reason)));
	return code;
}

enum error_code
error_wrap(struct error *err, const char *format, ...)
{
	struct error cause = *err;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);

	append(err->message, ": ");
	append(err->message, cause.message);
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
