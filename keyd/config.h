/* SPDX-License-Identifier: MIT */
/* keyd's configuration file; signet-keyd(8) describes it. */
#ifndef KEYD_CONFIG_H
#define KEYD_CONFIG_H

#include "access.h"
#include "common/config.h"
#include "store.h"

struct keyd_token_settings {
	char *module;      /* NULL: p11-kit's registered modules */
	char *module_args; /* NULL: none */
	char *uri;
};

struct keyd_principal {
	char *user; /* a name or a uid */
	struct config_strings keys;
	struct config_strings rights; /* none: a default */
};

struct keyd_tpm_authorization {
	char *endorsement; /* NULL: none */
	char *owner;       /* NULL: none */
};

/* The TPM as what the device proves itself with to DPS (aziot-tpmd). */
struct keyd_tpm_settings {
	bool present;
	char *tcti;              /* NULL: TPM_TCTI_DEFAULT */
	unsigned auth_key_index; /* 0: TPM_AUTH_KEY_INDEX_DEFAULT */
	struct keyd_tpm_authorization hierarchy_authorization;
	struct config_strings users; /* who may use the TPM's keys */
};

struct keyd_config {
	struct keyd_token_settings token; /* .uri is NULL without a token */
	struct config_map preloaded_keys; /* id -> URI */
	struct config_list principals;    /* struct keyd_principal */
	struct config_strings bearer;     /* users */
	char *compat;                     /* "aziot", or NULL */
	char *symmetric_keys;             /* "token", "file", or NULL */
	unsigned sessions;                /* 0: as many as suit the token */
	char *session_copies;             /* "auto", "yes", "no", or NULL */
	/* Seconds that a call of the token may take; 0: the default. */
	unsigned token_timeout, generation_timeout;
	struct keyd_tpm_settings tpm;
	char *audit;             /* as audit_mode_parse() reads it */
	unsigned audit_max_size; /* bytes; 0: the default */
	unsigned audit_files;    /* old ones; 0: the default */
};

extern const struct config_table keyd_config_table;

/* Releases the contents. */
void keyd_config_done(struct keyd_config *config);

/*
 * Reads the file at path and its drop-ins.
 *
 * Fails with ERROR_INVALID or ERROR_DENIED as config_load() does, and if a
 * preloaded key has no single URI.
 */
MUST_CHECK enum error_code keyd_config_load(
    const char *path, struct keyd_config *ret_config, struct error *err);

/* As keyd_config_load(), from text. */
MUST_CHECK enum error_code keyd_config_parse(
    const char *text, struct keyd_config *ret_config, struct error *err);

/* True if symmetric keys may be kept in files. */
bool keyd_config_allows_files(const struct keyd_config *config);

/* Whether to sign with session copies of keys. */
enum key_copies keyd_config_copies(const struct keyd_config *config);

/*
 * Who has which rights to which keys. Uid 0 manages all unless it is named;
 * with compat: aziot it may everything, and whoever is named may all with what
 * he is named for. Fails with ERROR_INVALID: no such user, no such right.
 */
MUST_CHECK enum error_code keyd_config_access(const struct keyd_config *config,
    struct access **ret_access, struct error *err);

#endif
