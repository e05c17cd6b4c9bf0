/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli.h"
#include "device_store.h"
#include "enrollment_store.h"
#include "est_store.h"
#include "instance.h"
#include "message_store.h"
#include "registration_store.h"

static const struct listing everything = {.limit = 1000000};

typedef enum error_code list_items(
    struct database *database, json_t *items, struct error *err);

static enum error_code
list_enrollments(struct database *database, json_t *items, struct error *err)
{
	return enrollment_store_list(
	    database, ENROLLMENT_INDIVIDUAL, &everything, items, err);
}

static enum error_code
list_groups(struct database *database, json_t *items, struct error *err)
{
	return enrollment_store_list(
	    database, ENROLLMENT_GROUP, &everything, items, err);
}

static enum error_code
list_registrations(struct database *database, json_t *items, struct error *err)
{
	return registration_store_list(database, NULL, &everything, items, err);
}

/* Which hub the device is in: its record, as clients see it, does not say. */
static enum error_code
add_hub(struct database *database, json_t *record, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};
	const char *id;

	if (json_get_string(record, "deviceId", &id, err))
		return err->code;
	/* A server that runs may have deleted it by now. */
	if (device_store_get(database, id, &device, err))
		return err->code == ERROR_NOT_FOUND ? ERROR_NONE : err->code;
	return json_set(record, "hub", json_string(device.hub), err);
}

static enum error_code
list_devices(struct database *database, json_t *items, struct error *err)
{
	size_t i;
	json_t *item;

	if (device_store_list(database, NULL, &everything, items, err))
		return err->code;
	json_array_foreach(items, i, item)
	{
		if (add_hub(database, item, err))
			return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
list_messages(struct database *database, json_t *items, struct error *err)
{
	return message_store_list(
	    database, &(struct message_filter){.after = 0}, items, err);
}

static const struct cli_column enrollment_columns[] = {
    {"REGISTRATION-ID", "registrationId"                           },
    {"STATUS",          "provisioningStatus"                       },
    {"DEVICE-ID",       "deviceId"				 },
    {"EDGE",            "capabilities.iotEdge"                     },
    {"CERTIFICATE",
     "attestation.x509.clientCertificates.primary.info.subjectName"},
};

static const struct cli_column group_columns[] = {
    {"GROUP-ID",    "enrollmentGroupId"                             },
    {"STATUS",      "provisioningStatus"                            },
    {"EDGE",        "capabilities.iotEdge"                          },
    {"CERTIFICATE",
     "attestation.x509.signingCertificates.primary.info.subjectName"},
};

static const struct cli_column registration_columns[] = {
    {"REGISTRATION-ID", "registrationId"        },
    {"STATUS",          "status"                },
    {"DEVICE-ID",       "deviceId"              },
    {"HUB",	     "assignedHub"           },
    {"GROUP",           "x509.enrollmentGroupId"},
    {"UPDATED",         "lastUpdatedDateTimeUtc"},
};

static const struct cli_column device_columns[] = {
    {"DEVICE-ID",     "deviceId"            },
    {"STATUS",        "status"              },
    {"HUB",           "hub"		 },
    {"EDGE",          "capabilities.iotEdge"},
    {"LAST-ACTIVITY", "lastActivityTime"    },
};

static const struct cli_column message_columns[] = {
    {"RECEIVED",  "received"    },
    {"DEVICE-ID", "deviceId"    },
    {"KEY",       "keyAlgorithm"},
    {"TLS",       "tlsVersion"  },
    {"BODY",      "body"        },
};

static const struct cli_column certificate_columns[] = {
    {"SUBJECT",      "subject"    },
    {"ISSUED",       "issued"     },
    {"NOT-AFTER",    "notAfter"   },
    {"REQUESTED-BY", "requestedBy"},
    {"REVOKED",      "revoked"    },
};

#define COLUMNS(table) (table), sizeof(table) / sizeof((table)[0])

static const struct topic {
	const char *name;
	list_items *list;
	const struct cli_column *columns;
	size_t count;
} topics[] = {
    {"enrollments",   list_enrollments,     COLUMNS(enrollment_columns)  },
    {"groups",        list_groups,          COLUMNS(group_columns)       },
    {"registrations", list_registrations,   COLUMNS(registration_columns)},
    {"devices",       list_devices,         COLUMNS(device_columns)      },
    {"messages",      list_messages,        COLUMNS(message_columns)     },
    {"certificates",  est_certificate_list, COLUMNS(certificate_columns) },
};

#define TOPIC_COUNT (sizeof(topics) / sizeof(topics[0]))

static const struct topic *
find_topic(const char *name)
{
	for (size_t i = 0; i < TOPIC_COUNT; i++)
		if (strcmp(topics[i].name, name) == 0)
			return &topics[i];
	return NULL;
}

static enum error_code
read_topic(struct database *database, const struct topic *topic,
    json_t **ret_items, struct error *err)
{
	CLEANUP(json) json_t *items = json_array();

	if (!items)
		return error_no_memory(err);
	if (topic->list(database, items, err))
		return err->code;
	*ret_items = TAKE(items);
	return ERROR_NONE;
}

static enum error_code
print_topic(
    struct database *database, const struct topic *topic, struct error *err)
{
	CLEANUP(json) json_t *items = NULL;

	if (read_topic(database, topic, &items, err))
		return err->code;
	return cli_print_table(items, topic->columns, topic->count, err);
}

static enum error_code
print_all(struct database *database, struct error *err)
{
	for (size_t i = 0; i < TOPIC_COUNT; i++) {
		(void)printf("%s%s:\n", i > 0 ? "\n" : "", topics[i].name);
		if (print_topic(database, &topics[i], err))
			return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
print_topic_json(
    struct database *database, const struct topic *topic, struct error *err)
{
	CLEANUP(json) json_t *items = NULL;

	if (read_topic(database, topic, &items, err))
		return err->code;
	cli_print_json(items);
	return ERROR_NONE;
}

static enum error_code
print_all_json(struct database *database, struct error *err)
{
	CLEANUP(json) json_t *all = json_object();

	for (size_t i = 0; i < TOPIC_COUNT; i++) {
		json_t *items;

		if (read_topic(database, &topics[i], &items, err))
			return err->code;
		if (json_object_set_new(all, topics[i].name, items))
			return error_no_memory(err);
	}
	cli_print_json(all);
	return ERROR_NONE;
}

/* topic is NULL for all. */
static enum error_code
show(const char *directory, const struct topic *topic, bool as_json,
    struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};

	if (instance_open(directory, &instance, err))
		return err->code;
	if (as_json)
		return topic ? print_topic_json(instance.database, topic, err)
			     : print_all_json(instance.database, err);
	return topic ? print_topic(instance.database, topic, err)
		     : print_all(instance.database, err);
}

int
command_show(int argc, char *argv[])
{
	static const struct option options[] = {
	    {"data",   required_argument, NULL, 'd'},
	    {"output", required_argument, NULL, 'o'},
	    {NULL,     0,                 NULL, 0  },
	};
	const char *directory = NULL;
	bool as_json = false;
	const struct topic *topic = NULL;
	struct error err;
	int option;

	while ((option = cli_next_option(argc, argv, "o:", options)) != -1) {
		if (option == 'd')
			directory = optarg;
		else if (option != 'o' || !cli_read_format(&as_json))
			return EX_USAGE;
	}
	if (!directory || argc - optind > 1)
		return cli_usage("show needs --data DIR [WHAT]");
	if (optind < argc && !(topic = find_topic(argv[optind])))
		return cli_usage("there are no '%s' to show", argv[optind]);
	if (show(directory, topic, as_json, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}
