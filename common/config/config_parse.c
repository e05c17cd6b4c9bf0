/* SPDX-License-Identifier: MIT */
/* From libyaml's events to a tree of nodes. */
#include <string.h>
#include <yaml.h>

#include "common/cleanup.h"
#include "common/config_node.h"

#define CLEANUP_EVENT __attribute__((cleanup(yaml_event_delete)))

struct parser {
	yaml_parser_t yaml;
	const char *name;
	const char *text;
	size_t length;
	size_t skipped; /* characters in front of text */
	size_t nodes;
};

/* A node for what stands at mark, or just its place. */
static struct config_node
node_at(const struct parser *parser, yaml_mark_t mark)
{
	return (struct config_node){.file = parser->name,
	    .line = (unsigned)mark.line + 1,
	    .column = (unsigned)mark.column + 1};
}

/* libyaml's reader knows the byte at which it stopped, not the line. */
static yaml_mark_t
mark_of_offset(const struct parser *parser, size_t offset)
{
	yaml_mark_t mark = {0};

	for (size_t i = 0; i < offset && i < parser->length; i++) {
		bool is_newline = parser->text[i] == '\n';

		mark.line += is_newline;
		mark.column = is_newline ? 0 : mark.column + 1;
	}
	return mark;
}

/* True if the character at mark is a tab; only ASCII may stand before it. */
static bool
is_tab(const struct parser *parser, yaml_mark_t mark)
{
	const char *line = parser->text, *end = parser->text + parser->length;

	for (size_t i = 0; i < mark.line; i++) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));

		if (!newline)
			return false;
		line = newline + 1;
	}
	return mark.column < (size_t)(end - line) && line[mark.column] == '\t';
}

static enum error_code
report(const struct parser *parser, struct error *err)
{
	const yaml_parser_t *yaml = &parser->yaml;
	yaml_mark_t mark = yaml->problem_mark;
	struct config_node place;

	if (yaml->error == YAML_MEMORY_ERROR)
		return error_no_memory(err);
	if (yaml->error == YAML_READER_ERROR)
		mark = mark_of_offset(parser, yaml->problem_offset);
	place = node_at(parser, mark);
	if (is_tab(parser, mark))
		return config_node_error(
		    &place, err, "a tab; YAML is indented with spaces only");
	if (yaml->context)
		return config_node_error(
		    &place, err, "%s, %s", yaml->context, yaml->problem);
	return config_node_error(&place, err, "%s", yaml->problem);
}

static enum error_code
next_event(struct parser *parser, yaml_event_t *ret_event, struct error *err)
{
	return yaml_parser_parse(&parser->yaml, ret_event)
		   ? ERROR_NONE
		   : report(parser, err);
}

/* Refuses what would let a short file mean something long or surprising. */
static enum error_code
check_properties(
    const struct parser *parser, const yaml_event_t *event, struct error *err)
{
	struct config_node place = node_at(parser, event->start_mark);
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (event->type == YAML_ALIAS_EVENT) {
		anchor = event->data.alias.anchor;
	} else if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	} else {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	}
	if (anchor)
		return config_node_error(&place, err,
		    "anchors (&) and aliases (*) are not accepted; put a text "
		    "that begins so into quotes");
	if (tag)
		return config_node_error(&place, err,
		    "tags (!) are not accepted; put a text that begins so into "
		    "quotes");
	return ERROR_NONE;
}

static enum error_code
read_scalar(const struct parser *parser, const yaml_event_t *event,
    struct config_node *node, struct error *err)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)value[i] < ' ' || value[i] == 127)
			return config_node_error(node, err,
			    "a line break or another control character in a "
			    "text");
	node->kind = CONFIG_SCALAR;
	node->start = parser->skipped + event->start_mark.index;
	node->end = parser->skipped + event->end_mark.index;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->text = strndup(value, length);
	return node->text ? ERROR_NONE : error_no_memory(err);
}

/* The last item of mapping is a key: it must be a text that is new. */
static enum error_code
check_key(const struct config_node *mapping, struct error *err)
{
	const struct config_node *key = &mapping->items[mapping->count - 1];

	if (key->kind != CONFIG_SCALAR || !*key->text)
		return config_node_error(key, err, "a key must be a text");
	for (size_t i = 0; i + 1 < mapping->count; i += 2) {
		const struct config_node *earlier = &mapping->items[i];

		if (strcmp(earlier->text, key->text) == 0)
			return config_node_error(key, err,
			    "key '%s' stands here a second time; the first is "
			    "in line %u",
			    key->text, earlier->line);
	}
	return ERROR_NONE;
}

/* One more item at the end of node; NULL: no memory. */
static struct config_node *
add_item(struct config_node *node)
{
	/* Grown to the next power of two. */
	if ((node->count & (node->count - 1)) == 0) {
		size_t room = node->count ? 2 * node->count : 2;
		struct config_node *items =
		    reallocarray(node->items, room, sizeof(*items));

		if (!items)
			return NULL;
		node->items = items;
	}
	node->items[node->count] = (struct config_node){0};
	return &node->items[node->count++];
}

static enum error_code read_node(struct parser *parser,
    const yaml_event_t *event, unsigned depth, struct config_node *node,
    struct error *err);

/* Reads the items of a sequence, or the keys and values of a mapping. */
static enum error_code
read_items(struct parser *parser, yaml_event_type_t end, unsigned depth,
    struct config_node *node, struct error *err)
{
	node->kind =
	    end == YAML_MAPPING_END_EVENT ? CONFIG_MAPPING : CONFIG_SEQUENCE;
	if (depth >= CONFIG_DEPTH_MAX)
		return config_node_error(node, err,
		    "nested more than %d levels deep", CONFIG_DEPTH_MAX);
	for (;;) {
		CLEANUP_EVENT yaml_event_t event = {0};
		struct config_node *item;

		if (next_event(parser, &event, err))
			return err->code;
		if (event.type == end)
			return ERROR_NONE;
		item = add_item(node);
		if (!item)
			return error_no_memory(err);
		if (read_node(parser, &event, depth + 1, item, err))
			return err->code;
		if (node->kind == CONFIG_MAPPING && node->count % 2 == 1 &&
		    check_key(node, err))
			return err->code;
	}
}

static enum error_code
read_node(struct parser *parser, const yaml_event_t *event, unsigned depth,
    struct config_node *node, struct error *err)
{
	*node = node_at(parser, event->start_mark);
	if (++parser->nodes > CONFIG_NODES_MAX)
		return config_node_error(node, err,
		    "the file has more than %d keys and values",
		    CONFIG_NODES_MAX);
	if (check_properties(parser, event, err))
		return err->code;
	if (event->type == YAML_SCALAR_EVENT)
		return read_scalar(parser, event, node, err);
	return read_items(parser,
	    event->type == YAML_MAPPING_START_EVENT ? YAML_MAPPING_END_EVENT
						    : YAML_SEQUENCE_END_EVENT,
	    depth, node, err);
}

/* Skips the events around documents up to a node, or the end of the stream. */
static enum error_code
next_content(struct parser *parser, yaml_event_t *ret_event, struct error *err)
{
	do {
		yaml_event_delete(ret_event);
		if (next_event(parser, ret_event, err))
			return err->code;
	} while (ret_event->type == YAML_STREAM_START_EVENT ||
		 ret_event->type == YAML_DOCUMENT_START_EVENT ||
		 ret_event->type == YAML_DOCUMENT_END_EVENT);
	return ERROR_NONE;
}

static enum error_code
read_root(struct parser *parser, struct config_node *root, struct error *err)
{
	CLEANUP_EVENT yaml_event_t first = {0};
	CLEANUP_EVENT yaml_event_t last = {0};
	struct config_node place;

	if (next_content(parser, &first, err))
		return err->code;
	*root = node_at(parser, (yaml_mark_t){0});
	if (first.type == YAML_STREAM_END_EVENT)
		return ERROR_NONE;
	if (read_node(parser, &first, 0, root, err) ||
	    next_content(parser, &last, err))
		return err->code;

	place = node_at(parser, last.start_mark);
	if (last.type != YAML_STREAM_END_EVENT)
		return config_node_error(
		    &place, err, "a second document in one file");
	if (config_node_is_null(root))
		config_node_done(root);
	if (root->kind != CONFIG_MAPPING)
		return config_node_error(
		    root, err, "the file must be a mapping of keys");
	return ERROR_NONE;
}

/* How many bytes at the beginning are a mark of UTF-8, as editors put it. */
static size_t
byte_order_mark(const char *text, size_t length)
{
	static const char mark[] = {'\xef', '\xbb', '\xbf'};

	return length >= sizeof(mark) && memcmp(text, mark, sizeof(mark)) == 0
		   ? sizeof(mark)
		   : 0;
}

enum error_code
config_node_parse(const char *name, const char *text, size_t length,
    struct config_node *ret_root, struct error *err)
{
	size_t mark = byte_order_mark(text, length);
	struct parser parser = {.name = name,
	    .text = text + mark,
	    .length = length - mark,
	    .skipped = mark ? 1 : 0};
	CLEANUP_DONE(config_node) struct config_node root = {0};
	enum error_code code;

	if (!yaml_parser_initialize(&parser.yaml))
		return error_no_memory(err);
	yaml_parser_set_encoding(&parser.yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &parser.yaml, (const unsigned char *)parser.text, parser.length);
	code = read_root(&parser, &root, err);
	yaml_parser_delete(&parser.yaml);
	if (!code)
		*ret_root = TAKE_CONTENTS(root);
	return code;
}
