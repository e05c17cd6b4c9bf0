/* SPDX-License-Identifier: MIT */
/* signet-cloud cert: CA certificates, and the proof that their keys are ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ca_certificates.h"
#include "cli.h"
#include "cli_enroll.h"
#include "instance.h"

struct cert_order {
	const char *directory;
	const char *certificate; /* a file */
	bool is_verified;
	bool as_json;
	struct id_text name;
};

static enum error_code
read_certificate(
    const struct cert_order *order, X509 **ret_certificate, struct error *err)
{
	CLEANUP(string) char *text = NULL;

	if (!order->certificate)
		return error_set(err, ERROR_INVALID,
		    "name the file with the certificate: --certificate FILE");
	if (enroll_read_certificate(order->certificate, &text, err))
		return err->code;
	if (ca_certificate_from_text(text, ret_certificate, err))
		return error_wrap(err, "'%s'", order->certificate);
	return ERROR_NONE;
}

static enum error_code
get(struct database *database, const struct id_text *name,
    struct ca_certificate *ret_ca, struct error *err)
{
	if (ca_store_get(database, name, ret_ca, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : error_set(err, ERROR_NOT_FOUND,
				 "there is no CA certificate '%s'", name->text);
	return ERROR_NONE;
}

static enum error_code
add(const struct cert_order *order, struct database *database,
    struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate stored = {0};
	CLEANUP_DONE(ca_certificate)
	struct ca_certificate ca = {
	    .name = order->name, .is_verified = order->is_verified};

	if (read_certificate(order, &ca.certificate, err) ||
	    ca_check(ca.certificate, err))
		return err->code;
	if (!ca_store_get(database, &order->name, &stored, err))
		return error_set(err, ERROR_EXISTS,
		    "the CA certificate '%s' exists; delete it first",
		    order->name.text);
	if (err->code != ERROR_NOT_FOUND)
		return err->code;
	return ca_store_put(database, &ca, err);
}

static enum error_code
print_code(const struct cert_order *order, struct database *database,
    struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};

	if (get(database, &order->name, &ca, err) ||
	    ca_new_code(database, &ca, err))
		return err->code;
	(void)printf("%s\n", ca.code);
	return ERROR_NONE;
}

static enum error_code
verify(const struct cert_order *order, struct database *database,
    struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};
	CLEANUP(x509) X509 *proof = NULL;

	if (get(database, &order->name, &ca, err) ||
	    read_certificate(order, &proof, err))
		return err->code;
	return ca_verify(database, &ca, proof, err);
}

static enum error_code
remove_one(const struct cert_order *order, struct database *database,
    struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};
	bool is_used;

	if (get(database, &order->name, &ca, err) ||
	    ca_store_is_used(database, &order->name, &is_used, err))
		return err->code;
	if (is_used)
		return error_set(err, ERROR_EXISTS,
		    "enrollments name the CA certificate '%s'; change them "
		    "first",
		    order->name.text);
	return ca_store_delete(database, &order->name, err);
}

static enum error_code
list(const struct cert_order *order, struct database *database,
    struct error *err)
{
	static const struct cli_column columns[] = {
	    {"NAME",     "name"                 },
	    {"SUBJECT",  "properties.subject"   },
	    {"EXPIRY",   "properties.expiry"    },
	    {"VERIFIED", "properties.isVerified"},
	};
	CLEANUP(json) json_t *items = json_array();

	if (!items)
		return error_no_memory(err);
	if (ca_store_visit(database, ca_append_json, items, err))
		return err->code;
	if (!order->as_json)
		return cli_print_table(
		    items, columns, sizeof(columns) / sizeof(columns[0]), err);
	cli_print_json(items);
	return ERROR_NONE;
}

static const struct verb {
	const char *name;
	bool has_name; /* of a CA certificate */
	enum error_code (*run)(const struct cert_order *order,
	    struct database *database, struct error *err);
} verbs[] = {
    {"add",    true,  add       },
    {"code",   true,  print_code},
    {"verify", true,  verify    },
    {"delete", true,  remove_one},
    {"list",   false, list      },
};

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static enum error_code
carry_out(
    const struct verb *verb, const struct cert_order *order, struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};

	if (instance_open(order->directory, &instance, err) ||
	    database_begin(instance.database, err) ||
	    verb->run(order, instance.database, err))
		return err->code;
	return database_commit(instance.database, err);
}

/* False after it has said what is wrong. */
static bool
read_options(int argc, char *argv[], struct cert_order *order)
{
	static const struct option options[] = {
	    {"data",        required_argument, NULL, 'd'},
	    {"certificate", required_argument, NULL, 'c'},
	    {"verified",    no_argument,       NULL, 'v'},
	    {"output",      required_argument, NULL, 'o'},
	    {NULL,          0,                 NULL, 0  },
	};
	int option;

	while ((option = cli_next_option(argc, argv, "o:", options)) != -1) {
		if (option == 'd')
			order->directory = optarg;
		else if (option == 'c')
			order->certificate = optarg;
		else if (option == 'v')
			order->is_verified = true;
		else if (option != 'o' || !cli_read_format(&order->as_json))
			return false;
	}
	return true;
}

int
command_cert(int argc, char *argv[])
{
	struct cert_order order = {.directory = NULL};
	const struct verb *verb;
	struct error err;

	if (!read_options(argc, argv, &order))
		return EX_USAGE;
	verb = optind < argc ? find_verb(argv[optind]) : NULL;
	if (!order.directory || !verb || argc - optind != 1 + verb->has_name)
		return cli_usage("cert needs --data DIR and add NAME, code "
				 "NAME, verify NAME, delete NAME or list");
	if ((verb->has_name && id_parse(argv[optind + 1], &order.name, &err)) ||
	    carry_out(verb, &order, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}
