/* SPDX-License-Identifier: MIT */
/*
 * When keyd locks all of its memory. What the kernel then does of it only a
 * process that may lose its limit can see, so mlockall() is the test's own.
 */
#include "cmocka_wrap.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "secrets.h"

#define ALL (MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)
#define PROTECTED 64 /* in the status of a child, beside the flags */

static rlim_t limit_of_memory;
static int flags_asked_for;

/* The linker decides the names. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
int __wrap_mlockall(int flags);
int __wrap_getrlimit(__rlimit_resource_t resource, struct rlimit *ret_limit);

int
__wrap_mlockall(int flags)
{
	flags_asked_for = flags;
	return 0;
}

int
__wrap_getrlimit(__rlimit_resource_t resource, struct rlimit *ret_limit)
{
	if (resource != RLIMIT_MEMLOCK)
		return -1;
	*ret_limit = (struct rlimit){limit_of_memory, limit_of_memory};
	return 0;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* In a process of its own, as it is done once, before OpenSSL is used. */
static int
protect_with_limit(rlim_t limit)
{
	int status = -1;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct error err;

		limit_of_memory = limit;
		_exit(secrets_protect(&err) == ERROR_NONE
			  ? PROTECTED | flags_asked_for
			  : EXIT_SUCCESS);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
locks_all_memory_where_there_is_no_limit(void **state)
{
	(void)state;
	assert_int_equal(protect_with_limit(RLIM_INFINITY), PROTECTED | ALL);
}

/* From there on there would be no memory. */
static void
leaves_other_memory_alone_where_there_is_a_limit(void **state)
{
	(void)state;
	assert_int_equal(
	    protect_with_limit((rlim_t)64 * 1024 * 1024), PROTECTED);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(locks_all_memory_where_there_is_no_limit),
	    cmocka_unit_test(leaves_other_memory_alone_where_there_is_a_limit),
	};

	return cmocka_run_group_tests_name("keyd locked", tests, NULL, NULL);
}
