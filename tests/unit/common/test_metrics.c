/* SPDX-License-Identifier: MIT */
/* The text that is given to Prometheus. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "common/http_metrics.h"

static struct error err;

static void
assert_text(struct metrics_text *text, const char *expected)
{
	const char *written;

	assert_int_equal(metrics_text_end(text, &written, &err), ERROR_NONE);
	assert_string_equal(written, expected);
}

static void
writes_a_family_with_its_samples(void **state)
{
	CLEANUP(metrics_text) struct metrics_text *text = metrics_text_create();
	const struct metrics_label labels[] = {
	    {"token", "device"},
	    {"state", "open"  },
	    {NULL,    NULL    },
	};

	(void)state;
	metrics_family(text, "signet_x", METRICS_GAUGE, "What it is.");
	metrics_sample(text, labels, 18446744073709551615U);
	metrics_sample(text, NULL, 0);
	assert_text(text,
	    "# HELP signet_x What it is.\n"
	    "# TYPE signet_x gauge\n"
	    "signet_x{token=\"device\",state=\"open\"} 18446744073709551615\n"
	    "signet_x 0\n");
}

static void
escapes_what_a_label_may_not_hold(void **state)
{
	CLEANUP(metrics_text) struct metrics_text *text = metrics_text_create();
	const struct metrics_label labels[] = {
	    {"a",  "\"} 1\nx \\ \xc3\xbc \xff"},
	    {NULL, NULL		       },
	};

	(void)state;
	metrics_family(text, "signet_x", METRICS_COUNTER, "H.");
	metrics_sample(text, labels, 1);
	assert_text(text,
	    "# HELP signet_x H.\n# TYPE signet_x counter\n"
	    "signet_x{a=\"\\\"} 1\\nx \\\\ \xc3\xbc \xef\xbf\xbd\"} 1\n");
}

static void
counts_durations_into_cumulative_buckets(void **state)
{
	static struct metrics_histogram histogram;
	CLEANUP(metrics_text) struct metrics_text *text = metrics_text_create();
	const struct metrics_label labels[] = {
	    {"a",  "b" },
	    {NULL, NULL},
	};
	const char *written;

	(void)state;
	metrics_observe(&histogram, 0);
	metrics_observe(&histogram, 50);
	metrics_observe(&histogram, 51);
	metrics_observe(&histogram, 2400000);
	metrics_observe(&histogram, 60000000);
	metrics_family(text, "signet_d", METRICS_HISTOGRAM, "H.");
	metrics_sample_histogram(text, labels, &histogram);
	assert_int_equal(metrics_text_end(text, &written, &err), ERROR_NONE);
	assert_non_null(
	    strstr(written, "# TYPE signet_d histogram\n"
			    "signet_d_bucket{a=\"b\",le=\"0.00005\"} 2\n"
			    "signet_d_bucket{a=\"b\",le=\"0.0001\"} 3\n"));
	assert_non_null(
	    strstr(written, "signet_d_bucket{a=\"b\",le=\"1\"} 3\n"));
	assert_non_null(
	    strstr(written, "signet_d_bucket{a=\"b\",le=\"2.5\"} 4\n"));
	assert_non_null(
	    strstr(written, "signet_d_bucket{a=\"b\",le=\"+Inf\"} 5\n"
			    "signet_d_sum{a=\"b\"} 62.400101\n"
			    "signet_d_count{a=\"b\"} 5\n"));
}

/* ---- of requests ---- */

static enum error_code
handle(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *failure)
{
	(void)context;
	(void)request;
	reply->status = 204;
	(void)failure;
	return ERROR_NONE;
}

static void
counts_requests_by_route_and_status(void **state)
{
	static const struct http_route routes[] = {
	    {"GET",  "/a",    20261201, HTTP_ANYONE, 0, handle},
	    {"POST", "/b/{}", 20261201, HTTP_ROOT,   0, handle},
	};
	static const unsigned versions[] = {20261201};
	CLEANUP(http_metrics)
	struct http_metrics *metrics = http_metrics_create(routes, 2);
	CLEANUP(metrics_text) struct metrics_text *text = metrics_text_create();
	const struct http_service service = {.routes = routes,
	    .route_count = 2,
	    .versions = versions,
	    .version_count = 1,
	    .metrics = metrics};
	static const char *const requests[][2] = {
	    {"GET",  "/a?api-version=2026-12-01"       },
	    {"GET",  "/a?api-version=2026-12-01"       },
	    {"POST", "/b/secret?api-version=2026-12-01"},
	    {"GET",  "/nothing?api-version=2026-12-01" },
	    {"GET",  "/a"			      },
	};
	const char *written;

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct http_message message = {.method = requests[i][0],
		    .target = requests[i][1],
		    .body = "",
		    .peer = {.uid = 1001}};
		struct http_reply reply;

		http_dispatch(&service, &message, &reply);
		json_decref(reply.body);
	}
	http_metrics_write(metrics, text);
	assert_int_equal(metrics_text_end(text, &written, &err), ERROR_NONE);
	assert_non_null(strstr(written,
	    "# TYPE signet_http_requests_total counter\n"
	    "signet_http_requests_total{method=\"GET\",route=\"/a\","
	    "status=\"204\"} 2\n"
	    "signet_http_requests_total{method=\"POST\",route=\"/b/{}\","
	    "status=\"401\"} 1\n"
	    "signet_http_requests_total{method=\"\",route=\"\","
	    "status=\"400\"} 1\n"
	    "signet_http_requests_total{method=\"\",route=\"\","
	    "status=\"404\"} 1\n"));
	assert_non_null(strstr(written,
	    "signet_http_request_duration_seconds_count{method=\"GET\","
	    "route=\"/a\"} 2\n"));
	assert_null(strstr(written, "secret"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_a_family_with_its_samples),
	    cmocka_unit_test(escapes_what_a_label_may_not_hold),
	    cmocka_unit_test(counts_durations_into_cumulative_buckets),
	    cmocka_unit_test(counts_requests_by_route_and_status),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
