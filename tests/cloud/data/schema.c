/* SPDX-License-Identifier: MIT */
#include "schema.h"

/*
 * Records that clients read back are kept as the JSON that they get; columns
 * beside it are what is searched for.
 */
const char schema_tables[] =
    /* id scope, our own CA and server certificate */
    "CREATE TABLE setting ("
    " name TEXT PRIMARY KEY,"
    " value TEXT NOT NULL);"

    /* shared access policies; surface is 'dps' or 'hub', keys are base64 */
    "CREATE TABLE policy ("
    " surface TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " rights INTEGER NOT NULL,"
    " primary_key TEXT NOT NULL,"
    " secondary_key TEXT NOT NULL,"
    " PRIMARY KEY (surface, name));"

    /* kind is 'individual' or 'group'; keys are those of a symmetric one */
    "CREATE TABLE enrollment ("
    " kind TEXT NOT NULL,"
    " id TEXT NOT NULL,"
    " etag TEXT NOT NULL,"
    " created TEXT NOT NULL,"
    " updated TEXT NOT NULL,"
    " record TEXT NOT NULL,"
    " type TEXT NOT NULL,"
    " keys TEXT,"
    " PRIMARY KEY (kind, id));"

    /* slot 0 is primary, 1 secondary; the hash finds the issuers of a chain */
    "CREATE TABLE enrollment_certificate ("
    " kind TEXT NOT NULL,"
    " id TEXT NOT NULL,"
    " slot INTEGER NOT NULL,"
    " subject_hash INTEGER NOT NULL,"
    " der BLOB NOT NULL,"
    " PRIMARY KEY (kind, id, slot),"
    " FOREIGN KEY (kind, id) REFERENCES enrollment ON DELETE CASCADE);"
    "CREATE INDEX enrollment_certificate_subject"
    " ON enrollment_certificate (kind, subject_hash);"

    /* code is what is still to be proved */
    "CREATE TABLE ca_certificate ("
    " name TEXT PRIMARY KEY,"
    " etag TEXT NOT NULL,"
    " created TEXT NOT NULL,"
    " updated TEXT NOT NULL,"
    " verified INTEGER NOT NULL,"
    " code TEXT NOT NULL,"
    " der BLOB NOT NULL);"

    /* what a TPM was given to sign with, and the TPM by its keys */
    "CREATE TABLE tpm_secret ("
    " registration_id TEXT PRIMARY KEY,"
    " key TEXT NOT NULL,"
    " endorsement_key TEXT NOT NULL,"
    " storage_root_key TEXT NOT NULL);"

    /* group_id is NULL for an individual enrollment, hub before there is one */
    "CREATE TABLE registration ("
    " id TEXT PRIMARY KEY,"
    " group_id TEXT,"
    " hub TEXT,"
    " state TEXT NOT NULL);"
    "CREATE INDEX registration_group ON registration (group_id, id);"

    /* rounds are the answers 'assigning' still to be given */
    "CREATE TABLE operation ("
    " id TEXT PRIMARY KEY,"
    " registration_id TEXT NOT NULL REFERENCES registration"
    "  ON DELETE CASCADE,"
    " rounds INTEGER NOT NULL,"
    " outcome TEXT NOT NULL,"
    " payload TEXT,"
    " done INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX operation_registration ON operation (registration_id);"

    "CREATE TABLE device ("
    " id TEXT PRIMARY KEY,"
    " hub TEXT NOT NULL,"
    " record TEXT NOT NULL,"
    " twin TEXT NOT NULL);"

    "CREATE TABLE module ("
    " device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " record TEXT NOT NULL,"
    " twin TEXT NOT NULL,"
    " PRIMARY KEY (device_id, id));"

    "CREATE TABLE message ("
    " id INTEGER PRIMARY KEY,"
    " device_id TEXT NOT NULL,"
    " module_id TEXT,"
    " received TEXT NOT NULL,"
    " key_algorithm TEXT NOT NULL,"
    " tls_version TEXT NOT NULL,"
    " content_type TEXT,"
    " properties TEXT,"
    " system_properties TEXT,"
    " body BLOB NOT NULL);"
    "CREATE INDEX message_device ON message (device_id, id);"

    /* who may ask for certificates by password: PBKDF2, salt and hash in hex */
    "CREATE TABLE est_user ("
    " name TEXT PRIMARY KEY,"
    " salt TEXT NOT NULL,"
    " hash TEXT NOT NULL);"

    /* CAs whose certificates may ask for a first one of ours */
    "CREATE TABLE est_anchor ("
    " fingerprint TEXT PRIMARY KEY,"
    " pem TEXT NOT NULL);"

    "CREATE TABLE est_certificate ("
    " serial TEXT PRIMARY KEY,"
    " revoked INTEGER NOT NULL,"
    " subject TEXT NOT NULL,"
    " issued TEXT NOT NULL,"
    " not_after TEXT NOT NULL,"
    " requested_by TEXT NOT NULL,"
    " pem TEXT NOT NULL);"

    /* endpoint is NULL for any; argument is seconds or rounds */
    "CREATE TABLE fault ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " endpoint TEXT,"
    " remaining INTEGER NOT NULL,"
    " argument INTEGER);";
