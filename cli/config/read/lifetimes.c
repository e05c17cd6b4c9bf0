/* SPDX-License-Identifier: MIT */
#include "lifetimes.h"

#include <string.h>

#include "certd/limits.h"
#include "common/file.h"
#include "node_edit.h"
#include "places.h"

#define KEY "expiry_days"

static bool
is_too_long(const struct config_node *days)
{
	char *end;
	unsigned long value;

	if (days->kind != CONFIG_SCALAR || !days->plain || *days->text < '0' ||
	    *days->text > '9')
		return false;
	value = strtoul(days->text, &end, 10);
	return !*end && value > CERTD_EXPIRY_DAYS_MAX;
}

/* Of what issued, which may be NULL, says. */
static enum error_code
lower(struct document *document, const struct config_node *issued,
    struct error *err)
{
	struct config_node *days =
	    issued ? config_node_find(issued, KEY) : NULL;
	CLEANUP(string) char *most = NULL;

	if (!days || !is_too_long(days) ||
	    document_flavour_of(document, days) == FLAVOUR_SIGNET)
		return ERROR_NONE;
	(void)config_node_error(days, err,
	    "'%s' is %s; a certificate is good for at most %d days, which "
	    "count",
	    places_name(issued, STEPS(KEY)), days->text, CERTD_EXPIRY_DAYS_MAX);
	if (mistakes_pass(&document->warnings, err->code, err))
		return err->code;
	most = string_format("%d", CERTD_EXPIRY_DAYS_MAX);
	if (!most)
		return error_no_memory(err);
	if (node_change(days, most, err))
		return err->code;
	days->plain = true;
	return ERROR_NONE;
}

enum error_code
lifetimes_lower(struct document *document, struct error *err)
{
	struct config_node *root = &document->root;
	const struct config_node *certs =
	    node_find_path(root, STEPS("cert_issuance", "certs"));

	for (size_t i = 0; certs && i < certs->count; i += 2)
		if (certs->items[i + 1].kind == CONFIG_MAPPING &&
		    lower(document, &certs->items[i + 1], err))
			return err->code;
	if (lower(document,
		node_find_path(root,
		    STEPS("provisioning", "attestation", "identity_cert")),
		err))
		return err->code;
	return lower(document,
	    node_find_path(
		root, STEPS("provisioning", "authentication", "identity_cert")),
	    err);
}
