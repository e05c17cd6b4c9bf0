/* SPDX-License-Identifier: MIT */
/*
 * A program with a key open, as nginx or an agent is: loads the module that
 * SIGNET_PKCS11_MODULE names, finds the private key LABEL once, and then does
 * what each line of its input says, answering with one line:
 *
 *	sign	sign with the session and key it has
 *	threads	sign in 16 threads at once, each with a session of its own
 *	fork	sign in a child that initialises the module anew
 *	storm	sign in threads, and meanwhile in one child after another
 *	child	make a child that does so and stays, as a worker of nginx
 *	child-find, child-sign	let it do that
 *	find	search for the key again
 *
 * The answer is "ok" or the CKR in hexadecimal.
 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 16
#define ROUNDS 25
#define STORM_THREADS 4
#define STORM_CHILDREN 20

static CK_FUNCTION_LIST *token;
static const char *label;
static CK_OBJECT_HANDLE key;
static CK_SESSION_HANDLE session;

static CK_RV
open_session(CK_SESSION_HANDLE *ret_session)
{
	return token->C_OpenSession(
	    0, CKF_SERIAL_SESSION, NULL, NULL, ret_session);
}

static CK_RV
find(CK_SESSION_HANDLE where, CK_OBJECT_HANDLE *ret_key)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	char text[64];
	CK_ATTRIBUTE template[] = {
	    {CKA_CLASS, &class, sizeof(class)},
	    {CKA_LABEL, text,   strlen(label)},
	};
	CK_ULONG count = 0;
	CK_RV rv;

	(void)snprintf(text, sizeof(text), "%s", label);
	rv = token->C_FindObjectsInit(where, template, 2);
	if (rv != CKR_OK)
		return rv;
	rv = token->C_FindObjects(where, ret_key, 1, &count);
	(void)token->C_FindObjectsFinal(where);
	return rv == CKR_OK && count != 1 ? CKR_OBJECT_HANDLE_INVALID : rv;
}

static CK_RV
sign(CK_SESSION_HANDLE where, CK_OBJECT_HANDLE with)
{
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
	unsigned char digest[32] = "something to sign", signature[64];
	CK_ULONG length = sizeof(signature);
	CK_RV rv = token->C_SignInit(where, &mechanism, with);

	return rv == CKR_OK ? token->C_Sign(where, digest, sizeof(digest),
				  signature, &length)
			    : rv;
}

static CK_RV
do_sign(void)
{
	return sign(session, key);
}

static CK_RV
do_find(void)
{
	return find(session, &key);
}

static void *
sign_often(void *data)
{
	CK_RV *rv = data;
	CK_SESSION_HANDLE own;

	*rv = open_session(&own);
	for (int i = 0; *rv == CKR_OK && i < ROUNDS; i++)
		*rv = sign(own, key);
	return NULL;
}

static CK_RV
do_threads(void)
{
	pthread_t threads[THREADS];
	CK_RV rvs[THREADS];
	CK_RV rv = CKR_OK;

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, sign_often, &rvs[i]))
			abort();
	for (int i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
		rv = rvs[i] != CKR_OK ? rvs[i] : rv;
	}
	return rv;
}

/* What the child of a program does that forks, as libp11 does it. */
static CK_RV
sign_as_child(void)
{
	CK_SESSION_HANDLE own = 0;
	CK_OBJECT_HANDLE found = 0;
	CK_RV rv = token->C_Initialize(NULL);

	if (rv == CKR_OK)
		rv = open_session(&own);
	if (rv == CKR_OK)
		rv = find(own, &found);
	return rv == CKR_OK ? sign(own, found) : rv;
}

/* True if a child can sign. */
static bool
child_signs(void)
{
	pid_t child = fork();
	int status = 1;

	if (child == 0)
		_exit(sign_as_child() == CKR_OK ? 0 : 1);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static CK_RV
do_fork(void)
{
	return child_signs() ? do_sign() : CKR_GENERAL_ERROR;
}

static atomic_bool storm_is_over;

static void *
sign_until_the_storm_is_over(void *data)
{
	CK_RV *rv = data;
	CK_SESSION_HANDLE own;

	*rv = open_session(&own);
	while (*rv == CKR_OK && !storm_is_over)
		*rv = sign(own, key);
	return NULL;
}

static CK_RV
do_storm(void)
{
	pthread_t threads[STORM_THREADS];
	CK_RV rvs[STORM_THREADS];
	CK_RV rv = CKR_OK;

	storm_is_over = false;
	for (int i = 0; i < STORM_THREADS; i++)
		if (pthread_create(&threads[i], NULL,
			sign_until_the_storm_is_over, &rvs[i]))
			abort();
	for (int i = 0; i < STORM_CHILDREN; i++)
		if (!child_signs())
			rv = CKR_GENERAL_ERROR;
	storm_is_over = true;
	for (int i = 0; i < STORM_THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
		rv = rvs[i] != CKR_OK ? rvs[i] : rv;
	}
	return rv;
}

static void
answer(CK_RV rv)
{
	if (rv == CKR_OK)
		(void)puts("ok");
	else
		(void)printf("0x%lx\n", rv);
	(void)fflush(stdout);
}

/* The child answers itself; a byte on the pipe says what it is to do. */
static int to_child = -1;

static void
live_as_child(int orders)
{
	CK_RV rv = token->C_Initialize(NULL);
	char order;

	answer(rv == CKR_OK ? open_session(&session) : rv);
	while (read(orders, &order, 1) == 1)
		answer(order == 'f' ? do_find() : do_sign());
	_exit(0);
}

static void
make_child(void)
{
	int ends[2];
	pid_t child;

	if (pipe(ends))
		abort();
	child = fork();
	if (child < 0)
		abort();
	if (child == 0) {
		(void)close(ends[1]);
		live_as_child(ends[0]);
	}
	(void)close(ends[0]);
	to_child = ends[1];
}

static void
order_child(char order)
{
	if (write(to_child, &order, 1) != 1)
		abort();
}

static void
run_sign(void)
{
	answer(do_sign());
}

static void
run_threads(void)
{
	answer(do_threads());
}

static void
run_fork(void)
{
	answer(do_fork());
}

static void
run_storm(void)
{
	answer(do_storm());
}

static void
run_find(void)
{
	answer(do_find());
}

static void
run_child_find(void)
{
	order_child('f');
}

static void
run_child_sign(void)
{
	order_child('s');
}

static const struct {
	const char *line;
	void (*run)(void);
} commands[] = {
    {"sign\n",       run_sign      },
    {"threads\n",    run_threads   },
    {"fork\n",       run_fork      },
    {"storm\n",      run_storm     },
    {"find\n",       run_find      },
    {"child\n",      make_child    },
    {"child-find\n", run_child_find},
    {"child-sign\n", run_child_sign},
};

static bool
load(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	CK_RV (*get_list)(CK_FUNCTION_LIST **);

	if (!library)
		return false;
	/* POSIX's way from an object pointer to a function pointer. */
	*(void **)&get_list = dlsym(library, "C_GetFunctionList");
	return get_list && get_list(&token) == CKR_OK;
}

int
main(int argc, char *argv[])
{
	const char *path = getenv("SIGNET_PKCS11_MODULE");
	char line[32];

	if (argc != 2 || !path || !load(path))
		return EXIT_FAILURE;
	label = argv[1];
	if (token->C_Initialize(NULL) != CKR_OK ||
	    open_session(&session) != CKR_OK)
		return EXIT_FAILURE;
	answer(do_find());
	while (fgets(line, sizeof(line), stdin))
		for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]);
		     i++)
			if (strcmp(line, commands[i].line) == 0)
				commands[i].run();
	return EXIT_SUCCESS;
}
