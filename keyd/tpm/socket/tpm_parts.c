/* SPDX-License-Identifier: MIT */
#include "tpm_parts.h"

#include "common/acl.h"
#include "common/http_server.h"

DEFINE_CLEANUP(uids, uid_t, free)

enum error_code
tpm_parts_set_users(struct tpm_parts *parts, const struct keyd_config *config,
    struct error *err)
{
	const struct config_strings *names = &config->tpm.users;
	CLEANUP(uids) uid_t *uids = calloc(names->count + 1, sizeof(*uids));

	if (!parts->users)
		return ERROR_NONE;
	if (!uids)
		return error_no_memory(err);
	for (size_t i = 0; i < names->count; i++)
		if (user_lookup(names->items[i], &uids[i], err))
			return error_wrap(err, "tpm.users");
	return tpm_users_set(
	    parts->users, uids, names->count, config->compat != NULL, err);
}

static unsigned
seconds(unsigned configured, unsigned otherwise)
{
	return configured ? configured : otherwise;
}

static enum error_code
create(const struct keyd_config *config, struct tpm_parts *parts,
    struct error *err)
{
	const struct keyd_tpm_settings *settings = &config->tpm;
	const struct tpm_settings tpm = {
	    .access =
		{
			 .tcti = settings->tcti ? settings->tcti : TPM_TCTI_DEFAULT,
			 .endorsement =
			settings->hierarchy_authorization.endorsement,
			 .owner = settings->hierarchy_authorization.owner,
			 },
	    .auth_key_index = settings->auth_key_index
				  ? settings->auth_key_index
				  : TPM_AUTH_KEY_INDEX_DEFAULT,
	    .call_seconds =
		seconds(config->token_timeout, TPM_CALL_SECONDS_DEFAULT),
	    .prepare_seconds = seconds(
		config->generation_timeout, TPM_PREPARE_SECONDS_DEFAULT),
	};

	return tpm_create(&tpm, &parts->tpm, err);
}

static void
release(struct tpm_parts *parts)
{
	tpm_free(parts->tpm);
	tpm_users_free(parts->users);
	*parts = (struct tpm_parts){0};
}

enum error_code
tpm_parts_start(const struct keyd_config *config, struct audit *audit,
    struct tpm_parts *parts, struct error *err)
{
	*parts = (struct tpm_parts){0};
	if (!config->tpm.present && !http_server_is_passed(TPMD_NAME))
		return ERROR_NONE;
	if (tpm_users_create(&parts->users, err) == ERROR_NONE &&
	    tpm_parts_set_users(parts, config, err) == ERROR_NONE &&
	    (!config->tpm.present ||
		create(config, parts, err) == ERROR_NONE)) {
		parts->service = (struct tpm_service){
		    .tpm = parts->tpm,
		    .users = parts->users,
		    .audit = audit,
		    .call_seconds = seconds(
			config->token_timeout, TPM_CALL_SECONDS_DEFAULT),
		};
		if (tpmd_start(&parts->service, &parts->tpmd, err) ==
		    ERROR_NONE)
			return ERROR_NONE;
	}
	release(parts);
	return error_wrap(err, "the TPM is not served");
}

bool
tpm_parts_stop(struct tpm_parts *parts)
{
	if (!tpmd_stop(parts->tpmd))
		return false;
	release(parts);
	return true;
}
