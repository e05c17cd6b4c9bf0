#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-keyd on a token whose functions fail: what callers are told meanwhile,
# and that all is well again without a restart.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/faults.sh"

# FUNCTION fails with CKR until it does no longer. Sessions are lost, so that
# keyd calls all that it needs to work.
breaks_and_is_mended() { # FUNCTION CKR NAME
	order "$1" "$2"
	order sessions-lost
	assert_matches "$(sign_and_tell)" \
		"{\"message\":\"*token 'device'*$1: $3 (*503" "$1 fails with $3"
	case $1 in
	C_Sign* | C_FindObjectsInit) ;; # the token itself can be opened
	*) assert_matches "$(health keyd)" "degraded: *$1: $3*" "health" ;;
	esac
	revoke "$1"
	eventually 20 signs
	assert_equal "ok: " "$(health keyd)" "health after $1 failed with $3"
}

# --- tests --------------------------------------------------------------------

faults_of_the_device_are_told_and_mended() {
	device_with_faults
	breaks_and_is_mended C_OpenSession 0x30 CKR_DEVICE_ERROR
	breaks_and_is_mended C_GetTokenInfo 0x30 CKR_DEVICE_ERROR
	breaks_and_is_mended C_Login 0x30 CKR_DEVICE_ERROR
	breaks_and_is_mended C_OpenSession 0x32 CKR_DEVICE_REMOVED
	breaks_and_is_mended C_Login 0x32 CKR_DEVICE_REMOVED
	breaks_and_is_mended C_GetTokenInfo 0xe0 CKR_TOKEN_NOT_PRESENT
	breaks_and_is_mended C_OpenSession 0xe0 CKR_TOKEN_NOT_PRESENT
}

faults_of_sessions_and_module_are_told_and_mended() {
	device_with_faults
	breaks_and_is_mended C_OpenSession 0x5 CKR_GENERAL_ERROR
	breaks_and_is_mended C_GetTokenInfo 0x5 CKR_GENERAL_ERROR
	breaks_and_is_mended C_Login 0x6 CKR_FUNCTION_FAILED
	breaks_and_is_mended C_Login 0xb3 CKR_SESSION_HANDLE_INVALID
	breaks_and_is_mended C_OpenSession 0x190 CKR_CRYPTOKI_NOT_INITIALIZED
	breaks_and_is_mended C_GetTokenInfo 0x190 CKR_CRYPTOKI_NOT_INITIALIZED
	breaks_and_is_mended C_GetSlotList 0x2 CKR_HOST_MEMORY
}

faults_at_work_are_told_and_mended() {
	device_with_faults
	breaks_and_is_mended C_Sign 0x30 CKR_DEVICE_ERROR
	breaks_and_is_mended C_Sign 0x32 CKR_DEVICE_REMOVED
	breaks_and_is_mended C_Sign 0xb3 CKR_SESSION_HANDLE_INVALID
	breaks_and_is_mended C_SignInit 0x5 CKR_GENERAL_ERROR
	breaks_and_is_mended C_SignInit 0xb0 CKR_SESSION_CLOSED
	breaks_and_is_mended C_FindObjectsInit 0x30 CKR_DEVICE_ERROR
	breaks_and_is_mended C_FindObjectsInit 0x91 CKR_OPERATION_NOT_INITIALIZED
}

a_module_that_does_not_start_is_told_and_mended() {
	does_not_start() {
		[[ $(sign_and_tell) == *"C_Initialize: CKR_GENERAL_ERROR"*503 ]]
	}
	device_with_faults
	order C_Initialize 0x5
	order C_Login 0x30
	order sessions-lost
	eventually 20 does_not_start
	revoke C_Initialize C_Login
	eventually 20 signs
	assert_equal "ok: " "$(health keyd)" "health"
}

a_module_is_not_started_again_and_again() {
	local began starts
	device_with_faults
	starts=$(calls C_Initialize)
	order C_Login 0x30
	order sessions-lost
	began=$SECONDS
	while ((SECONDS - began < 8)) || ! has_called C_Initialize $((starts + 1)); do
		sign >/dev/null
	done
	starts=$(($(calls C_Initialize) - starts))
	((starts <= (SECONDS - began) / 2 + 1)) ||
		fail "$starts starts in $((SECONDS - began)) s"
	revoke C_Login
	eventually 20 signs
}

run_tests \
	faults_of_the_device_are_told_and_mended \
	faults_of_sessions_and_module_are_told_and_mended \
	faults_at_work_are_told_and_mended \
	a_module_that_does_not_start_is_told_and_mended \
	a_module_is_not_started_again_and_again
