/* SPDX-License-Identifier: MIT */
/*
 * A PKCS#11 module that is another one, with faults as they are ordered.
 *
 * FAULTY_MODULE is the path of the module behind it. FAULTY_ORDERS is a folder;
 * an order is a file in it, which is put there by rename, so that the folder
 * tells of each change:
 *	C_Sign         C_Sign returns the number in it (a CKR)
 *	C_Sign.once    the same, but once
 *	C_Sign.after   "N CKR": the same, but N calls go well before
 *	C_Sign.chance  "P CKR": the same, but only P of 100 calls
 *	C_Sign.sleep   C_Sign first waits that many milliseconds
 *	C_Sign.hang    C_Sign waits until the order is withdrawn; with a number
 *	               in it, at most so many threads at a time do
 * and so for each function that keyd may call. And for the token:
 *	token-removed  it is gone, with its sessions, while the file is there
 *	sessions-lost  its sessions are gone (once: the file is removed)
 *	reinitialized  the module was finalized and initialized (once)
 *	token-flags    bits that CK_TOKEN_INFO.flags also has
 *	session-count  CK_TOKEN_INFO.ulMaxSessionCount
 *	library        CK_INFO.libraryDescription
 *
 * The file "calls" is written here: a record of 64 bytes per function, its
 * name, and in the last 8 bytes how often it was called, since the file was
 * made.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "functions.h"

#define PATH_SIZE 512
#define SLOTS_MAX 64
/* A folder's time is that of a tick: what changes in it twice shows once. */
#define TICK_NANOSECONDS 20000000

enum function {
#define ENUMERATE(name, parameters, arguments) FUNCTION_##name,
	FUNCTIONS(ENUMERATE) FUNCTION_COUNT
};

static const char *const names[] = {
#define NAME(name, parameters, arguments) #name,
    FUNCTIONS(NAME)};

enum order_kind { ALWAYS, ONCE, AFTER, CHANCE, SLEEP, HANG, KIND_COUNT };

static const char *const suffixes[KIND_COUNT] = {
    "", ".once", ".after", ".chance", ".sleep", ".hang"};

enum token_order {
	TOKEN_REMOVED,
	SESSIONS_LOST,
	REINITIALIZED,
	TOKEN_FLAGS,
	SESSION_COUNT,
	LIBRARY,
	TOKEN_ORDER_COUNT
};

static const char *const token_orders[TOKEN_ORDER_COUNT] = {"token-removed",
    "sessions-lost", "reinitialized", "token-flags", "session-count",
    "library"};

struct order {
	bool given;
	unsigned long first, second;
	char text[33];
};

struct call_count {
	char name[56];
	_Atomic uint64_t calls;
};

static CK_FUNCTION_LIST *real;
static CK_FUNCTION_LIST faulty;
static const char *folder;
static struct call_count *counts;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct timespec seen; /* of the folder */
static struct order orders[FUNCTION_COUNT][KIND_COUNT];
static struct order of_token[TOKEN_ORDER_COUNT];
static bool is_removed;
static unsigned random_state = 1;
static atomic_uint hanging;

/* Within the real module, or (for writing) where nobody else may be. */
static pthread_rwlock_t within;

static void
path_of(const char *name, const char *suffix, char path[static PATH_SIZE])
{
	(void)snprintf(path, PATH_SIZE, "%s/%s%s", folder, name, suffix);
}

/* ---- orders; with the lock ---- */

static void
read_order(const char *name, const char *suffix, struct order *order)
{
	char path[PATH_SIZE], *end;
	bool was_given = order->given;
	unsigned long left = order->first;
	ssize_t length = 0;
	int fd;

	path_of(name, suffix, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	*order = (struct order){.given = fd >= 0};
	if (fd < 0)
		return;
	length = read(fd, order->text, sizeof(order->text) - 1);
	(void)close(fd);
	order->text[length > 0 ? length : 0] = '\0';
	order->text[strcspn(order->text, "\n")] = '\0';
	order->first = strtoul(order->text, &end, 0);
	order->second = strtoul(end, NULL, 0);
	/* Counting goes on. */
	if (was_given && strcmp(suffix, suffixes[AFTER]) == 0)
		order->first = left;
}

static bool
is_old(const struct timespec *when)
{
	struct timespec now;
	long long age;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	age = (long long)(now.tv_sec - when->tv_sec) * 1000000000 +
	      (now.tv_nsec - when->tv_nsec);
	return age > TICK_NANOSECONDS;
}

static void
read_orders(void)
{
	struct stat status;

	if (stat(folder, &status) != 0)
		return;
	if (status.st_mtim.tv_sec == seen.tv_sec &&
	    status.st_mtim.tv_nsec == seen.tv_nsec)
		return;
	for (int i = 0; i < FUNCTION_COUNT; i++)
		for (int kind = 0; kind < KIND_COUNT; kind++)
			read_order(names[i], suffixes[kind], &orders[i][kind]);
	for (int i = 0; i < TOKEN_ORDER_COUNT; i++)
		read_order(token_orders[i], "", &of_token[i]);
	if (is_old(&status.st_mtim))
		seen = status.st_mtim;
}

/* An order that is good once is for who removes it. */
static bool
claim(const char *name, const char *suffix, struct order *order)
{
	char path[PATH_SIZE];

	if (!order->given)
		return false;
	order->given = false;
	path_of(name, suffix, path);
	return unlink(path) == 0;
}

static bool
strikes(unsigned long percent)
{
	random_state = random_state * 1103515245U + 12345U;
	return random_state / 65536 % 100 < percent;
}

static CK_RV
fault_of(int function)
{
	struct order *order = orders[function];

	if (order[ALWAYS].given)
		return order[ALWAYS].first;
	if (claim(names[function], suffixes[ONCE], &order[ONCE]))
		return order[ONCE].first;
	if (order[AFTER].given && order[AFTER].first == 0)
		return order[AFTER].second;
	if (order[AFTER].given)
		order[AFTER].first--;
	if (order[CHANCE].given && strikes(order[CHANCE].first))
		return order[CHANCE].second;
	return CKR_OK;
}

/* ---- what is ordered ---- */

static void
sleep_ms(unsigned long milliseconds)
{
	struct timespec pause = {(time_t)(milliseconds / 1000),
	    (long)(milliseconds % 1000) * 1000000};

	(void)nanosleep(&pause, NULL);
}

static void
hang(const char *name, unsigned long most)
{
	char path[PATH_SIZE];

	path_of(name, suffixes[HANG], path);
	if (atomic_fetch_add(&hanging, 1) < most || most == 0)
		while (access(path, F_OK) == 0)
			sleep_ms(20);
	atomic_fetch_sub(&hanging, 1);
}

static void
lose_sessions(void)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX;

	pthread_rwlock_wrlock(&within);
	if (real->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK)
		for (CK_ULONG i = 0; i < count; i++)
			(void)real->C_CloseAllSessions(slots[i]);
	pthread_rwlock_unlock(&within);
}

static void
reinitialize(void)
{
	CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};

	pthread_rwlock_wrlock(&within);
	(void)real->C_Finalize(NULL);
	(void)real->C_Initialize(&args);
	pthread_rwlock_unlock(&within);
}

struct plan {
	CK_RV rv;
	unsigned long sleep;
	struct order hang;
	bool loses, reinitializes, removed;
};

static struct plan
plan_for(int function)
{
	struct plan plan;

	pthread_mutex_lock(&lock);
	read_orders();
	plan = (struct plan){
	    .rv = fault_of(function),
	    .sleep = orders[function][SLEEP].given
			 ? orders[function][SLEEP].first
			 : 0,
	    .hang = orders[function][HANG],
	    .removed = of_token[TOKEN_REMOVED].given,
	    .loses = claim(
		token_orders[SESSIONS_LOST], "", &of_token[SESSIONS_LOST]),
	    .reinitializes = claim(
		token_orders[REINITIALIZED], "", &of_token[REINITIALIZED]),
	};
	plan.loses = plan.loses || (plan.removed && !is_removed);
	is_removed = plan.removed;
	pthread_mutex_unlock(&lock);
	return plan;
}

/* CKR_OK: the real function is to be called. */
static CK_RV
obey(int function, CK_RV when_removed)
{
	struct plan plan = plan_for(function);

	if (counts)
		atomic_fetch_add(&counts[function].calls, 1);
	if (plan.loses)
		lose_sessions();
	if (plan.reinitializes)
		reinitialize();
	if (plan.sleep)
		sleep_ms(plan.sleep);
	if (plan.hang.given)
		hang(names[function], plan.hang.first);
	return plan.removed && when_removed ? when_removed : plan.rv;
}

/* ---- the functions ---- */

#define FAULTY(name, parameters, arguments, when_removed)                      \
	static CK_RV faulty_##name parameters                                  \
	{                                                                      \
		CK_RV rv = obey(FUNCTION_##name, when_removed);                \
                                                                               \
		if (rv != CKR_OK)                                              \
			return rv;                                             \
		pthread_rwlock_rdlock(&within);                                \
		rv = real->name arguments;                                     \
		pthread_rwlock_unlock(&within);                                \
		return rv;                                                     \
	}
#define FAULTY_AT_ALL(name, parameters, arguments)                             \
	FAULTY(name, parameters, arguments, CKR_OK)
#define FAULTY_WITH_SESSION(name, parameters, arguments)                       \
	FAULTY(name, parameters, arguments, CKR_DEVICE_REMOVED)

/* cppcheck-suppress unknownMacro */
FUNCTIONS_WITHOUT_SESSION(FAULTY_AT_ALL)
FUNCTIONS_OF_SESSION(FAULTY_WITH_SESSION)
FUNCTIONS_OF_OBJECTS(FAULTY_WITH_SESSION)
FUNCTIONS_OF_KEYS(FAULTY_WITH_SESSION)
FUNCTIONS_OF_USE(FAULTY_WITH_SESSION)

static struct order
token_order(enum token_order which)
{
	struct order order;

	pthread_mutex_lock(&lock);
	order = of_token[which];
	pthread_mutex_unlock(&lock);
	return order;
}

static CK_RV
info_as_ordered(CK_INFO *info)
{
	CK_RV rv = faulty_C_GetInfo(info);
	struct order library = token_order(LIBRARY);

	if (rv != CKR_OK || !library.given)
		return rv;
	memset(info->libraryDescription, ' ', sizeof(info->libraryDescription));
	memcpy(info->libraryDescription, library.text, strlen(library.text));
	return rv;
}

static CK_RV
token_info_as_ordered(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = faulty_C_GetTokenInfo(slot, info);
	struct order flags = token_order(TOKEN_FLAGS);
	struct order sessions = token_order(SESSION_COUNT);

	if (token_order(TOKEN_REMOVED).given)
		return CKR_TOKEN_NOT_PRESENT;
	if (rv == CKR_OK && flags.given)
		info->flags |= flags.first;
	if (rv == CKR_OK && sessions.given)
		info->ulMaxSessionCount = sessions.first;
	return rv;
}

static CK_RV
slots_as_ordered(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count)
{
	CK_RV rv = faulty_C_GetSlotList(present, slots, count);

	if (rv == CKR_OK && present && token_order(TOKEN_REMOVED).given)
		*count = 0;
	return rv;
}

static CK_RV
session_as_ordered(CK_SLOT_ID slot, CK_FLAGS flags, void *application,
    CK_NOTIFY notify, CK_SESSION_HANDLE *session)
{
	if (token_order(TOKEN_REMOVED).given)
		return CKR_TOKEN_NOT_PRESENT;
	return faulty_C_OpenSession(slot, flags, application, notify, session);
}

/* ---- loading ---- */

static void
count_calls(void)
{
	const size_t size = FUNCTION_COUNT * sizeof(*counts);
	char path[PATH_SIZE];
	void *memory;
	int fd;

	path_of("calls", "", path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	memory =
	    ftruncate(fd, (off_t)size) == 0
		? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
		: MAP_FAILED;
	(void)close(fd);
	if (memory == MAP_FAILED)
		return;
	counts = memory;
	for (int i = 0; i < FUNCTION_COUNT; i++)
		(void)snprintf(
		    counts[i].name, sizeof(counts[i].name), "%s", names[i]);
}

/* Who takes the lock alone must get it, however many call. */
static void
make_locks(void)
{
	pthread_rwlockattr_t attributes;

	pthread_rwlockattr_init(&attributes);
	(void)pthread_rwlockattr_setkind_np(
	    &attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&within, &attributes);
	pthread_rwlockattr_destroy(&attributes);
}

static bool
find_real(void)
{
	void *module = dlopen(getenv("FAULTY_MODULE"), RTLD_NOW | RTLD_LOCAL);
	CK_C_GetFunctionList get;

	if (!module)
		return false;
	*(void **)&get = dlsym(module, "C_GetFunctionList");
	return get && get(&real) == CKR_OK;
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
	folder = getenv("FAULTY_ORDERS");
	if (!folder || !find_real())
		return CKR_GENERAL_ERROR;
	make_locks();
	count_calls();
	faulty = *real;
#define LIST(name, parameters, arguments) faulty.name = faulty_##name;
	FUNCTIONS(LIST)
	faulty.C_GetFunctionList = C_GetFunctionList;
	faulty.C_GetInfo = info_as_ordered;
	faulty.C_GetTokenInfo = token_info_as_ordered;
	faulty.C_GetSlotList = slots_as_ordered;
	faulty.C_OpenSession = session_as_ordered;
	*list = &faulty;
	return CKR_OK;
}
