#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What keeps a device from being provisioned, each with its one sentence, on
# sockets that answer: the daemons stay up.
. "$(dirname "$0")/../../support/harness.sh"

prepare() { # [TESTPKI-OPTION-OF-DEVICE]...
	device_create
	pki root
	pki intermediate
	pki device-identity dev1 "$@"
	cloud_start
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
}

# config apply sees the mistake and changes nothing. The daemons see it too: a
# good configuration is applied, then spoilt behind its back.
is_not_applied() { # PART-OF-SENTENCE...
	local part
	refused signetctl config apply --from "$DEVICE/config.yaml"
	for part in "$@" "nothing is changed"; do
		assert_contains "$output" "$part" "what config apply says"
	done
	[ ! -e "$SIGNET_CONFIG_DIR/provisiond" ] || fail "config apply left files"
}

# The device is not provisioned, and status says why, in one sentence.
is_refused_with() { # PART-OF-SENTENCE...
	apply_and_start
	is_refused_by_the_daemons_with "$@"
}

is_refused_by_the_daemons_with() { # PART-OF-SENTENCE...
	local part status
	wait_until_failed
	for part in "$@"; do
		assert_contains "$sentence" "$part" "the sentence"
	done
	assert_equal 1 "$(wc -l <<<"$sentence")" "lines of the sentence"
	refused signetctl system status
	assert_contains "$output" "$1" "what system status says"
	status=$(curl -s -o /dev/null -w '%{http_code}' --unix-socket \
		"$SIGNET_RUNTIME_DIR/provisiond.sock" -X POST \
		-H 'content-type: application/json' --data '{"type":"aziot"}' \
		'http://provisiond.sock/identities/device?api-version=2020-09-01')
	[[ $status == 4?? ]] || fail "the device identity was answered with $status"
	assert_equal 0 "$(cloud show registrations -o json |
		jq '[.[] | select(.status == "assigned")] | length')" \
		"assigned registrations"
}

says_that_cn_and_registration_id_differ() {
	prepare
	enroll_group "$DEVICE/pki/$ROOT"
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)" dev2
	is_not_applied "dev1" "dev2" "registration_id"
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)" dev1
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	sed -i '/registration_id/s/dev1/dev2/' "$SIGNET_CONFIG_DIR/provisiond/config.yaml"
	signetctl system start >/dev/null
	is_refused_by_the_daemons_with "dev1" "dev2" "registration"
}

says_that_a_rogue_ca_of_the_same_name_is_not_enrolled() {
	prepare
	mv "$DEVICE/pki" "$DEVICE/rogue"
	mkdir "$DEVICE/pki"
	pki root
	enroll_group "$DEVICE/pki/$ROOT"
	rm -r "$DEVICE/pki"
	mv "$DEVICE/rogue" "$DEVICE/pki"
	is_refused_with "CA certificate not found"
}

says_that_the_leaf_has_expired() {
	prepare --not-before 2020-01-01T00:00:00Z --not-after 2021-01-01T00:00:00Z
	enroll_group "$DEVICE/pki/$ROOT"
	is_refused_with "expired" "2021-01-01"
}

says_that_the_enrollment_is_disabled() {
	prepare
	cloud enroll individual --registration-id dev1 --disabled \
		--certificate "$(leaf_of dev1)" >/dev/null
	is_refused_with "disabled"
}

says_that_an_intermediate_is_missing() {
	prepare
	enroll_group "$DEVICE/pki/$ROOT"
	config_provision "file://$(leaf_of dev1)" "file://$(key_of dev1)"
	is_refused_with "CA certificate not found" "intermediate"
}

says_that_key_and_certificate_differ() {
	prepare
	pki device-identity dev2
	enroll_group "$DEVICE/pki/$ROOT"
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev2)"
	is_not_applied "does not belong to the certificate"
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	cp "$(key_of dev2)" "$(key_of dev1)"
	signetctl system start >/dev/null
	is_refused_by_the_daemons_with "match"
}

says_that_a_ca_certificate_cannot_identify_a_device() {
	prepare
	enroll_group "$DEVICE/pki/$ROOT"
	local ca_key=$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem
	config_provision "file://$DEVICE/pki/$INTERMEDIATE" "file://$ca_key"
	is_not_applied "one of a CA"
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	cp "$DEVICE/pki/$INTERMEDIATE" "$(chain_of dev1)"
	cp "$ca_key" "$(key_of dev1)"
	signetctl system start >/dev/null
	is_refused_by_the_daemons_with "CA"
}

says_that_the_pin_is_wrong_and_tries_it_once() {
	device_create
	token_create
	token_key_create device-id 01
	token_key_public device-id >"$DEVICE/device.pub"
	pki root
	pki intermediate
	pki device-identity dev1 --public-key "$DEVICE/device.pub"
	cloud_start
	enroll_group "$DEVICE/pki/$ROOT"
	echo 999999 >"$DEVICE/pin"
	config_provision "file://$(chain_of dev1)" \
		"pkcs11:token=device;object=device-id?pin-source=file:$DEVICE/pin"
	is_refused_with "PIN"
	for _ in 1 2 3; do
		refused signetctl identity show
	done
	assert_equal 1 "$(grep -c 'CKR_PIN_INCORRECT' "$SIGNET_STATE_DIR/log/keyd.log")" \
		"times the log says that the PIN was tried"
}

says_that_it_cannot_connect() {
	provisioning_status | jq -r .message | grep -q connect
}

says_that_dps_does_not_answer_and_goes_on_trying() {
	local showing
	prepare
	enroll_group "$DEVICE/pki/$ROOT"
	cloud_stop
	apply_and_start
	eventually 30 says_that_it_cannot_connect
	signetctl identity show >"$DEVICE/shown" 2>&1 &
	showing=$!
	says_that_it_waits() {
		grep -q "waiting: the device is being provisioned: .*connect" "$DEVICE/shown"
	}
	eventually 60 says_that_it_waits
	end "$showing"
	sentence=$(provisioning_status | jq -r .message)
	assert_contains "$sentence" "connect" "the sentence while DPS is away"
	cloud_start --port "${DPS_URL##*:}"
	wait_until_provisioned
}

run_tests \
	says_that_cn_and_registration_id_differ \
	says_that_a_rogue_ca_of_the_same_name_is_not_enrolled \
	says_that_the_leaf_has_expired \
	says_that_the_enrollment_is_disabled \
	says_that_an_intermediate_is_missing \
	says_that_key_and_certificate_differ \
	says_that_a_ca_certificate_cannot_identify_a_device \
	says_that_the_pin_is_wrong_and_tries_it_once \
	says_that_dps_does_not_answer_and_goes_on_trying
