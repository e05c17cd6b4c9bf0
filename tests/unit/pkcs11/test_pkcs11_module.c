/* SPDX-License-Identifier: MIT */
/* The module as a program meets it: life, slot, sessions, login, fork. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_remote.h"
#include "module.h"
#include "pkcs11_calls.h"

static int
setup(void **state)
{
	(void)state;
	fake_remote_reset();
	return 0;
}

static void
starts_and_stops_as_often_as_asked(void **state)
{
	CK_INFO info;

	(void)state;
	assert_int_equal(
	    token()->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(token()->C_Initialize(NULL), CKR_OK);
		assert_int_equal(token()->C_Initialize(NULL),
		    CKR_CRYPTOKI_ALREADY_INITIALIZED);
		assert_int_equal(token()->C_GetInfo(&info), CKR_OK);
		assert_int_equal(info.cryptokiVersion.minor, 40);
		assert_int_equal(token()->C_Finalize(&info), CKR_ARGUMENTS_BAD);
		assert_int_equal(token()->C_Finalize(NULL), CKR_OK);
		assert_int_equal(
		    token()->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	}
}

static CK_RV
no_mutex(void *mutex)
{
	(void)mutex;
	return CKR_OK;
}

static CK_RV
no_create(void **mutex)
{
	(void)mutex;
	return CKR_OK;
}

static void
takes_the_arguments_that_the_standard_allows(void **state)
{
	static char anything;
	const struct {
		CK_RV rv;
		CK_C_INITIALIZE_ARGS args;
	} cases[] = {
	    {CKR_OK,            {0}					       },
	    {CKR_OK,            {.flags = CKF_OS_LOCKING_OK}                      },
	    {CKR_OK,            {.flags = CKF_LIBRARY_CANT_CREATE_OS_THREADS}     },
	    {CKR_OK,            {no_create, no_mutex, no_mutex, no_mutex,
			 CKF_OS_LOCKING_OK, NULL}             },
	    {CKR_CANT_LOCK,     {no_create, no_mutex, no_mutex, no_mutex, 0, NULL}},
	    {CKR_ARGUMENTS_BAD, {.CreateMutex = no_create}                        },
	    {CKR_ARGUMENTS_BAD, {.pReserved = &anything}                          },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_C_INITIALIZE_ARGS args = cases[i].args;

		assert_int_equal(token()->C_Initialize(&args), cases[i].rv);
		if (cases[i].rv == CKR_OK)
			token_close();
	}
}

static void
has_one_token_that_wants_no_pin(void **state)
{
	CK_SLOT_ID slot = 99;
	CK_ULONG count = 0;
	CK_TOKEN_INFO info;

	(void)state;
	(void)token_open();
	assert_int_equal(token()->C_GetSlotList(1, NULL, &count), CKR_OK);
	assert_int_equal(count, 1);
	count = 0;
	assert_int_equal(
	    token()->C_GetSlotList(1, &slot, &count), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(token()->C_GetSlotList(1, &slot, &count), CKR_OK);
	assert_int_equal(slot, 0);
	assert_int_equal(token()->C_GetTokenInfo(slot, &info), CKR_OK);
	assert_memory_equal(info.label, "Signet                          ", 32);
	assert_memory_equal(info.serialNumber, "1               ", 16);
	assert_int_equal(info.flags, CKF_TOKEN_INITIALIZED | CKF_RNG);
	assert_int_equal(info.ulSessionCount, 1);
	assert_int_equal(
	    token()->C_GetTokenInfo(1, &info), CKR_SLOT_ID_INVALID);
	token_close();
}

static void
lists_what_it_can_do(void **state)
{
	static const struct {
		CK_MECHANISM_TYPE type;
		CK_ULONG min, max;
		CK_FLAGS flags; /* without those about curves */
	} expected[] = {
	    {CKM_ECDSA,                   256,  521,  CKF_SIGN | CKF_VERIFY              },
	    {CKM_ECDSA_SHA256,            256,  521,  CKF_SIGN | CKF_VERIFY              },
	    {CKM_ECDSA_SHA384,            256,  521,  CKF_SIGN | CKF_VERIFY              },
	    {CKM_ECDSA_SHA512,            256,  521,  CKF_SIGN | CKF_VERIFY              },
	    {CKM_EDDSA,                   255,  255,  CKF_SIGN | CKF_VERIFY              },
	    {CKM_RSA_PKCS,                1024, 8192, CKF_SIGN | CKF_VERIFY | CKF_DECRYPT},
	    {CKM_RSA_PKCS_PSS,            1024, 8192, CKF_SIGN | CKF_VERIFY              },
	    {CKM_RSA_X_509,               1024, 8192, CKF_SIGN | CKF_VERIFY | CKF_DECRYPT},
	    {CKM_SHA256_RSA_PKCS,         1024, 8192, CKF_SIGN | CKF_VERIFY              },
	    {CKM_SHA384_RSA_PKCS,         1024, 8192, CKF_SIGN | CKF_VERIFY              },
	    {CKM_SHA512_RSA_PKCS,         1024, 8192, CKF_SIGN | CKF_VERIFY              },
	    {CKM_SHA256_RSA_PKCS_PSS,     1024, 8192, CKF_SIGN | CKF_VERIFY              },
	    {CKM_SHA384_RSA_PKCS_PSS,     1024, 8192, CKF_SIGN | CKF_VERIFY              },
	    {CKM_SHA512_RSA_PKCS_PSS,     1024, 8192, CKF_SIGN | CKF_VERIFY              },
	    {CKM_RSA_PKCS_OAEP,           1024, 8192, CKF_DECRYPT                        },
	    {CKM_ECDH1_DERIVE,            256,  521,  CKF_DERIVE                         },
	    {CKM_EC_KEY_PAIR_GEN,         256,  521,  CKF_GENERATE_KEY_PAIR              },
	    {CKM_EC_EDWARDS_KEY_PAIR_GEN, 255,  255,  CKF_GENERATE_KEY_PAIR              },
	    {CKM_RSA_PKCS_KEY_PAIR_GEN,   2048, 4096, CKF_GENERATE_KEY_PAIR              },
	};
	const CK_ULONG total = sizeof(expected) / sizeof(expected[0]);
	const CK_FLAGS curves =
	    CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;
	CK_MECHANISM_TYPE types[32];
	CK_ULONG count = total - 1;
	CK_MECHANISM_INFO info;

	(void)state;
	(void)token_open();
	assert_int_equal(token()->C_GetMechanismList(0, types, &count),
	    CKR_BUFFER_TOO_SMALL);
	assert_int_equal(count, total);
	assert_int_equal(token()->C_GetMechanismList(0, types, &count), CKR_OK);
	assert_int_equal(count, total);
	for (CK_ULONG i = 0; i < total; i++) {
		assert_int_equal(types[i], expected[i].type);
		assert_int_equal(
		    token()->C_GetMechanismInfo(0, types[i], &info), CKR_OK);
		assert_int_equal(info.flags & ~curves, expected[i].flags);
		assert_int_equal(info.ulMinKeySize, expected[i].min);
		assert_int_equal(info.ulMaxKeySize, expected[i].max);
		assert_true(info.ulMaxKeySize > 521 ||
			    info.ulMinKeySize == 255 ||
			    (info.flags & curves) == curves);
	}
	assert_int_equal(token()->C_GetMechanismInfo(0, CKM_AES_CBC, &info),
	    CKR_MECHANISM_INVALID);
	token_close();
}

static void
opens_sessions_without_asking_keyd(void **state)
{
	CK_SESSION_HANDLE sessions[100];
	CK_SESSION_INFO info;

	(void)state;
	fake_remote_fail(ERROR_UNAVAILABLE);
	assert_int_equal(token()->C_Initialize(NULL), CKR_OK);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(
		    token()->C_OpenSession(0,
			CKF_SERIAL_SESSION | (i % 2 ? CKF_RW_SESSION : 0), NULL,
			NULL, &sessions[i]),
		    CKR_OK);
	assert_int_equal(token()->C_GetSessionInfo(sessions[0], &info), CKR_OK);
	assert_int_equal(info.state, CKS_RO_USER_FUNCTIONS);
	assert_int_equal(
	    token()->C_GetSessionInfo(sessions[99], &info), CKR_OK);
	assert_int_equal(info.state, CKS_RW_USER_FUNCTIONS);
	token_close();
}

static void
never_gives_an_old_handle_to_a_new_session(void **state)
{
	CK_SESSION_HANDLE old = token_open();
	CK_SESSION_HANDLE new;
	CK_SESSION_INFO info;

	(void)state;
	assert_int_equal(token()->C_CloseSession(old), CKR_OK);
	assert_int_equal(
	    token()->C_CloseSession(old), CKR_SESSION_HANDLE_INVALID);
	assert_int_equal(
	    token()->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &new),
	    CKR_OK);
	assert_int_not_equal(old, new);
	assert_int_equal(
	    token()->C_GetSessionInfo(old, &info), CKR_SESSION_HANDLE_INVALID);
	assert_int_equal(
	    token()->C_GetSessionInfo(0, &info), CKR_SESSION_HANDLE_INVALID);
	assert_int_equal(token()->C_CloseAllSessions(0), CKR_OK);
	assert_int_equal(
	    token()->C_GetSessionInfo(new, &info), CKR_SESSION_HANDLE_INVALID);
	token_close();
}

static void
refuses_sessions_that_cannot_be(void **state)
{
	CK_SESSION_HANDLE session;

	(void)state;
	assert_int_equal(
	    token()->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &session),
	    CKR_CRYPTOKI_NOT_INITIALIZED);
	(void)token_open();
	assert_int_equal(
	    token()->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &session),
	    CKR_SLOT_ID_INVALID);
	assert_int_equal(token()->C_OpenSession(0, 0, NULL, NULL, &session),
	    CKR_SESSION_PARALLEL_NOT_SUPPORTED);
	assert_int_equal(
	    token()->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, NULL),
	    CKR_ARGUMENTS_BAD);
	token_close();
}

static void
accepts_any_pin_and_says_so_once(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	unsigned char pin[] = "whatever";

	(void)state;
	assert_int_equal(token()->C_Logout(session), CKR_USER_NOT_LOGGED_IN);
	assert_int_equal(token()->C_Login(session, CKU_USER, pin, 8), CKR_OK);
	assert_int_equal(token()->C_Login(session, CKU_USER, NULL, 0),
	    CKR_USER_ALREADY_LOGGED_IN);
	assert_int_equal(token()->C_Logout(session), CKR_OK);
	assert_int_equal(
	    token()->C_Login(session, CKU_SO, pin, 8), CKR_USER_TYPE_INVALID);
	token_close();
}

static void
asks_for_random_numbers_in_parts_that_keyd_gives(void **state)
{
	static unsigned char data[2 * REMOTE_RANDOM_MAX + 2];
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	assert_int_equal(token()->C_GenerateRandom(session, NULL, 0), CKR_OK);
	assert_int_equal(fake_remote_uses(), 0);
	assert_int_equal(
	    token()->C_GenerateRandom(session, NULL, 1), CKR_ARGUMENTS_BAD);
	assert_int_equal(
	    token()->C_GenerateRandom(session, data, sizeof(data) - 1), CKR_OK);
	assert_int_equal(fake_remote_uses(), 3);
	assert_int_equal(data[sizeof(data) - 2], FAKE_REMOTE_RANDOM);
	assert_int_equal(data[sizeof(data) - 1], 0);
	fake_remote_fail(ERROR_UNAVAILABLE);
	assert_int_equal(
	    token()->C_GenerateRandom(session, data, 1), CKR_DEVICE_ERROR);
	assert_int_equal(token()->C_SeedRandom(session, data, 1),
	    CKR_RANDOM_SEED_NOT_SUPPORTED);
	token_close();
}

static void
has_no_events_for_who_asks(void **state)
{
	CK_SLOT_ID slot;

	(void)state;
	(void)token_open();
	assert_int_equal(
	    token()->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL),
	    CKR_NO_EVENT);
	assert_int_equal(
	    token()->C_WaitForSlotEvent(CKF_DONT_BLOCK, NULL, NULL),
	    CKR_ARGUMENTS_BAD);
	assert_int_equal(
	    token()->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, &slot),
	    CKR_ARGUMENTS_BAD);
	token_close();
}

static void *
wait_for_an_event(void *data)
{
	CK_SLOT_ID slot;

	*(CK_RV *)data = token()->C_WaitForSlotEvent(0, &slot, NULL);
	return NULL;
}

static unsigned
threads_that_wait(void)
{
	struct module *module = module_lock();
	unsigned waiting = module->waiting;

	module_unlock(module);
	return waiting;
}

static void
lets_who_waits_for_an_event_go_when_it_ends(void **state)
{
	pthread_t threads[2];
	CK_RV rvs[2] = {CKR_OK, CKR_OK};

	(void)state;
	(void)token_open();
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
				     wait_for_an_event, &rvs[i]),
		    0);
	while (threads_that_wait() < 2)
		(void)sched_yield();
	token_close();
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(rvs[i], CKR_CRYPTOKI_NOT_INITIALIZED);
	}
}

static void
lets_nobody_change_or_copy_an_object(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE object;

	(void)state;
	assert_int_equal(token()->C_SetAttributeValue(session, 1, NULL, 0),
	    CKR_ACTION_PROHIBITED);
	assert_int_equal(token()->C_CopyObject(session, 1, NULL, 0, &object),
	    CKR_ACTION_PROHIBITED);
	assert_int_equal(token()->C_CreateObject(session, NULL, 0, &object),
	    CKR_FUNCTION_NOT_SUPPORTED);
	token_close();
}

/* Every place of the list is filled (PKCS#11 3.6). */
static void
has_a_function_in_every_place_of_its_list(void **state)
{
	const unsigned char *list = (const unsigned char *)token();
	void *function;

	(void)state;
	for (size_t i = offsetof(CK_FUNCTION_LIST, C_Initialize);
	     i < sizeof(CK_FUNCTION_LIST); i += sizeof(function)) {
		memcpy(&function, list + i, sizeof(function));
		assert_non_null(function);
	}
}

/* What a child of fork() sees: 0, or the number of the step that failed. */
static int
live_as_a_child(CK_SESSION_HANDLE parents)
{
	CK_SESSION_HANDLE session;
	CK_SESSION_INFO info;

	if (token()->C_GetSessionInfo(parents, &info) !=
	    CKR_CRYPTOKI_NOT_INITIALIZED)
		return 1;
	if (token()->C_Finalize(NULL) != CKR_CRYPTOKI_NOT_INITIALIZED)
		return 2;
	(void)unsetenv("SIGNET_RUNTIME_DIR");
	if (token()->C_Initialize(NULL) != CKR_OK)
		return 3;
	if (token()->C_GetSessionInfo(parents, &info) !=
	    CKR_SESSION_HANDLE_INVALID)
		return 4;
	if (token()->C_OpenSession(
		0, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK)
		return 5;
	if (token_find(session, CKO_PRIVATE_KEY, "ec") == 0)
		return 6;
	return token()->C_Finalize(NULL) == CKR_OK ? 0 : 7;
}

static int
wait_for(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
starts_afresh_in_a_child(void **state)
{
	CK_SESSION_HANDLE session;
	pid_t child;

	(void)state;
	fake_remote_add_ec("ec", "P-256", 1);
	session = token_open();
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(live_as_a_child(session));
	assert_int_equal(wait_for(child), 0);
	assert_int_not_equal(token_find(session, CKO_PRIVATE_KEY, "ec"), 0);
	token_close();
}

/* A lock that was held at the time of the fork stays locked in the child. */
static void
does_not_wait_for_a_lock_of_its_parent(void **state)
{
	struct module *module;
	pid_t child;

	(void)state;
	(void)token_open();
	module = module_lock();
	assert_non_null(module);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)alarm(60);
		_exit(token()->C_Initialize(NULL) == CKR_OK ? 0 : 1);
	}
	module_unlock(module);
	assert_int_equal(wait_for(child), 0);
	token_close();
}

static void
keeps_the_path_that_it_found_first(void **state)
{
	struct module *module;
	pid_t child;

	(void)state;
	(void)token_open();
	(void)setenv("SIGNET_RUNTIME_DIR", "/elsewhere", 1);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)token()->C_Initialize(NULL);
		module = module_lock();
		_exit(!module ||
		      strcmp(module->remote.path, "/first/keyd.sock") != 0);
	}
	assert_int_equal(wait_for(child), 0);
	token_close();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(starts_and_stops_as_often_as_asked, setup),
	    cmocka_unit_test_setup(
		takes_the_arguments_that_the_standard_allows, setup),
	    cmocka_unit_test_setup(has_one_token_that_wants_no_pin, setup),
	    cmocka_unit_test_setup(lists_what_it_can_do, setup),
	    cmocka_unit_test_setup(opens_sessions_without_asking_keyd, setup),
	    cmocka_unit_test_setup(
		never_gives_an_old_handle_to_a_new_session, setup),
	    cmocka_unit_test_setup(refuses_sessions_that_cannot_be, setup),
	    cmocka_unit_test_setup(accepts_any_pin_and_says_so_once, setup),
	    cmocka_unit_test_setup(
		asks_for_random_numbers_in_parts_that_keyd_gives, setup),
	    cmocka_unit_test_setup(has_no_events_for_who_asks, setup),
	    cmocka_unit_test_setup(
		lets_who_waits_for_an_event_go_when_it_ends, setup),
	    cmocka_unit_test_setup(lets_nobody_change_or_copy_an_object, setup),
	    cmocka_unit_test_setup(
		has_a_function_in_every_place_of_its_list, setup),
	    cmocka_unit_test_setup(starts_afresh_in_a_child, setup),
	    cmocka_unit_test_setup(
		does_not_wait_for_a_lock_of_its_parent, setup),
	    cmocka_unit_test_setup(keeps_the_path_that_it_found_first, setup),
	};

	(void)setenv("SIGNET_RUNTIME_DIR", "/first", 1);
	return cmocka_run_group_tests_name("pkcs11 module", tests, NULL, NULL);
}
