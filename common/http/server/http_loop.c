/* SPDX-License-Identifier: MIT */
#include "http_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void
loop_free(struct http_loop *loop)
{
	if (loop->epoll >= 0)
		(void)close(loop->epoll);
	if (loop->wake >= 0)
		(void)close(loop->wake);
	http_pool_done(&loop->pool);
	http_lanes_free(loop->lanes);
	free(loop);
}
DEFINE_CLEANUP(loop, struct http_loop, loop_free)

enum error_code
http_loop_create(const struct http_server_options *options,
    struct http_loop **ret_loop, struct error *err)
{
	CLEANUP(loop) struct http_loop *loop = calloc(1, sizeof(*loop));
	/* Each write wakes one thread; nobody needs to read it. */
	struct epoll_event event = {
	    .events = EPOLLIN | EPOLLET, .data.u64 = HTTP_EVENT_WAKE};

	if (!loop)
		return error_no_memory(err);
	loop->options = *options;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	atomic_store(&loop->references, 1);
	if (!http_pool_init(&loop->pool, options->connections_max))
		return error_no_memory(err);
	if (http_lanes_create(
		options->lanes, options->lane_count, &loop->lanes, err))
		return err->code;
	if (loop->epoll < 0 || loop->wake < 0 ||
	    epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) < 0)
		return error_set_errno(err, ERROR_INTERNAL, "epoll");
	*ret_loop = TAKE(loop);
	return ERROR_NONE;
}

struct http_loop *
http_loop_keep(struct http_loop *loop)
{
	(void)atomic_fetch_add(&loop->references, 1);
	return loop;
}

void
http_loop_release(struct http_loop *loop)
{
	if (atomic_fetch_sub(&loop->references, 1) == 1)
		loop_free(loop);
}

void
http_loop_wake(struct http_loop *loop)
{
	(void)eventfd_write(loop->wake, 1);
}
