#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The device's own certificate is renewed with a new key: certd makes the pair,
# provisiond proves it at DPS, and only then it takes the old one's place.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/certd.sh"

# --- looking -----------------------------------------------------------------


# The key of the candidate has taken the other's place.
has_one_key() {
	[ "$(signetctl key list -o json | jq '[.keys[].id |
		select(startswith("device-id"))] == ["device-id"]')" = true ]
}

says() { grep -qF "$1" "$DEVICE"/state/log/*.log; } # TEXT

renew() { call certd POST /certificates/device-id/renew >/dev/null; }

# --- devices -----------------------------------------------------------------

device_by_local_ca() {
	device_of_group
	config_issued dev1 \
		"file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
	apply_and_start
	wait_until_provisioned
}

device_by_est() { # [SERVE-OPTION]...
	device_create
	token_create
	signet-cloud init --data "$DEVICE/cloud" >/dev/null
	echo sesame >"$DEVICE/password"
	cloud est user edward --password-file "$DEVICE/password"
	cloud_start "$@"
	enroll_group "$DEVICE/cloud/ca.pem"
	cat >"$DEVICE/config.yaml" <<YAML
token:
  module: "$SOFTHSM_MODULE"
  uri: "$(token_uri)"
preloaded_certs: { est-ca: "file://$DEVICE/cloud/ca.pem" }
cert_issuance:
  est:
    url: "$(jq -r .est_url "$DEVICE/cloud.json")"
    trusted_certs: [est-ca]
    username: edward
    password: sesame
    identity_cert: est-id
    identity_pk: est-id
provisioning:
  source: "dps"
  global_endpoint: "$DPS_URL"
  scope_id: "$SCOPE_ID"
  attestation:
    method: "x509"
    registration_id: "dev1"
    identity_cert: { method: est }
YAML
	apply_and_start
	wait_until_provisioned
}

# --- tests -------------------------------------------------------------------

takes_a_new_pair_that_dps_has_taken() {
	device_by_local_ca
	local old
	old=$(fingerprint device-id)
	renew
	eventually 90 is_another_than device-id "$old"
	eventually 60 says "DPS has taken the renewed certificate"
	eventually 60 has_one_key
	wait_until_provisioned
}

keeps_the_old_pair_if_dps_refuses_the_new_one() {
	device_by_local_ca
	local old
	old=$(fingerprint device-id)
	cloud fault disabled 1 --on register >/dev/null
	renew
	eventually 90 says "the old one stays"
	assert_equal "$old" "$(fingerprint device-id)" "what is in place"
	assert_equal provisioned "$(provisioning_status | jq -r .status)" "the status"
	renew
	eventually 90 is_another_than device-id "$old"
}

provisions_with_a_certificate_by_est_and_renews_it() {
	device_by_est
	local old
	old=$(fingerprint device-id)
	renew
	eventually 90 is_another_than device-id "$old"
	eventually 60 has_one_key
	wait_until_provisioned
}

run_tests takes_a_new_pair_that_dps_has_taken \
	keeps_the_old_pair_if_dps_refuses_the_new_one \
	provisions_with_a_certificate_by_est_and_renews_it
