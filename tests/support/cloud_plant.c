/* SPDX-License-Identifier: MIT */
#include "cloud_fixture.h"

#include <stdio.h>
#include <string.h>

#include "cmocka_wrap.h"

#include "common/file.h"
#include "settings.h"

static void
dump_table(struct cloud *cloud, const char *name, FILE *stream)
{
	CLEANUP(string) char *sql = string_format("SELECT * FROM %s", name);
	CLEANUP(statement) struct statement *statement = NULL;
	bool row = true;
	struct error err;

	assert_int_equal(database_query(cloud->database, sql, SQL_NO_VALUES,
			     &statement, &err),
	    ERROR_NONE);
	(void)fprintf(stream, "%s\n", name);
	while (!statement_next(statement, &row, &err) && row)
		for (int i = 0; i < statement_columns(statement); i++) {
			size_t length;
			const void *data =
			    statement_blob(statement, i, &length);

			(void)fwrite(data ? data : "", 1, length, stream);
			(void)fputc('\n', stream);
		}
	assert_false(row);
}

char *
cloud_dump(struct cloud *cloud)
{
	CLEANUP(statement) struct statement *statement = NULL;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	bool row;
	struct error err;

	assert_non_null(stream);
	assert_int_equal(database_query(cloud->database,
			     "SELECT name FROM sqlite_master"
			     " WHERE type = 'table' ORDER BY name",
			     SQL_NO_VALUES, &statement, &err),
	    ERROR_NONE);
	while (!statement_next(statement, &row, &err) && row)
		dump_table(cloud, statement_text(statement, 0), stream);
	(void)fclose(stream);
	return text;
}

int
plant_setup(void **state)
{
	struct plant *plant = calloc(1, sizeof(*plant));
	struct error err;

	assert_non_null(plant);
	plant->cloud = cloud_open();
	assert_int_equal(setting_put(plant->cloud->database,
			     SETTING_ADMIN_TOKEN, FIXTURE_TOKEN, &err),
	    ERROR_NONE);
	plant->root = identity_create(&(struct identity_plan){
	    .common_name = "plant root", .is_ca = true});
	plant->intermediate = identity_create(
	    &(struct identity_plan){.common_name = "plant intermediate",
		.is_ca = true,
		.issuer = &plant->root});
	plant->device = identity_create(&(struct identity_plan){
	    .common_name = "dev", .issuer = &plant->intermediate});
	plant->chain = chain_of(
	    plant->device.certificate, plant->intermediate.certificate, NULL);
	*state = plant;
	return 0;
}

int
plant_teardown(void **state)
{
	struct plant *plant = *state;

	chain_free(plant->chain);
	identity_done(&plant->device);
	identity_done(&plant->intermediate);
	identity_done(&plant->root);
	cloud_close(plant->cloud);
	free(plant);
	return 0;
}

void
plant_choose(struct plant *plant, const char *text)
{
	struct error err;

	if (quirks_add(&plant->cloud->options.quirks, text, &err))
		fail_msg("%s", err.message);
}

void
plant_enroll_line(struct plant *plant, json_t *members)
{
	cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "line",
	    plant->root.certificate, NULL, members);
}

/* A plant in which there is one of everything. */
int
plant_setup_full(void **state)
{
	struct plant *plant;
	struct reply reply;

	if (plant_setup(state))
		return 1;
	plant = *state;
	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->device.certificate, NULL, NULL);
	cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "line",
	    plant->root.certificate, NULL, NULL);
	assert_registers(plant, "status", "assigned");
	reply = cloud_call(plant->cloud, SURFACE_HUB, "PUT",
	    "/devices/dev/modules/m"
	    "?api-version=2021-04-12",
	    json_object(), NULL);
	assert_status(&reply, 200);
	return 0;
}

void
assert_error_of(const struct reply *reply, unsigned status)
{
	print_message("%u %s\n", reply->status, reply->reason);
	assert_int_equal(reply->status, status);
	assert_non_null(reply->body);
	assert_null(reply->text);
	assert_true(
	    json_is_integer(json_object_get(reply->body, "errorCode")) ||
	    json_is_string(json_object_get(reply->body, "Message")));
}

void
assert_refused(struct reply *reply, unsigned status, int code, const char *says)
{
	const json_t *actual = json_object_get(reply->body, "errorCode");

	print_message("%s\n", reply->reason);
	assert_int_equal(reply->status, status);
	assert_int_equal(json_integer_value(actual), code);
	assert_non_null(strstr(reply_text(reply, "message"), says));
	assert_string_not_equal(reply_text(reply, "trackingId"), "");
	reply_done(reply);
}

void
assert_status(struct reply *reply, unsigned status)
{
	print_message("%s\n", reply->reason);
	assert_int_equal(reply->status, status);
	reply_done(reply);
}

void
assert_registers(struct plant *plant, const char *path, const char *expected)
{
	CLEANUP_DONE(reply)
	struct reply reply = cloud_register(plant->cloud, plant->chain, "dev");

	assert_string_equal(reply.reason, "");
	assert_string_equal(reply_text(&reply, path), expected);
}
