/* SPDX-License-Identifier: MIT */
#include "line_diff.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

/* Longer texts are taken for different from their first difference on. */
#define CELLS_MAX (4 * 1024 * 1024)

struct lines {
	size_t count;
	const char **items; /* into the text; one more than count */
};

static void
lines_done(struct lines *lines)
{
	free(lines->items);
}

static bool
split(const char *text, struct lines *ret_lines)
{
	size_t count = 0;

	for (const char *c = text; *c; c++)
		count += *c == '\n' || c[1] == '\0';
	ret_lines->items = calloc(count + 1, sizeof(*ret_lines->items));
	if (!ret_lines->items)
		return false;
	ret_lines->count = count;
	for (size_t i = 0; i < count; i++) {
		ret_lines->items[i] = text;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	ret_lines->items[count] = text;
	return true;
}

static size_t
length_of(const struct lines *lines, size_t i)
{
	return strcspn(lines->items[i], "\n");
}

static bool
is_same(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	size_t length = length_of(a, i);

	return length == length_of(b, j) &&
	       memcmp(a->items[i], b->items[j], length) == 0;
}

/*
 * table[i * (new + 1) + j] is how many lines the rests of both texts, from i
 * and j on, have in common.
 */
static unsigned *
count_common(const struct lines *old, const struct lines *new)
{
	size_t width = new->count + 1;
	unsigned *table = calloc((old->count + 1) * width, sizeof(*table));

	for (size_t i = old->count; table && i-- > 0;)
		for (size_t j = new->count; j-- > 0;) {
			unsigned down = table[(i + 1) * width + j];
			unsigned right = table[i * width + j + 1];

			table[i * width + j] =
			    is_same(old, i, new, j)
				? table[(i + 1) * width + j + 1] + 1
			    : down > right ? down
					   : right;
		}
	return table;
}

static void
print_line(FILE *stream, const char *sign, const struct lines *lines, size_t i)
{
	(void)fprintf(stream, "%s%.*s\n", sign, (int)length_of(lines, i),
	    lines->items[i]);
}

static void
print(FILE *stream, const struct lines *old, const struct lines *new,
    const unsigned *table)
{
	size_t width = new->count + 1;
	bool is_in_group = false;
	size_t i = 0;
	size_t j = 0;

	while (i < old->count || j < new->count) {
		if (i < old->count &&
		    j < new->count &&is_same(old, i, new, j)) {
			is_in_group = false;
			i++;
			j++;
			continue;
		}
		if (!is_in_group)
			(void)fprintf(stream, "@@ %zu\n", i + 1);
		is_in_group = true;
		if (i < old->count &&
		    (j == new->count ||
			(table && table[(i + 1) * width + j] >=
				      table[i * width + j + 1])))
			print_line(stream, "- ", old, i++);
		else
			print_line(stream, "+ ", new, j++);
	}
}

char *
line_diff(const char *old, const char *new)
{
	CLEANUP_DONE(lines) struct lines olds = {0};
	CLEANUP_DONE(lines) struct lines news = {0};
	unsigned *table = NULL;
	char *text = NULL;
	size_t length;
	FILE *stream;

	if (!split(old, &olds) || !split(new, &news))
		return NULL;
	if ((olds.count + 1) * (news.count + 1) <= CELLS_MAX)
		table = count_common(&olds, &news);
	stream = open_memstream(&text, &length);
	if (stream)
		print(stream, &olds, &news, table);
	free(table);
	if (!stream || fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
