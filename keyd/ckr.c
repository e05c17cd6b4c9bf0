/* SPDX-License-Identifier: MIT */
#include "ckr.h"

#include <stdio.h>

/* clang-format off */
static const struct {
	CK_RV value;
	const char *name;
} names[] = {
#define NAME(suffix) {CKR_##suffix, "CKR_" #suffix}
	NAME(OK),
	NAME(CANCEL),
	NAME(HOST_MEMORY),
	NAME(SLOT_ID_INVALID),
	NAME(GENERAL_ERROR),
	NAME(FUNCTION_FAILED),
	NAME(ARGUMENTS_BAD),
	NAME(NO_EVENT),
	NAME(NEED_TO_CREATE_THREADS),
	NAME(CANT_LOCK),
	NAME(ATTRIBUTE_READ_ONLY),
	NAME(ATTRIBUTE_SENSITIVE),
	NAME(ATTRIBUTE_TYPE_INVALID),
	NAME(ATTRIBUTE_VALUE_INVALID),
	NAME(ACTION_PROHIBITED),
	NAME(DATA_INVALID),
	NAME(DATA_LEN_RANGE),
	NAME(DEVICE_ERROR),
	NAME(DEVICE_MEMORY),
	NAME(DEVICE_REMOVED),
	NAME(ENCRYPTED_DATA_INVALID),
	NAME(ENCRYPTED_DATA_LEN_RANGE),
	NAME(FUNCTION_CANCELED),
	NAME(FUNCTION_NOT_PARALLEL),
	NAME(FUNCTION_NOT_SUPPORTED),
	NAME(KEY_HANDLE_INVALID),
	NAME(KEY_SIZE_RANGE),
	NAME(KEY_TYPE_INCONSISTENT),
	NAME(KEY_NOT_NEEDED),
	NAME(KEY_CHANGED),
	NAME(KEY_NEEDED),
	NAME(KEY_INDIGESTIBLE),
	NAME(KEY_FUNCTION_NOT_PERMITTED),
	NAME(KEY_NOT_WRAPPABLE),
	NAME(KEY_UNEXTRACTABLE),
	NAME(MECHANISM_INVALID),
	NAME(MECHANISM_PARAM_INVALID),
	NAME(OBJECT_HANDLE_INVALID),
	NAME(OPERATION_ACTIVE),
	NAME(OPERATION_NOT_INITIALIZED),
	NAME(PIN_INCORRECT),
	NAME(PIN_INVALID),
	NAME(PIN_LEN_RANGE),
	NAME(PIN_EXPIRED),
	NAME(PIN_LOCKED),
	NAME(SESSION_CLOSED),
	NAME(SESSION_COUNT),
	NAME(SESSION_HANDLE_INVALID),
	NAME(SESSION_PARALLEL_NOT_SUPPORTED),
	NAME(SESSION_READ_ONLY),
	NAME(SESSION_EXISTS),
	NAME(SESSION_READ_ONLY_EXISTS),
	NAME(SESSION_READ_WRITE_SO_EXISTS),
	NAME(SIGNATURE_INVALID),
	NAME(SIGNATURE_LEN_RANGE),
	NAME(TEMPLATE_INCOMPLETE),
	NAME(TEMPLATE_INCONSISTENT),
	NAME(TOKEN_NOT_PRESENT),
	NAME(TOKEN_NOT_RECOGNIZED),
	NAME(TOKEN_WRITE_PROTECTED),
	NAME(UNWRAPPING_KEY_HANDLE_INVALID),
	NAME(UNWRAPPING_KEY_SIZE_RANGE),
	NAME(UNWRAPPING_KEY_TYPE_INCONSISTENT),
	NAME(USER_ALREADY_LOGGED_IN),
	NAME(USER_NOT_LOGGED_IN),
	NAME(USER_PIN_NOT_INITIALIZED),
	NAME(USER_TYPE_INVALID),
	NAME(USER_ANOTHER_ALREADY_LOGGED_IN),
	NAME(USER_TOO_MANY_TYPES),
	NAME(WRAPPED_KEY_INVALID),
	NAME(WRAPPED_KEY_LEN_RANGE),
	NAME(WRAPPING_KEY_HANDLE_INVALID),
	NAME(WRAPPING_KEY_SIZE_RANGE),
	NAME(WRAPPING_KEY_TYPE_INCONSISTENT),
	NAME(RANDOM_SEED_NOT_SUPPORTED),
	NAME(RANDOM_NO_RNG),
	NAME(DOMAIN_PARAMS_INVALID),
	NAME(CURVE_NOT_SUPPORTED),
	NAME(BUFFER_TOO_SMALL),
	NAME(SAVED_STATE_INVALID),
	NAME(INFORMATION_SENSITIVE),
	NAME(STATE_UNSAVEABLE),
	NAME(CRYPTOKI_NOT_INITIALIZED),
	NAME(CRYPTOKI_ALREADY_INITIALIZED),
	NAME(MUTEX_BAD),
	NAME(MUTEX_NOT_LOCKED),
	NAME(FUNCTION_REJECTED),
#undef NAME
};
/* clang-format on */

/* What follows from a value: which class it is in, and what a person can do. */
static const struct {
	CK_RV value;
	enum ckr_class class;
	const char *advice;
} meanings[] = {
    {CKR_DATA_INVALID,               CKR_CLASS_REQUEST, "the data does not fit the key"      },
    {CKR_DATA_LEN_RANGE,             CKR_CLASS_REQUEST, "the data does not fit the key"      },
    {CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_CLASS_REQUEST,
     "the token does not let this key do that"                                               },
    {CKR_KEY_SIZE_RANGE,             CKR_CLASS_REQUEST,
     "the token has no keys of this size"						    },
    {CKR_KEY_TYPE_INCONSISTENT,      CKR_CLASS_REQUEST,
     "the key is of another algorithm"						       },
    {CKR_MECHANISM_INVALID,          CKR_CLASS_REQUEST,
     "the token does not have this mechanism"						},
    {CKR_MECHANISM_PARAM_INVALID,    CKR_CLASS_REQUEST,
     "the token does not have this form of the mechanism"                                    },
    {CKR_CURVE_NOT_SUPPORTED,        CKR_CLASS_REQUEST,
     "the token does not have this curve"						    },
    {CKR_DOMAIN_PARAMS_INVALID,      CKR_CLASS_REQUEST,
     "the token does not have this curve"						    },
    {CKR_KEY_HANDLE_INVALID,         CKR_CLASS_STALE,   "the key is no longer there"         },
    {CKR_OBJECT_HANDLE_INVALID,      CKR_CLASS_STALE,   "the key is no longer there"         },
    {CKR_PIN_INCORRECT,              CKR_CLASS_PIN,     "correct the PIN"                    },
    {CKR_PIN_INVALID,                CKR_CLASS_PIN,     "correct the PIN"                    },
    {CKR_PIN_LEN_RANGE,              CKR_CLASS_PIN,     "correct the PIN"                    },
    {CKR_PIN_EXPIRED,                CKR_CLASS_PIN,     "set a new PIN with the token's tool"},
    {CKR_PIN_LOCKED,                 CKR_CLASS_PIN,     "unlock the token with its own tool" },
    {CKR_USER_PIN_NOT_INITIALIZED,   CKR_CLASS_PIN,
     "set the token's user PIN with its own tool"                                            },
    {CKR_DEVICE_MEMORY,              CKR_CLASS_OTHER,   "the token is full; delete keys"     },
    {CKR_TOKEN_WRITE_PROTECTED,      CKR_CLASS_OTHER,   "the token is read-only"             },
    {CKR_SESSION_COUNT,              CKR_CLASS_OTHER,
     "the token has no more sessions; lower 'sessions'"                                      },
    {CKR_FUNCTION_NOT_SUPPORTED,     CKR_CLASS_REQUEST,
     "the token does not have this function"						 },
    {CKR_DEVICE_REMOVED,             CKR_CLASS_BROKEN,  "put the token back"                 },
    {CKR_TOKEN_NOT_PRESENT,          CKR_CLASS_BROKEN,  "put the token back"                 },
    {CKR_SLOT_ID_INVALID,            CKR_CLASS_BROKEN,  "put the token back"                 },
    {CKR_TOKEN_NOT_RECOGNIZED,       CKR_CLASS_BROKEN,
     "check the token with its own tool"						     },
    {CKR_USER_NOT_LOGGED_IN,         CKR_CLASS_BROKEN,
     "name a pin-source in the token's URI"						  },
    {CKR_GENERAL_ERROR,              CKR_CLASS_BROKEN,
     "check that this user may use the token's files or device"                              },
    {CKR_DEVICE_ERROR,               CKR_CLASS_BROKEN,
     "check that this user may use the token's files or device"                              },
    {CKR_FUNCTION_FAILED,            CKR_CLASS_BROKEN,  "check the token"                    },
    {CKR_HOST_MEMORY,                CKR_CLASS_BROKEN,  "the module has no memory"           },
    {CKR_OPERATION_ACTIVE,           CKR_CLASS_BROKEN,  "try again"                          },
    {CKR_OPERATION_NOT_INITIALIZED,  CKR_CLASS_BROKEN,  "try again"                          },
    {CKR_SESSION_CLOSED,             CKR_CLASS_BROKEN,  "try again"                          },
    {CKR_SESSION_HANDLE_INVALID,     CKR_CLASS_BROKEN,  "try again"                          },
    {CKR_CRYPTOKI_NOT_INITIALIZED,   CKR_CLASS_BROKEN,  "try again"                          },
};

struct ckr_text
ckr_name(CK_RV value)
{
	struct ckr_text name;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].value == value) {
			(void)snprintf(
			    name.text, sizeof(name.text), "%s", names[i].name);
			return name;
		}
	(void)snprintf(name.text, sizeof(name.text),
	    value & CKR_VENDOR_DEFINED ? "CKR_VENDOR_DEFINED+0x%lx" : "0x%lx",
	    value & ~CKR_VENDOR_DEFINED);
	return name;
}

enum ckr_class
ckr_class_of(CK_RV value)
{
	if (value == CKR_OK)
		return CKR_CLASS_OK;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].value == value)
			return meanings[i].class;
	return CKR_CLASS_OTHER;
}

static const char *
advice_for(CK_RV value)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].value == value)
			return meanings[i].advice;
	return "see the token's manual";
}

enum error_code
error_set_ckr(struct error *err, CK_RV value, const char *function)
{
	enum error_code code = ckr_class_of(value) == CKR_CLASS_REQUEST
				   ? ERROR_INVALID
				   : ERROR_UNAVAILABLE;

	return error_set(err, code, "%s: %s (%s)", function,
	    ckr_name(value).text, advice_for(value));
}
