/* SPDX-License-Identifier: MIT */
#include "cli_enroll.h"

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
	}
	/* To give a key is to say so, too. */
	if (options->key_files[0] || options->key_files[1])
		options->by_symmetric_key = true;
	return true;
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
