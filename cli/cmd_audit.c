/* SPDX-License-Identifier: MIT */
/* signetctl audit: what keyd has recorded about the use of its keys. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "commands.h"
#include "common/file.h"
#include "common/paths.h"
#include "keyd/audit_log.h"

enum option { EXPECT };

/* What the verifier says, as {"file","line","message"}. */
struct findings_of_log {
	json_t *problems;
	json_t *notes;
};

static void
take_finding(void *context, const char *file, uint64_t line,
    const char *problem, bool is_error)
{
	struct findings_of_log *found = context;
	json_t *finding = json_pack(
	    "{s:s, s:s}", "file", file ? file : "", "message", problem);

	if (line > 0)
		(void)json_object_set_new(
		    finding, "line", json_integer((json_int_t)line));
	(void)json_array_append_new(
	    is_error ? found->problems : found->notes, finding);
}

static bool
is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool
is_hash(const char *text)
{
	return strlen(text) == AUDIT_HASH_LENGTH &&
	       strspn(text, "0123456789abcdef") == AUDIT_HASH_LENGTH;
}

static enum error_code
verify(const struct arguments *arguments, struct findings_of_log *found,
    struct audit_summary *ret_summary, struct error *err)
{
	CLEANUP(string) char *state = paths_state_of("keyd");
	CLEANUP(string) char *folder = NULL;
	const char *expected = arguments->values[EXPECT];
	size_t count = (size_t)arguments->operand_count;

	if (expected && !is_hash(expected))
		return error_set(err, ERROR_INVALID,
		    "'%s' is no hash of a record: %d digits of 0-9 and a-f",
		    expected, AUDIT_HASH_LENGTH);
	if (count == 1 && is_folder(arguments->operands[0]))
		return audit_verify_folder(arguments->operands[0], expected,
		    take_finding, found, ret_summary, err);
	if (count > 0)
		return audit_verify_files(
		    (const char *const *)arguments->operands, count, expected,
		    take_finding, found, ret_summary, err);
	folder = state ? string_format("%s/audit", state) : NULL;
	if (!folder)
		return error_no_memory(err);
	if (access(folder, F_OK) < 0 && errno == ENOENT)
		return error_set(err, ERROR_NOT_FOUND,
		    "there is no log: '%s' is made when keyd starts; of one "
		    "that is elsewhere, name the folder or the files",
		    folder);
	return audit_verify_folder(
	    folder, expected, take_finding, found, ret_summary, err);
}

static json_t *
describe(const struct audit_summary *summary, struct findings_of_log *found)
{
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:s, s:O, s:O}", "ok",
	    summary->errors == 0, "files", (json_int_t)summary->files,
	    "records", (json_int_t)summary->records, "first",
	    (json_int_t)summary->first, "last",
	    (json_int_t)summary->last.sequence, "hash", summary->last.hash,
	    "problems", found->problems, "notes", found->notes);
}

static void
print_findings(const json_t *findings, const char *word)
{
	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *finding = json_array_get(findings, i);
		const char *file = output_member(finding, "file");
		json_int_t line =
		    json_integer_value(json_object_get(finding, "line"));

		if (*file)
			(void)printf("%s:", file);
		if (line > 0)
			(void)printf("%" JSON_INTEGER_FORMAT ":", line);
		(void)printf("%s%s%s\n", *file ? " " : "", word,
		    output_member(finding, "message"));
	}
}

static void
print_result(const json_t *document, const struct audit_summary *summary)
{
	print_findings(json_object_get(document, "problems"), "");
	print_findings(json_object_get(document, "notes"), "note: ");
	if (summary->errors > 0)
		(void)printf("the audit log is not whole: %" PRIu64
			     " problem%s in %" PRIu64 " records\n",
		    summary->errors, summary->errors == 1 ? "" : "s",
		    summary->records);
	else
		(void)printf("the audit log is whole: %" PRIu64
			     " records, the last is %" PRIu64 " %s\n",
		    summary->records, summary->last.sequence,
		    summary->last.hash);
}

int
cmd_audit_verify(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "audit verify",
	    .operands = "[FILE...]",
	    .takes_any = true,
	    .options = {{"expect", "HASH", false}}};
	CLEANUP(json) json_t *problems = json_array();
	CLEANUP(json) json_t *notes = json_array();
	CLEANUP(json) json_t *document = NULL;
	struct findings_of_log found = {problems, notes};
	struct audit_summary summary;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	output_progress("the log is read");
	if (verify(&arguments, &found, &summary, &err))
		return output_failure(arguments.form, &err);
	document = describe(&summary, &found);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		print_result(document, &summary);
	return summary.errors == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
