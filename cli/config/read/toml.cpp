/* SPDX-License-Identifier: MIT */
/*
 * The one file in C++, because toml++ is the TOML of Debian. No exception
 * leaves it, and what it yields is plain C.
 */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sstream>
#include <string>
#include <string_view>

#include <toml++/toml.h>

extern "C" {
#include "common/config_node.h"
}
#include "toml.h"

namespace
{

/* toml++ descends once more for each dot: this bounds how deep that gets. */
constexpr size_t LINE_MAX_BYTES = 8192;

struct refused {
	toml::source_position where;
	std::string why;
};

struct reader {
	const char *name;
	size_t nodes;
};

/* Owns a tree that is not finished yet. */
class tree
{
      public:
	tree() = default;
	tree(const tree &) = delete;
	tree &operator=(const tree &) = delete;
	~tree()
	{
		config_node_done(&root);
	}

	config_node root = {};
};

void
place(const reader &in, const toml::source_region &source, config_node &node)
{
	node.file = in.name;
	node.line = source.begin.line;
	node.column = source.begin.column;
}

void
set_text(config_node &node, std::string_view text, bool plain)
{
	node.kind = CONFIG_SCALAR;
	node.plain = plain;
	node.text = static_cast<char *>(calloc(text.size() + 1, 1));
	if (!node.text)
		throw std::bad_alloc();
	memcpy(node.text, text.data(), text.size());
}

/* TOML lets \u0000 in; a text of ours ends there. */
std::string_view
checked(std::string_view text, const toml::source_region &source)
{
	if (text.find('\0') != text.npos)
		throw refused{source.begin, "a text with a NUL in it"};
	return text;
}

void convert(
    reader &in, const toml::node &from, unsigned depth, config_node &to);

void
reserve(config_node &to, size_t count)
{
	if (count == 0)
		return;
	to.items = static_cast<config_node *>(calloc(count, sizeof(*to.items)));
	if (!to.items)
		throw std::bad_alloc();
}

void
convert_table(
    reader &in, const toml::table &from, unsigned depth, config_node &to)
{
	to.kind = CONFIG_MAPPING;
	reserve(to, 2 * from.size());
	for (const auto &[key, value] : from) {
		config_node &name = to.items[to.count++];
		config_node &content = to.items[to.count++];

		place(in, key.source(), name);
		set_text(name, checked(key.str(), key.source()), false);
		convert(in, value, depth + 1, content);
	}
}

void
convert_array(
    reader &in, const toml::array &from, unsigned depth, config_node &to)
{
	to.kind = CONFIG_SEQUENCE;
	reserve(to, from.size());
	for (const auto &item : from)
		convert(in, item, depth + 1, to.items[to.count++]);
}

/* An integer by its value: toml++ would print it to the base that it was in. */
void
convert_plain(const toml::node &from, config_node &to)
{
	std::ostringstream text;

	from.visit([&](const auto &value) {
		if constexpr (toml::is_integer<decltype(value)>)
			text << value.get();
		else if constexpr (toml::is_value<decltype(value)>)
			text << value;
	});
	set_text(to, text.str(), true);
}

void
convert(reader &in, const toml::node &from, unsigned depth, config_node &to)
{
	place(in, from.source(), to);
	if (depth > CONFIG_DEPTH_MAX)
		throw refused{from.source().begin, "it is nested too deep"};
	if (++in.nodes > CONFIG_NODES_MAX)
		throw refused{from.source().begin, "it has too many values"};
	if (const toml::table *table = from.as_table())
		convert_table(in, *table, depth, to);
	else if (const toml::array *array = from.as_array())
		convert_array(in, *array, depth, to);
	else if (const auto *string = from.as_string())
		set_text(to, checked(string->get(), from.source()), false);
	else
		convert_plain(from, to);
}

void
check_lines(std::string_view text)
{
	toml::source_index line = 1;

	while (!text.empty()) {
		size_t end = text.find('\n');

		if (end == text.npos)
			end = text.size();
		if (end > LINE_MAX_BYTES)
			throw refused{
			    {line, 1},
                            "the line is too long"
                        };
		text.remove_prefix(end < text.size() ? end + 1 : end);
		line++;
	}
}

error_code
fail(const char *name, const toml::source_position &where, std::string_view why,
    error *err)
{
	return error_set(err, ERROR_INVALID, "%s:%u:%u: %.*s", name,
	    static_cast<unsigned>(where.line),
	    static_cast<unsigned>(where.column), static_cast<int>(why.size()),
	    why.data());
}

} // namespace

error_code
toml_node_parse(const char *name, const char *text, size_t length,
    config_node *ret_root, error *err)
{
	try {
		const std::string_view view(text, length);
		reader in = {name, 0};
		tree result;

		check_lines(view);
		convert(in, toml::parse(view), 0, result.root);
		*ret_root = result.root;
		result.root = {};
		return ERROR_NONE;
	} catch (const refused &reason) {
		return fail(name, reason.where, reason.why, err);
	} catch (const toml::parse_error &reason) {
		return fail(
		    name, reason.source().begin, reason.description(), err);
	} catch (const std::bad_alloc &) {
		return error_no_memory(err);
	} catch (const std::exception &reason) {
		return error_set(
		    err, ERROR_INTERNAL, "%s: %s", name, reason.what());
	}
}
