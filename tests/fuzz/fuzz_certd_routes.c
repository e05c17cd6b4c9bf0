/* SPDX-License-Identifier: MIT */
/*
 * Feeds certd a first line "METHOD TARGET" and the rest as the body, which is
 * all of a request that a hostile peer controls. It is root, so that every
 * route is open to it.
 */
#include "fuzz.h"

#include <string.h>

#include "common/file.h"
#include "common/time.h"
#include "fake_keys.h"
#include "pki_fixture.h"
#include "request.h"
#include "routes.h"
#include "scratch.h"

static void *directory;
static struct certs *certs;

static void
close_certs(void)
{
	certs_close(certs);
	fake_keys_reset();
	(void)scratch_remove(&directory);
}

static void
write_ca(EVP_PKEY *key)
{
	CLEANUP(x509)
	X509 *ca = fixture_ca(key, "ca", time_now() + 3650 * FIXTURE_DAY);
	CLEANUP(string) char *pem = NULL;
	CLEANUP(string)
	char *path = string_format("%s/ca.pem", (char *)directory);
	struct error err;

	FUZZ_REQUIRE(
	    !time_to_asn1(time_now() - 1, X509_getm_notBefore(ca), &err));
	pem = fixture_pem(ca);
	FUZZ_REQUIRE(!file_write(path, pem, strlen(pem), 0644, &err));
}

/* Once per process: what one input stores, a later one may read. */
static void
open_certs(void)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(string) char *text = NULL;
	struct certd_config config;
	struct error err;

	FUZZ_REQUIRE(scratch_create(&directory) == 0);
	write_ca(key);
	fake_keys_add("ca", key);
	text = string_format(
	    "preloaded_certs: {ca: 'file://%s/ca.pem', all: [ca, a]}\n"
	    "cert_issuance: {local_ca: {cert: ca, pk: ca},\n"
	    "                certs: {a: {method: local_ca},\n"
	    "                  b: {method: self_signed, profile: ca},\n"
	    "                  c: {method: local_ca, profile: server,\n"
	    "                      subject: {CN: c}, digest: sha384}}}\n",
	    (char *)directory);
	FUZZ_REQUIRE(!certd_config_parse(text, &config, &err));
	FUZZ_REQUIRE(!certs_open(&config, directory, &certs, &err));
	FUZZ_REQUIRE(atexit(close_certs) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *line = strndup((const char *)data, size);
	char *newline = strchr(line, '\n');
	struct certd certd;
	struct http_service service;
	size_t used;

	if (!newline)
		return 0;
	*newline = '\0';
	used = (size_t)(newline - line) + 1;
	if (!certs)
		open_certs();
	certd = (struct certd){.certs = certs};
	service = certd_service(&certd);
	fuzz_request(&service, line, (const char *)data + used, size - used);
	return 0;
}
