/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PROBLEM_MAX 256

static const char zeros[] =
    "0000000000000000000000000000000000000000000000000000000000000000";

enum error_code
audit_check_init(struct audit_check *check, audit_reporter *report,
    void *context, struct error *err)
{
	*check = (struct audit_check){.report = report, .context = context};
	memcpy(check->summary.last.hash, zeros, sizeof(zeros));
	return audit_hasher_init(&check->hasher, err);
}

void
audit_check_done(struct audit_check *check)
{
	audit_hasher_done(&check->hasher);
}

__attribute__((format(printf, 3, 4))) static void
say(struct audit_check *check, bool is_error, const char *format, ...)
{
	char problem[PROBLEM_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(problem, sizeof(problem), format, args);
	va_end(args);
	check->summary.errors += is_error;
	check->report(
	    check->context, check->file, check->line, problem, is_error);
}

static void
say_missing(
    struct audit_check *check, uint64_t from, uint64_t to, const char *where)
{
	if (from == to)
		say(check, true, "record %" PRIu64 " is missing %s", from,
		    where);
	else
		say(check, true,
		    "records %" PRIu64 " to %" PRIu64 " are missing %s", from,
		    to, where);
}

/*
 * Says what is wrong with the number of a record. Returns false if the record
 * has no place in the chain.
 */
static bool
check_number(struct audit_check *check, const struct audit_place *place)
{
	uint64_t last = check->summary.last.sequence;
	uint64_t number = place->chain.sequence;

	if (check->summary.first == 0) {
		if (number > 1 && !place->previous[0])
			say(check, true,
			    "record %" PRIu64 " is no first record: what "
			    "stood before it is missing",
			    number);
		return true;
	}
	if (number <= last) {
		say(check, true,
		    "record %" PRIu64 " stands behind record %" PRIu64
		    ": it was inserted or moved",
		    number, last);
		return false;
	}
	if (number > last + 1)
		say_missing(check, last + 1, number - 1, "before this line");
	return true;
}

/* The hash that the record must have been chained to; NULL: nobody knows. */
static const char *
hash_before(const struct audit_check *check, const struct audit_place *place)
{
	const struct audit_chain *last = &check->summary.last;

	if (place->chain.sequence == last->sequence + 1)
		return last->hash;
	return place->previous[0] ? place->previous : NULL;
}

static enum error_code
check_hash(struct audit_check *check, const struct audit_place *place,
    struct error *err)
{
	const char *before = hash_before(check, place);
	char hash[AUDIT_HASH_LENGTH + 1];

	if (!before)
		return ERROR_NONE;
	if (audit_hash(
		&check->hasher, before, check->carry, place->hashed, hash, err))
		return err->code;
	if (strcmp(hash, place->chain.hash) != 0)
		say(check, true,
		    "the hash of record %" PRIu64 " is wrong: it, or the one "
		    "before it, was changed",
		    place->chain.sequence);
	return ERROR_NONE;
}

static void
check_head(struct audit_check *check, const struct audit_place *place)
{
	const struct audit_chain *head = &check->summary.head;

	if (place->chain.sequence == head->sequence &&
	    strcmp(place->chain.hash, head->hash) != 0)
		say(check, true,
		    "record %" PRIu64 " is not the one that keyd noted as its "
		    "head: the log was rewritten",
		    head->sequence);
}

static enum error_code
check_line(struct audit_check *check, struct error *err)
{
	struct audit_summary *summary = &check->summary;
	struct audit_place place;

	if (check->carried == sizeof(check->carry) ||
	    !audit_line_parse(check->carry, check->carried, &place)) {
		say(check, true, "this is no audit record");
		return ERROR_NONE;
	}
	if (!check_number(check, &place))
		return ERROR_NONE;
	if (check_hash(check, &place, err))
		return err->code;
	check_head(check, &place);
	if (summary->first == 0)
		summary->first = place.chain.sequence;
	summary->last = place.chain;
	summary->records++;
	if (check->expected && strcmp(check->expected, place.chain.hash) == 0)
		check->is_expected_there = true;
	return ERROR_NONE;
}

void
audit_check_file(struct audit_check *check, const char *file)
{
	check->file = file;
	check->line = 0;
	check->carried = 0;
	check->summary.files++;
}

/* A line that is too long fills the carry, and is refused for it. */
static void
carry(struct audit_check *check, const char *data, size_t length)
{
	size_t room = sizeof(check->carry) - check->carried;
	size_t taken = length < room ? length : room;

	memcpy(check->carry + check->carried, data, taken);
	check->carried += taken;
}

enum error_code
audit_check_feed(struct audit_check *check, const char *data, size_t length,
    struct error *err)
{
	while (length > 0) {
		const char *end = memchr(data, '\n', length);
		size_t part = end ? (size_t)(end - data) : length;

		carry(check, data, part);
		if (!end)
			return ERROR_NONE;
		check->line++;
		if (check_line(check, err))
			return err->code;
		check->carried = 0;
		data += part + 1;
		length -= part + 1;
	}
	return ERROR_NONE;
}

void
audit_check_file_end(struct audit_check *check, bool is_last)
{
	if (check->carried == 0)
		return;
	check->line++;
	say(check, !is_last,
	    is_last ? "the last line is not complete: keyd ended while it was "
		      "written, and sets it aside at its next start"
		    : "the last line is not complete");
}

void
audit_check_end(struct audit_check *check)
{
	const struct audit_summary *summary = &check->summary;

	check->line = 0;
	if (summary->last.sequence < summary->head.sequence)
		say_missing(check, summary->last.sequence + 1,
		    summary->head.sequence, "at the end");
	if (!check->expected || check->is_expected_there)
		return;
	check->file = NULL;
	if (summary->first > 1)
		say(check, true,
		    "no record has the hash %s: the log was rewritten, or that "
		    "record is older than the first one here, %" PRIu64,
		    check->expected, summary->first);
	else
		say(check, true,
		    "no record has the hash %s: the log was rewritten",
		    check->expected);
}
