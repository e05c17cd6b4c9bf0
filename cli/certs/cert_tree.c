/* SPDX-License-Identifier: MIT */
#include "cert_tree.h"

#include <string.h>

static const char *
text_of(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

/* The node of the certificate about in all, made if there is none. */
static json_t *
node_of(json_t *all, const json_t *about)
{
	const char *fingerprint = text_of(about, "fingerprint");
	json_t *node = json_object_get(all, fingerprint);

	if (node)
		return node;
	node = json_pack("{s:s, s:s, s:s, s:s, s:b, s:[], s:[]}", "subject",
	    text_of(about, "subject"), "issuer", text_of(about, "issuer"),
	    "notAfter", text_of(about, "notAfter"), "fingerprint", fingerprint,
	    "ca", json_is_true(json_object_get(about, "ca")), "ids", "below");
	if (json_object_set_new(all, fingerprint, node))
		return NULL;
	return node;
}

/* The issuer by its place in the chain, which is in order. */
static bool
add_chain(json_t *all, const json_t *certificate)
{
	const json_t *chain = json_object_get(certificate, "chain");
	json_t *below = NULL;

	for (size_t i = 0; i < json_array_size(chain); i++) {
		json_t *node = node_of(all, json_array_get(chain, i));

		if (!node)
			return false;
		if (i == 0 && json_array_append(json_object_get(node, "ids"),
				  json_object_get(certificate, "id")))
			return false;
		if (below && !json_object_get(below, "above") &&
		    json_object_set(
			below, "above", json_object_get(node, "fingerprint")))
			return false;
		below = node;
	}
	return true;
}

/* One whose chain does not say it may be issued by another that we have. */
static const char *
issuer_by_name(json_t *all, const json_t *node)
{
	const char *fingerprint;
	json_t *other;

	json_object_foreach(all, fingerprint,
	    other) if (other != node &&
		       json_is_true(json_object_get(other, "ca")) &&
		       strcmp(text_of(other, "subject"),
			   text_of(node, "issuer")) == 0) return fingerprint;
	return NULL;
}

/* NULL: at the top. */
static const char *
issuer_of(json_t *all, const json_t *node)
{
	const char *above = json_string_value(json_object_get(node, "above"));

	if (strcmp(text_of(node, "subject"), text_of(node, "issuer")) == 0)
		return NULL;
	return above ? above : issuer_by_name(all, node);
}

/* True if node is fingerprint or among what issued that. */
static bool
is_above(json_t *all, const json_t *node, const char *fingerprint)
{
	size_t steps = json_object_size(all);

	while (fingerprint && steps-- > 0) {
		const json_t *other = json_object_get(all, fingerprint);

		if (other == node)
			return true;
		fingerprint = issuer_of(all, other);
	}
	return fingerprint != NULL;
}

static int
compare_nodes(const json_t *one, const json_t *other)
{
	int order = strcmp(text_of(one, "subject"), text_of(other, "subject"));

	return order ? order
		     : strcmp(text_of(one, "fingerprint"),
			   text_of(other, "fingerprint"));
}

/* Puts node among its siblings, by name. */
static bool
insert(json_t *siblings, json_t *node)
{
	size_t place = 0;

	while (place < json_array_size(siblings) &&
	       compare_nodes(json_array_get(siblings, place), node) < 0)
		place++;
	return json_array_insert(siblings, place, node) == 0;
}

json_t *
cert_tree(const json_t *certificates)
{
	CLEANUP(json) json_t *all = json_object();
	CLEANUP(json) json_t *top = json_array();
	const char *fingerprint;
	json_t *node;

	for (size_t i = 0; i < json_array_size(certificates); i++)
		if (!add_chain(all, json_array_get(certificates, i)))
			return NULL;
	json_object_foreach(all, fingerprint, node)
	{
		const char *issuer = issuer_of(all, node);
		/* Two that name each other as issuers have none above them. */
		bool has = issuer && !is_above(all, node, issuer);

		if (!insert(has ? json_object_get(
				      json_object_get(all, issuer), "below")
				: top,
			node))
			return NULL;
	}
	json_object_foreach(all, fingerprint, node)(void)
	    json_object_del(node, "above");
	return TAKE(top);
}
