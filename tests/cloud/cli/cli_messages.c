/* SPDX-License-Identifier: MIT */
/* signet-cloud messages: what devices have sent to the hub. */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "cli.h"
#include "common/time.h"
#include "instance.h"
#include "message_store.h"

#define LAST_MAX 1000000
#define POLL_MS 200

struct messages_order {
	const char *directory;
	struct message_filter filter;
	bool follow;
	bool as_json;
};

static enum error_code
read_messages(struct database *database, const struct message_filter *filter,
    json_t **ret_messages, struct error *err)
{
	CLEANUP(json) json_t *messages = json_array();

	if (!messages)
		return error_no_memory(err);
	if (message_store_list(database, filter, messages, err))
		return err->code;
	*ret_messages = TAKE(messages);
	return ERROR_NONE;
}

static enum error_code
print_once(const struct messages_order *order, struct database *database,
    struct error *err)
{
	static const struct cli_column columns[] = {
	    {"RECEIVED",   "received"                  },
	    {"DEVICE-ID",  "deviceId"                  },
	    {"MODULE-ID",  "moduleId"                  },
	    {"MESSAGE-ID", "systemProperties.messageId"},
	    {"PROPERTIES", "properties"                },
	    {"BODY",       "body"                      },
	};
	CLEANUP(json) json_t *messages = NULL;

	if (read_messages(database, &order->filter, &messages, err))
		return err->code;
	if (!order->as_json)
		return cli_print_table(messages, columns,
		    sizeof(columns) / sizeof(columns[0]), err);
	cli_print_json(messages);
	return ERROR_NONE;
}

/* What a device sends must not move the cursor of who looks at it. */
static void
print_plain(const char *text)
{
	for (; *text; text++)
		(void)putchar(
		    (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static const char *
text_of(const json_t *message, const char *member)
{
	return json_string_value(json_object_get(message, member));
}

static void
print_line(const json_t *message)
{
	const char *module = text_of(message, "moduleId");
	const char *body = text_of(message, "body");

	(void)printf("%s %s%s%s ", text_of(message, "received"),
	    text_of(message, "deviceId"), module ? "/" : "",
	    module ? module : "");
	print_plain(body ? body : text_of(message, "bodyBase64"));
	(void)putchar('\n');
}

static enum error_code
print_json_line(const json_t *message, struct error *err)
{
	CLEANUP(string) char *text = json_text(message);

	if (!text)
		return error_no_memory(err);
	(void)puts(text);
	return ERROR_NONE;
}

/* One line for each, as they come; until the reader or a signal ends us. */
static enum error_code
follow(const struct messages_order *order, struct database *database,
    struct error *err)
{
	struct message_filter filter = order->filter;

	for (;; time_sleep_ms(POLL_MS)) {
		CLEANUP(json) json_t *messages = NULL;

		if (read_messages(database, &filter, &messages, err))
			return err->code;
		for (size_t i = 0; i < json_array_size(messages); i++) {
			const json_t *message = json_array_get(messages, i);

			filter.after =
			    json_integer_value(json_object_get(message, "id"));
			if (!order->as_json)
				print_line(message);
			else if (print_json_line(message, err))
				return err->code;
		}
		filter.last = 0;
		if (fflush(stdout))
			return ERROR_NONE;
	}
}

static enum error_code
carry_out(const struct messages_order *order, struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};

	if (instance_open(order->directory, &instance, err))
		return err->code;
	return order->follow ? follow(order, instance.database, err)
			     : print_once(order, instance.database, err);
}

static enum error_code
set_last(struct messages_order *order, struct error *err)
{
	long last;

	if (cli_number("--last", optarg, LAST_MAX, &last, err))
		return err->code;
	if (last == 0)
		return error_set(err, ERROR_INVALID,
		    "--last must be above 0; without it all are printed");
	order->filter.last = (size_t)last;
	return ERROR_NONE;
}

/* False after it has said what is wrong. */
static bool
set_option(struct messages_order *order, int option)
{
	struct error err;

	switch (option) {
	case 'd':
		order->directory = optarg;
		return true;
	case 'i':
		order->filter.device_id = optarg;
		return true;
	case 'f':
		order->follow = true;
		return true;
	case 'l':
		if (!set_last(order, &err))
			return true;
		(void)cli_usage("%s", err.message);
		return false;
	case 'o':
		return cli_read_format(&order->as_json);
	default:
		return false;
	}
}

int
command_messages(int argc, char *argv[])
{
	static const struct option options[] = {
	    {"data",   required_argument, NULL, 'd'},
	    {"device", required_argument, NULL, 'i'},
	    {"last",   required_argument, NULL, 'l'},
	    {"follow", no_argument,       NULL, 'f'},
	    {"output", required_argument, NULL, 'o'},
	    {NULL,     0,                 NULL, 0  },
	};
	struct messages_order order = {.directory = NULL};
	struct error err;
	int option;

	while ((option = cli_next_option(argc, argv, "fo:", options)) != -1)
		if (!set_option(&order, option))
			return EX_USAGE;
	if (!order.directory || optind != argc)
		return cli_usage("messages needs --data DIR");
	if (carry_out(&order, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}
