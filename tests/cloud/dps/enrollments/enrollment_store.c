/* SPDX-License-Identifier: MIT */
#include "enrollment_store.h"

#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "enrollment_attestation.h"

/* Longer chains are not worth searching for. */
#define CHAIN_MAX 10

DEFINE_CLEANUP(der, unsigned char, OPENSSL_free)

static const char *
kind_name(enum enrollment_kind kind)
{
	return kind == ENROLLMENT_GROUP ? "group" : "individual";
}

/* Names are compared in OpenSSL's canonical form, as its chain builder does. */
static enum error_code
name_hash(const X509_NAME *name, int64_t *ret_hash, struct error *err)
{
	int ok = 0;
	unsigned long hash = X509_NAME_hash_ex(name, NULL, NULL, &ok);

	if (!ok)
		return error_set_openssl(err, ERROR_INTERNAL, "name");
	*ret_hash = (int64_t)hash;
	return ERROR_NONE;
}

#define COLUMNS "id, etag, created, updated, record, type, keys"

/* A struct of one text, as the two arguments that it is filled by. */
#define ROOM(object) (object).text, sizeof((object).text)

static enum error_code
read_row(struct statement *statement, enum enrollment_kind kind,
    struct enrollment *ret_enrollment, struct error *err)
{
	struct enrollment enrollment = {.kind = kind};
	const char *record = statement_text(statement, 4);
	const char *keys = statement_text(statement, 6);

	statement_read_text(statement, 0, ROOM(enrollment.id));
	statement_read_text(statement, 1, ROOM(enrollment.etag));
	statement_read_text(statement, 2, ROOM(enrollment.created));
	statement_read_text(statement, 3, ROOM(enrollment.updated));
	if (json_parse(record, strlen(record), &enrollment.record, err) ||
	    (keys && json_parse(keys, strlen(keys), &enrollment.keys, err)) ||
	    attestation_type_parse(
		statement_text(statement, 5), &enrollment.type, err)) {
		(void)error_wrap(err, "enrollment '%s'", enrollment.id.text);
		enrollment_done(&enrollment);
		return err->code;
	}
	enrollment.by_reference = json_is_object(json_object_get(
	    json_object_get(
		json_object_get(enrollment.record, "attestation"), "x509"),
	    "caReferences"));
	*ret_enrollment = enrollment;
	return ERROR_NONE;
}

static enum error_code
read_certificates(
    struct database *database, struct enrollment *enrollment, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	bool row;

	if (database_query(database,
		"SELECT slot, der FROM enrollment_certificate"
		" WHERE kind = ? AND id = ?",
		SQL_VALUES(sql_text(kind_name(enrollment->kind)),
		    sql_text(enrollment->id.text)),
		&statement, err) ||
	    statement_next(statement, &row, err))
		return err->code;
	while (row) {
		size_t slot = (size_t)statement_integer(statement, 0);
		size_t length;
		const void *der = statement_blob(statement, 1, &length);

		if (slot >= ENROLLED_CERTIFICATES)
			return error_set(err, ERROR_INTERNAL, "slot %zu", slot);
		if (certificate_cache_read(database_certificates(database), der,
			length, &enrollment->enrolled.certificates[slot],
			err) ||
		    statement_next(statement, &row, err))
			return err->code;
	}
	return ERROR_NONE;
}

enum error_code
enrollment_store_get(struct database *database, enum enrollment_kind kind,
    const struct id_text *id, struct enrollment *ret_enrollment,
    struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};

	if (database_query(database,
		"SELECT " COLUMNS " FROM enrollment WHERE kind = ? AND id = ?",
		SQL_VALUES(sql_text(kind_name(kind)), sql_text(id->text)),
		&statement, err) ||
	    statement_only_row(statement, err) ||
	    read_row(statement, kind, &enrollment, err) ||
	    read_certificates(database, &enrollment, err))
		return err->code;
	*ret_enrollment = TAKE_CONTENTS(enrollment);
	return ERROR_NONE;
}

static enum error_code
put_certificate(struct database *database, const struct enrollment *enrollment,
    size_t slot, struct error *err)
{
	const X509 *certificate = enrollment->enrolled.certificates[slot];
	CLEANUP(der) unsigned char *der = NULL;
	int length = i2d_X509(certificate, &der);
	int64_t hash;

	if (length < 0)
		return error_set_openssl(err, ERROR_INTERNAL, "certificate");
	if (name_hash(X509_get_subject_name(certificate), &hash, err))
		return err->code;
	return database_execute(database,
	    "INSERT INTO enrollment_certificate"
	    " (kind, id, slot, subject_hash, der) VALUES (?, ?, ?, ?, ?)",
	    SQL_VALUES(sql_text(kind_name(enrollment->kind)),
		sql_text(enrollment->id.text), sql_integer((int64_t)slot),
		sql_integer(hash), sql_blob(der, (size_t)length)),
	    err);
}

enum error_code
enrollment_store_put(struct database *database,
    const struct enrollment *enrollment, struct error *err)
{
	CLEANUP(string) char *record = json_text(enrollment->record);
	CLEANUP(secret)
	char *keys = enrollment->keys ? json_text(enrollment->keys) : NULL;

	if (!record || !keys != !enrollment->keys)
		return error_no_memory(err);
	/* REPLACE deletes the old row, and with it its certificates. */
	if (database_execute(database,
		"INSERT OR REPLACE INTO enrollment"
		" (kind, " COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		SQL_VALUES(sql_text(kind_name(enrollment->kind)),
		    sql_text(enrollment->id.text),
		    sql_text(enrollment->etag.text),
		    sql_text(enrollment->created.text),
		    sql_text(enrollment->updated.text), sql_text(record),
		    sql_text(attestation_type_name(enrollment->type)),
		    sql_text(keys)),
		err))
		return err->code;
	for (size_t i = 0; i < ENROLLED_CERTIFICATES; i++)
		if (enrollment->enrolled.certificates[i] &&
		    put_certificate(database, enrollment, i, err))
			return err->code;
	return ERROR_NONE;
}

enum error_code
enrollment_store_delete(struct database *database, enum enrollment_kind kind,
    const struct id_text *id, struct error *err)
{
	if (database_execute(database,
		"DELETE FROM enrollment WHERE kind = ? AND id = ?",
		SQL_VALUES(sql_text(kind_name(kind)), sql_text(id->text)), err))
		return err->code;
	if (database_changes(database) == 0)
		return error_set(
		    err, ERROR_NOT_FOUND, "no enrollment '%s'", id->text);
	return ERROR_NONE;
}

enum error_code
enrollment_store_list(struct database *database, enum enrollment_kind kind,
    const struct listing *listing, json_t *records, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	bool row;

	if (database_query(database,
		"SELECT " COLUMNS " FROM enrollment"
		" WHERE kind = ?" LISTING_SQL,
		SQL_VALUES(sql_text(kind_name(kind)), LISTING_VALUES(listing)),
		&statement, err) ||
	    statement_next(statement, &row, err))
		return err->code;
	while (row) {
		CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};

		if (read_row(statement, kind, &enrollment, err))
			return err->code;
		if (json_array_append_new(
			records, enrollment_to_json(&enrollment)))
			return error_no_memory(err);
		if (statement_next(statement, &row, err))
			return err->code;
	}
	return ERROR_NONE;
}

/* The hashes of all issuers in chain; room enough is for CHAIN_MAX. */
static enum error_code
issuer_hashes(const x509_stack *chain, struct sql_value hashes[CHAIN_MAX],
    struct error *err)
{
	for (int i = 0; i < CHAIN_MAX; i++) {
		const X509 *certificate = sk_X509_value(chain, i);
		int64_t hash;

		hashes[i] = (struct sql_value){.type = SQL_NULL};
		if (!certificate)
			continue;
		if (name_hash(X509_get_issuer_name(certificate), &hash, err))
			return err->code;
		hashes[i] = sql_integer(hash);
	}
	return ERROR_NONE;
}

static enum error_code
visit_group(struct database *database, struct statement *statement,
    enrollment_visit *visit, void *context, struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment group = {0};

	if (read_row(statement, ENROLLMENT_GROUP, &group, err) ||
	    read_certificates(database, &group, err))
		return err->code;
	return visit(context, &group, err);
}

static enum error_code
visit_groups(struct database *database, struct statement *statement,
    enrollment_visit *visit, void *context, struct error *err)
{
	bool row;

	if (statement_next(statement, &row, err))
		return err->code;
	while (row)
		if (visit_group(database, statement, visit, context, err) ||
		    statement_next(statement, &row, err))
			return err->code;
	return ERROR_NONE;
}

enum error_code
enrollment_store_visit_issuers(struct database *database,
    const x509_stack *chain, enrollment_visit *visit, void *context,
    struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	struct sql_value hashes[CHAIN_MAX];

	if (issuer_hashes(chain, hashes, err) ||
	    database_query(database,
		"SELECT " COLUMNS " FROM enrollment WHERE kind = 'group' AND id"
		" IN (SELECT id FROM enrollment_certificate"
		"  WHERE kind = 'group' AND subject_hash IN"
		"  (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)) ORDER BY id",
		hashes, CHAIN_MAX, &statement, err))
		return err->code;
	return visit_groups(database, statement, visit, context, err);
}

enum error_code
enrollment_store_visit_symmetric_groups(struct database *database,
    enrollment_visit *visit, void *context, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;

	if (database_query(database,
		"SELECT " COLUMNS " FROM enrollment WHERE kind = 'group'"
		" AND type = 'symmetricKey' ORDER BY id",
		SQL_NO_VALUES, &statement, err))
		return err->code;
	return visit_groups(database, statement, visit, context, err);
}
