/* SPDX-License-Identifier: MIT */
/* The doctor's checks of the token and of the TPM. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apart.h"
#include "common/file.h"
#include "common/uri.h"
#include "doctor.h"
#include "environment.h"
#include "output.h"
#include "token_probe.h"
#include "tpm_lockout.h"

#define PROBE_MS 20000
#define TPM_DEVICE "device:/dev/tpmrm0"

/* What is to be done of a PIN. Nobody but a person tries one again. */
#define TAKEN_AT_ONCE                                                          \
	"keyd takes it at the next call, without a restart, and never tries "  \
	"a refused one again"
#define RIGHT_PIN                                                              \
	"write the token's PIN where 'pin-source' says (the check pins names " \
	"the place): " TAKEN_AT_ONCE
#define NEW_PIN                                                                \
	"set a new PIN with the token's own tool, and write it where "         \
	"'pin-source' says: " TAKEN_AT_ONCE
#define WAIT_OR_UNLOCK                                                         \
	"keyd tries again every ten seconds: a TPM unlocks with time (the "    \
	"check tpm-lockout says when), another token with its own tool"
#define UNLOCK "unlock it with the token's own tool; keyd goes on by itself"
#define LOG_IN                                                                 \
	"see that the right PIN is where 'pin-source' says, and log in once "  \
	"with it by the token's own tool: keyd goes on then"

/* --- tokens --------------------------------------------------------------- */

/*
 * The tokens as module, or the registered ones of this name, show them; NULL:
 * the report says why not.
 */
static json_t *
probe(const struct doctor *doctor, const char *module, const char *name,
    struct report *report)
{
	CLEANUP(string) char *environment = NULL;
	CLEANUP(string) char *user = environment_user(doctor, EFFECTIVE_KEYD);
	struct token_probe request = {.module = module, .name = name};
	CLEANUP(json) json_t *tokens = NULL;
	struct error err;

	environment =
	    environment_of(doctor, EFFECTIVE_KEYD, &request.environment_length);
	request.environment = environment;
	if (apart_run(
		token_probe_run, &request, user, PROBE_MS, &tokens, &err)) {
		report_error(
		    report, FINDING(module ? module : "p11-kit", err.message,
				"the PKCS#11 module does not work outside keyd "
				"either; ask its maker's tools"));
		return NULL;
	}
	if (json_object_get(tokens, "error")) {
		report_error(
		    report, FINDING(module ? module : "p11-kit",
				output_member(tokens, "error"),
				"is it the right file ('token.module', or a "
				"key's module-path), for this machine?"));
		return NULL;
	}
	return TAKE(tokens);
}

/* By the module that keyd is told to use. */
static json_t *
probe_own(const struct doctor *doctor, struct report *report)
{
	return probe(doctor, doctor->config.keyd.token.module, NULL, report);
}

/* False: there is nothing to probe, as the report says. */
static bool
has_token(const struct doctor *doctor, struct report *report)
{
	if (report_unread(doctor, EFFECTIVE_KEYD, report))
		return false;
	if (!doctor->config.keyd.token.uri)
		report_ignore(report, "no token is configured");
	else if (doctor->config.keyd.token.module_args)
		report_ignore(report, "the module has arguments, which only "
				      "keyd can give it");
	else
		return true;
	return false;
}

static void
report_flaws(const json_t *token, struct report *report)
{
	const struct token_flaw *flaw;
	json_int_t flags = json_integer_value(json_object_get(token, "flags"));

	for (size_t i = 0; (flaw = token_flaw((unsigned long)flags, i)); i++) {
		const struct finding *finding = FINDING(
		    output_member(token, "label"), flaw->reason, flaw->fix);

		if (flaw->severe)
			report_error(report, finding);
		else
			report_warning(report, finding);
	}
}

/* What is to be done, by what keyd says; the first that fits. */
static const char *
fix_of(const char *message)
{
	static const struct {
		const char *said;
		const char *fix;
	} cases[] = {
	    {"CKR_PIN_LOCKED",               WAIT_OR_UNLOCK},
	    {"the PIN is locked",            UNLOCK        },
	    {"locks at the next wrong PIN",  LOG_IN        },
	    {"CKR_PIN_EXPIRED",              NEW_PIN       },
	    {"CKR_USER_PIN_NOT_INITIALIZED", NEW_PIN       },
	    {"CKR_PIN_",                     RIGHT_PIN     },
	    {"PIN that it has refused",      RIGHT_PIN     },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strstr(message, cases[i].said))
			return cases[i].fix;
	return strstr(message, strerror(EACCES))
		   ? "keyd goes on trying; give its user access to what the "
		     "message names: the check paths says what is in the way"
		   : "keyd goes on trying; what the message names has to be "
		     "put right";
}

/* What keyd itself has to say of its tokens: with the CKR. */
static void
report_states(const struct doctor *doctor, struct report *report)
{
	const json_t *tokens =
	    json_object_get(doctor->daemons[EFFECTIVE_KEYD].health, "tokens");

	for (size_t i = 0; i < json_array_size(tokens); i++) {
		const json_t *token = json_array_get(tokens, i);
		const char *message =
		    json_string_value(json_object_get(token, "message"));

		if (message && *message)
			report_error(
			    report, FINDING(output_member(token, "label"),
					message, fix_of(message)));
	}
}

void
check_token(const struct doctor *doctor, struct report *report)
{
	CLEANUP(json) json_t *tokens = NULL;
	const char *near;
	int found;

	if (!has_token(doctor, report))
		return;
	report_states(doctor, report);
	tokens = probe_own(doctor, report);
	if (!tokens)
		return;
	found = token_find(tokens, doctor->config.keyd.token.uri, &near);
	if (found >= 0)
		report_flaws(json_array_get(tokens, (size_t)found), report);
	else
		report_error(report, FINDING("token",
					 "no token that is there is meant by "
					 "'token.uri'",
					 "see the check token-uris"));
}

/* --- URIs ----------------------------------------------------------------- */

/* "there are: 'a', 'b'", as keyd says it. The caller frees it. */
static char *
those_that_are(const json_t *tokens)
{
	char *text = NULL;

	for (size_t i = 0; i < json_array_size(tokens); i++) {
		const char *label =
		    output_member(json_array_get(tokens, i), "label");
		char *longer = string_format("%s%s'%s'",
		    text ? text : "there are: ", text ? ", " : "",
		    *label ? label : "(no label)");

		free(text);
		text = longer;
	}
	return text ? text : strdup("there are none");
}

/* The URI name names no token among tokens. */
static void
report_stray(const json_t *tokens, const char *name, const struct uri *uri,
    const char *near, struct report *report)
{
	CLEANUP(string) char *shown = uri_public_text(uri);
	CLEANUP(string) char *others = those_that_are(tokens);
	CLEANUP(string)
	char *reason =
	    near ? string_format("'%s' names no token that is there; did you "
				 "mean 'token=%s'?",
		       shown ? shown : name, near)
		 : string_format("'%s' names no token that is there; %s",
		       shown ? shown : name, others ? others : "");

	report_error(report,
	    FINDING(name, reason ? reason : "no such token",
		"'pkcs11-tool --list-token-slots' or 'p11tool --list-tokens' "
		"shows their names"));
}

/* What each module shows, by the path or the name that URIs call it. */
struct modules {
	const struct doctor *doctor;
	json_t *probed; /* its own module is "" */
};

/* How uri calls the module that it means: "" is keyd's own. Borrowed. */
static const char *
module_of(const char *own, P11KitUri *uri)
{
	const char *path = p11_kit_uri_get_module_path(uri);
	const char *name = p11_kit_uri_get_module_name(uri);

	if (path)
		return own && strcmp(path, own) == 0 ? "" : path;
	return name && !(own && token_module_is_named(own, name)) ? name : "";
}

/* The tokens among which keyd looks for that of uri. Borrowed; NULL: none. */
static const json_t *
tokens_for(
    const struct modules *modules, const struct uri *uri, struct report *report)
{
	P11KitUri *parts = uri_pkcs11(uri);
	const char *key =
	    module_of(modules->doctor->config.keyd.token.module, parts);
	json_t *tokens;

	if (!json_object_get(modules->probed, key)) {
		tokens = *key == '\0'
			     ? probe_own(modules->doctor, report)
			     : probe(modules->doctor,
				   p11_kit_uri_get_module_path(parts),
				   p11_kit_uri_get_module_name(parts), report);
		(void)json_object_set_new(
		    modules->probed, key, tokens ? tokens : json_null());
	}
	tokens = json_object_get(modules->probed, key);
	return json_is_array(tokens) ? tokens : NULL;
}

static void
check_uri(const struct modules *modules, const char *name, const char *text,
    struct report *report)
{
	CLEANUP(uri) struct uri *uri = NULL;
	const json_t *tokens;
	const char *near;
	struct error err;

	if (!text)
		return;
	if (uri_parse(text, &uri, &err)) {
		report_error(report,
		    FINDING(name, err.message, "correct the URI (RFC 7512)"));
		return;
	}
	if (uri_kind(uri) != URI_PKCS11)
		return;
	tokens = tokens_for(modules, uri, report);
	if (tokens && token_find(tokens, text, &near) < 0)
		report_stray(tokens, name, uri, near, report);
}

void
check_token_uris(const struct doctor *doctor, struct report *report)
{
	const struct effective_keyd *keyd = &doctor->config.keyd;
	CLEANUP(json) json_t *probed = json_object();
	const struct modules modules = {doctor, probed};

	if (!has_token(doctor, report))
		return;
	check_uri(&modules, "token", keyd->token.uri, report);
	for (size_t i = 0; i < keyd->preloaded_keys.count; i++)
		check_uri(&modules, keyd->preloaded_keys.items[i].key,
		    keyd->preloaded_keys.items[i].value, report);
}

/* --- the TPM -------------------------------------------------------------- */

static void
report_lockout(
    const char *tcti, const struct tpm_lockout *lockout, struct report *report)
{
	CLEANUP(string)
	char *reason =
	    string_format("%" PRIu32 " of %" PRIu32 " failures are counted",
		lockout->counter, lockout->most);
	CLEANUP(string)
	char *fix = string_format(
	    "one is forgiven every %" PRIu32
	    " s; 'tpm2_dictionarylockout --clear-lockout' with the lockout "
	    "authorization forgives all, which itself is locked for %" PRIu32
	    " s after a wrong one",
	    lockout->interval, lockout->recovery);
	const struct finding *finding =
	    FINDING(tcti, reason ? reason : "failures are counted", fix);

	if (lockout->counter >= lockout->most)
		report_error(report, finding);
	else if (lockout->counter > 0)
		report_warning(report, finding);
}

/* How the TPM is reached, as keyd does it. The caller frees it. */
static char *
find_tcti(const struct doctor *doctor)
{
	char *tcti;

	if (doctor->config.keyd.tpm.tcti)
		return strdup(doctor->config.keyd.tpm.tcti);
	tcti = environment_variable(doctor, EFFECTIVE_KEYD, "TPM2_PKCS11_TCTI");
	return tcti ? tcti : strdup(TPM_DEVICE);
}

void
check_tpm_lockout(const struct doctor *doctor, struct report *report)
{
	CLEANUP(string) char *tcti = find_tcti(doctor);
	struct tpm_lockout lockout;
	struct error err;
	int fd;

	if (!tcti)
		return;
	if (strcmp(tcti, TPM_DEVICE) == 0 && !file_exists("/dev/tpmrm0")) {
		report_ignore(report, "there is no TPM");
		return;
	}
	if (tpm_lockout_open(tcti, &fd, &err)) {
		if (err.code == ERROR_NOT_FOUND)
			report_ignore(report, err.message);
		else
			report_error(
			    report, FINDING(tcti, err.message,
					"be root, or in the group tss"));
		return;
	}
	if (tpm_lockout_read(fd, &lockout, &err))
		report_error(
		    report, FINDING(tcti, err.message,
				"ask the TPM by tpm2-tools ('tpm2_getcap "
				"properties-variable'); what it refuses them, "
				"too, only a restart of the device may end"));
	else
		report_lockout(tcti, &lockout, report);
	(void)close(fd);
}
