/* SPDX-License-Identifier: MIT */
#include "tpm_store.h"

#include "common/file.h"

void
tpm_secret_done(struct tpm_secret *secret)
{
	secret_free(secret->key);
	free(secret->endorsement_key);
	free(secret->storage_root_key);
	*secret = (struct tpm_secret){0};
}

enum error_code
tpm_store_get(struct database *database, const struct id_text *registration_id,
    struct tpm_secret *ret_secret, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	CLEANUP_DONE(tpm_secret) struct tpm_secret secret = {0};

	if (database_query(database,
		"SELECT key, endorsement_key, storage_root_key FROM tpm_secret"
		" WHERE registration_id = ?",
		SQL_VALUES(sql_text(registration_id->text)), &statement, err) ||
	    statement_only_row(statement, err) ||
	    statement_copy_text(statement, 0, &secret.key, err) ||
	    statement_copy_text(statement, 1, &secret.endorsement_key, err) ||
	    statement_copy_text(statement, 2, &secret.storage_root_key, err))
		return err->code;
	*ret_secret = TAKE_CONTENTS(secret);
	return ERROR_NONE;
}

enum error_code
tpm_store_put(struct database *database, const struct id_text *registration_id,
    const struct tpm_secret *secret, struct error *err)
{
	return database_execute(database,
	    "INSERT OR REPLACE INTO tpm_secret"
	    " (registration_id, key, endorsement_key, storage_root_key)"
	    " VALUES (?, ?, ?, ?)",
	    SQL_VALUES(sql_text(registration_id->text), sql_text(secret->key),
		sql_text(secret->endorsement_key),
		sql_text(secret->storage_root_key)),
	    err);
}
