/* SPDX-License-Identifier: MIT */
/* What the doctor knows before it checks anything. */
#include "certd/client.h"
#include "common/time.h"
#include "doctor.h"
#include "health.h"
#include "keyd/client.h"
#include "provisiond/client.h"

#define ASK_MS 5000
#define LIST_MS 30000

static void
ask_daemons(struct doctor *doctor)
{
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		struct doctor_daemon *daemon = &doctor->daemons[i];

		(void)!health_get(
		    service_names[i], ASK_MS, &daemon->health, &daemon->error);
	}
}

/* Who was silent just now is not waited for once more. */
static bool
is_silent(const struct doctor *doctor, enum effective_daemon daemon,
    struct error *ret_error)
{
	*ret_error = doctor->daemons[daemon].error;
	return ret_error->code == ERROR_TIMEOUT;
}

static void
ask_keys(struct doctor *doctor)
{
	CLEANUP(unix_http) struct unix_http *keyd = NULL;
	struct error *err = &doctor->keys_error;

	if (is_silent(doctor, EFFECTIVE_KEYD, err))
		return;
	if (keyd_client_create(LIST_MS, &keyd, err) == ERROR_NONE)
		(void)!keyd_list_keys(keyd, &doctor->keys, err);
}

static void
ask_certificates(struct doctor *doctor)
{
	CLEANUP(unix_http) struct unix_http *certd = NULL;
	struct error *err = &doctor->certificates_error;

	if (is_silent(doctor, EFFECTIVE_CERTD, err))
		return;
	if (certd_client_create(LIST_MS, &certd, err) == ERROR_NONE)
		(void)!certd_list(certd, &doctor->certificates, err);
}

static void
ask_provisioning(struct doctor *doctor)
{
	CLEANUP(unix_http) struct unix_http *provisiond = NULL;
	struct error ignored;

	if (is_silent(doctor, EFFECTIVE_PROVISIOND, &ignored))
		return;
	if (provisiond_client_create(ASK_MS, &provisiond, &ignored) ==
	    ERROR_NONE)
		(void)!provisiond_get_provisioning(
		    provisiond, &doctor->provisioning, &ignored);
}

void
doctor_examine(struct doctor *ret_doctor)
{
	*ret_doctor = (struct doctor){.now = time_now()};
	effective_load(&ret_doctor->config);
	ask_daemons(ret_doctor);
	ask_keys(ret_doctor);
	ask_certificates(ret_doctor);
	ask_provisioning(ret_doctor);
}

void
doctor_done(struct doctor *doctor)
{
	effective_done(&doctor->config);
	for (size_t i = 0; i < SERVICE_COUNT; i++)
		json_decref(doctor->daemons[i].health);
	json_decref(doctor->provisioning);
	json_decref(doctor->keys);
	json_decref(doctor->certificates);
}
