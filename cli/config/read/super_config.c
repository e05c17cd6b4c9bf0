/* SPDX-License-Identifier: MIT */
#include "super_config.h"

#include <string.h>

#include "common/file.h"
#include "credentials.h"

void
super_config_done(struct super_config *config)
{
	config_done(&super_config_table, config);
}

const struct config_issuance *
super_config_issuance(const struct super_config *config, const char *id)
{
	const struct config_list *certs = &config->cert_issuance.certs;
	const struct config_issuance *issued = certs->items;

	for (size_t i = 0; i < certs->count; i++)
		if (strcmp(issued[i].id, id) == 0)
			return &issued[i];
	return NULL;
}

static bool
is_manual(const struct super_config *config)
{
	const char *source = config->provisioning.source;

	return source && strcmp(source, "manual") == 0;
}

const struct super_attestation *
super_config_credential(const struct super_config *config)
{
	return is_manual(config) ? &config->provisioning.authentication
				 : &config->provisioning.attestation;
}

struct super_issuance
super_config_device_issuance(const struct super_config *config)
{
	const struct super_attestation *attestation =
	    super_config_credential(config);
	const struct config_issuance *issued =
	    super_config_issuance(config, ID_DEVICE);
	struct super_issuance issuance = attestation->identity_issued;

	if (issued && !issuance.expiry_days)
		issuance.expiry_days = issued->expiry_days;
	if (issued && !issuance.common_name)
		issuance.common_name = issued->common_name;
	if (!issuance.common_name)
		issuance.common_name = is_manual(config)
					   ? config->provisioning.device_id
					   : attestation->registration_id;
	return issuance;
}

/*
 * What a file that says nothing of it means. 1.1 has its two flags, whose
 * defaults are ours, too; later versions have a mode, which is Dynamic, and
 * counts where the first of them wrote the flags as well.
 */
static enum error_code
set_reprovisioning(const struct document *document, struct super_config *config,
    struct error *err)
{
	struct super_provisioning *provisioning = &config->provisioning;
	const struct config_node *section =
	    config_node_find(&document->root, "provisioning");
	bool is_aziot =
	    section && document_flavour_of(document, section) == FLAVOUR_AZIOT;
	const char *mode = config->auto_reprovisioning_mode;

	if (!mode && is_aziot)
		mode = "Dynamic";
	if (!mode)
		return ERROR_NONE;
	if (places_has(&document->root,
		STEPS("provisioning", "always_reprovision_on_startup")) ||
	    places_has(&document->root,
		STEPS("provisioning", "dynamic_reprovisioning"))) {
		if (!config->auto_reprovisioning_mode)
			return ERROR_NONE;
		if (!is_aziot)
			return config_node_error(
			    config_node_find(
				&document->root, "auto_reprovisioning_mode"),
			    err,
			    "'auto_reprovisioning_mode' says what "
			    "'always_reprovision_on_startup' and "
			    "'dynamic_reprovisioning' do: give the one or the "
			    "others");
	}
	provisioning->always_reprovision_on_startup =
	    strcmp(mode, "AlwaysOnStartup") == 0;
	provisioning->dynamic_reprovisioning = strcmp(mode, "Dynamic") == 0;
	return ERROR_NONE;
}

static void
drop(char **text)
{
	secret_free(*text);
	*text = NULL;
}

/*
 * What belongs to another method than that which is given has no effect, as it
 * has none in IoT Edge; check_structure() says so.
 */
static void
drop_strays(struct super_attestation *credential)
{
	if (!credential->method || strcmp(credential->method, "x509") == 0)
		return;
	drop(&credential->identity_cert);
	drop(&credential->identity_pk);
	drop(&credential->identity_issued.method);
	drop(&credential->identity_issued.common_name);
	credential->identity_issued = (struct super_issuance){0};
}

/* As config_read(), with what is wrong beyond its table. */
static enum error_code
read_all(struct document *document, const struct config_listener *listener,
    struct super_config *config, struct error *err)
{
	const struct mistakes *mistakes = &document->mistakes;
	bool tells = listener && listener->mistake;

	if (credentials_name(document, err))
		return err->code;
	for (size_t i = 0; tells && i < mistakes->count; i++)
		listener->mistake(listener->context, &mistakes->items[i]);
	if ((tells || mistakes->count == 0) &&
	    config_read(
		&document->root, &super_config_table, listener, config, err))
		return err->code;
	if (mistakes->count == 0)
		return ERROR_NONE;
	*err = mistakes->items[0];
	return err->code;
}

enum error_code
super_config_read(struct document *document,
    const struct config_listener *listener, struct super_config *ret_config,
    struct error *err)
{
	CLEANUP_DONE(super_config)
	struct super_config config = {
	    .provisioning.always_reprovision_on_startup = true};

	if (read_all(document, listener, &config, err))
		return err->code;
	if (set_reprovisioning(document, &config, err)) {
		if (listener && listener->mistake)
			listener->mistake(listener->context, err);
		return err->code;
	}
	drop_strays(&config.provisioning.attestation);
	drop_strays(&config.provisioning.authentication);
	*ret_config = TAKE_CONTENTS(config);
	return ERROR_NONE;
}
