/* SPDX-License-Identifier: MIT */
/* The doctor's check tpm-lockout, with TPMs that have been asked too often. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmocka_wrap.h"
#include "common/file.h"
#include "doctor.h"
#include "output.h"

#define COMMAND_LENGTH 22

/* What a TPM says of itself; the counter is filled in. */
static const unsigned char answer[] = {
    0x80, 0x01, 0x00, 0x00, 0x00, 0x33, 0x00, 0x00, 0x00, 0x00, /* header */
    0x01, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x04,       /* a list */
    0x00, 0x00, 0x02, 0x0e, 0x00, 0x00, 0x00, 0x00,             /* failures */
    0x00, 0x00, 0x02, 0x0f, 0x00, 0x00, 0x00, 0x03,             /* of three */
    0x00, 0x00, 0x02, 0x10, 0x00, 0x00, 0x03, 0xe8,             /* in 1000 s */
    0x00, 0x00, 0x02, 0x11, 0x00, 0x00, 0x27, 0x10,             /* 10000 s */
};
#define COUNTER_AT 26

struct tpm {
	char folder[32];
	char path[64];
	char tcti[96];
	int listener;
	unsigned char counter;
	pthread_t thread;
};

/* Answers one command. */
static void *
serve(void *context)
{
	struct tpm *tpm = context;
	unsigned char command[COMMAND_LENGTH];
	unsigned char reply[sizeof(answer)];
	int client = accept(tpm->listener, NULL, NULL);

	memcpy(reply, answer, sizeof(reply));
	reply[COUNTER_AT] = tpm->counter;
	if (recv(client, command, sizeof(command), MSG_WAITALL) ==
	    COMMAND_LENGTH)
		(void)!write(client, reply, sizeof(reply));
	(void)close(client);
	return NULL;
}

static void
tpm_start(struct tpm *tpm, unsigned char counter)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*tpm = (struct tpm){.folder = "/tmp/tpm.XXXXXX", .counter = counter};
	assert_non_null(mkdtemp(tpm->folder));
	(void)snprintf(tpm->path, sizeof(tpm->path), "%s/s", tpm->folder);
	(void)snprintf(
	    tpm->tcti, sizeof(tpm->tcti), "swtpm:path=%s", tpm->path);
	(void)snprintf(
	    address.sun_path, sizeof(address.sun_path), "%s", tpm->path);
	tpm->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
	    0, bind(tpm->listener, (const struct sockaddr *)&address,
		   sizeof(address)));
	assert_int_equal(0, listen(tpm->listener, 1));
	assert_int_equal(0, pthread_create(&tpm->thread, NULL, serve, tpm));
}

static void
tpm_stop(struct tpm *tpm)
{
	(void)pthread_join(tpm->thread, NULL);
	(void)close(tpm->listener);
	(void)unlink(tpm->path);
	(void)rmdir(tpm->folder);
}

/* The report on a TPM at tcti; its first finding is returned. */
static json_t *
check(const char *tcti, enum doctor_result result)
{
	CLEANUP(string) char *copy = strdup(tcti);
	struct doctor doctor = {.config.keyd.tpm.tcti = copy};
	CLEANUP(json) json_t *findings = json_array();
	struct report report = {DOCTOR_OK, findings};

	check_tpm_lockout(&doctor, &report);
	assert_int_equal(result, report.result);
	return json_incref(json_array_get(findings, 0));
}

static void
failures_are_counted(void **state)
{
	static const struct {
		unsigned char counter;
		enum doctor_result result;
		const char *reason;
	} cases[] = {
	    {0, DOCTOR_OK,      NULL                         },
	    {1, DOCTOR_WARNING, "1 of 3 failures are counted"},
	    {3, DOCTOR_ERROR,   "3 of 3 failures are counted"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(json) json_t *finding = NULL;
		struct tpm tpm;

		tpm_start(&tpm, cases[i].counter);
		finding = check(tpm.tcti, cases[i].result);
		tpm_stop(&tpm);
		if (!cases[i].reason) {
			assert_null(finding);
			continue;
		}
		assert_string_equal(
		    cases[i].reason, output_member(finding, "reason"));
		assert_non_null(strstr(output_member(finding, "fix"),
		    "one is forgiven every 1000 s"));
		assert_non_null(
		    strstr(output_member(finding, "fix"), "10000 s"));
	}
}

static void
a_tpm_that_is_not_there_is_an_error(void **state)
{
	CLEANUP(json)
	json_t *first = check("swtpm:path=/nowhere/socket", DOCTOR_ERROR);
	CLEANUP(json)
	json_t *second = check("device:/nowhere/tpmrm0", DOCTOR_ERROR);
	CLEANUP(json)
	json_t *third = check("tabrmd:bus_type=session", DOCTOR_IGNORED);

	(void)state;
	assert_non_null(strstr(output_member(first, "reason"), "No such file"));
	assert_non_null(
	    strstr(output_member(second, "reason"), "No such file"));
	assert_non_null(strstr(output_member(third, "reason"), "tabrmd"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(failures_are_counted),
	    cmocka_unit_test(a_tpm_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
