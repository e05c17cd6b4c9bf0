/* SPDX-License-Identifier: MIT */
#include "ca_store.h"

#include <string.h>

#include "certificate_info.h"

#define COLUMNS "name, etag, created, updated, verified, code, der"

/* A struct of one text, as the two arguments that it is filled by. */
#define ROOM(object) (object).text, sizeof((object).text)

DEFINE_CLEANUP(der, unsigned char, OPENSSL_free)

void
ca_certificate_done(struct ca_certificate *ca)
{
	X509_free(ca->certificate);
	*ca = (struct ca_certificate){0};
}

static enum error_code
read_row(struct statement *statement, struct ca_certificate *ret_ca,
    struct error *err)
{
	struct ca_certificate ca = {
	    .is_verified = statement_integer(statement, 4) != 0};
	size_t length;
	const void *der = statement_blob(statement, 6, &length);

	statement_read_text(statement, 0, ROOM(ca.name));
	statement_read_text(statement, 1, ROOM(ca.etag));
	statement_read_text(statement, 2, ROOM(ca.created));
	statement_read_text(statement, 3, ROOM(ca.updated));
	statement_read_text(statement, 5, ca.code, sizeof(ca.code));
	if (certificate_from_der(der, length, &ca.certificate, err))
		return error_wrap(err, "CA certificate '%s'", ca.name.text);
	*ret_ca = ca;
	return ERROR_NONE;
}

enum error_code
ca_store_get(struct database *database, const struct id_text *name,
    struct ca_certificate *ret_ca, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;

	if (database_query(database,
		"SELECT " COLUMNS " FROM ca_certificate WHERE name = ?",
		SQL_VALUES(sql_text(name->text)), &statement, err) ||
	    statement_only_row(statement, err))
		return err->code;
	return read_row(statement, ret_ca, err);
}

enum error_code
ca_store_put(
    struct database *database, struct ca_certificate *ca, struct error *err)
{
	CLEANUP(der) unsigned char *der = NULL;
	int length = i2d_X509(ca->certificate, &der);

	if (length < 0)
		return error_set_openssl(err, ERROR_INTERNAL, "certificate");
	if (etag_create(&ca->etag, err))
		return err->code;
	ca->updated = utc_now();
	if (!*ca->created.text)
		ca->created = ca->updated;
	return database_execute(database,
	    "INSERT OR REPLACE INTO ca_certificate (" COLUMNS ")"
	    " VALUES (?, ?, ?, ?, ?, ?, ?)",
	    SQL_VALUES(sql_text(ca->name.text), sql_text(ca->etag.text),
		sql_text(ca->created.text), sql_text(ca->updated.text),
		sql_integer(ca->is_verified), sql_text(ca->code),
		sql_blob(der, (size_t)length)),
	    err);
}

enum error_code
ca_store_delete(
    struct database *database, const struct id_text *name, struct error *err)
{
	if (database_execute(database,
		"DELETE FROM ca_certificate WHERE name = ?",
		SQL_VALUES(sql_text(name->text)), err))
		return err->code;
	if (database_changes(database) == 0)
		return error_set(
		    err, ERROR_NOT_FOUND, "no CA certificate '%s'", name->text);
	return ERROR_NONE;
}

enum error_code
ca_store_visit(struct database *database, ca_visit *visit, void *context,
    struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	bool row;

	if (database_query(database,
		"SELECT " COLUMNS " FROM ca_certificate ORDER BY name",
		SQL_NO_VALUES, &statement, err) ||
	    statement_next(statement, &row, err))
		return err->code;
	while (row) {
		CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};

		if (read_row(statement, &ca, err) || visit(context, &ca, err) ||
		    statement_next(statement, &row, err))
			return err->code;
	}
	return ERROR_NONE;
}

enum error_code
ca_store_is_used(struct database *database, const struct id_text *name,
    bool *ret_is_used, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;

	if (database_query(database,
		"SELECT 1 FROM enrollment WHERE ? IN"
		" (lower(json_extract(record,"
		"   '$.attestation.x509.caReferences.primary')),"
		"  lower(json_extract(record,"
		"   '$.attestation.x509.caReferences.secondary')))",
		SQL_VALUES(sql_text(name->text)), &statement, err))
		return err->code;
	return statement_next(statement, ret_is_used, err);
}

enum error_code
ca_store_find_verified(
    void *context, const char *name, X509 **ret_certificate, struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};
	struct id_text id;

	if (id_parse(name, &id, err))
		return err->code;
	if (ca_store_get(context, &id, &ca, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : error_set(err, ERROR_INVALID,
				 "there is no CA certificate '%s'", name);
	if (!ca.is_verified)
		return error_set(err, ERROR_INVALID,
		    "the CA certificate '%s' is not verified; prove that its "
		    "key is yours first",
		    name);
	*ret_certificate = TAKE(ca.certificate);
	return ERROR_NONE;
}
