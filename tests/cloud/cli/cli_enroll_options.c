/* SPDX-License-Identifier: MIT */
#include "cli_enroll.h"

#include <string.h>

#include "cli.h"

enum {
	OPTION_DATA = 256,
	OPTION_REGISTRATION_ID,
	OPTION_GROUP_ID,
	OPTION_CERTIFICATE,
	OPTION_SECONDARY,
	OPTION_CA,
	OPTION_SECONDARY_CA,
	OPTION_SYMMETRIC_KEY,
	OPTION_KEY_FILE,
	OPTION_SECONDARY_KEY_FILE,
	OPTION_ENDORSEMENT_KEY,
	OPTION_DEVICE_ID,
	OPTION_INITIAL_TWIN,
	OPTION_ALLOCATION,
	OPTION_WEBHOOK,
	OPTION_REPROVISION,
	OPTION_HUB,
	OPTION_EDGE,
	OPTION_DISABLED,
	OPTION_REPLACE,
};

static const struct option long_options[] = {
    {"data",	       required_argument, NULL, OPTION_DATA              },
    {"registration-id",    required_argument, NULL, OPTION_REGISTRATION_ID   },
    {"group-id",           required_argument, NULL, OPTION_GROUP_ID          },
    {"certificate",        required_argument, NULL, OPTION_CERTIFICATE       },
    {"secondary",          required_argument, NULL, OPTION_SECONDARY         },
    {"ca",		 required_argument, NULL, OPTION_CA                },
    {"secondary-ca",       required_argument, NULL, OPTION_SECONDARY_CA      },
    {"symmetric-key",      no_argument,       NULL, OPTION_SYMMETRIC_KEY     },
    {"key-file",           required_argument, NULL, OPTION_KEY_FILE          },
    {"secondary-key-file", required_argument, NULL, OPTION_SECONDARY_KEY_FILE},
    {"endorsement-key",    required_argument, NULL, OPTION_ENDORSEMENT_KEY   },
    {"webhook",            required_argument, NULL, OPTION_WEBHOOK           },
    {"reprovision",        required_argument, NULL, OPTION_REPROVISION       },
    {"device-id",          required_argument, NULL, OPTION_DEVICE_ID         },
    {"initial-twin",       required_argument, NULL, OPTION_INITIAL_TWIN      },
    {"allocation-policy",  required_argument, NULL, OPTION_ALLOCATION        },
    {"hub",		required_argument, NULL, OPTION_HUB               },
    {"edge",	       no_argument,       NULL, OPTION_EDGE              },
    {"disabled",           no_argument,       NULL, OPTION_DISABLED          },
    {"replace",            no_argument,       NULL, OPTION_REPLACE           },
    {NULL,		 0,		 NULL, 0			},
};

/* Which actions an option belongs to; one that is not here, to enrolling. */
static const struct {
	int option;
	unsigned actions;
} belongings[] = {
    {OPTION_DATA,
     ENROLL_INDIVIDUAL | ENROLL_GROUP | ENROLL_KEYS | ENROLL_CHANGE         },
    {OPTION_REGISTRATION_ID, ENROLL_INDIVIDUAL | ENROLL_KEYS | ENROLL_CHANGE},
    {OPTION_GROUP_ID,        ENROLL_GROUP | ENROLL_KEYS | ENROLL_CHANGE     },
    {OPTION_ENDORSEMENT_KEY, ENROLL_INDIVIDUAL                              },
    {OPTION_DEVICE_ID,       ENROLL_INDIVIDUAL                              },
};

static unsigned
actions_of(int option)
{
	for (size_t i = 0; i < sizeof(belongings) / sizeof(belongings[0]); i++)
		if (belongings[i].option == option)
			return belongings[i].actions;
	return ENROLL_INDIVIDUAL | ENROLL_GROUP;
}

/* Where the value of an option goes; NULL if it is none that is a text. */
static const char **
text_option(struct enroll_options *options, int option)
{
	switch (option) {
	case OPTION_DATA:
		return &options->directory;
	case OPTION_REGISTRATION_ID:
		return &options->registration_id;
	case OPTION_GROUP_ID:
		return &options->group_id;
	case OPTION_CERTIFICATE:
		return &options->certificates[0];
	case OPTION_SECONDARY:
		return &options->certificates[1];
	case OPTION_CA:
		return &options->cas[0];
	case OPTION_SECONDARY_CA:
		return &options->cas[1];
	case OPTION_KEY_FILE:
		return &options->key_files[0];
	case OPTION_SECONDARY_KEY_FILE:
		return &options->key_files[1];
	case OPTION_ENDORSEMENT_KEY:
		return &options->endorsement_key;
	case OPTION_WEBHOOK:
		return &options->webhook;
	case OPTION_REPROVISION:
		return &options->reprovision;
	case OPTION_DEVICE_ID:
		return &options->device_id;
	case OPTION_INITIAL_TWIN:
		return &options->initial_twin;
	case OPTION_ALLOCATION:
		return &options->allocation_policy;
	case OPTION_HUB:
		if (options->hub_count < HUBS_MAX)
			return &options->hubs[options->hub_count++];
		return NULL;
	default:
		return NULL;
	}
}

/* Where an option that is a flag goes; NULL if it is none. */
static bool *
flag_option(struct enroll_options *options, int option)
{
	switch (option) {
	case OPTION_SYMMETRIC_KEY:
		return &options->by_symmetric_key;
	case OPTION_EDGE:
		return &options->is_edge;
	case OPTION_DISABLED:
		return &options->is_disabled;
	case OPTION_REPLACE:
		return &options->replace;
	default:
		return NULL;
	}
}

/* A wrong option has been complained of already, one hub too many has not. */
static bool
refuse(int option)
{
	if (option == OPTION_HUB)
		(void)cli_usage("at most %d hubs can be given", HUBS_MAX);
	return false;
}

bool
enroll_read_options(int argc, char *argv[], struct enroll_options *options)
{
	int option;

	while ((option = cli_next_option(argc, argv, "", long_options)) != -1) {
		const char **text = text_option(options, option);
		bool *flag = flag_option(options, option);

		if (!text && !flag)
			return refuse(option);
		if (text)
			*text = optarg;
		else
			*flag = true;
		options->given |= 1U << (unsigned)(option - OPTION_DATA);
	}
	/* To give a key is to say so, too. */
	if (options->key_files[0] || options->key_files[1])
		options->by_symmetric_key = true;
	return true;
}

/* Options that say nothing without another one. */
static bool
check_pairs(const struct enroll_options *options)
{
	const char *policy = options->allocation_policy;
	bool is_custom = policy && strcmp(policy, "custom") == 0;

	if (options->certificates[1] && !options->certificates[0])
		(void)cli_usage("--secondary needs --certificate");
	else if (options->cas[1] && !options->cas[0])
		(void)cli_usage("--secondary-ca needs --ca");
	else if (options->webhook && !is_custom)
		(void)cli_usage("--webhook is for --allocation-policy custom");
	else if (is_custom && !options->webhook)
		(void)cli_usage(
		    "--allocation-policy custom needs --webhook URL");
	else
		return true;
	return false;
}

bool
enroll_check_options(const struct enroll_options *options,
    enum enroll_action action, const char *name)
{
	for (const struct option *option = long_options; option->name;
	     option++) {
		unsigned bit = 1U << (unsigned)(option->val - OPTION_DATA);

		if (!(options->given & bit) || actions_of(option->val) & action)
			continue;
		(void)cli_usage(
		    "'enroll %s' does not take --%s", name, option->name);
		return false;
	}
	return check_pairs(options);
}

size_t
enroll_count_ways(const struct enroll_options *options)
{
	const bool named[] = {options->certificates[0] != NULL,
	    options->cas[0] != NULL, options->by_symmetric_key,
	    options->endorsement_key != NULL};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		count += named[i];
	return count;
}
