/* SPDX-License-Identifier: MIT */
#include "edge_ca.h"

#include "node_edit.h"

#define QUICK_START_DAYS "90"

/* The first 1.2 said no more of it than how long it lives. */
static enum error_code
change_lifetime(struct config_node *edge_ca, struct error *err)
{
	static const char key[] = "auto_generated_edge_ca_expiry_days";
	const struct config_node *days = config_node_find(edge_ca, key);
	struct config_node place;

	if (!days)
		return ERROR_NONE;
	place = *days;
	if (config_node_find(edge_ca, "cert")) {
		node_remove(edge_ca, key);
		return ERROR_NONE;
	}
	if (node_move(edge_ca, key, edge_ca, "expiry_days", err))
		return err->code;
	return node_add_text(edge_ca, "method", &place, "self_signed", err);
}

/* Who has an agent has an aziot-edged, which cannot start without a CA. */
static bool
is_wanted(const struct config_node *root)
{
	const struct config_node *preloaded =
	    node_mapping(root, "preloaded_certs");

	return config_node_find(root, "agent") && node_mapping(root, "token") &&
	       !config_node_find(root, "certificates") &&
	       !(preloaded && config_node_find(preloaded, ID_EDGE_CA));
}

static enum error_code
add_quick_start(struct config_node *root, struct error *err)
{
	const struct config_node place = *config_node_find(root, "agent");
	struct config_node *edge_ca;

	if (node_make_mapping(root, "edge_ca", &place, &edge_ca, err) ||
	    node_add_text(edge_ca, "method", &place, "self_signed", err) ||
	    node_add_text(
		edge_ca, "expiry_days", &place, QUICK_START_DAYS, err))
		return err->code;
	config_node_find(edge_ca, "expiry_days")->plain = true;
	return ERROR_NONE;
}

enum error_code
edge_ca_change(struct config_node *root, struct error *err)
{
	struct config_node *edge_ca = node_mapping(root, "edge_ca");

	if (edge_ca)
		return change_lifetime(edge_ca, err);
	return is_wanted(root) ? add_quick_start(root, err) : ERROR_NONE;
}

enum error_code
edge_ca_add_next(struct config_node *root, struct error *err)
{
	struct config_node *issuance = node_mapping(root, "cert_issuance");
	struct config_node *certs =
	    issuance ? node_mapping(issuance, "certs") : NULL;
	const struct config_node *issued =
	    certs ? node_mapping(certs, ID_EDGE_CA) : NULL;

	return issued ? node_add_copy(certs, ID_EDGE_CA_NEXT, issued, err)
		      : ERROR_NONE;
}
