/* SPDX-License-Identifier: MIT */
/* Programs that sign in many threads, whenever they like. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "fake_remote.h"
#include "pkcs11_calls.h"

#define THREADS 32
#define ROUNDS 20

static int
setup(void **state)
{
	(void)state;
	fake_remote_reset();
	fake_remote_add_ec("p256", "P-256", 1);
	return 0;
}

struct worker {
	pthread_t thread;
	CK_OBJECT_HANDLE key;
	unsigned char fill;
	bool failed;
};

static CK_RV
sign_quietly(CK_SESSION_HANDLE session, const struct worker *worker,
    unsigned char *ret_signature)
{
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
	unsigned char digest[32];
	CK_ULONG length = 64;
	CK_RV rv = token()->C_SignInit(session, &mechanism, worker->key);

	memset(digest, worker->fill, sizeof(digest));
	return rv == CKR_OK ? token()->C_Sign(
				  session, digest, 32, ret_signature, &length)
			    : rv;
}

/* Opens a session of its own each time, as a pool of a web server would. */
static void *
sign_often(void *data)
{
	struct worker *worker = data;
	unsigned char expected[64], signature[64];
	CK_SESSION_HANDLE session;

	memset(expected, fake_remote_signature_byte(worker->fill),
	    sizeof(expected));
	for (int i = 0; i < ROUNDS && !worker->failed; i++)
		worker->failed =
		    token()->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL,
			&session) != CKR_OK ||
		    sign_quietly(session, worker, signature) != CKR_OK ||
		    memcmp(signature, expected, sizeof(expected)) != 0 ||
		    token()->C_CloseSession(session) != CKR_OK;
	return NULL;
}

static void
signs_in_many_threads_at_once(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "p256");
	struct worker workers[THREADS] = {0};

	(void)state;
	fake_remote_delay_ms(2);
	for (unsigned char i = 0; i < THREADS; i++) {
		workers[i].key = key;
		workers[i].fill = i;
		assert_int_equal(pthread_create(&workers[i].thread, NULL,
				     sign_often, &workers[i]),
		    0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
		assert_false(workers[i].failed);
	}
	assert_int_equal(fake_remote_uses(), THREADS * ROUNDS);
	assert_true(fake_remote_most_at_once() > 1);
	token_close();
}

static void *
sign_until_it_ends(void *data)
{
	struct worker *worker = data;
	unsigned char signature[64];
	CK_RV rv = CKR_OK;

	while (rv == CKR_OK) {
		CK_SESSION_HANDLE session;

		rv = token()->C_OpenSession(
		    0, CKF_SERIAL_SESSION, NULL, NULL, &session);
		if (rv == CKR_OK)
			rv = sign_quietly(session, worker, signature);
		if (rv == CKR_OK)
			rv = token()->C_CloseSession(session);
	}
	worker->failed = rv != CKR_CRYPTOKI_NOT_INITIALIZED;
	return NULL;
}

/* As at the exit of a program that has not stopped its threads. */
static void
lets_threads_finish_that_are_late_for_its_end(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "p256");
	struct worker workers[THREADS] = {0};

	(void)state;
	fake_remote_delay_ms(1);
	for (size_t i = 0; i < THREADS; i++) {
		workers[i].key = key;
		assert_int_equal(pthread_create(&workers[i].thread, NULL,
				     sign_until_it_ends, &workers[i]),
		    0);
	}
	while (fake_remote_uses() < THREADS)
		(void)sched_yield();
	token_close();
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
		assert_false(workers[i].failed);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(signs_in_many_threads_at_once, setup),
	    cmocka_unit_test_setup(
		lets_threads_finish_that_are_late_for_its_end, setup),
	};

	return cmocka_run_group_tests_name("pkcs11 threads", tests, NULL, NULL);
}
