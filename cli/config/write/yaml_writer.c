/* SPDX-License-Identifier: MIT */
#include "yaml_writer.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

struct yaml_writer {
	yaml_emitter_t emitter;
	FILE *stream; /* into text */
	char *text;
	size_t length;
	bool failed;
};

/* libyaml takes texts as bytes that it does not change. */
static yaml_char_t *
bytes(const char *text)
{
	union {
		const char *constant;
		yaml_char_t *plain;
	} pointer = {.constant = text};

	return pointer.plain;
}

/* initialized is what the initialiser of event returned. */
static void
emit(struct yaml_writer *writer, int initialized, yaml_event_t *event)
{
	if (initialized && writer->failed)
		yaml_event_delete(event);
	else if (!initialized || !yaml_emitter_emit(&writer->emitter, event))
		writer->failed = true;
}

static void
emit_scalar(struct yaml_writer *writer, const char *text, bool plain)
{
	yaml_event_t event;

	emit(writer,
	    yaml_scalar_event_initialize(&event, NULL, NULL, bytes(text),
		(int)strlen(text), plain, true,
		plain ? YAML_ANY_SCALAR_STYLE
		      : YAML_DOUBLE_QUOTED_SCALAR_STYLE),
	    &event);
}

static void
emit_key(struct yaml_writer *writer, const char *key)
{
	if (key)
		emit_scalar(writer, key, true);
}

void
yaml_text(struct yaml_writer *writer, const char *key, const char *value)
{
	emit_key(writer, key);
	emit_scalar(writer, value, false);
}

void
yaml_optional_text(
    struct yaml_writer *writer, const char *key, const char *value)
{
	if (value)
		yaml_text(writer, key, value);
}

void
yaml_number(struct yaml_writer *writer, const char *key, unsigned value)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", value);
	emit_key(writer, key);
	emit_scalar(writer, text, true);
}

void
yaml_boolean(struct yaml_writer *writer, const char *key, bool value)
{
	emit_key(writer, key);
	emit_scalar(writer, value ? "true" : "false", true);
}

void
yaml_plain(struct yaml_writer *writer, const char *key, const char *value)
{
	emit_key(writer, key);
	emit_scalar(writer, value, true);
}

void
yaml_mapping(struct yaml_writer *writer, const char *key)
{
	yaml_event_t event;

	emit_key(writer, key);
	emit(writer,
	    yaml_mapping_start_event_initialize(
		&event, NULL, NULL, true, YAML_BLOCK_MAPPING_STYLE),
	    &event);
}

void
yaml_mapping_end(struct yaml_writer *writer)
{
	yaml_event_t event;

	emit(writer, yaml_mapping_end_event_initialize(&event), &event);
}

void
yaml_sequence(struct yaml_writer *writer, const char *key)
{
	yaml_event_t event;

	emit_key(writer, key);
	emit(writer,
	    yaml_sequence_start_event_initialize(
		&event, NULL, NULL, true, YAML_BLOCK_SEQUENCE_STYLE),
	    &event);
}

void
yaml_sequence_end(struct yaml_writer *writer)
{
	yaml_event_t event;

	emit(writer, yaml_sequence_end_event_initialize(&event), &event);
}

static void
emit_start(struct yaml_writer *writer)
{
	yaml_event_t event;

	emit(writer,
	    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING),
	    &event);
	emit(writer,
	    yaml_document_start_event_initialize(
		&event, NULL, NULL, NULL, true),
	    &event);
	yaml_mapping(writer, NULL);
}

static void
emit_end(struct yaml_writer *writer)
{
	yaml_event_t event;

	yaml_mapping_end(writer);
	emit(writer, yaml_document_end_event_initialize(&event, true), &event);
	emit(writer, yaml_stream_end_event_initialize(&event), &event);
}

enum error_code
yaml_writer_create(
    const char *comment, struct yaml_writer **ret_writer, struct error *err)
{
	CLEANUP(yaml_writer)
	struct yaml_writer *writer = calloc(1, sizeof(*writer));

	if (!writer || !yaml_emitter_initialize(&writer->emitter))
		return error_no_memory(err);
	writer->stream = open_memstream(&writer->text, &writer->length);
	if (!writer->stream)
		return error_no_memory(err);

	(void)fprintf(writer->stream, "# %s\n", comment);
	yaml_emitter_set_output_file(&writer->emitter, writer->stream);
	yaml_emitter_set_unicode(&writer->emitter, 1);
	yaml_emitter_set_width(&writer->emitter, -1);
	emit_start(writer);
	*ret_writer = TAKE(writer);
	return ERROR_NONE;
}

void
yaml_writer_free(struct yaml_writer *writer)
{
	if (!writer)
		return;
	yaml_emitter_delete(&writer->emitter);
	if (writer->stream)
		(void)fclose(writer->stream);
	free(writer->text);
	free(writer);
}

enum error_code
yaml_writer_finish(
    struct yaml_writer *writer, char **ret_text, struct error *err)
{
	emit_end(writer);
	if (fclose(TAKE(writer->stream)) != 0 || writer->failed)
		return error_set(err, ERROR_INTERNAL, "cannot write YAML: %s",
		    writer->emitter.problem ? writer->emitter.problem
					    : "out of memory");
	*ret_text = TAKE(writer->text);
	return ERROR_NONE;
}
