#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# One line of 'signetctl init', one of 'system start', and the device is
# provisioned; then the operator verifies that as the manual says.
. "$(dirname "$0")/../support/harness.sh"

start_and_verify() { # DEVICE-ID
	signetctl system start >/dev/null
	wait_until_provisioned
	signetctl system status >/dev/null || fail "system status"
	assert_equal "$1" "$(provisioning_status | jq -r .device_id)" "device id"
	assert_contains "$(signetctl system logs)" "provisiond: info: signet-provisiond" "the logs"
	assert_equal '[]' "$(signetctl list -o json | jq -c .modules)" "modules"
	signetctl check >"$DEVICE/check.txt" || fail "$(cat "$DEVICE/check.txt")"
}

by_dps() { # KIND OPTION...
	signetctl init "$1" --id-scope "$SCOPE_ID" --global-endpoint "$DPS_URL" \
		--trust-bundle "$DEVICE/cloud/ca.pem" "${@:2}" >/dev/null
}

by_a_certificate_and_a_key_in_files() {
	device_create
	pki root
	pki device-identity dev1 --issuer root
	cloud_start
	enroll_individual dev1
	by_dps dps-x509 --identity-cert "$(chain_of dev1)" --identity-pk "$(key_of dev1)"
	start_and_verify dev1
	assert_equal "device-id valid" "$(signetctl list -o json |
		jq -r '.certificates[] | "\(.id) \(.state)"')" "certificates"
	assert_contains "$(signetctl telemetry send hello)" accepted "telemetry"
	signetctl system reprovision >/dev/null || fail "system reprovision"
}

by_a_certificate_and_a_key_in_the_token() {
	device_create
	token_create
	token_key_create device-id 01
	pki root
	token_key_public device-id >"$DEVICE/device.pub"
	pki device-identity dev1 --issuer root --public-key "$DEVICE/device.pub"
	cloud_start
	enroll_individual dev1
	by_dps dps-x509 --identity-cert "$(chain_of dev1)" --registration-id dev1 \
		--identity-pk "pkcs11:token=device;object=device-id?pin-source=file:$DEVICE/pin" \
		--pkcs11-module "$SOFTHSM_MODULE"
	start_and_verify dev1
	assert_equal "pkcs11:token=device;object=device-id" \
		"$(signetctl list -o json | jq -r '.keys[] | select(.id == "device-id").location')" \
		"where the key is"
}

by_a_symmetric_key() {
	device_create
	(umask 077 && head -c 48 /dev/urandom | base64 -w0 >"$DEVICE/key")
	cloud_start
	cloud enroll individual --registration-id dev1 \
		--key-file "$DEVICE/key" --secondary-key-file "$DEVICE/key" >/dev/null
	by_dps dps-symmetric-key --registration-id dev1 --symmetric-key - <"$DEVICE/key"
	start_and_verify dev1
}

run_tests \
	by_a_certificate_and_a_key_in_files \
	by_a_certificate_and_a_key_in_the_token \
	by_a_symmetric_key
