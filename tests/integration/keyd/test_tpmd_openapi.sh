#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# docs/openapi/tpmd.yaml: it is OpenAPI, and keyd answers each call of its TPM as
# it says.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"
. "$(dirname "$0")/../../support/tpm.sh"
. "$(dirname "$0")/../../support/openapi.sh"
openapi_of tpmd

readonly DATA='{"data":"aGFsbG8="}'

tpm_keyd() {
	tpm_bare_start
	mkdir -p "$SIGNET_CONFIG_DIR/keyd"
	echo "tpm: { tcti: 'swtpm:path=$DEVICE/tpm/tpm', users: [$(id -u)] }" \
		>"$SIGNET_CONFIG_DIR/keyd/config.yaml"
	daemon_start keyd
}

# What DPS would hand the TPM whose keys are in $body.
challenge() {
	jq -r .endorsement_key <<<"$body" >"$DEVICE/ek.b64"
	cloud enroll individual --registration-id tpm-1 --endorsement-key "$DEVICE/ek.b64" >/dev/null
	request -X PUT "$url/$scope/registrations/tpm-1/register?api-version=2019-03-31" \
		-H 'Content-Type: application/json' \
		-d "$(jq '{registrationId: "tpm-1", tpm: {endorsementKey: .endorsement_key,
			storageRootKey: .storage_root_key}}' <<<"$body")"
	jq '{key: .authenticationKey}' <<<"$body"
}

answers_each_call_as_it_is_described() {
	plant
	tpm_keyd
	operation GET /get_tpm_keys 200
	operation POST /import_auth_key 200 "$(challenge)"
	operation POST /sign_with_auth_key 200 "$DATA"
	operation GET /health 200
	assert_all_operations_called
}

refuses_as_it_is_described() {
	device_create
	tpm_keyd
	operation POST /sign_with_auth_key 400 "$DATA"
	operation POST /import_auth_key 422 '{"key":7}'
	operation POST /import_auth_key 422 '{'
	operation POST /import_auth_key 400 '{"key":"AAAA"}'
	chmod 777 "$DEVICE" # the answer is written by the caller
	CALLER=2001 operation GET /get_tpm_keys 401
	CALLER=2001 operation POST /sign_with_auth_key 401 "$DATA"
	tpm_power_off
	operation GET /get_tpm_keys 503
}

run_tests \
	is_openapi \
	answers_each_call_as_it_is_described \
	refuses_as_it_is_described
