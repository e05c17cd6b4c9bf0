/* SPDX-License-Identifier: MIT */
#include "portal_table.h"

#include "portal.h"
#include "portal_field.h"

static void
write_head(const struct table *table)
{
	html_print(table->html, "<table>\n<thead><tr>");
	for (size_t i = 0; table->columns[i]; i++)
		html_print(table->html, "<th scope=\"col\">%s</th>",
		    table->columns[i]);
	html_print(table->html, "</tr></thead>\n<tbody>\n");
}

static void
write_row(struct table *table, const json_t *item)
{
	const char *id = member_text(item, table->id_member);

	html_print(table->html,
	    "<tr><th scope=\"row\"><a href=\"" PORTAL "/%s/", table->folder);
	html_url(table->html, id);
	html_print(table->html, "\">%s</a></th>", id);
	table->next = table->columns + 1;
	table->write_row(table, item);
	html_print(table->html, "</tr>\n");
}

void
table_write(struct table *table, const json_t *items)
{
	if (json_array_size(items) == 0) {
		html_print(
		    table->html, "<p class=\"empty\">%s</p>\n", table->none);
		return;
	}
	write_head(table);
	for (size_t i = 0; i < json_array_size(items); i++)
		write_row(table, json_array_get(items, i));
	html_print(table->html, "</tbody>\n</table>\n");
}

void
table_cell(struct table *table)
{
	html_print(table->html, "<td data-label=\"%s\">", *table->next++);
}

void
table_cell_end(struct table *table)
{
	html_print(table->html, "</td>");
}

void
table_text(struct table *table, const char *text)
{
	table_cell(table);
	html_print(table->html, "%s", text);
	table_cell_end(table);
}
