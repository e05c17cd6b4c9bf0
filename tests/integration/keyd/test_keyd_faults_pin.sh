#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-keyd and a PIN that is not right: one try, ever.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/faults.sh"

readonly WRONG_PIN=poppy-173205 # in no hash

set_pin() { (umask 077 && echo "$1" >"$DEVICE/pin"); }

# keyd starts with another PIN; its calls are counted anew.
restart_with_pin() { # PIN
	daemon_stop keyd
	set_pin "$1"
	forget_calls
	daemon_start keyd
}

refused_pins() { echo "$SIGNET_STATE_DIR/keyd/refused-pins.json"; }

# --- tests --------------------------------------------------------------------

a_wrong_pin_is_tried_once_however_often_keyd_restarts() {
	device_with_faults
	restart_with_pin $WRONG_PIN
	sign_times 3
	assert_matches "$(sign_and_tell)" \
		"*token 'device': C_Login: CKR_PIN_INCORRECT (correct the PIN); *refused-pins.json*503" \
		"what a caller is told"
	daemon_stop keyd
	daemon_start keyd
	sign_times 2
	daemon_kill keyd
	daemon_start keyd
	assert_matches "$(health keyd)" "degraded: token 'device': C_Login: CKR_PIN_INCORRECT *" health
	assert_equal 1 "$(calls C_Login)" "logins"
	assert_equal 3 "$(calls C_Initialize)" "starts of the module"
}

what_is_kept_of_a_refused_pin_does_not_tell_it() {
	device_with_faults
	restart_with_pin $WRONG_PIN
	assert_equal 600 "$(stat -c %a "$(refused_pins)")" "mode"
	assert_equal device "$(jq -r '.refused[0].label' "$(refused_pins)")" label
	assert_lacks "$(cat "$(refused_pins)")" $WRONG_PIN "the record"
	assert_lacks "$(cat "$(refused_pins)")" \
		"$(printf %s $WRONG_PIN | base64)" "the record"
	daemon_stop keyd
}

the_right_pin_is_taken_without_a_restart() {
	device_with_faults
	restart_with_pin $WRONG_PIN
	assert_equal 503 "$(sign)" "with the wrong PIN"
	set_pin "$PIN"
	assert_equal 200 "$(sign)" "with the right one"
	assert_equal "ok: " "$(health keyd)" "health"
	assert_equal 2 "$(calls C_Login)" "logins"
	[ ! -e "$(refused_pins)" ] || fail "the refusal is remembered"
	daemon_stop keyd
}

a_second_wrong_pin_is_tried_once_too() {
	device_with_faults
	restart_with_pin $WRONG_PIN
	set_pin 271828
	sign_times 3
	daemon_stop keyd
	daemon_start keyd
	assert_equal 2 "$(calls C_Login)" "logins"
	daemon_stop keyd
}

a_token_whose_pin_was_changed_is_opened_when_the_record_is_removed() {
	device_with_faults
	restart_with C_Login 0xa0
	revoke C_Login
	assert_equal 503 "$(sign)" "while it is thought to be wrong"
	rm "$(refused_pins)"
	assert_equal 200 "$(sign)" "when the operator says it is not"
	assert_equal 2 "$(calls C_Login)" "logins"
	daemon_stop keyd
}

any_refusal_counts_as_one() {
	local refusal
	device_with_faults
	for refusal in 0xa1 0xa2 0xa3 0x80000001; do
		restart_with C_Login $refusal
		sign_times 2
		assert_equal 1 "$(calls C_Login)" "logins after $refusal"
		rm "$(refused_pins)"
	done
	assert_equal 1 "$(calls C_Initialize)" "starts of the module"
	daemon_stop keyd
}

a_lock_is_no_refusal() {
	local began
	device_with_faults
	began=$SECONDS
	restart_with C_Login 0xa4
	sign_times 3
	# It is tried again after ten seconds.
	(($(calls C_Login) <= 1 + (SECONDS - began) / 9)) ||
		fail "$(calls C_Login) logins in $((SECONDS - began)) s"
	[ ! -e "$(refused_pins)" ] || fail "it is taken for a wrong PIN"
	revoke C_Login
	eventually 30 signs
	assert_equal 1 "$(calls C_Initialize)" "starts of the module"
	daemon_stop keyd
}

a_login_that_fails_for_another_reason_is_tried_again() {
	device_with_faults
	restart_with C_Login 0x30
	assert_matches "$(sign_and_tell)" \
		"*token 'device': C_Login: CKR_DEVICE_ERROR*503" "the fault"
	[ ! -e "$(refused_pins)" ] || fail "it is taken for a wrong PIN"
	revoke C_Login
	eventually 20 signs
	daemon_stop keyd
}

a_token_on_the_brink_is_not_tried() {
	device_with_faults
	restart_with token-flags 0x20000 # CKF_USER_PIN_FINAL_TRY
	assert_matches "$(health keyd)" \
		"degraded: token 'device' locks at the next wrong PIN*" "health"
	assert_equal 0 "$(calls C_Login)" "logins"
	revoke token-flags
	eventually 20 signs
}

a_locked_pin_is_told_and_not_tried() {
	device_with_faults
	restart_with token-flags 0x40000 # CKF_USER_PIN_LOCKED
	assert_matches "$(health keyd)" "degraded: *the PIN is locked*" "health"
	assert_equal 0 "$(calls C_Login)" "logins"
}

# What keyd does not try by itself is for a person, who is told how.
the_doctor_says_what_is_to_be_done() {
	device_with_faults
	is_advised() { # ORDER NUMBER FIX
		restart_with "$1" "$2"
		assert_matches "$(signetctl check --only token -o json |
			jq -r '.checks[0].findings[0].fix')" "$3" "$(health keyd)"
		revoke "$1"
		rm -f "$(refused_pins)"
	}
	is_advised C_Login 0xa0 "write the token's PIN where *"
	is_advised C_Login 0xa3 "set a new PIN with the token's own tool*"
	is_advised C_Login 0xa4 "*a TPM unlocks with time*"
	is_advised token-flags 0x20000 "*log in once *"
	is_advised token-flags 0x40000 "unlock it *"
	daemon_stop keyd
}

run_tests \
	a_wrong_pin_is_tried_once_however_often_keyd_restarts \
	what_is_kept_of_a_refused_pin_does_not_tell_it \
	the_right_pin_is_taken_without_a_restart \
	a_second_wrong_pin_is_tried_once_too \
	a_token_whose_pin_was_changed_is_opened_when_the_record_is_removed \
	any_refusal_counts_as_one \
	a_lock_is_no_refusal \
	a_login_that_fails_for_another_reason_is_tried_again \
	a_token_on_the_brink_is_not_tried \
	a_locked_pin_is_told_and_not_tried \
	the_doctor_says_what_is_to_be_done
