#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A device that has an assignment, and something else goes wrong while DPS cannot be
# asked: its certificate is changed, or ends, or the clock is set wrongly and put
# right. Callers get the identity all the time, and are told what is wrong.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/certd.sh"
. "$(dirname "$0")/../../support/provisiond.sh"

readonly DAYS=86400

assert_assigned() { # WHEN
	assert_equal "provisioned dev1" \
		"$(provisioning_status | jq -r .status) $(member .spec.deviceId)" "$1"
}

cloud_comes_back() { cloud_start --port "${DPS_URL##*:}"; }

# --- another certificate -------------------------------------------------------

lends_its_identity_when_its_certificate_was_changed() {
	file_device_create
	enroll_group "$DEVICE/pki/$ROOT"
	provisiond_by_certificate "always_reprovision_on_startup: false"
	daemon_start provisiond
	wait_until_provisioned
	cloud_stop
	pki device-identity dev1 --force
	# The key in the file is another one, too: keyd has to read it.
	look_again
	eventually 60 notes "cannot connect to"
	assert_assigned "with another certificate"
	daemon_stop provisiond
	daemon_start provisiond
	eventually 60 notes "cannot connect to"
	assert_assigned "after a restart"
	cloud_comes_back
	eventually 90 is_well
	has_registered 1 || fail "DPS was not asked"
	assert_assigned "when DPS has been asked"
	file_device_stop
}

# --- a certificate that ends ---------------------------------------------------

# It runs on by a clock that goes past the end.
says_that_its_certificate_has_ended() { # WHEN
	echo 0 >"$DEVICE/clock"
	with_clock daemon_start provisiond
	eventually 60 is_well
	echo $((20000 * DAYS)) >"$DEVICE/clock"
	look_again
	eventually 60 notes "in identity_cert expired at"
	assert_assigned "$1"
	assert_contains "$(health provisiond)" "in identity_cert expired at" "its health"
	eventually 20 says "in identity_cert expired at"
	daemon_stop provisiond
	# At the start, too, that takes nothing from it.
	with_clock daemon_start provisiond
	eventually 60 notes "in identity_cert expired at"
	assert_assigned "$1, at a start"
	echo 0 >"$DEVICE/clock"
	look_again
	eventually 60 is_well
	daemon_stop provisiond
	: >"$DEVICE/provisiond.log"
}

lends_its_identity_when_its_certificate_has_ended() {
	file_device_create
	enroll_group "$DEVICE/pki/$ROOT"
	provisiond_by_certificate "always_reprovision_on_startup: false"
	says_that_its_certificate_has_ended "a device of DPS"
	[ -s "$SIGNET_STATE_DIR/provisiond/device_info.json" ] ||
		fail "the assignment is gone"
	provisiond_configure_manual \
		"method: x509, identity_cert: device-id, identity_pk: device-id"
	says_that_its_certificate_has_ended "a manual device"
	daemon_stop certd
	daemon_stop keyd
}

# --- the clock -----------------------------------------------------------------

certificate_begins() {
	date -d "$(pem device-id | openssl x509 -noout -startdate | cut -d= -f2)" +%s
}
has_begun() { [ "$(certificate_begins)" -le "$(date +%s)" ]; }

device_that_issues() {
	device_of_group
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" "preloaded_keys: {
  ca: \"file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem\" }"
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	cat >"$SIGNET_CONFIG_DIR/certd/config.yaml" <<YAML
preloaded_certs: { ca: "file://$DEVICE/pki/$INTERMEDIATE" }
cert_issuance:
  local_ca: { cert: ca, pk: ca }
  certs: { device-id: { method: local_ca, common_name: dev1, expiry_days: 2 } }
principals: [{ user: "$(id -u)", certs: ["*"] }]
YAML
	provisiond_configure_dps \
		"method: x509, registration_id: dev1, identity_cert: { method: local_ca }" \
		"always_reprovision_on_startup: false"
}

# The certificate that was good for two days has ended by a clock that is ahead,
# and the one that takes its place begins in the future when the clock is right.
gets_over_a_clock_that_was_ahead() {
	device_that_issues
	echo 0 >"$DEVICE/clock"
	daemon_start keyd
	with_clock daemon_start certd
	with_clock daemon_start provisiond
	wait_until_provisioned
	daemon_stop provisiond
	daemon_stop certd
	cloud_stop

	echo $((10 * DAYS)) >"$DEVICE/clock"
	with_clock daemon_start certd
	with_clock daemon_start provisiond
	eventually 60 notes "cannot connect to"
	assert_assigned "by a clock that is ahead"
	! has_begun || fail "there is no certificate by the wrong clock"

	# Nobody says that this is the right time.
	echo 0 >"$DEVICE/clock"
	cloud_comes_back
	look_again
	eventually 60 notes "the clock shows a time that is over"
	assert_assigned "by a clock that is doubted"
	: >"$DEVICE/clock.synchronized"
	recovers() {
		look_again
		has_begun && is_well
	}
	eventually 90 recovers
	assert_assigned "by the right clock"

	daemon_stop provisiond
	daemon_stop certd
	local asked
	asked=$(registrations)
	with_clock daemon_start certd
	with_clock daemon_start provisiond
	eventually 60 is_well
	assert_assigned "at the next start"
	assert_equal "$asked" "$(registrations)" "registrations"
	file_device_stop
}

run_tests lends_its_identity_when_its_certificate_was_changed \
	lends_its_identity_when_its_certificate_has_ended \
	gets_over_a_clock_that_was_ahead
