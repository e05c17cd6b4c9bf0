/* SPDX-License-Identifier: MIT */
#include "tpm_rc.h"

#include <stddef.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tpm2_types.h>

/* A code of format one says which handle, session or parameter is meant. */
static TSS2_RC
without_place(TSS2_RC rc)
{
	if (rc & TPM2_RC_FMT1)
		return rc & (TPM2_RC_FMT1 | 0x3fU);
	return rc;
}

static const struct {
	TSS2_RC rc;
	enum error_code code;
	const char *advice;
} known[] = {
    {TPM2_RC_LOCKOUT,        ERROR_UNAVAILABLE,
     "it was given wrong authorizations too often and refuses all for a "
	"while; 'tpm2_dictionarylockout --clear-lockout' ends that"                },
    {TPM2_RC_RETRY,          ERROR_UNAVAILABLE, "it is busy"                       },
    {TPM2_RC_YIELDED,        ERROR_UNAVAILABLE, "it is busy"                       },
    {TPM2_RC_TESTING,        ERROR_UNAVAILABLE, "it tests itself"                  },
    {TPM2_RC_NV_RATE,        ERROR_UNAVAILABLE, "it spares its memory"             },
    {TPM2_RC_OBJECT_MEMORY,  ERROR_UNAVAILABLE,
     "others fill its memory; reach it through a resource manager, e.g. "
	"device:/dev/tpmrm0"						       },
    {TPM2_RC_SESSION_MEMORY, ERROR_UNAVAILABLE,
     "others fill its memory; reach it through a resource manager, e.g. "
	"device:/dev/tpmrm0"						       },
    {TPM2_RC_NV_SPACE,       ERROR_INVALID,
     "its permanent memory is full: 'tpm2_getcap handles-persistent' lists "
	"what is there, tpm2_evictcontrol removes it"                              },
    {TPM2_RC_AUTH_FAIL,      ERROR_INVALID,     "check tpm.hierarchy_authorization"},
    {TPM2_RC_BAD_AUTH,       ERROR_INVALID,     "check tpm.hierarchy_authorization"},
    {TPM2_RC_INTEGRITY,      ERROR_INVALID,     "it was made for another TPM"      },
    {TPM2_RC_VALUE,          ERROR_INVALID,     "it was made for another TPM"      },
    {TPM2_RC_SIZE,           ERROR_INVALID,     "it is garbled"                    },
    {TPM2_RC_INITIALIZE,     ERROR_UNAVAILABLE,
     "it has not been started (TPM2_Startup)"                                      },
    {TPM2_RC_FAILURE,        ERROR_UNAVAILABLE,
     "it has failed its self-test; it must be powered off and on"                  },
};

static bool
is_of_the_way(TSS2_RC rc)
{
	TSS2_RC layer = rc & TSS2_RC_LAYER_MASK;

	return layer == TSS2_TCTI_RC_LAYER ||
	       (layer == TSS2_ESAPI_RC_LAYER &&
		   (rc & ~TSS2_RC_LAYER_MASK) == TSS2_BASE_RC_IO_ERROR);
}

static bool
is_of_the_tpm(TSS2_RC rc)
{
	TSS2_RC layer = rc & TSS2_RC_LAYER_MASK;

	return layer == TSS2_TPM_RC_LAYER || layer == TSS2_RESMGR_TPM_RC_LAYER;
}

enum error_code
tpm_rc_error(TSS2_RC rc, const char *attempt, struct error *err)
{
	const char *text = Tss2_RC_Decode(rc);
	TSS2_RC base = without_place(rc & ~TSS2_RC_LAYER_MASK);

	if (is_of_the_way(rc))
		return error_set(err, ERROR_UNAVAILABLE,
		    "%s: the TPM cannot be reached (%s)", attempt, text);
	for (size_t i = 0;
	     is_of_the_tpm(rc) && i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].rc == base)
			return error_set(err, known[i].code,
			    "%s: the TPM refuses (%s): %s", attempt, text,
			    known[i].advice);
	return error_set(
	    err, ERROR_INTERNAL, "%s: the TPM fails (%s)", attempt, text);
}

bool
tpm_rc_is_no_handle(TSS2_RC rc)
{
	return is_of_the_tpm(rc) &&
	       without_place(rc & ~TSS2_RC_LAYER_MASK) == TPM2_RC_HANDLE;
}
