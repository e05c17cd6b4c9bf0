/* SPDX-License-Identifier: MIT */
#include "check_cloud.h"

#include <stdio.h>
#include <string.h>

#include "common/acl.h"
#include "common/hub_id.h"

#define TIMEOUT_MAX 3600
#define RETRIES_MAX 100

static void
check_number(const char *key, const char *text, unsigned long least,
    unsigned long most, struct findings *findings)
{
	unsigned long value;
	char *end;

	if (!text)
		return;
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || value < least || value > most)
		findings_error(findings, PLACE(findings, key),
		    "'%s' must be a whole number from %lu to %lu", key, least,
		    most);
}

/* aziot refuses less, though Edge's own template has 10. */
static void
check_timeout(const char *text, struct findings *findings)
{
	check_number("cloud_timeout_sec", text, 1, TIMEOUT_MAX, findings);
	if (text && strtoul(text, NULL, 10) < CLOUD_TIMEOUT_LEAST &&
	    strtoul(text, NULL, 10) > 0)
		findings_warn(findings, PLACE(findings, "cloud_timeout_sec"),
		    "'cloud_timeout_sec' is %s; DPS may take %d seconds to "
		    "answer, which are waited for",
		    text, CLOUD_TIMEOUT_LEAST);
}

/* Two that say different things are refused before, but for aziot's files. */
static void
check_reprovisioning(
    const struct super_config *config, struct findings *findings)
{
	static const char *const flags[] = {
	    "always_reprovision_on_startup", "dynamic_reprovisioning"};

	for (size_t i = 0; config->auto_reprovisioning_mode && i < 2; i++)
		if (places_has(findings->root, STEPS("provisioning", flags[i])))
			findings_stray(findings,
			    PLACE(findings, "provisioning", flags[i]),
			    "'%s' has no effect beside "
			    "'auto_reprovisioning_mode'",
			    flags[i]);
}

static bool
has(const struct config_strings *strings, const char *text)
{
	for (size_t i = 0; i < strings->count; i++)
		if (strcmp(strings->items[i], text) == 0)
			return true;
	return false;
}

static void
check_identities(const struct super_config *config,
    const struct super_principal *principal, const char *position,
    struct findings *findings)
{
	const char *source = config->provisioning.source;
	bool is_local = has(&principal->identity, "local");

	if (is_local && !config->localid.domain)
		findings_error(findings,
		    PLACE(findings, "principals", position, "identity"),
		    "identity 'local' needs the section 'localid' with a "
		    "'domain'");
	else if (is_local && !config->token.present &&
		 !config->localid.export_private_keys)
		findings_stray(findings,
		    PLACE(findings, "principals", position, "identity"),
		    "identity 'local' has its key in a token; the section "
		    "'token' must say in which, or "
		    "'localid.export_private_keys' that keys are made anew "
		    "each time and given away");
	if (principal->localid.type && !is_local)
		findings_error(findings,
		    PLACE(findings, "principals", position, "localid"),
		    "'localid' needs the identity 'local'");
	if (source && strcmp(source, "none") == 0 &&
	    (has(&principal->identity, "device") ||
		has(&principal->identity, "module")))
		findings_error(findings,
		    PLACE(findings, "principals", position, "identity"),
		    "with source 'none' there are no identities 'device' and "
		    "'module'");
}

static const char *
name_of(const struct super_principal *principal)
{
	return principal->name ? principal->name : principal->user;
}

/* What is asked for in its name: a module at the hub, or a certificate. */
static void
check_module(const struct super_config *config,
    const struct super_principal *principal, const char *position,
    struct findings *findings)
{
	const char *name = name_of(principal);
	bool is_local = has(&principal->identity, "local");
	bool is_issued = super_config_issuance(config, name) != NULL;
	struct error err;

	if (!is_local && !has(&principal->identity, "module"))
		return;
	if (hub_module_id_check(name, &err))
		findings_error(findings,
		    PLACE(findings, "principals", position,
			principal->name ? "name" : "user"),
		    "%s", err.message);
	else if (is_local && config->localid.domain && !is_issued)
		findings_warn(findings,
		    PLACE(findings, "principals", position, "identity"),
		    "'%s' gets no local identity: 'cert_issuance.certs' does "
		    "not say how its certificate is issued",
		    name);
}

/* By name or number; one that is not on this machine is found elsewhere. */
static bool
is_same_user(const char *one, const char *other)
{
	uid_t one_uid;
	uid_t other_uid;
	struct error ignored;

	return !user_lookup(one, &one_uid, &ignored) &&
	       !user_lookup(other, &other_uid, &ignored) &&
	       one_uid == other_uid;
}

/* Who has identities has one name for them, and is known by it alone. */
static void
check_pair(const struct super_principal *one,
    const struct super_principal *other, const char *position,
    struct findings *findings)
{
	if (!one->identity.items || !other->identity.items)
		return;
	if (strcmp(name_of(one), name_of(other)) == 0)
		findings_error(findings,
		    PLACE(findings, "principals", position, "name"),
		    "there are two principals '%s'", name_of(one));
	else if (is_same_user(one->user, other->user))
		findings_error(findings,
		    PLACE(findings, "principals", position, "user"),
		    "there is a principal with identities for user '%s' "
		    "already; give one entry all of them",
		    one->user);
}

void
check_cloud(const struct super_config *config, struct findings *findings)
{
	const struct super_principal *principals = config->principals.items;

	check_timeout(config->cloud_timeout_sec, findings);
	check_reprovisioning(config, findings);
	check_number(
	    "cloud_retries", config->cloud_retries, 0, RETRIES_MAX, findings);
	for (size_t i = 0; i < config->principals.count; i++) {
		char position[24];

		(void)snprintf(position, sizeof(position), "%zu", i);
		check_identities(config, &principals[i], position, findings);
		check_module(config, &principals[i], position, findings);
		for (size_t j = 0; j < i; j++)
			check_pair(
			    &principals[i], &principals[j], position, findings);
	}
}
