/* SPDX-License-Identifier: MIT */
#include "tpm_lockout.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MS 10000
#define ANSWER_MAX 4096

/* TPM2_GetCapability(TPM_CAP_TPM_PROPERTIES, TPM_PT_LOCKOUT_COUNTER, 4): no
 * session, so no authorization. Part 3, 30.2; the constants are of part 2. */
static const unsigned char command[] = {
    0x80, 0x01,             /* TPM_ST_NO_SESSIONS */
    0x00, 0x00, 0x00, 0x16, /* so long */
    0x00, 0x00, 0x01, 0x7a, /* TPM_CC_GetCapability */
    0x00, 0x00, 0x00, 0x06, /* TPM_CAP_TPM_PROPERTIES */
    0x00, 0x00, 0x02, 0x0e, /* TPM_PT_LOCKOUT_COUNTER */
    0x00, 0x00, 0x00, 0x04, /* and the three behind it */
};

#define HEADER 10
#define LIST (HEADER + 1 + 4) /* moreData, capability */
#define PROPERTIES 4
#define ANSWER_LENGTH (LIST + 4 + PROPERTIES * 8)
#define PT_COUNTER 0x20eU

static enum error_code
open_socket(const char *path, int *ret_fd, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address,
			  sizeof(address)) < 0) {
		(void)error_set_errno(err, ERROR_UNAVAILABLE, "'%s'", path);
		if (fd >= 0)
			(void)close(fd);
		return err->code;
	}
	*ret_fd = fd;
	return ERROR_NONE;
}

enum error_code
tpm_lockout_open(const char *tcti, int *ret_fd, struct error *err)
{
	static const char device[] = "device:";
	static const char swtpm[] = "swtpm:path=";
	int fd;

	if (strncmp(tcti, swtpm, strlen(swtpm)) == 0)
		return open_socket(tcti + strlen(swtpm), ret_fd, err);
	if (strncmp(tcti, device, strlen(device)) != 0)
		return error_set(err, ERROR_NOT_FOUND,
		    "the TPM is reached by '%s'; the doctor can ask a device "
		    "only",
		    tcti);
	fd = open(tcti + strlen(device), O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return error_set_errno(err,
		    errno == EACCES ? ERROR_DENIED : ERROR_UNAVAILABLE, "'%s'",
		    tcti + strlen(device));
	*ret_fd = fd;
	return ERROR_NONE;
}

static uint32_t
number_at(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	       (uint32_t)bytes[2] << 8 | bytes[3];
}

/* A TPM gives its whole answer to one read. */
static enum error_code
exchange(int fd, unsigned char answer[static ANSWER_MAX], size_t *ret_length,
    struct error *err)
{
	struct pollfd source = {.fd = fd, .events = POLLIN};
	ssize_t length;

	if (write(fd, command, sizeof(command)) != (ssize_t)sizeof(command))
		return error_set_errno(
		    err, ERROR_UNAVAILABLE, "writing to the TPM");
	if (poll(&source, 1, ANSWER_MS) != 1)
		return error_set(
		    err, ERROR_UNAVAILABLE, "the TPM does not answer");
	length = read(fd, answer, ANSWER_MAX);
	if (length < 0)
		return error_set_errno(
		    err, ERROR_UNAVAILABLE, "reading from the TPM");
	*ret_length = (size_t)length;
	return ERROR_NONE;
}

enum error_code
tpm_lockout_read(int fd, struct tpm_lockout *ret_lockout, struct error *err)
{
	unsigned char answer[ANSWER_MAX];
	uint32_t values[PROPERTIES];
	size_t length;

	if (exchange(fd, answer, &length, err))
		return err->code;
	if (length >= HEADER && number_at(answer + 6) != 0)
		return error_set(err, ERROR_UNAVAILABLE,
		    "the TPM refuses: TPM_RC 0x%03x", number_at(answer + 6));
	if (length != ANSWER_LENGTH || number_at(answer + LIST) != PROPERTIES)
		return error_set(err, ERROR_UNAVAILABLE,
		    "the TPM's answer is not understood");
	for (uint32_t i = 0; i < PROPERTIES; i++) {
		const unsigned char *property = answer + LIST + 4 + 8 * i;

		if (number_at(property) != PT_COUNTER + i)
			return error_set(err, ERROR_UNAVAILABLE,
			    "the TPM's answer is not understood");
		values[i] = number_at(property + 4);
	}
	*ret_lockout =
	    (struct tpm_lockout){values[0], values[1], values[2], values[3]};
	return ERROR_NONE;
}
