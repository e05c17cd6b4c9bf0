/* SPDX-License-Identifier: MIT */
/* signetctl: the operator's program. The table below is all that it can do. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "commands.h"
#include "common/config.h"
#include "common/file.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct command commands[] = {
    {"audit verify",         cmd_audit_verify,         "verify the log of keyd's keys"          },
    {"cert explain",         cmd_cert_explain,         "show where its settings come from"      },
    {"cert import",          cmd_cert_import,          "put a certificate of a file in place"   },
    {"cert list",            cmd_cert_list,            "list the certificates of this device"   },
    {"cert renew",           cmd_cert_renew,           "have a certificate issued anew now"     },
    {"cert show",            cmd_cert_show,
     "show a certificate, and what is wrong with it"                                            },
    {"cert tree",            cmd_cert_tree,            "show who issued what, and when it ends" },
    {"cert wait",            cmd_cert_wait,            "wait until a certificate changes"       },
    {"check",		cmd_check,                "find what is wrong with this device"    },
    {"config apply",         cmd_config_apply,         "give each daemon its configuration"     },
    {"config check",         cmd_config_check,         "find what is wrong in config.yaml"      },
    {"config diff",          cmd_config_diff,          "show what apply would change"           },
    {"config import",        cmd_config_import,        "make our file from one of IoT Edge"     },
    {"config show",          cmd_config_show,          "show the configuration, without secrets"},
    {"grant",		cmd_grant,                "let a user use, export or manage keys"  },
    {"grants",	       cmd_grants,               "show who may do what with which keys"   },
    {"identity create",      cmd_identity_create,      "make a module at the hub"               },
    {"identity delete",      cmd_identity_delete,      "remove a module from the hub"           },
    {"identity list",        cmd_identity_list,        "list the modules of this device"        },
    {"identity show",        cmd_identity_show,        "show who this device or a module is"    },
    {"identity update",      cmd_identity_update,      "give a module its keys anew"            },
    {"init",		 cmd_init,                 "configure this device in one line"      },
    {"key create",           cmd_key_create,           "make a key in the token"                },
    {"key delete",           cmd_key_delete,           "remove a key for ever"                  },
    {"key export-public",    cmd_key_export_public,
     "print the public half of a key"							   },
    {"key import",           cmd_key_import,           "put a key of a file into the token"     },
    {"key list",             cmd_key_list,             "list the keys that we may use or manage"},
    {"key move",             cmd_key_move,             "give a key another id"                  },
    {"key show",             cmd_key_show,             "show what is known of a key"            },
    {"list",		 cmd_list,                 "show modules, keys and certificates"    },
    {"migrate aziot",        cmd_migrate_aziot,        "take over what aziot's daemons have"    },
    {"revoke",	       cmd_revoke,               "take rights to keys back"               },
    {"support-bundle",       cmd_support_bundle,       "collect what helps others to help"      },
    {"system logs",          cmd_system_logs,          "show what the daemons say"              },
    {"system reprovision",   cmd_system_reprovision,   "register with DPS again"                },
    {"system restart",       cmd_system_restart,       "restart the daemons"                    },
    {"system set-log-level", cmd_system_set_log_level, "say how much they say"                  },
    {"system start",         cmd_system_start,         "start the daemons"                      },
    {"system status",        cmd_system_status,        "show how daemons and device are"        },
    {"system stop",          cmd_system_stop,          "stop the daemons"                       },
    {"telemetry send",       cmd_telemetry_send,       "send one message to the hub"            },
    {"testpki",              cmd_testpki,              "make certificates for tests"            },
    {"tpm show",             cmd_tpm_show,             "show what DPS is to know the TPM by"    },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* True if command is in group; all are in "". */
static bool
is_in(const struct command *command, const char *group)
{
	size_t length = strlen(group);

	return length == 0 || (strncmp(command->name, group, length) == 0 &&
				  command->name[length] == ' ');
}

static void
help(FILE *stream, const char *group)
{
	(void)fputs("usage: signetctl COMMAND [OPTION]...\n\n", stream);
	for (size_t i = 0; i < COMMANDS; i++)
		if (is_in(&commands[i], group))
			(void)fprintf(stream, "  %-21s %s\n", commands[i].name,
			    commands[i].help);
	(void)fputs("\n"
		    "Every command knows --help and -o json.\n"
		    "Exit status: 0 done, 1 failed, 2 not understood, 3 others "
		    "have to restart.\n",
	    stream);
}

/* How many of words are the whole of name; 0: they are not. */
static int
words_of(const char *name, int count, char **words)
{
	int used = 0;

	for (; used < count; used++) {
		size_t length = strlen(words[used]);

		if (strncmp(name, words[used], length) != 0)
			return 0;
		if (name[length] == '\0')
			return used + 1;
		if (name[length] != ' ')
			return 0;
		name += length + 1;
	}
	return 0;
}

/* The command whose second word alone is word, as no other's is; or NULL. */
static const char *
with_second_word(const char *word)
{
	const char *found = NULL;

	for (size_t i = 0; i < COMMANDS; i++) {
		const char *second = strchr(commands[i].name, ' ');

		if (!second || strcmp(second + 1, word) != 0)
			continue;
		if (found)
			return NULL;
		found = commands[i].name;
	}
	return found;
}

/* The command that was meant by words, or NULL. */
static const char *
suggest(int count, char **words)
{
	struct config_field names[COMMANDS] = {0};
	const struct config_table table = {.fields = names, .count = COMMANDS};
	CLEANUP(string)
	char *typed = count > 1 ? string_format("%s %s", words[0], words[1])
				: strdup(words[0]);
	const char *suggestion;

	for (size_t i = 0; i < COMMANDS; i++)
		names[i].key = commands[i].name;
	suggestion = typed ? config_suggest(&table, typed) : NULL;
	return suggestion ? suggestion : with_second_word(words[0]);
}

/* True if word is the first one of several commands, as "system". */
static bool
is_group(const char *word)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (*word && is_in(&commands[i], word))
			return true;
	return false;
}

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int
unknown(int argc, char **argv)
{
	const char *suggestion = suggest(argc - 1, argv + 1);
	bool in_group = is_group(argv[1]);
	struct error err;

	if (suggestion)
		(void)error_set(&err, ERROR_INVALID,
		    "unknown command; did you mean '%s'?", suggestion);
	else if (!in_group)
		(void)error_set(&err, ERROR_INVALID,
		    "unknown command '%s'; see 'signetctl --help'", argv[1]);
	else if (argc > 2 && argv[2][0] != '-')
		(void)error_set(&err, ERROR_INVALID,
		    "unknown command '%s %s'; see 'signetctl %s --help'",
		    argv[1], argv[2], argv[1]);
	else
		(void)error_set(&err, ERROR_INVALID,
		    "'%s' is several commands; see 'signetctl %s --help'",
		    argv[1], argv[1]);
	(void)output_failure(arguments_form(argc, argv), &err);
	if (!suggestion && in_group)
		help(stderr, argv[1]);
	return EXIT_USAGE;
}

/* How many of words are the option -o and its form, before a command. */
static int
leading_options(int count, char **words)
{
	int used = 0;

	while (used < count && words[used][0] == '-') {
		const char *word = words[used];

		if (strcmp(word, "-o") == 0 || strcmp(word, "--output") == 0)
			used += 2;
		else if (strncmp(word, "-o", 2) == 0 ||
			 strncmp(word, "--output=", 9) == 0)
			used++;
		else
			return 0;
	}
	return used < count ? used : 0;
}

/* "-o json key show x" becomes "key show x -o json". */
static void
move_options_behind_words(int count, char **words)
{
	int options = leading_options(count, words);
	int end = options;

	while (end < count && words[end][0] != '-')
		end++;
	for (int i = 0; i < options; i++) {
		char *option = words[0];

		for (int j = 0; j + 1 < end; j++)
			words[j] = words[j + 1];
		words[end - 1] = option;
	}
}

/* argv[0] is signetctl, behind it is at least one word. */
static int
run(int argc, char **argv)
{
	move_options_behind_words(argc - 1, argv + 1);
	for (size_t i = 0; i < COMMANDS; i++) {
		int used = words_of(commands[i].name, argc - 1, argv + 1);

		if (used > 0)
			return commands[i].run(argc - used, argv + used);
	}
	if (is_help(argv[1])) {
		help(stdout, "");
		return EXIT_SUCCESS;
	}
	for (int i = 2; i < argc; i++)
		if (is_help(argv[i]) && is_group(argv[1])) {
			help(stdout, argv[1]);
			return EXIT_SUCCESS;
		}
	return unknown(argc, argv);
}

/* "help WORD..." is "WORD... --help". */
static int
run_help(int argc, char **argv)
{
	static char option[] = "--help";

	for (int i = 1; i < argc - 1; i++)
		argv[i] = argv[i + 1];
	argv[argc - 1] = option;
	return run(argc, argv);
}

int
main(int argc, char **argv)
{
	int status;

	(void)setlocale(LC_CTYPE, "");
	if (argc < 2) {
		help(stderr, "");
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "help") == 0) {
		status = run_help(argc, argv);
	} else if (strcmp(argv[1], "--version") == 0) {
		(void)puts("signetctl " SIGNET_VERSION);
		status = EXIT_SUCCESS;
	} else {
		status = run(argc, argv);
	}
	if (fflush(stdout) || ferror(stdout)) {
		output_note("cannot write the output");
		return EXIT_FAILURE;
	}
	return status;
}
