#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A device that proves itself with a symmetric key: its own or one derived from
# its group's, in a file or in the token. The daemons' own files are written
# here, so keyd and provisiond are alone.
. "$(dirname "$0")/../support/harness.sh"
. "$(dirname "$0")/../support/provisiond.sh"

# A secret, and its base64 as it is enrolled.
make_secret() {
	(umask 077 && head -c 48 /dev/urandom >"$DEVICE/secret")
	base64 -w0 "$DEVICE/secret" >"$DEVICE/key"
}

enroll_by_key() {
	make_secret
	cloud enroll individual --registration-id dev1 \
		--key-file "$DEVICE/key" --secondary-key-file "$DEVICE/key" >/dev/null
}

# Is assigned, and proves that to the hub with the key it lends out.
is_assigned() {
	wait_until_provisioned
	local identity
	identity=$(call provisiond POST /identities/device '{"type":"aziot"}')
	assert_equal dev1 "$(jq -r .spec.deviceId <<<"$identity")" "device id"
	assert_equal sas "$(jq -r .spec.auth.type <<<"$identity")" "type of proof"
	assert_equal 204 "$(send_by_signature \
		"$(jq -r .spec.auth.keyHandle <<<"$identity")")" "what the hub says"
	daemon_stop provisiond
	daemon_stop keyd
}

# Sends a message as the device, with a signature that the handle makes.
send_by_signature() { # HANDLE; prints the status
	local hub=${DPS_URL#https://} resource expires signature
	resource=$(jq -rn --arg r "$hub/devices/dev1" '$r | @uri')
	expires=$(($(date +%s) + 600))
	signature=$(keyd POST /sign "$(jq -n --arg handle "$1" \
		--arg message "$(printf '%s\n%s' "$resource" "$expires" | base64 -w0)" \
		'{keyHandle: $handle, algorithm: "HMAC-SHA256",
		  parameters: {message: $message}}')" | jq -r '.signature | @uri')
	curl -s -o /dev/null -w '%{http_code}' --cacert "$DEVICE/cloud/ca.pem" \
		-H "Authorization: SharedAccessSignature sr=$resource&sig=$signature&se=$expires" \
		--data hello "$DPS_URL/devices/dev1/messages/events?api-version=2021-04-12"
}

start_with() { # ATTESTATION-LINE KEYD-LINE...
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" "${@:2}"
	provisiond_configure_dps "method: symmetric_key, registration_id: dev1, $1"
	daemon_start keyd
	daemon_start provisiond
}

provisions_with_a_symmetric_key_in_a_file() {
	device_create
	token_create
	cloud_start
	enroll_by_key
	start_with "symmetric_key: device-id" \
		"preloaded_keys: { device-id: \"file://$DEVICE/secret\" }"
	is_assigned
}

provisions_with_a_symmetric_key_in_the_token() {
	device_create
	token_create
	cloud_start
	enroll_by_key
	start_with "symmetric_key: device-id"
	# The device waits for what an operator may still put right.
	wait_until_failed
	assert_contains "$sentence" "symmetric key 'device-id'" "what is missing"
	keyd POST /key "{\"keyId\":\"device-id\",\"usage\":\"derive,sign\",
		\"keyBytes\":\"$(base64 -w0 "$DEVICE/secret")\"}" >/dev/null
	is_assigned
}

provisions_with_a_key_derived_from_that_of_its_group() {
	device_create
	token_create
	cloud_start
	make_secret
	cloud enroll group --group-id line-7 --key-file "$DEVICE/key" \
		--secondary-key-file "$DEVICE/key" >/dev/null
	start_with "group_key: plant" \
		"preloaded_keys: { plant: \"file://$DEVICE/secret\" }"
	is_assigned
}

refuses_a_key_that_is_not_enrolled() {
	device_create
	token_create
	cloud_start
	enroll_by_key
	(umask 077 && echo another >"$DEVICE/secret")
	start_with "symmetric_key: device-id" \
		"preloaded_keys: { device-id: \"file://$DEVICE/secret\" }"
	wait_until_failed
	assert_contains "$sentence" "DPS does not accept the key of 'dev1'" "why"
}

run_tests provisions_with_a_symmetric_key_in_a_file \
	provisions_with_a_symmetric_key_in_the_token \
	provisions_with_a_key_derived_from_that_of_its_group \
	refuses_a_key_that_is_not_enrolled
