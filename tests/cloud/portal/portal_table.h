/* SPDX-License-Identifier: MIT */
/* Tables of the portal: a row for each thing, which on a phone is a card. */
#ifndef CLOUD_PORTAL_TABLE_H
#define CLOUD_PORTAL_TABLE_H

#include "common/json.h"
#include "html.h"

struct table;

/* Writes the cells of a row, in the order of the columns. */
typedef void table_row(struct table *table, const json_t *item);

struct table {
	struct html *html;
	const char *folder;         /* of the pages of the items */
	const char *id_member;      /* of an item: its id */
	const char *const *columns; /* that of the ids first; NULL ends them */
	const char *none;           /* said if there are no items */
	table_row *write_row;
	const char *const *next; /* the column of the next cell */
};

/*
 * Writes a table of items (an array): in the first column the id, with a link
 * to folder/id, in the others what write_row writes.
 */
void table_write(struct table *table, const json_t *items);

/* For write_row: the next cell, up to the end or of a text only. */
void table_cell(struct table *table);
void table_cell_end(struct table *table);
void table_text(struct table *table, const char *text);

#endif
