/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "est.h"
#include "est_access.h"
#include "est_attributes.h"
#include "est_issue.h"
#include "est_store.h"

#define PKCS7_TYPE "application/pkcs7-mime"
#define CERTS_ONLY PKCS7_TYPE "; smime-type=certs-only"
#define PKCS10_TYPE "application/pkcs10"

static enum error_code
open_ca(struct cloud *cloud, struct error *err)
{
	if (cloud->est_ca)
		return ERROR_NONE;
	return est_ca_open(cloud->database, &cloud->est_ca, err);
}

/* RFC 7030 wants the transfer encoding named; RFC 8951 says it is always so. */
static enum error_code
reply_base64(
    struct reply *reply, const char *type, char *text, struct error *err)
{
	if (reply_text_of(reply, 200, type, text, err))
		return err->code;
	return reply_add_header(
	    reply, "Content-Transfer-Encoding", "base64", err);
}

static enum error_code
reply_certificates(struct reply *reply, const x509_stack *certificates,
    const char *type, const struct fault *fault, struct error *err)
{
	char *text;

	if (est_certificates_only(certificates, &text, err))
		return err->code;
	if (fault->kind == FAULT_TRUNCATED)
		text[strlen(text) / 8 * 4] = '\0'; /* whole groups of base64 */
	return reply_base64(reply, type, text, err);
}

enum error_code
est_cacerts(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	if (open_ca(cloud, err))
		return err->code;
	return reply_certificates(
	    reply, cloud->est_ca->chain, PKCS7_TYPE, &request->fault, err);
}

enum error_code
est_csrattrs(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP(string) char *text = NULL;

	(void)request;
	if (est_attributes_get(cloud->database, &text, err))
		return err->code;
	if (!*text) {
		reply->status = 204;
		return ERROR_NONE;
	}
	return reply_base64(reply, "application/csrattrs", TAKE(text), err);
}

static bool
is_pkcs10(const char *content_type)
{
	size_t length = strlen(PKCS10_TYPE);

	return content_type &&
	       strncasecmp(content_type, PKCS10_TYPE, length) == 0 &&
	       strchr("; ", content_type[length]);
}

static enum error_code
reply_pending(struct reply *reply, const struct fault *fault)
{
	reply->status = 202;
	reply->retry_after_seconds = fault_retry_after(fault);
	return ERROR_NONE;
}

static enum error_code
issue(struct cloud *cloud, const struct request *request,
    const struct est_caller *caller, X509_REQ *asked, struct reply *reply,
    struct error *err)
{
	unsigned lifetime = cloud->options.est_lifetime_seconds;
	struct est_order order = {.now = request->now,
	    .lifetime_seconds = lifetime ? lifetime : EST_LIFETIME_SECONDS,
	    .fault = request->fault.kind};
	CLEANUP(x509) X509 *certificate = NULL;
	CLEANUP(x509_stack) x509_stack *answer = sk_X509_new_null();

	if (!answer)
		return error_no_memory(err);
	if (request->fault.kind == FAULT_PENDING)
		return reply_pending(reply, &request->fault);
	if (est_usages_get(cloud->database, &order.usages, err) ||
	    est_issue(cloud->est_ca, asked, &order, &certificate, err) ||
	    est_certificate_add(cloud->database, certificate, caller->name,
		request->fault.kind == FAULT_REVOKED, err))
		return err->code;
	if (!X509_add_cert(answer, certificate, X509_ADD_FLAG_UP_REF))
		return error_no_memory(err);
	return reply_certificates(
	    reply, answer, CERTS_ONLY, &request->fault, err);
}

enum error_code
est_enroll(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP(x509_req) X509_REQ *asked = NULL;
	struct est_caller caller;

	if (open_ca(cloud, err) ||
	    est_authenticate(cloud, cloud->est_ca, request, &caller, err))
		return err->code;
	if (!is_pkcs10(request->headers.content_type))
		return refuse(reply, REFUSE_MEDIA_TYPE,
		    "The body must be " PKCS10_TYPE ".");
	if (est_read_request(request->body, request->body_length, &asked, err))
		return err->code;
	return issue(cloud, request, &caller, asked, reply, err);
}

static enum error_code
refuse_renewal(const struct request *request, const struct est_caller *caller,
    struct reply *reply)
{
	if (!sk_X509_value(request->chain, 0))
		return refuse(reply, REFUSE_UNAUTHORIZED,
		    "Show the certificate that is to be renewed.");
	if (caller->certificate)
		return refuse(reply, REFUSE_UNAUTHORIZED,
		    "The certificate shown is not by this server's CA; "
		    "simpleenroll gives it a first one.");
	return refuse(reply, REFUSE_UNAUTHORIZED,
	    "The certificate shown cannot be renewed: %s.", caller->reason);
}

enum error_code
est_reenroll(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP(x509_req) X509_REQ *asked = NULL;
	struct est_caller caller;

	if (open_ca(cloud, err) ||
	    est_authenticate(cloud, cloud->est_ca, request, &caller, err))
		return err->code;
	if (!caller.is_ours)
		return refuse_renewal(request, &caller, reply);
	if (!is_pkcs10(request->headers.content_type))
		return refuse(reply, REFUSE_MEDIA_TYPE,
		    "The body must be " PKCS10_TYPE ".");
	if (est_read_request(
		request->body, request->body_length, &asked, err) ||
	    est_check_same_names(asked, caller.certificate, err))
		return err->code;
	return issue(cloud, request, &caller, asked, reply, err);
}

enum error_code
est_not_implemented(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	(void)cloud;
	(void)request;
	(void)err;
	return refuse(reply, REFUSE_NOT_IMPLEMENTED,
	    "This EST server makes no keys and does no full CMC; it has "
	    "cacerts, csrattrs, simpleenroll and simplereenroll.");
}
