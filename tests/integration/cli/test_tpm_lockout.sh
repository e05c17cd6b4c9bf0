#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A TPM counts wrong PINs over all its objects and users, and locks itself for a
# while when there were too many: keyd adds one at most, and is back when the
# lock is gone.
readonly TOKEN=tpm
. "$(dirname "$0")/../../support/tokens.sh"

# What tpm2-tools call the TPM's counter of failures, and its limit.
counted() { # LOCKOUT_COUNTER|MAX_AUTH_FAIL
	echo $(($(tpm2_getcap properties-variable |
		sed -n "s/^TPM2_PT_$1: //p")))
}

a_wrong_pin_counts_once() {
	local before
	device_create
	token_of_ours_create
	echo "to be signed" >"$DEVICE/message"
	echo 000000 >"$DEVICE/wrong"
	before=$(counted LOCKOUT_COUNTER)
	keyd_configure "$TOKEN_MODULE" "pkcs11:token=device?pin-source=file:$DEVICE/wrong"
	daemon_start keyd
	assert_equal 503 "$(sign_status ec-key)" "with a wrong PIN"
	assert_equal 503 "$(sign_status ec-key)" "and again"
	daemon_stop keyd
	daemon_start keyd
	assert_equal 503 "$(sign_status ec-key)" "after a restart"
	assert_equal $((before + 1)) "$(counted LOCKOUT_COUNTER)" "failures"
}

signs_again_when_the_lock_is_gone() {
	device_with_token_of_ours
	create ec-key ec-p256
	daemon_stop keyd
	# Somebody else guesses until the TPM locks itself.
	until [ "$(counted LOCKOUT_COUNTER)" -ge "$(counted MAX_AUTH_FAIL)" ]; do
		refused pkcs11-tool --module "$TOOL_MODULE" --token-label device \
			--login --pin 000000 --list-objects
	done
	daemon_start keyd
	assert_equal 503 "$(sign_status ec-key)" "while it is locked"
	assert_contains "$(health keyd)" \
		"token 'device': C_Login: CKR_PIN_LOCKED" "health"
	tpm2_dictionarylockout --clear-lockout
	eventually 60 signs ec-key
	assert_equal "ok: " "$(health keyd)" "health"
}

run_tests \
	a_wrong_pin_counts_once \
	signs_again_when_the_lock_is_gone
