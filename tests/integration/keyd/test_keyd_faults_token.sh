#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-keyd on a token that goes away and comes back, that loses its sessions,
# and that has only so many.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/faults.sh"

# --- tests --------------------------------------------------------------------

a_token_that_is_put_back_works_again() {
	local i
	device_with_faults
	for i in 1 2; do
		order token-removed
		assert_equal 503 "$(sign)" "without the token"
		assert_matches "$(sign_and_tell)" "*token 'device'*put *back*503" \
			"what a caller is told"
		assert_matches "$(health keyd)" "degraded: token 'device'*" "health"
		assert_equal "device fails" "$(keyd GET /health |
			jq -r '.tokens[0] | .label + " " + .state')" "its state"
		revoke token-removed
		eventually 20 signs
		assert_equal "ok: " "$(health keyd)" "health when it is back"
	done
}

a_token_that_is_not_there_at_first_is_found_later() {
	device_with_faults
	restart_with token-removed 1
	assert_equal 503 "$(sign)" "without the token"
	revoke token-removed
	eventually 20 signs
}

sessions_that_are_lost_cost_no_request() {
	local i
	device_with_faults
	for i in 1 2 3; do
		order sessions-lost
		assert_equal 200 "$(sign)" "a signature when sessions were lost"
	done
	order sessions-lost
	assert_equal 200 "$(create b)" "a key when sessions were lost"
	assert_equal 1 "$(calls C_Initialize)" "starts of the module"
}

# With all sessions in use another one is opened, which is not logged in: it shows
# no key, and is not believed.
no_key_is_denied_because_the_login_was_lost() {
	device_with_faults
	assert_equal 200 "$(create b)" "another key"
	restart_with C_Sign.hang 1
	sign_and_hang 1
	order sessions-lost
	assert_equal 200 "$(sign_with b)" "a key that was not looked for before"
	assert_equal 1 "$(calls C_Initialize)" "starts of the module"
	revoke C_Sign.hang
	eventually 60 test -s "$DEVICE/hung.1"
}

a_module_that_others_initialize_costs_no_request() {
	device_with_faults
	order reinitialized
	assert_equal 200 "$(sign)" "a signature"
	order reinitialized
	assert_equal 200 "$(create b)" "a key"
	assert_equal "ok: " "$(health keyd)" "health"
}

# Twelve at a time, none of which ends before so many are in the token.
sign_crowd() { # NUMBER
	local i before pids=()
	before=$(calls C_Sign)
	for i in {1..12}; do
		sign >"$DEVICE/crowd.$i" &
		pids+=($!)
	done
	eventually 60 has_called C_Sign $((before + $1))
	revoke C_Sign.hang
	wait "${pids[@]}"
	assert_equal "200 200 200 200 200 200 200 200 200 200 200 200" \
		"$(tail -qn 1 "$DEVICE"/crowd.* | sed 's/.../& /g;s/ $//')" "the crowd"
}

a_token_that_breaks_with_threads_gets_one_session() {
	device_with_faults
	restart_with library "TPM2.0 Cryptoki"
	order C_Sign.hang
	sign_crowd 1
	assert_equal 2 "$(calls C_OpenSession)" \
		"sessions, with the one that keeps the login"
}

sessions_are_as_many_as_the_token_has() {
	device_with_faults
	restart_with session-count 4
	order C_Sign.hang
	sign_crowd 2
	assert_equal 3 "$(calls C_OpenSession)" \
		"sessions, without the one that is for changes"
}

sessions_are_as_many_as_configured() {
	device_with_faults "sessions: 3"
	restart_with C_Sign.hang ""
	sign_crowd 3
	assert_equal 4 "$(calls C_OpenSession)" \
		"sessions, with the one that keeps the login"
}

run_tests \
	a_token_that_is_put_back_works_again \
	a_token_that_is_not_there_at_first_is_found_later \
	sessions_that_are_lost_cost_no_request \
	no_key_is_denied_because_the_login_was_lost \
	a_module_that_others_initialize_costs_no_request \
	a_token_that_breaks_with_threads_gets_one_session \
	sessions_are_as_many_as_the_token_has \
	sessions_are_as_many_as_configured
