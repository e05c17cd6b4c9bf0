/* SPDX-License-Identifier: MIT */
#include "est_store.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#include "certificate_info.h"
#include "common/base64.h"
#include "common/file.h"
#include "common/time.h"
#include "stamp.h"

#define SALT_BYTES 16
#define HASH_BYTES 32
#define ITERATIONS 10000 /* who has the file administers the server anyway */

/* ---- users ---- */

static enum error_code
hash_password(
    const char *password, const char *salt, char **ret_hash, struct error *err)
{
	unsigned char hash[HASH_BYTES];

	if (strlen(password) > EST_PASSWORD_MAX)
		return error_set(err, ERROR_DENIED,
		    "A password has at most %d bytes.", EST_PASSWORD_MAX);
	if (!PKCS5_PBKDF2_HMAC(password, (int)strlen(password),
		(const unsigned char *)salt, (int)strlen(salt), ITERATIONS,
		EVP_sha256(), sizeof(hash), hash))
		return error_set_openssl(err, ERROR_INTERNAL, "PBKDF2");
	*ret_hash = base64_encode(hash, sizeof(hash));
	return *ret_hash ? ERROR_NONE : error_no_memory(err);
}

enum error_code
est_user_put(struct database *database, const char *name, const char *password,
    struct error *err)
{
	unsigned char random[SALT_BYTES];
	CLEANUP(string) char *salt = NULL;
	CLEANUP(string) char *hash = NULL;

	if (!*name || strchr(name, ':'))
		return error_set(err, ERROR_INVALID,
		    "a user's name is not empty and has no ':' (RFC 7617)");
	if (RAND_bytes(random, sizeof(random)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "random bytes");
	salt = base64_encode(random, sizeof(random));
	if (!salt)
		return error_no_memory(err);
	if (hash_password(password, salt, &hash, err))
		return err->code;
	return database_execute(database,
	    "INSERT OR REPLACE INTO est_user (name, salt, hash)"
	    " VALUES (?, ?, ?)",
	    SQL_VALUES(sql_text(name), sql_text(salt), sql_text(hash)), err);
}

static enum error_code
no_such_user(struct error *err)
{
	return error_set(err, ERROR_DENIED, "User or password is wrong.");
}

enum error_code
est_user_check(struct database *database, const char *name,
    const char *password, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	CLEANUP(string) char *hash = NULL;
	const char *expected;

	if (database_query(database,
		"SELECT salt, hash FROM est_user WHERE name = ?",
		SQL_VALUES(sql_text(name)), &statement, err))
		return err->code;
	if (statement_only_row(statement, err))
		return err->code == ERROR_NOT_FOUND ? no_such_user(err)
						    : err->code;
	if (hash_password(password, statement_text(statement, 0), &hash, err))
		return err->code;
	expected = statement_text(statement, 1);
	if (strlen(expected) != strlen(hash) ||
	    CRYPTO_memcmp(expected, hash, strlen(hash)) != 0)
		return no_such_user(err);
	return ERROR_NONE;
}

/* ---- anchors ---- */

enum error_code
est_anchor_add(struct database *database, const char *pem, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct thumbprint fingerprint;
	const X509 *anchor;

	if (certificates_from_pem(pem, &chain, err))
		return err->code;
	anchor = sk_X509_value(chain, 0);
	if (!certificate_is_ca(anchor))
		return error_set(err, ERROR_INVALID,
		    "the certificate is none of a CA (basic constraints)");
	if (thumbprint_create(anchor, EVP_sha256(), &fingerprint, err))
		return err->code;
	return database_execute(database,
	    "INSERT OR REPLACE INTO est_anchor (fingerprint, pem)"
	    " VALUES (?, ?)",
	    SQL_VALUES(sql_text(fingerprint.text), sql_text(pem)), err);
}

static enum error_code
push_first(x509_stack *anchors, const char *pem, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;

	if (certificates_from_pem(pem, &chain, err))
		return err->code;
	if (!X509_add_cert(
		anchors, sk_X509_value(chain, 0), X509_ADD_FLAG_UP_REF))
		return error_no_memory(err);
	return ERROR_NONE;
}

enum error_code
est_anchor_list(
    struct database *database, x509_stack **ret_anchors, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	CLEANUP(x509_stack) x509_stack *anchors = sk_X509_new_null();
	bool row;

	if (!anchors)
		return error_no_memory(err);
	if (database_query(database, "SELECT pem FROM est_anchor",
		SQL_NO_VALUES, &statement, err) ||
	    statement_next(statement, &row, err))
		return err->code;
	while (row)
		if (push_first(anchors, statement_text(statement, 0), err) ||
		    statement_next(statement, &row, err))
			return err->code;
	*ret_anchors = TAKE(anchors);
	return ERROR_NONE;
}

/* ---- what was issued ---- */

static enum error_code
serial_text(const X509 *certificate, char **ret_text, struct error *err)
{
	CLEANUP(bignum)
	BIGNUM *serial =
	    ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	char *hex = serial ? BN_bn2hex(serial) : NULL;

	if (!hex)
		return error_set_openssl(err, ERROR_INTERNAL, "serial number");
	*ret_text = strdup(hex);
	OPENSSL_free(hex);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

enum error_code
est_certificate_add(struct database *database, const X509 *certificate,
    const char *requested_by, bool revoked, struct error *err)
{
	struct name_text subject =
	    name_text(X509_get_subject_name(certificate));
	CLEANUP(string) char *serial = NULL;
	CLEANUP(string) char *pem = NULL;
	int64_t not_after;

	if (serial_text(certificate, &serial, err) ||
	    certificate_to_pem(certificate, &pem, err) ||
	    time_from_asn1(X509_get0_notAfter(certificate), &not_after, err))
		return err->code;
	return database_execute(database,
	    "INSERT INTO est_certificate"
	    " (serial, revoked, subject, issued, not_after, requested_by, pem)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?)",
	    SQL_VALUES(sql_text(serial), sql_integer(revoked),
		sql_text(subject.text), sql_text(utc_now().text),
		sql_text(time_format(not_after).text), sql_text(requested_by),
		sql_text(pem)),
	    err);
}

enum error_code
est_certificate_revoke(
    struct database *database, const char *serial, struct error *err)
{
	if (database_execute(database,
		"UPDATE est_certificate SET revoked = 1"
		" WHERE serial = ? COLLATE NOCASE",
		SQL_VALUES(sql_text(serial)), err))
		return err->code;
	if (database_changes(database) == 0)
		return error_set(err, ERROR_NOT_FOUND,
		    "no certificate with the serial number '%.64s' was issued",
		    serial);
	return ERROR_NONE;
}

enum error_code
est_certificate_is_revoked(struct database *database, const X509 *certificate,
    bool *ret_is, char **ret_serial, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	CLEANUP(string) char *serial = NULL;
	bool row;

	if (serial_text(certificate, &serial, err) ||
	    database_query(database,
		"SELECT 1 FROM est_certificate"
		" WHERE serial = ? AND revoked = 1",
		SQL_VALUES(sql_text(serial)), &statement, err) ||
	    statement_next(statement, &row, err))
		return err->code;
	*ret_is = row;
	*ret_serial = TAKE(serial);
	return ERROR_NONE;
}

enum error_code
est_certificate_list(
    struct database *database, json_t *items, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	bool row;

	if (database_query(database,
		"SELECT serial, subject, issued, not_after, requested_by, pem,"
		" revoked"
		" FROM est_certificate ORDER BY rowid",
		SQL_NO_VALUES, &statement, err) ||
	    statement_next(statement, &row, err))
		return err->code;
	while (row) {
		json_t *item = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}",
		    "serial", statement_text(statement, 0), "subject",
		    statement_text(statement, 1), "issued",
		    statement_text(statement, 2), "notAfter",
		    statement_text(statement, 3), "requestedBy",
		    statement_text(statement, 4), "certificate",
		    statement_text(statement, 5), "revoked",
		    (int)statement_integer(statement, 6));

		if (!item || json_array_append_new(items, item))
			return error_no_memory(err);
		if (statement_next(statement, &row, err))
			return err->code;
	}
	return ERROR_NONE;
}
