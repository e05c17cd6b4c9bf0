#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A device that proves itself with a symmetric key, from the operator's file on:
# its own key or one derived from its group's, in a file or in the token, as
# docs/guides/symmetric-key.md says it.
. "$(dirname "$0")/../../support/harness.sh"

# A device, and a secret with its base64 as it is enrolled.
create() {
	device_create
	token_create
	cloud_start
	(umask 077 && head -c 48 /dev/urandom >"$DEVICE/secret")
	base64 -w0 "$DEVICE/secret" >"$DEVICE/key"
}

enroll_by_key() {
	cloud enroll individual --registration-id dev1 \
		--key-file "$DEVICE/key" --secondary-key-file "$DEVICE/key" >/dev/null
}

configure() { # MEMBER-OF-ATTESTATION [LINE]...
	{
		cat <<-YAML
			provisioning:
			  source: dps
			  global_endpoint: "$DPS_URL"
			  scope_id: "$SCOPE_ID"
			  attestation:
			    method: symmetric_key
			    registration_id: dev1
			    $1
		YAML
		[ $# -lt 2 ] || printf '%s\n' "${@:2}"
	} >"$DEVICE/config.yaml"
}

token_lines() { printf 'token:\n  module: "%s"\n  uri: "%s"\n' "$SOFTHSM_MODULE" "$(token_uri)"; }

# Is assigned, and proves that to the hub: itself, and with the key it lends out.
is_assigned() {
	wait_until_provisioned
	local identity
	identity=$(call provisiond POST /identities/device '{"type":"aziot"}')
	assert_equal dev1 "$(jq -r .spec.deviceId <<<"$identity")" "device id"
	assert_equal sas "$(jq -r .spec.auth.type <<<"$identity")" "type of proof"
	assert_equal 204 "$(send_by_signature \
		"$(jq -r .spec.auth.keyHandle <<<"$identity")")" "what the hub says"
	assert_contains "$(signetctl telemetry send hello)" accepted "telemetry"
	assert_lacks "$(cat "$SIGNET_CONFIG_DIR"/*/*.yaml "$DEVICE"/state/log/*.log)" \
		"$(cat "$DEVICE/key")" "the daemons' files and logs"
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

provisions_with_a_symmetric_key_in_a_file() {
	create
	enroll_by_key
	configure "symmetric_key: { uri: \"file://$DEVICE/secret\" }"
	apply_and_start
	is_assigned
}

provisions_with_a_symmetric_key_in_the_configuration() {
	create
	enroll_by_key
	configure "symmetric_key: \"$(cat "$DEVICE/key")\""
	chmod 600 "$DEVICE/config.yaml"
	apply_and_start
	is_assigned
}

# By whoever may manage it, while there is nothing to provision yet.
provisions_with_a_symmetric_key_in_the_token() {
	create
	enroll_by_key
	{
		token_lines
		printf 'principals:\n  - { user: "%s", keys: [dev1], rights: [use, manage] }\n' "$(id -u)"
	} >"$DEVICE/config.yaml"
	apply_and_start
	assert_contains "$(keyd POST /key "{\"keyId\":\"dev1\",\"usage\":\"derive,sign\",
		\"keyBytes\":\"$(cat "$DEVICE/key")\"}")" keyHandle "the key that was brought"
	rm "$DEVICE/secret"
	configure 'symmetric_key: { uri: "pkcs11:token=device;object=dev1" }' "$(token_lines)"
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	signetctl system restart >/dev/null
	is_assigned
	assert_contains "$(signetctl key list -o json |
		jq -r '.keys[] | select(.id == "device-id").location')" pkcs11: "where the key is"
}

waits_for_a_symmetric_key_that_is_brought_later() {
	create
	enroll_by_key
	configure 'symmetric_key: { uri: "pkcs11:token=device;object=dev1" }' "$(token_lines)" \
		"principals:" "  - { user: \"$(id -u)\", keys: [dev1], rights: [use, manage] }"
	apply_and_start
	wait_until_failed
	assert_contains "$sentence" "symmetric key 'device-id'" "what is missing"
	keyd POST /key "{\"keyId\":\"dev1\",\"usage\":\"derive,sign\",
		\"keyBytes\":\"$(cat "$DEVICE/key")\"}" >/dev/null
	is_assigned
}

provisions_with_a_key_derived_from_that_of_its_group() {
	create
	cloud enroll group --group-id line-7 --key-file "$DEVICE/key" \
		--secondary-key-file "$DEVICE/key" >/dev/null
	configure "group_key: { uri: \"file://$DEVICE/secret\" }"
	apply_and_start
	is_assigned
}

refuses_a_key_that_is_not_enrolled() {
	create
	enroll_by_key
	(umask 077 && echo another >"$DEVICE/secret")
	configure "symmetric_key: { uri: \"file://$DEVICE/secret\" }"
	apply_and_start
	wait_until_failed
	assert_contains "$sentence" "DPS does not accept the key of 'dev1'" "why"
}

run_tests provisions_with_a_symmetric_key_in_a_file \
	provisions_with_a_symmetric_key_in_the_configuration \
	provisions_with_a_symmetric_key_in_the_token \
	waits_for_a_symmetric_key_that_is_brought_later \
	provisions_with_a_key_derived_from_that_of_its_group \
	refuses_a_key_that_is_not_enrolled
