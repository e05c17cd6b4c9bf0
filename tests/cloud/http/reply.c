/* SPDX-License-Identifier: MIT */
#include "reply.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "stamp.h"

static const struct refusal_form {
	enum refusal refusal;
	unsigned status;
	int dps_code;
	const char *hub_name;
} forms[] = {
    {REFUSE_VERSION,                400, 400001, "InvalidProtocolVersion"     },
    {REFUSE_ARGUMENT,               400, 400004, "ArgumentInvalid"            },
    {REFUSE_REGISTRATION_ID,        400, 400202, "ArgumentInvalid"            },
    {REFUSE_GROUP_ID,               400, 400204, "ArgumentInvalid"            },
    {REFUSE_ENDORSEMENT_KEY,        400, 400201, "ArgumentInvalid"            },
    {REFUSE_STORAGE_ROOT_KEY,       400, 400203, "ArgumentInvalid"            },
    {REFUSE_UNAUTHORIZED,           401, 401002, "IotHubUnauthorizedAccess"   },
    {REFUSE_FORBIDDEN,              403, 403000, "Forbidden"                  },
    {REFUSE_ROUTE,                  404, 404000, "GenericNotFound"            },
    {REFUSE_DEVICE_NOT_FOUND,       404, 404000, "DeviceNotFound"             },
    {REFUSE_DEVICE_EXISTS,          409, 409000, "DeviceAlreadyExists"        },
    {REFUSE_MODULE_NOT_FOUND,       404, 404000, "ModuleNotFound"             },
    {REFUSE_MODULE_EXISTS,          409, 409000, "ModuleAlreadyExistsOnDevice"},
    {REFUSE_TOO_MANY_MODULES,       400, 400000, "TooManyModulesOnDevice"     },
    {REFUSE_ENROLLMENT_NOT_FOUND,   404, 404201, "GenericNotFound"            },
    {REFUSE_REGISTRATION_NOT_FOUND, 404, 404202, "GenericNotFound"            },
    {REFUSE_OPERATION_NOT_FOUND,    404, 404203, "GenericNotFound"            },
    {REFUSE_GROUP_NOT_FOUND,        404, 404204, "GenericNotFound"            },
    {REFUSE_ENROLLMENT_EXISTS,      409, 409201, "GenericConflict"            },
    {REFUSE_GROUP_EXISTS,           409, 409202, "GenericConflict"            },
    {REFUSE_PRECONDITION,           412, 412001, "PreconditionFailed"         },
    {REFUSE_TOO_LARGE,              413, 413001, "MessageTooLarge"            },
    {REFUSE_MEDIA_TYPE,             415, 415001, "UnsupportedMediaType"       },
    {REFUSE_THROTTLED,              429, 429001, "ThrottlingException"        },
    {REFUSE_SERVER,                 500, 500001, "ServerError"                },
    {REFUSE_NOT_IMPLEMENTED,        501, 501001, "NotImplemented"             },
    {REFUSE_UNAVAILABLE,            503, 503001, "ServiceUnavailable"         },
};

static const struct refusal_form *
form_of(enum refusal refusal)
{
	const struct refusal_form *form = forms;

	while (form->refusal != refusal)
		form++;
	return form;
}

int
refusal_code(enum refusal refusal)
{
	return form_of(refusal)->dps_code;
}

static void
reply_clear_content(struct reply *reply)
{
	json_decref(reply->body);
	free(reply->text);
	reply->body = NULL;
	reply->text = NULL;
}

static void
reply_clear_headers(struct reply *reply)
{
	for (size_t i = 0; i < reply->header_count; i++)
		free(reply->headers[i].value);
	reply->header_count = 0;
}

void
reply_done(struct reply *reply)
{
	reply_clear_content(reply);
	reply_clear_headers(reply);
}

enum error_code
reply_json(
    struct reply *reply, unsigned status, json_t *body, struct error *err)
{
	if (!body)
		return error_no_memory(err);
	reply_clear_content(reply);
	reply->body = body;
	reply->status = status;
	return ERROR_NONE;
}

enum error_code
reply_text_of(struct reply *reply, unsigned status, const char *type,
    char *text, struct error *err)
{
	if (!text)
		return error_no_memory(err);
	reply_clear_content(reply);
	reply->text = text;
	reply->text_type = type;
	reply->status = status;
	return ERROR_NONE;
}

enum error_code
reply_see_other(struct reply *reply, const char *location, struct error *err)
{
	reply_clear_content(reply);
	reply->status = 303;
	return reply_add_header(reply, "Location", location, err);
}

enum error_code
reply_add_header(
    struct reply *reply, const char *name, const char *value, struct error *err)
{
	char *copy = strdup(value);

	if (!copy || reply->header_count == REPLY_HEADERS_MAX) {
		free(copy);
		return error_no_memory(err);
	}
	reply->headers[reply->header_count++] =
	    (struct reply_header){name, copy};
	return ERROR_NONE;
}

enum error_code
reply_record(struct reply *reply, json_t *record, struct error *err)
{
	const char *etag = json_string_value(json_object_get(record, "etag"));
	const char *quote = etag && *etag == '"' ? "" : "\"";
	CLEANUP(string) char *header = NULL;

	if (reply_json(reply, 200, record, err))
		return err->code;
	if (!etag)
		return ERROR_NONE;
	header = string_format("%s%s%s", quote, etag, quote);
	if (!header)
		return error_no_memory(err);
	return reply_add_header(reply, "ETag", header, err);
}

static json_t *
dps_body(int code, const char *message, const char *tracking_id)
{
	return json_pack("{s:i, s:s, s:s, s:s}", "errorCode", code,
	    "trackingId", tracking_id, "message", message, "timestampUtc",
	    utc_now().text);
}

/* Clients split Message at ';' and then at ':'. */
static json_t *
hub_body(const char *name, const char *message, const char *tracking_id)
{
	char text[ERROR_MESSAGE_MAX + 64];
	char exception[64];
	int prefix = snprintf(text, sizeof(text), "ErrorCode:%s;", name);

	(void)snprintf(
	    text + prefix, sizeof(text) - (size_t)prefix, "%s", message);
	for (char *c = text + prefix; *c; c++)
		if (*c == ';')
			*c = ',';
	(void)snprintf(
	    exception, sizeof(exception), "Tracking ID:%s", tracking_id);
	return json_pack(
	    "{s:s, s:s}", "Message", text, "ExceptionMessage", exception);
}

void
reason_make_plain(char *reason)
{
	json_t *value = json_string(reason);

	for (char *c = reason; *c; c++)
		if ((unsigned char)*c < ' ' ||
		    (!value && !isascii((unsigned char)*c)))
			*c = '?';
	json_decref(value);
}

/* RFC 7030 section 4.2.3: a reason for people, as text. */
static void
fill_est_refusal(struct reply *reply)
{
	struct error ignored;

	reply->text = string_format("%s\n", reply->reason);
	reply->text_type = "text/plain; charset=utf-8";
	if (reply->status == 401)
		(void)!reply_add_header(reply, "WWW-Authenticate",
		    "Basic realm=\"signet-cloud EST\", charset=\"UTF-8\"",
		    &ignored);
}

static void
fill_refusal(struct reply *reply, const struct refusal_form *form,
    const char *tracking_id)
{
	switch (reply->surface) {
	case SURFACE_DPS:
		reply->body =
		    dps_body(form->dps_code, reply->reason, tracking_id);
		break;
	case SURFACE_HUB:
		reply->body =
		    hub_body(form->hub_name, reply->reason, tracking_id);
		break;
	case SURFACE_EST:
		fill_est_refusal(reply);
		break;
	case SURFACE_PORTAL:
		break; /* portal_finish() writes a page */
	}
}

enum error_code
refuse(struct reply *reply, enum refusal refusal, const char *format, ...)
{
	const struct refusal_form *form = form_of(refusal);
	struct uuid_text tracking_id = {""};
	struct error ignored;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(reply->reason, sizeof(reply->reason), format, args);
	va_end(args);
	reason_make_plain(reply->reason);
	/* Without random bytes there is still an answer. */
	(void)!uuid_create(&tracking_id, &ignored);

	reply_clear_content(reply);
	reply_clear_headers(reply);
	reply->status = form->status;
	fill_refusal(reply, form, tracking_id.text);
	return ERROR_NONE;
}

static enum refusal
refusal_of(enum error_code code)
{
	switch (code) {
	case ERROR_INVALID:
	case ERROR_MALFORMED:
		return REFUSE_ARGUMENT;
	case ERROR_DENIED:
		return REFUSE_UNAUTHORIZED;
	case ERROR_NOT_FOUND:
		return REFUSE_ROUTE;
	case ERROR_EXISTS:
		return REFUSE_ENROLLMENT_EXISTS;
	case ERROR_UNAVAILABLE:
	case ERROR_TIMEOUT:
		return REFUSE_UNAVAILABLE;
	case ERROR_NONE:
	case ERROR_UPSTREAM:
	case ERROR_INTERNAL:
		break;
	}
	return REFUSE_SERVER;
}

void
refuse_error(struct reply *reply, const struct error *err)
{
	(void)refuse(reply, refusal_of(err->code), "%s", err->message);
}
