#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A device at a cloud that decides otherwise where nobody knows what Azure does:
# each quirk of signet-cloud that a device can see (docs/protocol-cloud.md).
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/provisiond.sh"
. "$(dirname "$0")/../../support/tpm.sh"

# A device with its certificate in files, and a cloud with these quirks.
create() { # NAME-OF-THE-CERTIFICATE SERVE-OPTION...
	device_create
	token_create
	pki root
	pki device-identity "$1"
	cloud_start "${@:2}"
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { device-id: \"file://$(key_of "$1")\" }"
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	echo "preloaded_certs: { device-id: \"file://$(chain_of "$1")\" }" \
		>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	provisiond_configure_dps \
		"method: x509, registration_id: dev1, identity_cert: device-id, identity_pk: device-id" \
		"dynamic_reprovisioning: true"
	daemon_start keyd
	daemon_start certd
}

stop() {
	daemon_stop provisiond
	daemon_stop certd
	daemon_stop keyd
}

quirks() { printf -- '--quirk\n%s\n' "$@"; } # NAME=VALUE...

reprovision() {
	call provisiond POST /identities/device/reprovision '{"type":"aziot"}' \
		-o /dev/null -w '%{http_code}'
}

# By the certificate; prints the status.
send_to_hub() { # NAME-OF-THE-CERTIFICATE
	curl -s -o /dev/null -w '%{http_code}' --cacert "$DEVICE/cloud/ca.pem" \
		--cert "$(chain_of "$1")" --key "$(key_of "$1")" --data hello \
		"$DPS_URL/devices/dev1/messages/events?api-version=2021-04-12"
}

make_module() { # prints the status, and what is said
	call provisiond POST /identities/modules '{"type":"aziot","moduleId":"m1"}' \
		-w ' %{http_code}'
}

registrations() { grep -c "^info: PUT .*/register' 202" "$DEVICE/cloud.log"; }
has_registered() { [ "$(registrations)" -ge "$1" ]; } # TIMES

# --- what makes no difference -------------------------------------------------

# All that a device need not care for, at once: it registers, has a module, and
# registers again.
does_not_care_for_what_it_is_not_told_to_care_for() {
	local -a all
	mapfile -t all < <(quirks location=sent etag-header=none same-hub=told \
		key-usage=checked thumbprints=shown second-thumbprint=none \
		csr=refused info-only=refused initial-twin-version=1 \
		chain-dates=ignored pinned-dates=ignored 404201=404999)
	create dev1 "${all[@]}"
	enroll_individual dev1
	daemon_start provisiond
	wait_until_provisioned
	assert_matches "$(make_module)" '*"moduleId":"m1"*200' "a module"
	assert_equal 204 "$(reprovision)" "another registration"
	assert_equal dev1 "$(provisioning_status | jq -r .device_id)" "the device"
	assert_equal 204 "$(send_to_hub dev1)" "what the hub says"
	assert_equal 2 "$(registrations)" "registrations"
	stop
}

polls_by_its_own_clock_if_dps_does_not_say_when() {
	create dev1 --retry-after 0
	enroll_group "$DEVICE/pki/$ROOT"
	daemon_start provisiond
	wait_until_provisioned
	assert_equal 204 "$(send_to_hub dev1)" "what the hub says"
	stop
}

# --- DPS that refuses ----------------------------------------------------------

takes_a_status_disabled_for_the_refusal_that_it_is() {
	create dev1 --disabled-answer 200
	enroll_group "$DEVICE/pki/$ROOT"
	daemon_start provisiond
	wait_until_provisioned
	cloud enroll disable --group-id line-7 >/dev/null
	reprovision >/dev/null
	wait_until_failed
	assert_contains "$sentence" disabled "the reason"
	[ ! -e "$SIGNET_STATE_DIR/provisiond/device_info.json" ] ||
		fail "the assignment is still there"
	stop
}

says_why_when_a_name_is_to_be_exact() {
	create DEV1 --quirk common-name=exact
	enroll_group "$DEVICE/pki/$ROOT"
	daemon_start provisiond
	wait_until_failed
	assert_contains "$sentence" "DPS does not accept the certificate of 'dev1'" "the reason"
	daemon_stop provisiond
	# Without the quirk it is good enough.
	cloud_stop
	cloud_start
	provisiond_configure_dps "method: x509, registration_id: dev1, identity_cert: device-id, identity_pk: device-id"
	daemon_start provisiond
	wait_until_provisioned
	stop
}

# Numbers of errors are no word of DPS that a device relies on; the status is.
goes_by_the_status_and_not_by_the_number_of_an_error() {
	create dev1 --quirk 401002=401999 --quirk 429001=429999
	enroll_group "$DEVICE/pki/$ROOT"
	cloud fault 429 1 1 --on register >/dev/null
	daemon_start provisiond
	wait_until_provisioned
	cloud enroll delete --group-id line-7 >/dev/null
	reprovision >/dev/null
	wait_until_failed
	assert_contains "$sentence" "DPS does not accept the certificate" "the reason"
	stop
}

# --- a hub that does not agree with DPS -----------------------------------------

# Registering again is no help then, and is not tried without end.
comes_to_rest_when_the_hub_does_not_know_what_dps_assigns() {
	create dev1 --quirk deleted-device=stays
	enroll_group "$DEVICE/pki/$ROOT"
	daemon_start provisiond
	wait_until_provisioned
	cloud device delete dev1 >/dev/null
	assert_matches "$(make_module)" "*hub 'localhost:*DeviceNotFound*" "the answer"
	eventually 60 has_registered 2
	wait_until_provisioned
	assert_matches "$(make_module)" "*hub 'localhost:*DeviceNotFound*" \
		"the answer after another registration"
	assert_equal 401 "$(send_to_hub dev1)" "what the hub says of the device"
	assert_equal 2 "$(registrations)" "registrations within a minute"
	stop
}

is_made_again_by_a_hub_that_says_404_of_a_device_it_does_not_know() {
	create dev1 --quirk unknown-device=404
	enroll_group "$DEVICE/pki/$ROOT"
	daemon_start provisiond
	wait_until_provisioned
	cloud device delete dev1 >/dev/null
	assert_equal 404 "$(send_to_hub dev1)" "what the hub says of the device"
	assert_matches "$(make_module)" "*DeviceNotFound*" "the answer"
	eventually 60 has_registered 2
	has_module() { [[ $(make_module) == *' 200' ]]; }
	eventually 60 has_module
	stop
}

leaves_modules_alone_where_only_edge_devices_have_them() {
	create dev1 --quirk modules=edge
	enroll_group "$DEVICE/pki/$ROOT"
	daemon_start provisiond
	wait_until_provisioned
	assert_matches "$(make_module)" "*hub 'localhost:*with 403*" "the answer"
	assert_equal 204 "$(send_to_hub dev1)" "what the hub says of the device"
	is_provisioned || fail "the device is not provisioned any more"
	stop
}

# The hub believes the old certificate, whatever DPS was shown.
says_that_the_hub_keeps_to_the_credentials_of_before() {
	create dev1 --quirk same-hub-credentials=kept
	enroll_group "$DEVICE/pki/$ROOT"
	daemon_start provisiond
	wait_until_provisioned
	assert_equal 204 "$(send_to_hub dev1)" "the hub of the first certificate"
	pki device-identity dev1 --force
	kill -HUP "$(cat "$DEVICE/keyd.pid")" "$(cat "$DEVICE/certd.pid")"
	kill -HUP "$(cat "$DEVICE/provisiond.pid")"
	eventually 60 has_registered 2
	wait_until_provisioned
	assert_equal 401 "$(send_to_hub dev1)" "the hub of the second certificate"
	assert_matches "$(make_module)" "*hub 'localhost:*answers device 'dev1' with 401*" "the answer"
	stop
}

# --- TPMs ----------------------------------------------------------------------

by_tpm() { # SERVE-OPTION...
	device_create
	tpm_bare_start
	cloud_start "$@"
	mkdir -p "$SIGNET_CONFIG_DIR/keyd"
	echo "tpm: { tcti: \"swtpm:path=$DEVICE/tpm/tpm\", users: [$(id -u)] }" \
		>"$SIGNET_CONFIG_DIR/keyd/config.yaml"
	provisiond_configure_dps "method: tpm, registration_id: dev1"
	daemon_start keyd
	endorsement_key_write "$DEVICE/ek"
	cloud enroll individual --registration-id dev1 --endorsement-key "$DEVICE/ek" >/dev/null
	daemon_start provisiond
	wait_until_provisioned
	assert_contains "$(signetctl telemetry send 'by the TPM')" accepted "telemetry"
	daemon_stop provisiond
	daemon_stop keyd
}

takes_a_challenge_that_is_nothing_but_a_key() {
	by_tpm --quirk challenge=bare --quirk device-policy=any
}
takes_the_longest_key_for_its_tpm() { by_tpm --quirk tpm-key-bytes=64; }
takes_the_shortest_key_with_other_attributes_for_its_tpm() {
	by_tpm --quirk tpm-key-bytes=16 --quirk tpm-attributes=00040040
}

run_tests does_not_care_for_what_it_is_not_told_to_care_for \
	polls_by_its_own_clock_if_dps_does_not_say_when \
	takes_a_status_disabled_for_the_refusal_that_it_is \
	says_why_when_a_name_is_to_be_exact \
	goes_by_the_status_and_not_by_the_number_of_an_error \
	comes_to_rest_when_the_hub_does_not_know_what_dps_assigns \
	is_made_again_by_a_hub_that_says_404_of_a_device_it_does_not_know \
	leaves_modules_alone_where_only_edge_devices_have_them \
	says_that_the_hub_keeps_to_the_credentials_of_before \
	takes_a_challenge_that_is_nothing_but_a_key \
	takes_the_longest_key_for_its_tpm \
	takes_the_shortest_key_with_other_attributes_for_its_tpm
