/* SPDX-License-Identifier: MIT */
#include "testpki.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <string.h>

#include "common/certificate.h"
#include "common/file.h"
#include "common/time.h"

#define SECONDS_PER_DAY 86400
#define BACKDATE_SECONDS 300
#define RSA_BITS 2048

#define ROOT_STEM "azure-iot-test-only.root.ca"
#define INTERMEDIATE_STEM "azure-iot-test-only.intermediate"
#define DEVICE_STEM "iot-edge-device-identity-"
#define VERIFICATION_STEM "verification-code"

#define ROOT_NAME "Signet Test Only Root CA, not for production"
#define INTERMEDIATE_NAME "Signet Test Only Intermediate CA, not for production"

/* One certificate to be made, beyond what the user chose. */
struct job {
	const struct testpki_options *options;
	const char *stem;
	const char *issuer_stem; /* NULL: signs itself */
	const char *common_name;
	bool is_ca;
	int path_length;
	bool has_chain;
};

void
testpki_outcome_done(struct testpki_outcome *outcome)
{
	testpki_paths_done(&outcome->paths);
	free(outcome->common_name);
	*outcome = (struct testpki_outcome){0};
}

static enum error_code
generate_key(const char *type, EVP_PKEY **ret_key, struct error *err)
{
	EVP_PKEY *key;

	if (!type || strcmp(type, "ec-p256") == 0)
		key = EVP_EC_gen("P-256");
	else if (strcmp(type, "rsa-2048") == 0)
		key = EVP_RSA_gen(RSA_BITS);
	else
		return error_set(err, ERROR_INVALID,
		    "unknown key type '%s' (ec-p256, rsa-2048)", type);
	if (!key)
		return error_set_openssl(
		    err, ERROR_INTERNAL, "generating a key");
	*ret_key = key;
	return ERROR_NONE;
}

static enum error_code
choose_key(const struct testpki_options *options, EVP_PKEY **ret_key,
    struct error *err)
{
	if (!options->public_key)
		return generate_key(options->key_type, ret_key, err);
	if (!EVP_PKEY_up_ref(options->public_key))
		return error_set_openssl(err, ERROR_INTERNAL, "public key");
	*ret_key = options->public_key;
	return ERROR_NONE;
}

/* *ret_issuer stays NULL where the new key signs its own certificate. */
static enum error_code
choose_issuer(const struct job *job, EVP_PKEY *key, X509 **ret_issuer,
    EVP_PKEY **ret_issuer_key, struct error *err)
{
	CLEANUP_DONE(testpki_paths) struct testpki_paths paths = {0};

	if (!job->issuer_stem) {
		if (!EVP_PKEY_up_ref(key))
			return error_set_openssl(err, ERROR_INTERNAL, "key");
		*ret_issuer_key = key;
		return ERROR_NONE;
	}
	if (testpki_paths_create(
		job->options->directory, job->issuer_stem, &paths, err))
		return err->code;
	if (testpki_read_pair(&paths, ret_issuer, ret_issuer_key, err))
		return error_wrap(err, "the issuer");
	return ERROR_NONE;
}

/* Dates that the user gives are taken as they are: tests want bad ones too. */
static enum error_code
set_dates(struct certificate_plan *plan, const struct testpki_options *options,
    struct error *err)
{
	int64_t now = time_now();
	int64_t issuer_until;

	plan->not_before = options->not_before;
	plan->not_after = options->not_after;
	if (plan->not_before == TESTPKI_DEFAULT_DATE)
		plan->not_before = now - BACKDATE_SECONDS;
	if (plan->not_after == TESTPKI_DEFAULT_DATE) {
		plan->not_after = now + TESTPKI_DAYS_DEFAULT * SECONDS_PER_DAY;
		if (plan->issuer &&
		    time_from_asn1(
			X509_get0_notAfter(plan->issuer), &issuer_until, err))
			return err->code;
		if (plan->issuer && plan->not_after > issuer_until)
			plan->not_after = issuer_until;
	}
	if (plan->not_after <= plan->not_before)
		return error_set(err, ERROR_INVALID,
		    "the certificate would end (%s) before it begins (%s)",
		    time_format(plan->not_after).text,
		    time_format(plan->not_before).text);
	return ERROR_NONE;
}

static enum error_code
make_certificate(const struct job *job, EVP_PKEY *key, const X509 *issuer,
    EVP_PKEY *issuer_key, X509 **ret_certificate, int64_t *ret_not_after,
    struct error *err)
{
	CLEANUP(x509_name) X509_NAME *subject = NULL;
	struct certificate_plan plan = {.public_key = key,
	    .issuer = issuer,
	    .is_ca = job->is_ca,
	    .path_length = job->path_length,
	    .for_client = !job->is_ca,
	    .comment = TESTPKI_COMMENT};

	if (name_from_common_name(job->common_name, &subject, err) ||
	    set_dates(&plan, job->options, err))
		return err->code;
	plan.subject = subject;
	*ret_not_after = plan.not_after;
	return certificate_create(&plan, issuer_key, ret_certificate, err);
}

/* Names the files, and sees that none is there that must not be lost. */
static enum error_code
name_files(
    const struct job *job, struct testpki_outcome *outcome, struct error *err)
{
	struct testpki_paths *paths = &outcome->paths;

	if (testpki_paths_create(
		job->options->directory, job->stem, paths, err))
		return err->code;
	if (!job->has_chain)
		free(TAKE(paths->chain));
	if (job->options->public_key)
		free(TAKE(paths->private_key));
	if (job->options->replace)
		return ERROR_NONE;
	if (testpki_check_free(paths->certificate, err) ||
	    testpki_check_free(paths->chain, err))
		return err->code;
	return testpki_check_free(paths->private_key, err);
}

static enum error_code
push(x509_stack *chain, X509 *certificate, struct error *err)
{
	if (!X509_add_cert(chain, certificate, X509_ADD_FLAG_UP_REF))
		return error_set_openssl(err, ERROR_INTERNAL, "chain");
	return ERROR_NONE;
}

/*
 * The key first: a certificate is never there without its key. A root at the
 * end of the chain is left out: the peer has it, or does not trust it.
 */
static enum error_code
write_files(const struct testpki_paths *paths, const EVP_PKEY *key,
    X509 *certificate, X509 *issuer, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = sk_X509_new_null();

	if (!chain)
		return error_no_memory(err);
	if (paths->private_key &&
	    testpki_write_key(paths->private_key, key, err))
		return err->code;
	if (push(chain, certificate, err) ||
	    testpki_write_certificates(paths->certificate, chain, err))
		return err->code;
	if (!paths->chain)
		return ERROR_NONE;
	if (issuer && !X509_self_signed(issuer, 0) && push(chain, issuer, err))
		return err->code;
	return testpki_write_certificates(paths->chain, chain, err);
}

static enum error_code
do_job(
    const struct job *job, struct testpki_outcome *outcome, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	CLEANUP(x509) X509 *issuer = NULL;
	CLEANUP(pkey) EVP_PKEY *issuer_key = NULL;
	CLEANUP(x509) X509 *certificate = NULL;

	if (name_files(job, outcome, err) ||
	    choose_key(job->options, &key, err) ||
	    choose_issuer(job, key, &issuer, &issuer_key, err) ||
	    make_certificate(job, key, issuer, issuer_key, &certificate,
		&outcome->not_after, err) ||
	    testpki_make_folders(job->options->directory, err))
		return err->code;
	return write_files(&outcome->paths, key, certificate, issuer, err);
}

static enum error_code
run(struct job *job, struct testpki_outcome *ret_outcome, struct error *err)
{
	CLEANUP_DONE(testpki_outcome) struct testpki_outcome outcome = {0};

	if (job->options->common_name)
		job->common_name = job->options->common_name;
	outcome.common_name = strdup(job->common_name);
	if (!outcome.common_name)
		return error_no_memory(err);
	if (do_job(job, &outcome, err))
		return err->code;
	*ret_outcome = TAKE_CONTENTS(outcome);
	return ERROR_NONE;
}

enum error_code
testpki_root(const struct testpki_options *options,
    struct testpki_outcome *ret_outcome, struct error *err)
{
	struct job job = {.options = options,
	    .stem = ROOT_STEM,
	    .common_name = ROOT_NAME,
	    .is_ca = true,
	    .path_length = CERTIFICATE_NO_PATH_LENGTH};

	return run(&job, ret_outcome, err);
}

enum error_code
testpki_intermediate(const struct testpki_options *options,
    struct testpki_outcome *ret_outcome, struct error *err)
{
	struct job job = {.options = options,
	    .stem = INTERMEDIATE_STEM,
	    .issuer_stem = ROOT_STEM,
	    .common_name = INTERMEDIATE_NAME,
	    .is_ca = true,
	    .path_length = 0};

	return run(&job, ret_outcome, err);
}

/* NULL: no memory. */
static const char *
stem_of_issuer(const struct testpki_options *options)
{
	CLEANUP(string)
	char *intermediate = string_format(
	    "%s/certs/" INTERMEDIATE_STEM ".cert.pem", options->directory);

	if (!intermediate)
		return NULL;
	if (options->issuer == TESTPKI_INTERMEDIATE_IF_ANY)
		return file_exists(intermediate) ? INTERMEDIATE_STEM
						 : ROOT_STEM;
	return options->issuer == TESTPKI_ROOT ? ROOT_STEM : INTERMEDIATE_STEM;
}

enum error_code
testpki_device_identity(const struct testpki_options *options, const char *name,
    struct testpki_outcome *ret_outcome, struct error *err)
{
	CLEANUP(string) char *stem = string_format(DEVICE_STEM "%s", name);
	struct job job = {.options = options,
	    .stem = stem,
	    .issuer_stem = stem_of_issuer(options),
	    .common_name = name,
	    .has_chain = true};

	if (!stem || !job.issuer_stem)
		return error_no_memory(err);
	if (!*name || strchr(name, '/'))
		return error_set(err, ERROR_INVALID,
		    "'%s' cannot be a device's name: it is empty or has a '/'",
		    name);
	return run(&job, ret_outcome, err);
}

enum error_code
testpki_verification(const struct testpki_options *options, const char *code,
    struct testpki_outcome *ret_outcome, struct error *err)
{
	struct job job = {.options = options,
	    .stem = VERIFICATION_STEM,
	    .issuer_stem = ROOT_STEM,
	    .common_name = code};

	return run(&job, ret_outcome, err);
}
