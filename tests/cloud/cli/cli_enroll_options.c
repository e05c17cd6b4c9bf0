/* SPDX-License-Identifier: MIT */
#include "cli_enroll.h"

#include "cli.h"

enum {
	OPTION_DATA = 256,
	OPTION_REGISTRATION_ID,
	OPTION_GROUP_ID,
	OPTION_CERTIFICATE,
	OPTION_SECONDARY,
	OPTION_DEVICE_ID,
	OPTION_INITIAL_TWIN,
	OPTION_ALLOCATION,
	OPTION_HUB,
	OPTION_EDGE,
	OPTION_DISABLED,
	OPTION_REPLACE,
};

static const struct option long_options[] = {
    {"data",	      required_argument, NULL, OPTION_DATA           },
    {"registration-id",   required_argument, NULL, OPTION_REGISTRATION_ID},
    {"group-id",          required_argument, NULL, OPTION_GROUP_ID       },
    {"certificate",       required_argument, NULL, OPTION_CERTIFICATE    },
    {"secondary",         required_argument, NULL, OPTION_SECONDARY      },
    {"device-id",         required_argument, NULL, OPTION_DEVICE_ID      },
    {"initial-twin",      required_argument, NULL, OPTION_INITIAL_TWIN   },
    {"allocation-policy", required_argument, NULL, OPTION_ALLOCATION     },
    {"hub",	       required_argument, NULL, OPTION_HUB            },
    {"edge",	      no_argument,       NULL, OPTION_EDGE           },
    {"disabled",          no_argument,       NULL, OPTION_DISABLED       },
    {"replace",           no_argument,       NULL, OPTION_REPLACE        },
    {NULL,		0,		 NULL, 0		     },
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

		if (text)
			*text = optarg;
		else if (option == OPTION_EDGE)
			options->is_edge = true;
		else if (option == OPTION_DISABLED)
			options->is_disabled = true;
		else if (option == OPTION_REPLACE)
			options->replace = true;
		else
			return refuse(option);
	}
	return true;
}
