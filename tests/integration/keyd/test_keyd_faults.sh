#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-keyd on a token that fails: what it mends by itself, what it leaves
# alone, and whom it keeps waiting.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/faults.sh"

# --- tests --------------------------------------------------------------------

five_signatures_are_five_calls_and_no_search() {
	device_with_faults
	sign_times 1
	local inits signatures searches
	inits=$(calls C_SignInit)
	signatures=$(calls C_Sign)
	searches=$(calls C_FindObjectsInit)
	assert_equal 1 "$signatures" "calls of C_Sign for the first"
	sign_times 5
	assert_equal $((inits + 5)) "$(calls C_SignInit)" "calls of C_SignInit"
	assert_equal 6 "$(calls C_Sign)" "calls of C_Sign"
	assert_equal "$searches" "$(calls C_FindObjectsInit)" "searches"
	assert_equal 1 "$(calls C_Login)" "logins"
	has_called C_CopyObject 1 || fail "no session copy is made"
}

no_copy_is_made_where_none_is_wanted() {
	device_with_faults "session_copies: no"
	sign_times 5
	assert_equal 5 "$(calls C_Sign)" "calls of C_Sign"
	assert_equal 0 "$(calls C_CopyObject)" "calls of C_CopyObject"
}

a_single_fault_is_mended() {
	local fault
	device_with_faults
	for fault in 0xb3 0x30 0x5 0x32 0xe0 0xb0 0x90 0x190 0x82 0x60; do
		order C_Sign.once $fault
		assert_equal 200 "$(sign)" "a signature with a single $fault"
		order C_SignInit.once $fault
		assert_equal 200 "$(sign)" "a signature with $fault in C_SignInit"
	done
	assert_equal 1 "$(calls C_Initialize)" "starts of the module"
	order C_GenerateKeyPair.once 0xb3
	assert_equal 200 "$(create b)" "a key made in spite of lost sessions"
}

a_lasting_fault_is_told_and_not_tried_at_each_request() {
	local began count
	device_with_faults
	order C_Sign 0x30
	assert_equal 503 "$(sign)" "a signature with a lasting fault"
	assert_matches "$(call keyd POST /keys/a/sign "$SIGN" -w '%{http_code}')" \
		"*token 'device'*CKR_DEVICE_ERROR*check that this user*503" \
		"layer, name and advice"
	# Between two tries is a pause, which is a second at first.
	began=$SECONDS
	count=$(calls C_Sign)
	sign_times 20
	count=$(($(calls C_Sign) - count))
	((count < 10 + SECONDS - began)) ||
		fail "20 requests in $((SECONDS - began)) s were $count calls of C_Sign"
	revoke C_Sign
	eventually 20 signs
}

sessions_that_cannot_be_opened_restart_the_module() {
	local before
	device_with_faults
	order C_Sign 0x30
	order C_OpenSession 0xe0
	sign_times 2
	revoke C_Sign
	before=$(calls C_Initialize)
	restarts() {
		sign_times 1
		has_called C_Initialize $((before + 1))
	}
	eventually 60 restarts
	assert_matches "$(health keyd)" \
		"degraded: token 'device': *CKR_TOKEN_NOT_PRESENT*" "health"
	revoke C_OpenSession
	eventually 20 signs
	assert_equal "ok: " "$(health keyd)" "health when it is over"
}

signing_does_not_wait_for_keys_that_are_being_made() {
	local id
	device_with_faults
	assert_equal 200 "$(sign)" "the first signature, which finds the key"
	order C_GenerateKeyPair.hang
	for id in c d e f g h; do
		create $id >"$DEVICE/created.$id" &
	done
	eventually 20 has_called C_GenerateKeyPair 2
	assert_equal "200 200 200" "$(sign) $(sign) $(sign)" "signatures"
	assert_equal 200 "$(create a)" "asking for a key that exists"
	assert_equal "" "$(cat "$DEVICE"/created.*)" "keys that were made meanwhile"
	revoke C_GenerateKeyPair.hang
	for id in c d e f g h; do
		eventually 20 test -s "$DEVICE/created.$id"
		assert_equal 200 "$(cat "$DEVICE/created.$id")" "making the key $id"
	done
}

a_key_that_cannot_be_destroyed_is_gone_all_the_same() {
	local handle
	device_with_faults
	handle=$(keyd GET /keypair/a | jq -r .keyHandle)
	order C_DestroyObject 0xe2 # CKR_TOKEN_WRITE_PROTECTED
	assert_equal 503 "$(keyd_status DELETE /keypair \
		"{\"keyHandle\":\"$handle\"}")" "deleting it"
	assert_equal 400 "$(keyd_status GET /keypair/a)" "asking for it"
	revoke C_DestroyObject
	# It is destroyed with the next change.
	assert_equal 200 "$(create i)" "making another key"
	assert_equal 0 "$(jq '.doomed | length' \
		"$SIGNET_STATE_DIR/keyd/index.json")" "keys to be destroyed yet"
}

run_tests \
	five_signatures_are_five_calls_and_no_search \
	no_copy_is_made_where_none_is_wanted \
	a_single_fault_is_mended \
	a_lasting_fault_is_told_and_not_tried_at_each_request \
	sessions_that_cannot_be_opened_restart_the_module \
	signing_does_not_wait_for_keys_that_are_being_made \
	a_key_that_cannot_be_destroyed_is_gone_all_the_same
