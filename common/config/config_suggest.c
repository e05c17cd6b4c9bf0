/* SPDX-License-Identifier: MIT */
/* Which key was meant: the one that is reached with the fewest slips. */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "common/config.h"

#define KEY_MAX 64

static bool
same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t smaller = a < b ? a : b;

	return smaller < c ? smaller : c;
}

/*
 * How many insertions, deletions, replacements and swaps of neighbours lead
 * from a to b (optimal string alignment), rows of the matrix by turns.
 */
static size_t
distance(const char *a, const char *b)
{
	size_t rows[3][KEY_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];
	size_t length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		above[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t *free_row = before;

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			row[j] = least(row[j - 1] + 1, above[j] + 1,
			    above[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]))
				row[j] =
				    least(row[j], before[j - 2] + 1, row[j]);
		}
		before = above;
		above = row;
		row = free_row;
	}
	return above[length];
}

const char *
config_suggest(const struct config_table *table, const char *key)
{
	/* Two slips in a short word would make any word of it. */
	size_t nearest = strlen(key) < 5 ? 2 : 3;
	const char *suggestion = NULL;

	if (strlen(key) > KEY_MAX)
		return NULL;
	for (size_t i = 0; i < table->count; i++) {
		const char *candidate = table->fields[i].key;
		size_t slips = strlen(candidate) <= KEY_MAX
				   ? distance(key, candidate)
				   : SIZE_MAX;

		if (slips < nearest) {
			nearest = slips;
			suggestion = candidate;
		}
	}
	return suggestion;
}
