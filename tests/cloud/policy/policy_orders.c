/* SPDX-License-Identifier: MIT */
#include "policy_orders.h"

#include <string.h>

#include "policy_store.h"

enum error_code
list_policies(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP(json) json_t *policies = json_array();

	(void)request;
	if (!policies)
		return error_no_memory(err);
	if (policy_list(cloud->database, policies, err))
		return err->code;
	return reply_json(reply, 200, TAKE(policies), err);
}

static enum error_code
read_surface(
    const struct request *request, enum surface *ret_surface, struct error *err)
{
	const char *name = request->params[0];

	if (strcmp(name, "dps") != 0 && strcmp(name, "hub") != 0)
		return error_set(err, ERROR_INVALID,
		    "policies are those of 'dps' or of 'hub', not of '%.32s'",
		    name);
	*ret_surface = *name == 'd' ? SURFACE_DPS : SURFACE_HUB;
	return ERROR_NONE;
}

enum error_code
put_policy(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	enum surface surface;
	unsigned rights;

	if (read_surface(request, &surface, err) ||
	    rights_from_json(surface, json_object_get(request->json, "rights"),
		&rights, err) ||
	    policy_put(
		cloud->database, surface, request->params[1], rights, err))
		return err->code;
	return list_policies(cloud, request, reply, err);
}

enum error_code
delete_policy(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	enum surface surface;

	if (read_surface(request, &surface, err) ||
	    policy_delete(cloud->database, surface, request->params[1], err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}
