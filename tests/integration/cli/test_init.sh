#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# One line of 'signetctl init', one of 'system start', and the device is
# provisioned; then the operator verifies that as the manual says.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/provisiond.sh"
. "$(dirname "$0")/../../support/proxy.sh"
. "$(dirname "$0")/../../support/tpm.sh"

start_and_verify() { # DEVICE-ID
	signetctl system start >/dev/null
	wait_until_provisioned
	signetctl system status >/dev/null || fail "system status"
	assert_equal "$1" "$(provisioning_status | jq -r .device_id)" "device id"
	assert_contains "$(signetctl system logs)" "provisiond: info: signet-provisiond" "the logs"
	assert_equal '[]' "$(signetctl list -o json | jq -c .modules)" "modules"
	signetctl check >"$DEVICE/check.txt" || fail "$(cat "$DEVICE/check.txt")"
	assert_contains "$(signetctl telemetry send hello)" accepted "telemetry"
	assert_equal "hello" "$(cloud show messages -o json | jq -r '.[-1].body')" \
		"what arrives at the hub"
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

# Its base64 begins as a path does, as that of one key of 64.
by_a_symmetric_key() {
	device_create
	(umask 077 && (printf '\377' && head -c 47 /dev/urandom) | base64 -w0 >"$DEVICE/key")
	cloud_start
	cloud enroll individual --registration-id dev1 \
		--key-file "$DEVICE/key" --secondary-key-file "$DEVICE/key" >/dev/null
	by_dps dps-symmetric-key --registration-id dev1 --symmetric-key - <"$DEVICE/key"
	start_and_verify dev1
}

# The three steps of docs/guides/tpm-attestation.md.
by_a_tpm() {
	device_create
	tpm_bare_start
	cloud_start
	by_dps dps-tpm --registration-id dev1 --tcti "swtpm:path=$DEVICE/tpm/tpm"
	signetctl system start >/dev/null
	wait_until_failed # nobody has enrolled it
	signetctl tpm show -o json | jq -r .endorsementKey >"$DEVICE/ek"
	cloud enroll individual --registration-id dev1 \
		--endorsement-key "$DEVICE/ek" >/dev/null
	signetctl system reprovision >/dev/null
	start_and_verify dev1
}

# A hub is at port 443, wherever the cloud is: a proxy makes up for that.
hub_is_at_its_port() {
	proxy_start --to "${DPS_URL##*:}"
	https_proxy=http://$proxy
	export https_proxy no_proxy=
}

by_hand_and_a_certificate() {
	device_create
	pki root
	pki device-identity dev1 --issuer root
	cloud_start
	register_certificate
	hub_is_at_its_port
	signetctl init manual-x509 --iothub-hostname localhost --device-id dev1 \
		--identity-cert "$(chain_of dev1)" --identity-pk "$(key_of dev1)" \
		--trust-bundle "$DEVICE/cloud/ca.pem" >/dev/null
	start_and_verify dev1
}

by_a_connection_string() {
	device_create
	(umask 077 && head -c 48 /dev/urandom >"$DEVICE/secret")
	cloud_start
	register_key
	hub_is_at_its_port
	echo "HostName=localhost;DeviceId=dev1;SharedAccessKey=$(base64 -w0 "$DEVICE/secret")" |
		signetctl init manual-connection-string --connection-string - \
			--trust-bundle "$DEVICE/cloud/ca.pem" >/dev/null
	start_and_verify dev1
}

run_tests \
	by_a_certificate_and_a_key_in_files \
	by_a_certificate_and_a_key_in_the_token \
	by_a_symmetric_key \
	by_a_tpm \
	by_hand_and_a_certificate \
	by_a_connection_string
