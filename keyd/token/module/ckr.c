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
#define MEANS(name, class, advice)                                             \
	{                                                                      \
		CKR_##name, CKR_CLASS_##class, advice                          \
	}
    MEANS(DATA_INVALID, REQUEST, "the data does not fit the key"),
    MEANS(DATA_LEN_RANGE, REQUEST, "the data does not fit the key"),
    MEANS(KEY_FUNCTION_NOT_PERMITTED, REQUEST,
	"the token does not let this key do that"),
    MEANS(KEY_SIZE_RANGE, REQUEST, "the token has no keys of this size"),
    MEANS(KEY_TYPE_INCONSISTENT, REQUEST,
	"the key is of another algorithm, or not for this"),
    MEANS(MECHANISM_INVALID, REQUEST, "the token does not have this mechanism"),
    MEANS(MECHANISM_PARAM_INVALID, REQUEST,
	"the token does not have this form of the mechanism"),
    MEANS(ACTION_PROHIBITED, REQUEST, "the token does not let it be changed"),
    MEANS(ATTRIBUTE_READ_ONLY, REQUEST, "the token does not let it be changed"),
    MEANS(ATTRIBUTE_TYPE_INVALID, REQUEST, "the token takes no such key"),
    MEANS(ATTRIBUTE_VALUE_INVALID, REQUEST, "the token takes no such key"),
    MEANS(TEMPLATE_INCOMPLETE, REQUEST, "the token takes no such key"),
    MEANS(TEMPLATE_INCONSISTENT, REQUEST, "the token takes no such key"),
    MEANS(CURVE_NOT_SUPPORTED, REQUEST, "the token does not have this curve"),
    MEANS(DOMAIN_PARAMS_INVALID, REQUEST, "the token does not have this curve"),
    MEANS(KEY_HANDLE_INVALID, STALE, "the key is no longer there"),
    MEANS(OBJECT_HANDLE_INVALID, STALE, "the key is no longer there"),
    MEANS(PIN_INCORRECT, PIN, "correct the PIN"),
    MEANS(PIN_INVALID, PIN, "correct the PIN"),
    MEANS(PIN_LEN_RANGE, PIN, "correct the PIN"),
    MEANS(PIN_EXPIRED, PIN, "set a new PIN with the token's tool"),
    MEANS(PIN_LOCKED, PIN,
	"unlock the token with its own tool; a TPM unlocks with time"),
    MEANS(USER_PIN_NOT_INITIALIZED, PIN,
	"set the token's user PIN with its own tool"),
    MEANS(DEVICE_MEMORY, OTHER, "the token is full; delete keys"),
    MEANS(TOKEN_WRITE_PROTECTED, OTHER, "the token is read-only"),
    MEANS(SESSION_COUNT, OTHER,
	"the token has no more sessions; lower 'sessions'"),
    MEANS(FUNCTION_NOT_SUPPORTED, REQUEST,
	"the token does not have this function"),
    MEANS(DEVICE_REMOVED, BROKEN, "put the token back"),
    MEANS(TOKEN_NOT_PRESENT, BROKEN, "put the token back"),
    MEANS(SLOT_ID_INVALID, BROKEN, "put the token back"),
    MEANS(TOKEN_NOT_RECOGNIZED, BROKEN, "check the token with its own tool"),
    MEANS(USER_NOT_LOGGED_IN, BROKEN, "name a pin-source in the token's URI"),
    MEANS(GENERAL_ERROR, BROKEN,
	"check that this user may use the token's files or device"),
    MEANS(DEVICE_ERROR, BROKEN,
	"check that this user may use the token's files or device"),
    MEANS(FUNCTION_FAILED, BROKEN, "check the token"),
    MEANS(HOST_MEMORY, BROKEN, "the module has no memory"),
    MEANS(OPERATION_ACTIVE, BROKEN, "try again"),
    MEANS(OPERATION_NOT_INITIALIZED, BROKEN, "try again"),
    MEANS(SESSION_CLOSED, BROKEN, "try again"),
    MEANS(SESSION_HANDLE_INVALID, BROKEN, "try again"),
    MEANS(CRYPTOKI_NOT_INITIALIZED, BROKEN, "try again"),
#undef MEANS
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
