/* SPDX-License-Identifier: MIT */
/*
 * A YAML file (libyaml) read into a struct by a table.
 *
 * A table lists the keys that a mapping may have. Unknown, duplicate, missing
 * and ill-typed keys are errors that say file:line:column and, for an unknown
 * key, which one was probably meant. Anchors, aliases, tags and further
 * documents are refused. A key may stand in a table twice, once with a scalar
 * type and once with a section type: the kind of the node decides.
 *
 * The struct starts zeroed, or as the caller set it: what the file does not
 * name keeps its value, which is how defaults are given (a char * must then be
 * from strdup()). Everything in it belongs to the struct and is released by
 * config_done(), every text wiped.
 */
#ifndef COMMON_CONFIG_H
#define COMMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"

enum config_type {
	CONFIG_STRING,   /* char *, not empty */
	CONFIG_PATH,     /* char *, an absolute path */
	CONFIG_URI,      /* char *, uri_parse() accepts it */
	CONFIG_UNSIGNED, /* unsigned, decimal */
	CONFIG_BOOL,     /* bool: true, false, yes, no, on, off */
	CONFIG_STRINGS,  /* struct config_strings: a sequence of scalars */
	CONFIG_MAP,      /* struct config_map: any key -> scalar or list */
	CONFIG_SECTION,  /* the struct of ->table, in place: a mapping */
	CONFIG_LIST,     /* struct config_list: a sequence of mappings */
	CONFIG_SECTIONS, /* struct config_list: any key -> mapping; the key is
			    stored in the first member (char *) of an item */
	CONFIG_IGNORED,  /* anything; nothing is stored; as the last field of
			    a table with the key "*": whatever is not known */
};

enum config_flag {
	CONFIG_OPTIONAL = 0,
	CONFIG_REQUIRED = 1,
	CONFIG_SECRET = 2, /* wiped on release; never shown in an error */
};

struct config_strings {
	size_t count;
	char **items;
};

struct config_pair {
	char *key;
	char *value;                /* NULL if it is a sequence of scalars */
	struct config_strings list; /* the sequence */
	unsigned line;              /* where it stands, for later complaints */
};

struct config_map {
	size_t count;
	struct config_pair *items;
};

struct config_list {
	size_t count;
	void *items; /* an array of the table's struct */
};

struct config_table;

struct config_field {
	const char *key;
	enum config_type type;
	size_t offset;                    /* of the member in the struct */
	unsigned flags;                   /* enum config_flag bits */
	const struct config_table *table; /* for sections and lists */
	const char *const *choices; /* CONFIG_STRING: NULL-ended, or NULL */
};

struct config_table {
	const struct config_field *fields;
	size_t count;
	size_t size; /* of the struct */
	/*
	 * If there: a bool in the struct that is set when the section stands
	 * in the file; config_present(offset) + 1, so that 0 means none.
	 */
	size_t present;
};

#define CONFIG_PRESENT(type, member) (offsetof(type, member) + 1)

/*
 * Reads the file at path into settings. On failure the contents of settings
 * are released and zeroed.
 *
 * Fails with ERROR_NOT_FOUND or ERROR_DENIED (the file), ERROR_INVALID (what
 * stands in it; the message begins with "path:line:column: ").
 */
MUST_CHECK enum error_code config_load(const char *path,
    const struct config_table *table, void *settings, struct error *err);

/* As config_load(), from text; name stands for the file in messages. */
MUST_CHECK enum error_code config_parse(const char *name, const char *text,
    size_t length, const struct config_table *table, void *settings,
    struct error *err);

struct config_node; /* config_node.h */

/*
 * Who is told of keys that no table has, which then are passed over, and of
 * mistakes, behind which reading goes on. Without the function (NULL) the first
 * of its kind ends the reading.
 */
struct config_listener {
	void (*unknown)(
	    void *context, const struct config_node *key, const char *message);
	void (*mistake)(void *context, const struct error *mistake);
	void *context;
};

/*
 * As config_load(), from a document that is read already; listener may be NULL.
 * If it was told of mistakes, this fails with the first of them.
 */
MUST_CHECK enum error_code config_read(const struct config_node *root,
    const struct config_table *table, const struct config_listener *listener,
    void *settings, struct error *err);

/*
 * The drop-ins of the file at path, in the order in which they count: every
 * regular *.yaml in its sibling folder config.d, in byte order of the names. A
 * missing config.d has none. On success the contents of ret_paths are the
 * caller's. Fails with ERROR_DENIED if the folder may not be read.
 */
MUST_CHECK enum error_code config_dropins(
    const char *path, struct config_strings *ret_paths, struct error *err);

/* Releases the contents and zeroes them. */
void config_strings_done(struct config_strings *strings);

/*
 * Reads the file and then its drop-ins, and lays one over the other: sections
 * and maps key by key, lists appended, scalars replaced. Required keys may come
 * from any of them.
 */
MUST_CHECK enum error_code config_load_with_dropins(const char *path,
    const struct config_table *table, void *settings, struct error *err);

/* Where a value of a configuration stands. */
struct config_origin {
	char *key;   /* "cert_issuance.certs.web.method" */
	char *place; /* "/etc/signet/certd/config.yaml:12" */
};

struct config_origins {
	size_t count;
	struct config_origin *items; /* sorted by key */
};

/*
 * As config_load_with_dropins(), and says of each value where it stands; a list
 * counts as one value. The contents of ret_origins are the caller's.
 */
MUST_CHECK enum error_code config_load_with_origins(const char *path,
    const struct config_table *table, void *settings,
    struct config_origins *ret_origins, struct error *err);

/* Where the value of key stands, or NULL. Borrowed. */
const char *config_origin(
    const struct config_origins *origins, const char *key);

/* Releases the contents, not the struct. */
void config_origins_done(struct config_origins *origins);

/* Releases the contents of settings and zeroes them. */
void config_done(const struct config_table *table, void *settings);

/* The value of key in map, or NULL. */
const char *config_map_get(const struct config_map *map, const char *key);

/*
 * The key of table nearest to key, if it is near enough to be a typing error,
 * else NULL.
 */
const char *config_suggest(const struct config_table *table, const char *key);

#endif
