/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <string.h>

#include "certs_state.h"

void
plan_done(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free(plan->items[i].id);
	free(plan->items);
	*plan = (struct plan){0, NULL, 0};
}

static bool
has(const struct plan *plan, const char *id)
{
	for (size_t i = 0; i < plan->count; i++)
		if (strcmp(plan->items[i].id, id) == 0)
			return true;
	return false;
}

/* A server that stalls holds up those that wait for the same server only. */
static unsigned
lane_of(const struct certs *certs, const struct policy *policy)
{
	return policy->method == POLICY_EST
		   ? 1 + (unsigned)certs_est_server(certs, policy)
		   : 0;
}

static enum error_code
add(struct plan *plan, const struct managed *managed, struct error *err)
{
	struct managed *item = &plan->items[plan->count];

	*item = *managed;
	item->id = strdup(managed->policy.id);
	if (!item->id)
		return error_no_memory(err);
	item->policy.id = item->id;
	plan->count++;
	return ERROR_NONE;
}

static bool
is_identity(const struct policy *policy)
{
	return policy->method == POLICY_EST && policy->est.identity_cert &&
	       strcmp(policy->est.identity_cert, policy->id) == 0;
}

static enum renewal_proof
proof_of(const struct policy *policy)
{
	if (is_identity(policy))
		return RENEWAL_PROOF_EST;
	return policy->renewal.prove_by_user ? RENEWAL_PROOF_USER
					     : RENEWAL_PROOF_NONE;
}

static enum error_code
add_issued(const struct certs *certs, const char *id, struct plan *plan,
    struct error *err)
{
	const struct policy policy = certs_policy(certs, id);
	const struct managed managed = {.policy = policy,
	    .proof = proof_of(&policy),
	    .create = is_identity(&policy),
	    .lane = lane_of(certs, &policy)};

	if (policy.method == POLICY_UNMANAGED || policy.is_read_only ||
	    has(plan, id))
		return ERROR_NONE;
	return add(plan, &managed, err);
}

/* The identity that a certificate of EST is asked for with comes first. */
static enum error_code
add_with_identity(const struct certs *certs, const char *id, struct plan *plan,
    struct error *err)
{
	const struct policy policy = certs_policy(certs, id);

	if (policy.method == POLICY_EST && policy.est.identity_cert &&
	    add_issued(certs, policy.est.identity_cert, plan, err))
		return err->code;
	return add_issued(certs, id, plan, err);
}

enum error_code
plan_create(const struct certs *certs, struct plan *ret_plan, struct error *err)
{
	const struct config_list *issued = &certs->config.cert_issuance.certs;
	const struct config_issuance *issuances = issued->items;
	CLEANUP_DONE(plan)
	struct plan plan = {.lanes = 1 + (unsigned)certs_est_servers(certs)};

	plan.items = calloc(2 * issued->count + 1, sizeof(*plan.items));
	if (!plan.items)
		return error_no_memory(err);
	for (size_t i = 0; i < issued->count; i++)
		if (add_with_identity(certs, issuances[i].id, &plan, err))
			return err->code;
	*ret_plan = TAKE_CONTENTS(plan);
	return ERROR_NONE;
}
