#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A token that lets no attribute be changed, as some HSMs: what keys are called
# is then in keyd's index alone.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/faults.sh"

# The labels and the CKA_IDs of all objects; each pair has two.
objects() {
	pkcs11-tool --module "$SOFTHSM_MODULE" --token-label device --login \
		--pin "$PIN" --list-objects 2>/dev/null
}

# Its module answers this to each change.
device_with_frozen_token() { # CKR
	device_with_faults
	assert_equal 204 "$(keyd_status DELETE /keys/a)" "deleting a key"
	order C_SetAttributeValue "$1"
	assert_equal 200 "$(create old)" "creating a key"
}

makes_and_keeps_keys() {
	local refusal
	for refusal in 0x10 0x1b 0x54; do # read-only, prohibited, not supported
		device_with_frozen_token $refusal
		assert_equal 200 "$(sign_with old)" "signing"
		assert_equal 1 "$(objects | grep 'ID:' | sort -u | wc -l)" \
			"CKA_IDs of the two halves"
		daemon_stop keyd
		daemon_start keyd
		assert_equal 200 "$(sign_with old)" "signing after a restart"
		assert_equal "[\"old\"]" "$(keyd GET /keys | jq -c '[.keys[].id]')" "the list"
		daemon_stop keyd
		device_destroy
	done
}

moves_and_deletes_keys() {
	local public
	device_with_frozen_token 0x10
	public=$(keyd GET /keys/old/public)
	assert_equal 204 "$(keyd_status POST /keypair/new '{"from":"old"}')" "moving"
	assert_equal "$public" "$(keyd GET /keys/new/public)" "the key"
	assert_equal 400 "$(sign_with old)" "the old name"
	# The token still calls it so; keyd knows better, also with another "old".
	assert_contains "$(objects)" "label:      old" "the token"
	assert_equal 200 "$(create old)" "another key of the old name"
	daemon_stop keyd
	daemon_start keyd
	assert_equal "$public" "$(keyd GET /keys/new/public)" "the key after a restart"
	[ "$public" != "$(keyd GET /keys/old/public)" ] || fail "both are one key"
	assert_equal 204 "$(keyd_status DELETE /keys/old)" "deleting the other"
	assert_equal 200 "$(sign_with new)" "signing"
	assert_equal 204 "$(keyd_status DELETE /keys/new)" "deleting the key"
	assert_equal "" "$(objects)" "what is left"
	daemon_stop keyd
}

run_tests \
	makes_and_keeps_keys \
	moves_and_deletes_keys
