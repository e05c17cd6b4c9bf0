#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A device that DPS knows by its TPM, from the enrollment to the hub: keyd with
# swtpm, provisiond, and signet-cloud. The daemons' own files are written here.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/provisiond.sh"
. "$(dirname "$0")/../../support/tpm.sh"

# A device with a TPM, and a cloud; keyd is there to say who the TPM is.
tpm_device() { # [LINE-OF-PROVISIONING]...
	device_create
	tpm_bare_start
	cloud_start
	tpm_configure "$@"
	daemon_start keyd
}

device_end() {
	daemon_stop provisiond
	daemon_stop keyd
	cloud_stop
}

provisions_by_the_tpm_and_sends_to_the_hub() {
	tpm_device
	enroll_tpm
	daemon_start provisiond
	wait_until_provisioned
	local identity
	identity=$(call provisiond POST /identities/device '{"type":"aziot"}')
	assert_equal "dev1 tpm" "$(jq -r '.spec.deviceId + " " + .spec.auth.type' \
		<<<"$identity")" "the identity"
	assert_equal 204 "$(send_by_tpm)" "what the hub says"
	assert_equal '"from the TPM"' "$(cloud show messages -o json | jq '.[0].body')" \
		"what arrived"
	device_end
}

# The file of IoT Edge 1.1, and where this machine's TPM is.
provisions_with_the_file_of_iotedge_by_its_registration_id() {
	device_create
	tpm_bare_start
	cloud_start
	cat >"$DEVICE/config.yaml" <<YAML
provisioning:
  source: "dps"
  global_endpoint: "$DPS_URL"
  scope_id: "$SCOPE_ID"
  attestation:
    method: "tpm"
    registration_id: "dev1"
tpm:
  tcti: "swtpm:path=$DEVICE/tpm/tpm"
YAML
	apply_and_start
	wait_until_failed
	assert_contains "$sentence" "DPS does not accept the TPM of 'dev1'" "nobody enrolled it"
	signetctl tpm show -o json | jq -r .endorsementKey >"$DEVICE/ek"
	assert_equal "$(base64 -d "$DEVICE/ek" | openssl dgst -sha256 -binary |
		base32 | tr 'A-Z' 'a-z' | tr -d '=\n')" \
		"$(signetctl tpm show | sed -n 's/^registration id  *//p')" \
		"the registration id of a TPM"
	cloud enroll individual --registration-id dev1 \
		--endorsement-key "$DEVICE/ek" >/dev/null
	signetctl system reprovision >/dev/null
	wait_until_provisioned
	signetctl telemetry send 'by a signature of the TPM'
	assert_equal '"by a signature of the TPM"' \
		"$(cloud show messages -o json | jq '.[0].body')" "what arrived"
	signetctl system stop >/dev/null
	cloud_stop
}

is_refused_when_another_tpm_is_enrolled() {
	tpm_device
	tpm2_createprimary -Q -C e -g sha256 -G rsa -c "$DEVICE/other.ctx"
	tpm2_readpublic -Q -c "$DEVICE/other.ctx" -o "$DEVICE/other"
	tpm2_flushcontext -t
	cloud enroll individual --registration-id dev1 \
		--endorsement-key "$DEVICE/other" >/dev/null
	daemon_start provisiond
	wait_until_failed
	assert_contains "$sentence" "DPS does not accept the TPM of 'dev1'" "the reason"
	# Once the right one is enrolled it only has to be asked again.
	enroll_tpm --replace
	call provisiond POST /identities/device/reprovision '{"type":"aziot"}' >/dev/null
	wait_until_provisioned
	assert_equal 204 "$(send_by_tpm)" "what the hub says"
	device_end
}

keeps_the_key_of_the_hub_when_a_registration_fails() {
	tpm_device
	enroll_tpm
	daemon_start provisiond
	wait_until_provisioned
	# The first step goes well, the TPM has the key for DPS; what follows fails.
	cloud fault --on status 503 1000 >/dev/null
	call provisiond POST /identities/device/reprovision '{"type":"aziot"}' \
		--max-time 5 >/dev/null || true
	says_it() { [[ $(provisioning_status | jq -r .message) == *"cannot answer now"* ]]; }
	eventually 60 says_it
	assert_equal 204 "$(send_by_tpm)" "what the hub says meanwhile"
	daemon_stop provisiond
	cloud_stop
	daemon_start provisiond
	wait_until_provisioned # by what is stored
	daemon_stop provisiond
	daemon_stop keyd
}

waits_for_a_tpm_that_is_gone() {
	tpm_device
	enroll_tpm
	tpm_power_off
	daemon_start provisiond
	wait_until_failed
	assert_contains "$sentence" "the TPM" "the reason"
	tpm_power_on
	call provisiond POST /identities/device/reprovision '{"type":"aziot"}' >/dev/null
	wait_until_provisioned
	tpm_power_off
	tpm_power_on
	assert_equal 204 "$(send_by_tpm)" "after a power cut"
	device_end
}

sends_by_tpm() { [ "$(send_by_tpm)" = 204 ]; }

registers_anew_when_the_tpm_has_lost_its_key() {
	tpm_device "always_reprovision_on_startup: false"
	enroll_tpm
	daemon_start provisiond
	wait_until_provisioned
	daemon_stop provisiond
	tpm2_evictcontrol -Q -C o -c 0x81000100
	assert_contains "$(call tpmd POST /sign_with_auth_key '{"data":"QQ=="}')" \
		not-found "the key is gone"
	daemon_start provisiond
	# It is the same device, so that nobody waits for the new key.
	wait_until_provisioned
	eventually 60 sends_by_tpm
	daemon_stop provisiond
	# With the key there is nothing to ask DPS for.
	cloud_stop
	daemon_start provisiond
	wait_until_provisioned
	daemon_stop provisiond
	daemon_stop keyd
}

registers_anew_when_the_tpm_loses_its_key_meanwhile() {
	tpm_device "always_reprovision_on_startup: false"
	enroll_tpm
	daemon_start provisiond
	wait_until_provisioned
	tpm2_evictcontrol -Q -C o -c 0x81000100
	kill -HUP "$(cat "$DEVICE/provisiond.pid")"
	eventually 60 sends_by_tpm
	device_end
}

registers_anew_when_the_tpm_was_cleared() {
	tpm_device "always_reprovision_on_startup: false"
	enroll_tpm
	daemon_start provisiond
	wait_until_provisioned
	daemon_stop provisiond
	tpm2_clear -Q
	daemon_start provisiond
	wait_until_provisioned # as above
	eventually 60 sends_by_tpm
	device_end
}

provisions_again_when_it_is_asked_to() {
	tpm_device
	enroll_tpm
	daemon_start provisiond
	wait_until_provisioned
	local i
	for i in 1 2 3; do
		call provisiond POST /identities/device/reprovision '{"type":"aziot"}' >/dev/null
		wait_until_provisioned
		assert_equal 204 "$(send_by_tpm)" "after round $i"
	done
	# No place of the TPM's memory is lost on the way.
	assert_equal 3 "$(tpm2_getcap handles-persistent | grep -c 0x81)" "persistent keys"
	assert_equal "" "$(tpm2_getcap handles-transient)" "keys that were left"
	assert_equal "" "$(tpm2_getcap handles-loaded-session)" "sessions that were left"
	device_end
}

# What DPS and the network do to the steps of a registration: the challenge and
# the answer to it (both are register), and the polls (status).
gets_through_what_passes_at_each_step() {
	local fault
	tpm_device
	enroll_tpm
	for fault in '503 register' 'drop register' '429 register' '503 status' \
		'drop status'; do
		cloud fault "${fault% *}" 1 --on "${fault#* }" >/dev/null
		daemon_start provisiond
		wait_until_provisioned
		assert_equal 204 "$(send_by_tpm)" "after $fault"
		assert_equal 0 "$(cloud fault list -o json | jq length)" "faults that are left"
		daemon_stop provisiond
		rm -r "$SIGNET_STATE_DIR/provisiond"
	done
	daemon_stop keyd
	cloud_stop
}

fails_when_dps_refuses_and_comes_back_when_it_does_not() {
	local fault
	tpm_device
	enroll_tpm
	daemon_start provisiond
	wait_until_provisioned
	for fault in 401 disabled; do
		cloud fault "$fault" 1 --on register >/dev/null
		call provisiond POST /identities/device/reprovision '{"type":"aziot"}' >/dev/null
		wait_until_failed
		assert_contains "$sentence" "'dev1'" "the reason after $fault"
		call provisiond POST /identities/device/reprovision '{"type":"aziot"}' >/dev/null
		wait_until_provisioned
		assert_equal 204 "$(send_by_tpm)" "after $fault"
	done
	device_end
}

says_that_keyd_has_no_tpm() {
	device_create
	cloud_start
	tpm_configure
	echo '{}' >"$SIGNET_CONFIG_DIR/keyd/config.yaml"
	daemon_start keyd
	daemon_start provisiond
	says_it() { [[ $(provisioning_status | jq -r .message) == *tpmd.sock* ]]; }
	eventually 60 says_it
	device_end
}

run_tests provisions_by_the_tpm_and_sends_to_the_hub \
	provisions_with_the_file_of_iotedge_by_its_registration_id \
	is_refused_when_another_tpm_is_enrolled \
	keeps_the_key_of_the_hub_when_a_registration_fails waits_for_a_tpm_that_is_gone \
	registers_anew_when_the_tpm_has_lost_its_key \
	registers_anew_when_the_tpm_loses_its_key_meanwhile \
	registers_anew_when_the_tpm_was_cleared provisions_again_when_it_is_asked_to \
	gets_through_what_passes_at_each_step \
	fails_when_dps_refuses_and_comes_back_when_it_does_not \
	says_that_keyd_has_no_tpm
