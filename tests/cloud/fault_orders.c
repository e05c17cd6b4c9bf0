/* SPDX-License-Identifier: MIT */
#include "fault_orders.h"

#include <errno.h>
#include <stdlib.h>

enum error_code
list_faults(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP(json) json_t *faults = json_array();

	(void)request;
	if (!faults)
		return error_no_memory(err);
	if (fault_list(cloud->database, faults, err))
		return err->code;
	return reply_json(reply, 200, TAKE(faults), err);
}

/* A number that may be absent. */
static enum error_code
read_number(const json_t *body, const char *member, int64_t fallback,
    int64_t *ret_number, struct error *err)
{
	const json_t *value = json_object_get(body, member);
	json_int_t number = fallback;

	if (value && !json_is_null(value) &&
	    json_get_integer(body, member, &number, err))
		return err->code;
	*ret_number = number;
	return ERROR_NONE;
}

enum error_code
order_fault(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	const char *name, *endpoint;
	int64_t count, argument;
	enum fault_kind kind;

	if (json_get_string(request->json, "name", &name, err) ||
	    json_get_optional_string(
		request->json, "endpoint", &endpoint, err) ||
	    read_number(request->json, "count", 1, &count, err) ||
	    read_number(
		request->json, "argument", FAULT_NO_ARGUMENT, &argument, err) ||
	    fault_kind_parse(name, &kind, err) ||
	    fault_add(cloud->database, kind, endpoint, count, argument, err))
		return err->code;
	return list_faults(cloud, request, reply, err);
}

enum error_code
clear_faults(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	(void)request;
	if (fault_clear(cloud->database, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}

enum error_code
remove_fault(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	char *end;
	long long id;

	errno = 0;
	id = strtoll(request->params[0], &end, 10);
	if (errno || *end || end == request->params[0])
		return error_set(err, ERROR_INVALID,
		    "the id of a fault is a number, not '%.32s'",
		    request->params[0]);
	if (fault_remove(cloud->database, id, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}
