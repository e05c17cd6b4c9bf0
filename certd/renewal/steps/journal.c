/* SPDX-License-Identifier: MIT */
#include "journal.h"

#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "common/json.h"

#define MODE 0600

/* The first one is not written. */
static const char *const wishes[] = {
    [JOURNAL_NO_WISH] = "no",
    [JOURNAL_WANTED] = "wanted",
    [JOURNAL_WANTED_AGAIN] = "wanted again",
};

static const char *const names[] = {
    [JOURNAL_IDLE] = "idle",
    [JOURNAL_KEY] = "key",
    [JOURNAL_ASKED] = "asked",
    [JOURNAL_CANDIDATE] = "candidate",
    [JOURNAL_CONFIRMED] = "confirmed",
    [JOURNAL_SWITCHED] = "switched",
};

void
journal_done(struct journal *journal)
{
	free(journal->key);
	free(journal->certificate);
	*journal = (struct journal){.stage = JOURNAL_IDLE};
}

bool
journal_copy(const struct journal *journal, struct journal *ret_copy)
{
	CLEANUP_DONE(journal) struct journal copy = *journal;

	copy.key = journal->key ? strdup(journal->key) : NULL;
	copy.certificate =
	    journal->certificate ? strdup(journal->certificate) : NULL;
	if ((journal->key && !copy.key) ||
	    (journal->certificate && !copy.certificate))
		return false;
	*ret_copy = TAKE_CONTENTS(copy);
	return true;
}

const char *
journal_stage_name(enum journal_stage stage)
{
	return names[stage];
}

char *
journal_text(const char *id, const struct journal *journal)
{
	CLEANUP(json)
	json_t *value = json_pack("{s:s, s:s, s:s*, s:s*, s:b, s:s, s:s*, s:I, "
				  "s:s, s:I, s:b, s:I, s:I, s:I, "
				  "s:I, s:I, s:s}",
	    "id", id, "stage", names[journal->stage], "wish",
	    journal->wish ? wishes[journal->wish] : NULL, "key", journal->key,
	    "otherName", journal->has_other_name, "keyDigest",
	    journal->key_digest, "certificate", journal->certificate,
	    "candidateSince", (json_int_t)journal->candidate_since,
	    "leafDigest", journal->leaf_digest, "since",
	    (json_int_t)journal->since, "ours", journal->is_ours, "next",
	    (json_int_t)journal->next, "attempts",
	    (json_int_t)journal->attempts, "failingSince",
	    (json_int_t)journal->failing_since, "lastAttempt",
	    (json_int_t)journal->last_attempt, "lastSuccess",
	    (json_int_t)journal->last_success, "error", journal->error);

	return value ? json_text(value) : NULL;
}

static enum error_code
find_name(const char *const *all, size_t count, const char *name,
    size_t *ret_which, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i], name) == 0) {
			*ret_which = i;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID, "unknown '%.40s'", name);
}

static enum error_code
read_names(const json_t *value, struct journal *journal, struct error *err)
{
	const char *stage, *wish;
	size_t which;

	if (json_get_string(value, "stage", &stage, err) ||
	    find_name(
		names, sizeof(names) / sizeof(names[0]), stage, &which, err))
		return err->code;
	journal->stage = (enum journal_stage)which;
	if (json_get_optional_string(value, "wish", &wish, err))
		return err->code;
	if (wish && find_name(wishes, sizeof(wishes) / sizeof(wishes[0]), wish,
			&which, err))
		return err->code;
	journal->wish = wish ? (enum journal_wish)which : JOURNAL_NO_WISH;
	return ERROR_NONE;
}

static enum error_code
read_text(const json_t *value, const char *member, char *text, size_t size,
    struct error *err)
{
	const char *found;

	if (json_get_string(value, member, &found, err))
		return err->code;
	if (strlen(found) >= size)
		return error_set(
		    err, ERROR_INVALID, "'%s' is too long", member);
	(void)snprintf(text, size, "%s", found);
	return ERROR_NONE;
}

static enum error_code
read_optional(
    const json_t *value, const char *member, char **ret_text, struct error *err)
{
	const char *found;

	if (json_get_optional_string(value, member, &found, err))
		return err->code;
	if (!found)
		return ERROR_NONE;
	*ret_text = strdup(found);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
read_time(const json_t *value, const char *member, int64_t *ret_when,
    struct error *err)
{
	json_int_t number;

	if (json_get_integer(value, member, &number, err))
		return err->code;
	if (number < 0)
		return error_set(
		    err, ERROR_INVALID, "'%s' is negative", member);
	*ret_when = number;
	return ERROR_NONE;
}

/* Earlier versions did not say it. */
static enum error_code
read_optional_time(const json_t *value, const char *member, int64_t *ret_when,
    struct error *err)
{
	return json_object_get(value, member)
		   ? read_time(value, member, ret_when, err)
		   : ERROR_NONE;
}

static enum error_code
read_times(const json_t *value, struct journal *journal, struct error *err)
{
	int64_t attempts;

	if (read_optional_time(
		value, "candidateSince", &journal->candidate_since, err) ||
	    read_optional_time(
		value, "failingSince", &journal->failing_since, err) ||
	    read_time(value, "since", &journal->since, err) ||
	    read_time(value, "next", &journal->next, err) ||
	    read_time(value, "attempts", &attempts, err) ||
	    read_time(value, "lastAttempt", &journal->last_attempt, err) ||
	    read_time(value, "lastSuccess", &journal->last_success, err))
		return err->code;
	journal->attempts = (unsigned)attempts;
	return ERROR_NONE;
}

static enum error_code
read_members(const json_t *value, struct journal *journal, struct error *err)
{
	if (read_names(value, journal, err) ||
	    read_optional(value, "key", &journal->key, err) ||
	    json_get_bool(
		value, "otherName", false, &journal->has_other_name, err) ||
	    json_get_bool(value, "ours", false, &journal->is_ours, err) ||
	    read_text(value, "keyDigest", journal->key_digest,
		sizeof(journal->key_digest), err) ||
	    read_optional(value, "certificate", &journal->certificate, err) ||
	    read_text(value, "leafDigest", journal->leaf_digest,
		sizeof(journal->leaf_digest), err) ||
	    read_text(
		value, "error", journal->error, sizeof(journal->error), err))
		return err->code;
	return read_times(value, journal, err);
}

static enum error_code
check(const char *id, const json_t *value, const struct journal *journal,
    struct error *err)
{
	const char *whose;

	if (json_get_string(value, "id", &whose, err))
		return err->code;
	if (strcmp(whose, id) != 0)
		return error_set(err, ERROR_INVALID, "it is another's");
	if (journal->stage >= JOURNAL_KEY && !journal->key)
		return error_set(err, ERROR_INVALID, "'key' is missing");
	if (journal->stage >= JOURNAL_ASKED && !*journal->key_digest)
		return error_set(err, ERROR_INVALID, "'keyDigest' is empty");
	if (journal->stage >= JOURNAL_CANDIDATE && !journal->certificate)
		return error_set(
		    err, ERROR_INVALID, "'certificate' is missing");
	return ERROR_NONE;
}

enum error_code
journal_parse(const char *id, const char *text, size_t length,
    struct journal *ret_journal, struct error *err)
{
	CLEANUP_DONE(journal) struct journal journal = {.stage = JOURNAL_IDLE};
	CLEANUP(json) json_t *value = NULL;

	if (json_parse(text, length, &value, err) ||
	    read_members(value, &journal, err) ||
	    check(id, value, &journal, err)) {
		err->code = ERROR_INVALID;
		return error_wrap(err, "journal of certificate '%s'", id);
	}
	*ret_journal = TAKE_CONTENTS(journal);
	return ERROR_NONE;
}

enum error_code
journal_load(const char *path, const char *id, struct journal *ret_journal,
    struct error *err)
{
	CLEANUP(string) char *text = NULL;
	size_t length;

	if (file_read(path, JOURNAL_BYTES_MAX, &text, &length, err)) {
		if (err->code != ERROR_NOT_FOUND)
			return err->code;
		*ret_journal = (struct journal){.stage = JOURNAL_IDLE};
		return ERROR_NONE;
	}
	return journal_parse(id, text, length, ret_journal, err);
}

enum error_code
journal_save(const char *path, const char *id, const struct journal *journal,
    struct error *err)
{
	CLEANUP(string) char *text = journal_text(id, journal);

	if (!text)
		return error_no_memory(err);
	return file_write(path, text, strlen(text), MODE, err);
}
