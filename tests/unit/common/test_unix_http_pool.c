/* SPDX-License-Identifier: MIT */
/* Connections that are kept while nobody uses them. None of them connects. */
#include "cmocka_wrap.h"

#include "common/unix_http_pool.h"

static struct unix_http_pool pool;

static struct unix_http *
make_client(void)
{
	struct unix_http *client = NULL;
	struct error err;

	assert_int_equal(
	    unix_http_create("/nowhere.sock", 1000, &client, &err), ERROR_NONE);
	return client;
}

static void
gives_back_what_was_put_and_nothing_else(void **state)
{
	struct unix_http *client = make_client();

	(void)state;
	assert_null(unix_http_pool_take(&pool));
	unix_http_pool_put(&pool, NULL);
	assert_null(unix_http_pool_take(&pool));
	unix_http_pool_put(&pool, client);
	assert_ptr_equal(unix_http_pool_take(&pool), client);
	assert_null(unix_http_pool_take(&pool));
	unix_http_free(client);
}

/* What is not released is found by the leak checker. */
static void
keeps_no_more_than_it_has_room_for(void **state)
{
	unsigned kept = 0;
	struct unix_http *client;

	(void)state;
	for (unsigned i = 0; i < UNIX_HTTP_POOL_MAX + 3; i++)
		unix_http_pool_put(&pool, make_client());
	while ((client = unix_http_pool_take(&pool))) {
		unix_http_free(client);
		kept++;
	}
	assert_int_equal(kept, UNIX_HTTP_POOL_MAX);
}

static void
keeps_none_when_it_was_emptied(void **state)
{
	(void)state;
	unix_http_pool_put(&pool, make_client());
	unix_http_pool_put(&pool, make_client());
	unix_http_pool_empty(&pool);
	assert_null(unix_http_pool_take(&pool));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_back_what_was_put_and_nothing_else),
	    cmocka_unit_test(keeps_no_more_than_it_has_room_for),
	    cmocka_unit_test(keeps_none_when_it_was_emptied),
	};

	return cmocka_run_group_tests_name("unix_http pool", tests, NULL, NULL);
}
