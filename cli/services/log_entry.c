/* SPDX-License-Identifier: MIT */
#include "log_entry.h"

#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/time.h"

#define MICROSECONDS INT64_C(1000000)

/* What is no text in UTF-8 is shown as far as it is one. */
static json_t *
text_of(const char *bytes, size_t length)
{
	CLEANUP(string) char *text = strndup(bytes, length);

	for (size_t i = 0; text && text[i]; i++)
		if ((unsigned char)text[i] >= 0x80)
			text[i] = '?';
	return text ? json_string(text) : NULL;
}

json_t *
log_entry_of_line(const char *daemon, const char *line)
{
	size_t length = strcspn(line, ":");
	CLEANUP(string) char *name = strndup(line, length);
	json_t *message = json_string(line);
	enum log_level level;
	struct error ignored;

	if (!message)
		message = text_of(line, strlen(line));
	if (!name || strncmp(line + length, ": ", 2) != 0 ||
	    log_level_parse(name, &level, &ignored))
		return json_pack(
		    "{s:s, s:o}", "daemon", daemon, "message", message);
	json_decref(message);
	line += length + 2;
	message = json_string(line);
	return json_pack("{s:s, s:s, s:o}", "daemon", daemon, "level", name,
	    "message", message ? message : text_of(line, strlen(line)));
}

/* ---- the journal ---- */

static const char *
member(const json_t *record, const char *name)
{
	return json_string_value(json_object_get(record, name));
}

/* By syslog's priorities (RFC 5424 section 6.2.1); NULL: none is told. */
static const char *
level_of(const json_t *record)
{
	const char *priority = member(record, "PRIORITY");

	if (!priority || *priority < '0' || *priority > '7')
		return NULL;
	return *priority <= '3'   ? "error"
	       : *priority == '4' ? "warning"
	       : *priority <= '6' ? "info"
				  : "debug";
}

/* "keyd" of "signet-keyd.service", of which systemd speaks, too. */
static char *
daemon_of(const json_t *record)
{
	static const char prefix[] = "signet-";
	const char *unit = member(record, "UNIT");

	if (!unit)
		unit = member(record, "_SYSTEMD_UNIT");
	if (!unit)
		return strdup("-");
	if (strncmp(unit, prefix, strlen(prefix)) == 0)
		unit += strlen(prefix);
	return strndup(unit, strcspn(unit, "."));
}

/* The journal has an array of bytes where there is no text. */
static json_t *
message_of(const json_t *record)
{
	json_t *value = json_object_get(record, "MESSAGE");
	size_t count = json_array_size(value);
	CLEANUP(string) char *bytes = calloc(1, count + 1);

	if (json_is_string(value))
		return json_incref(value);
	for (size_t i = 0; bytes && i < count; i++)
		bytes[i] = (char)json_integer_value(json_array_get(value, i));
	return bytes ? text_of(bytes, count) : NULL;
}

json_t *
log_entry_of_journal(const char *line)
{
	CLEANUP(json) json_t *record = json_loads(line, 0, NULL);
	const char *stamp = member(record, "__REALTIME_TIMESTAMP");
	CLEANUP(string) char *daemon = NULL;
	json_t *message;

	if (!stamp)
		return NULL;
	daemon = daemon_of(record);
	message = message_of(record);
	return json_pack("{s:s, s:s, s:s*, s:o}", "time",
	    time_format(strtoll(stamp, NULL, 10) / MICROSECONDS).text, "daemon",
	    daemon ? daemon : "-", "level", level_of(record), "message",
	    message ? message : json_string(""));
}
